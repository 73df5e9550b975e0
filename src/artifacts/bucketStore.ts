import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { PassThrough, type Readable } from 'node:stream';
import { finished } from 'node:stream/promises';
import type { S3Client } from '@aws-sdk/client-s3';
import pTimeout, { TimeoutError } from 'p-timeout';
import type {
  ArtifactPlace,
  ArtifactRef,
  ArtifactSink,
  ArtifactStore,
  StoredFile,
} from '../domain/artifacts.ts';
import { PipelineError } from '../domain/failures.ts';
import { asDiskFailure, translated } from './disk.ts';
import { artifactSealer, missing, nameIn, nameOf, openKept, uriIfArtifact, uriOf } from './reference.ts';
import type { KeptPlace } from './resealing.ts';
import type { DataKeys } from './seal.ts';
import { SpooledFile } from './spool.ts';

export interface Bucket {
  readonly bucket: string;
  /** What stands before every key; '' for nothing. */
  readonly prefix: string;
  /** The address of an S3-compatible server; AWS without it. */
  readonly endpoint?: string | undefined;
  /** The key of AWS KMS that encrypts new objects; the bucket's default without it. */
  readonly kmsKey?: string | undefined;
}

/** A larger file is sent in parts, each with a checksum of its own. One request takes at most 5 GB. */
const largestSingleBytes = 64 * 1024 * 1024;
const partBytes = 16 * 1024 * 1024;
const connectSeconds = 10;
/** A store that is asked and says nothing for so long has died. */
const silenceSeconds = 60;
/** A file is sent at half a megabit a second at least. */
const slowestBytesPerSecond = 64 * 1024;

/**
 * Artifacts as objects of an S3 bucket. A file is written to `spoolFolder` on this machine first, since its hash, size
 * and name are known only at its end. An object is never replaced.
 */
export function createBucketStore(
  objects: BucketObjects,
  spoolFolder: string,
  keys: DataKeys = [],
): ArtifactStore {
  return {
    create: (made) => createSink(objects, made, { spoolFolder, keys }),
    open: (ref) => openVerified(objects, ref, keys),
    list: () => listRuns(objects),
    remove: (uri) => objects.remove(nameIn({ uri })),
  };
}

/** All kept files in a bucket. */
export function createBucketPlace(objects: BucketObjects, spoolFolder: string): KeptPlace {
  return {
    list: () => objects.list(),
    read: async (name, firstBytes) => (await objects.get(name, firstBytes))?.body,
    spoolFolder: () => spoolFolder,
    replace: (name, file) => objects.replace(name, file),
  };
}

async function createSink(
  objects: BucketObjects,
  place: ArtifactPlace,
  { spoolFolder, keys }: { readonly spoolFolder: string; readonly keys: DataKeys },
): Promise<ArtifactSink> {
  const sealer = artifactSealer(keys);
  const spooled = await SpooledFile.create(spoolFolder, place.step, sealer);
  return {
    add: (text) => spooled.add(text),
    commit: async (rows) => {
      const { sha256, bytes } = await spooled.finish();
      const name = nameOf(place, sha256);
      const ref = { uri: uriOf(name), sha256, bytes, rows };
      // The checksum that is sent is that of the bytes on disk.
      const known = sealer === undefined ? ref : undefined;
      if (!(await objects.put(name, spooled.path, known))) await assertSame(objects, ref, keys);
      await spooled.remove();
      return ref;
    },
    discard: () => spooled.remove(),
  };
}

/** An earlier attempt has made the same file. @throws PipelineError ArtifactStoreUnavailable if it is another. */
async function assertSame(objects: BucketObjects, ref: ArtifactRef, keys: DataKeys): Promise<void> {
  try {
    await finished((await openVerified(objects, ref, keys)).resume());
  } catch (error) {
    if (!(error instanceof PipelineError) || error.type !== 'ArtifactMissing') throw error;
    throw new PipelineError(
      'ArtifactStoreUnavailable',
      `the bucket holds other bytes under the name of this file: ${error.message}`,
      {
        hint: 'Look who else writes to the bucket and whether EHR_DATA_KEY has all keys in use; if so, remove that object.',
        details: { uri: ref.uri },
        cause: error,
      },
    );
  }
}

async function openVerified(objects: BucketObjects, ref: ArtifactRef, keys: DataKeys): Promise<Readable> {
  const found = await objects.get(nameIn(ref));
  if (found === undefined) throw missing(ref, 'is not there');
  return openKept(found, ref, { keys, asFailure: asBucketFailure });
}

/**
 * The bytes of an object. A connection that breaks is a failure of the bucket for whoever reads them, and so is one that
 * brings nothing for so long while they are wanted: a reader that waits for a lock takes none for minutes.
 */
function withFailures(body: Readable, silence: number): Readable {
  const passed = new PassThrough();
  let timer: NodeJS.Timeout | undefined;
  const stop = () => clearTimeout(timer);
  const start = () => {
    stop();
    timer = setTimeout(() => passed.destroy(asBucketFailure(new TimeoutError())), silence);
  };
  start();
  body.on('data', start).on('resume', start).on('pause', stop).on('end', stop).on('close', stop);
  body.on('error', (error) => passed.destroy(asBucketFailure(error)));
  passed.on('close', () => body.destroy());
  // As in `openKept`.
  passed.on('error', () => undefined);
  return body.pipe(passed);
}

async function* listRuns(objects: BucketObjects): AsyncGenerator<readonly StoredFile[]> {
  for await (const page of objects.list()) {
    yield page.flatMap(({ name, ...file }) => {
      const uri = uriIfArtifact(name);
      return uri === undefined ? [] : [{ uri, ...file }];
    });
  }
}

type Digest = Pick<ArtifactRef, 'sha256' | 'bytes'>;

async function digestOf(file: string): Promise<Digest> {
  const hash = createHash('sha256');
  let bytes = 0;
  for await (const chunk of createReadStream(file) as AsyncIterable<Buffer>) {
    hash.update(chunk);
    bytes += chunk.length;
  }
  return { sha256: hash.digest('hex'), bytes };
}

/** The few requests that the pipeline makes. @throws PipelineError ArtifactStoreUnavailable from each of them. */
export class BucketObjects {
  readonly #place: Bucket;
  readonly #silence: number;
  #client: Promise<S3Client> | undefined;

  constructor(place: Bucket, silence = silenceSeconds * 1000) {
    this.#place = place;
    this.#silence = silence;
  }

  /** Sends a file. Returns false if there is an object of that name, which stays as it is. */
  async put(name: string, file: string, known?: Digest): Promise<boolean> {
    const digest = known ?? (await translated(() => digestOf(file)));
    try {
      await this.#send(name, file, { digest, conditions: { IfNoneMatch: '*' } });
      return true;
    } catch (error) {
      // A server that says so before it has read the whole file may cut the connection instead.
      if (isThereAlready(error) || (await this.#has(name))) return false;
      throw asBucketFailure(error);
    }
  }

  /** Sends a file, also over an object of that name. */
  async replace(name: string, file: string): Promise<void> {
    const digest = await translated(() => digestOf(file));
    try {
      await this.#send(name, file, { digest, conditions: {} });
    } catch (error) {
      throw asBucketFailure(error);
    }
  }

  async #send(
    name: string,
    file: string,
    { digest, conditions }: { readonly digest: Digest; readonly conditions: { IfNoneMatch?: '*' } },
  ): Promise<void> {
    const { sha256, bytes } = digest;
    const { kmsKey } = this.#place;
    const encryption =
      kmsKey === undefined ? {} : ({ ServerSideEncryption: 'aws:kms', SSEKMSKeyId: kmsKey } as const);
    const { PutObjectCommand } = await sdk();
    const client = await this.#connected();
    const body = createReadStream(file);
    const object = { ...this.#object(name), ...encryption, ...conditions, Body: body };
    try {
      await this.#answered(async (request) => {
        // The SDK listens for no error of the file: one would end the worker.
        body.on('error', () => request.abort());
        if (bytes > largestSingleBytes) {
          const { Upload } = await import('@aws-sdk/lib-storage');
          const params = { ...object, ChecksumAlgorithm: 'SHA256' } as const;
          const upload = { client, params, partSize: partBytes, queueSize: 2, abortController: request };
          await new Upload(upload).done();
        } else {
          const checksum = Buffer.from(sha256, 'hex').toString('base64');
          await client.send(
            new PutObjectCommand({ ...object, ContentLength: bytes, ChecksumSHA256: checksum }),
            { abortSignal: request.signal },
          );
        }
      }, bytes);
    } catch (error) {
      throw body.errored === null ? error : asDiskFailure(body.errored);
    } finally {
      body.destroy();
    }
  }

  /** The whole object, or its first bytes. Undefined if there is no such object. */
  async get(
    name: string,
    firstBytes?: number,
  ): Promise<{ readonly body: Readable; readonly bytes: number } | undefined> {
    const { GetObjectCommand } = await sdk();
    const range = firstBytes === undefined ? {} : { Range: `bytes=0-${String(firstBytes - 1)}` };
    try {
      const client = await this.#connected();
      const { Body, ContentLength } = await this.#answered(({ signal }) =>
        client.send(new GetObjectCommand({ ...this.#object(name), ...range }), { abortSignal: signal }),
      );
      return { body: withFailures(Body as Readable, this.#silence), bytes: ContentLength ?? 0 };
    } catch (error) {
      if (nameOfError(error) === 'NoSuchKey') return undefined;
      throw asBucketFailure(error);
    }
  }

  async #has(name: string): Promise<boolean> {
    const { HeadObjectCommand } = await sdk();
    const client = await this.#connected();
    const asked = this.#answered(({ signal }) =>
      client.send(new HeadObjectCommand(this.#object(name)), { abortSignal: signal }),
    );
    return asked.then(
      () => true,
      () => false,
    );
  }

  async remove(name: string): Promise<void> {
    const { DeleteObjectCommand } = await sdk();
    try {
      const client = await this.#connected();
      await this.#answered(({ signal }) =>
        client.send(new DeleteObjectCommand(this.#object(name)), { abortSignal: signal }),
      );
    } catch (error) {
      throw asBucketFailure(error);
    }
  }

  /** All objects below the prefix, or those of a folder there, a thousand a page. */
  async *list(folder = ''): AsyncGenerator<readonly { name: string; bytes: number; writtenAt: Date }[]> {
    const { ListObjectsV2Command } = await sdk();
    const { bucket, prefix } = this.#place;
    const above = prefix === '' ? '' : `${prefix}/`;
    let next: string | undefined;
    do {
      const request = new ListObjectsV2Command({
        Bucket: bucket,
        Prefix: folder === '' ? above : `${above}${folder}/`,
        ContinuationToken: next,
      });
      const client = await this.#connected();
      const page = await this.#answered(({ signal }) => client.send(request, { abortSignal: signal })).catch(
        (error: unknown) => {
          throw asBucketFailure(error);
        },
      );
      yield (page.Contents ?? []).map(({ Key = '', Size = 0, LastModified = new Date() }) => ({
        name: Key.slice(above.length),
        bytes: Size,
        writtenAt: LastModified,
      }));
      next = page.NextContinuationToken;
    } while (next !== undefined);
  }

  /**
   * Gives a request up, with all its retries, that is not answered in time. What comes of an object after that,
   * `withFailures` bounds.
   */
  async #answered<Answer>(
    ask: (request: AbortController) => Promise<Answer>,
    bytesToSend = 0,
  ): Promise<Answer> {
    const request = new AbortController();
    const milliseconds = this.#silence + (bytesToSend / slowestBytesPerSecond) * 1000;
    try {
      return await pTimeout(ask(request), { milliseconds });
    } catch (error) {
      request.abort();
      throw error;
    }
  }

  #object(name: string): { Bucket: string; Key: string } {
    const { bucket, prefix } = this.#place;
    return { Bucket: bucket, Key: prefix === '' ? name : `${prefix}/${name}` };
  }

  async #connected(): Promise<S3Client> {
    this.#client ??= connect(this.#place);
    return this.#client;
  }
}

/** Loaded on first use: an installation with a folder never needs it. */
function sdk() {
  return import('@aws-sdk/client-s3');
}

async function connect({ endpoint }: Bucket): Promise<S3Client> {
  const { S3Client } = await sdk();
  return new S3Client({
    maxAttempts: 5,
    retryMode: 'standard',
    // What was read is checked against the reference, and altered bytes are a lost file, not a store that is away.
    responseChecksumValidation: 'WHEN_REQUIRED',
    logger: silent,
    requestHandler: { connectionTimeout: connectSeconds * 1000 },
    // Servers other than AWS have no host name for each bucket, and often no regions.
    ...(endpoint === undefined ? {} : { endpoint, forcePathStyle: true, region: 'us-east-1' }),
  });
}

/** Each failure is thrown; the SDK would also print some of them. */
const silent = { trace: nothing, debug: nothing, info: nothing, warn: nothing, error: nothing };

function nothing(): void {}

function isThereAlready(error: unknown): boolean {
  return ['PreconditionFailed', 'ConditionalRequestConflict'].includes(nameOfError(error));
}

/** The SDK's name of an error, e.g. `NoSuchKey`: never its message, which may hold a key or an account. */
function nameOfError(error: unknown): string {
  const name = error instanceof Error ? error.name : 'unknown';
  return /^\w{1,60}$/.test(name) ? name : 'unknown';
}

const hints: Readonly<Record<string, string>> = {
  NoSuchBucket: 'Check the bucket that EHR_ARTIFACTS names.',
  AccessDenied:
    'Allow s3:GetObject, s3:PutObject, s3:DeleteObject and s3:ListBucket on the bucket, and its key.',
  CredentialsProviderError: 'Give the worker a role or credentials, as any program of AWS has them.',
  SlowDown: 'The store is throttled; the step continues by itself.',
};

function asBucketFailure(error: unknown): Error {
  if (error instanceof PipelineError) return error;
  const code = nameOfError(error);
  return new PipelineError('ArtifactStoreUnavailable', `the bucket for artifacts cannot be used (${code})`, {
    hint:
      hints[code] ??
      'Check that the object store answers, and that EHR_ARTIFACTS and its credentials are right.',
    details: { code },
    cause: error,
  });
}
