import { createHash, randomBytes, type Hash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, open, rename, rm, stat, type FileHandle } from 'node:fs/promises';
import path from 'node:path';
import { Transform, type Readable } from 'node:stream';
import type { ArtifactPlace, ArtifactRef, ArtifactSink, ArtifactStore } from '../domain/artifacts.ts';
import { PipelineError } from '../domain/failures.ts';
import { periodText } from '../domain/periods.ts';
import type { RunIdentity } from '../domain/runIdentity.ts';

// Few large writes cost less than many small ones; a quarter of a megabyte is negligible here.
const flushBytes = 256 * 1024;
/** Space after a full block for the line that fills it. */
const blockBytes = flushBytes + 64 * 1024;
/** The most UTF-8 bytes that one UTF-16 unit takes. */
const longestCharacter = 3;

/**
 * Artifacts as files below one folder that every worker reaches. Only their owner can read them, since they hold
 * patient data. The name contains the content's hash, so an existing file never changes, and a late attempt cannot
 * overwrite what another step has already read.
 */
export function createFolderStore(root: string): ArtifactStore {
  return {
    create: (place) => translated(() => FolderSink.create(root, place)),
    open: (ref) => translated(() => openVerified(root, ref)),
  };
}

class FolderSink implements ArtifactSink {
  readonly #root: string;
  readonly #place: ArtifactPlace;
  readonly #partPath: string;
  readonly #file: FileHandle;
  readonly #hash: Hash = createHash('sha256');
  /**
   * Bytes not yet written to disk. Text is encoded straight into the block, because separate buffers would cost more.
   */
  #block = Buffer.allocUnsafe(blockBytes);
  #filled = 0;
  #bytes = 0;

  private constructor(root: string, place: ArtifactPlace, partPath: string, file: FileHandle) {
    this.#root = root;
    this.#place = place;
    this.#partPath = partPath;
    this.#file = file;
  }

  static async create(root: string, place: ArtifactPlace): Promise<FolderSink> {
    const folder = path.join(root, folderOf(place.run));
    await mkdir(folder, { recursive: true, mode: 0o700 });
    const partPath = path.join(folder, `.${place.step}-${place.file}.${randomBytes(6).toString('hex')}.part`);
    return new FolderSink(root, place, partPath, await open(partPath, 'wx', 0o600));
  }

  add(text: string | Buffer): Promise<void> | undefined {
    const mostBytes = typeof text === 'string' ? text.length * longestCharacter : text.length;
    if (this.#filled + mostBytes > this.#block.length) this.#enlarge(mostBytes);
    if (typeof text === 'string') this.#filled += this.#block.write(text, this.#filled);
    else this.#filled += text.copy(this.#block, this.#filled);
    return this.#filled >= flushBytes ? translated(() => this.#flush()) : undefined;
  }

  async commit(rows: number): Promise<ArtifactRef> {
    return translated(async () => {
      await this.#flush();
      await this.#file.sync();
      await this.#file.close();
      const sha256 = this.#hash.digest('hex');
      const name = `${folderOf(this.#place.run)}/${this.#place.step}-${sha256.slice(0, 12)}-${this.#place.file}`;
      await rename(this.#partPath, path.join(this.#root, name));
      return { uri: `${scheme}${name}`, sha256, bytes: this.#bytes, rows };
    });
  }

  async discard(): Promise<void> {
    return translated(async () => {
      await this.#file.close();
      await rm(this.#partPath, { force: true });
    });
  }

  /** Only for a piece longer than the space after a full block. */
  #enlarge(moreBytes: number): void {
    const larger = Buffer.allocUnsafe(this.#filled + moreBytes);
    this.#block.copy(larger, 0, 0, this.#filled);
    this.#block = larger;
  }

  async #flush(): Promise<void> {
    const block = this.#block.subarray(0, this.#filled);
    this.#hash.update(block);
    this.#bytes += block.length;
    await this.#file.writeFile(block);
    // Reset only now: callers that add text wait for the flush.
    this.#filled = 0;
  }
}

const scheme = 'artifact:';
// report / period / run / step-hash-file: nothing in it can leave the folder.
const uriPattern =
  /^artifact:([\w-]+\/\d{4}-\d{2}-\d{2}\.\.\d{4}-\d{2}-\d{2}\/[\w-]+\/(\w+)-[0-9a-f]{12}-\w[\w.-]*)$/;

function folderOf(run: RunIdentity): string {
  return `${run.report}/${periodText(run.period)}/${run.runId}`;
}

async function openVerified(root: string, ref: ArtifactRef): Promise<Readable> {
  const match = uriPattern.exec(ref.uri);
  if (match === null) {
    throw new PipelineError('InvalidInput', 'an artifact reference of another store was handed in', {
      hint: 'Start the run again.',
    });
  }
  const filePath = path.join(root, match[1]!);
  const found = await stat(filePath).catch((error: unknown) => {
    if (isCode(error, 'ENOENT')) throw missing(ref, 'is not there');
    throw error;
  });
  if (found.size !== ref.bytes) throw missing(ref, 'has another size than when it was made');
  const source = createReadStream(filePath, { highWaterMark: flushBytes });
  const check = new HashCheck(ref);
  source.on('error', (error) => check.destroy(asStoreFailure(error)));
  check.on('close', () => source.destroy());
  return source.pipe(check);
}

class HashCheck extends Transform {
  readonly #hash = createHash('sha256');
  readonly #ref: ArtifactRef;

  constructor(ref: ArtifactRef) {
    super();
    this.#ref = ref;
  }

  override _transform(chunk: Buffer, _encoding: string, done: (error: null, data: Buffer) => void): void {
    this.#hash.update(chunk);
    done(null, chunk);
  }

  override _flush(done: (error?: Error) => void): void {
    const same = this.#hash.digest('hex') === this.#ref.sha256;
    done(same ? undefined : missing(this.#ref, 'holds other bytes than when it was made'));
  }
}

function missing(ref: ArtifactRef, what: string): PipelineError {
  const madeBy = uriPattern.exec(ref.uri)?.[2] ?? 'unknown';
  return new PipelineError('ArtifactMissing', `the file that ${madeBy} made ${what}`, {
    hint: 'The step that made it runs again by itself, once. If it stays so, look who else writes to the artifacts folder.',
    details: { uri: ref.uri, madeBy },
  });
}

/** Runs work on the artifacts folder. @throws PipelineError ArtifactStoreUnavailable if the disk fails it. */
export async function translated<Result>(work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    throw asStoreFailure(error);
  }
}

function asStoreFailure(error: unknown): Error {
  if (error instanceof PipelineError) return error;
  const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
  return new PipelineError('ArtifactStoreUnavailable', `the artifacts folder cannot be used (${code})`, {
    hint:
      code === 'ENOSPC'
        ? 'The disk is full: make room; the step continues by itself.'
        : 'Check that the folder named by EHR_ARTIFACTS is there and that the worker may write to it.',
    details: { code },
    cause: error,
  });
}

function isCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}
