import { createHash } from 'node:crypto';
import { Transform, type Readable } from 'node:stream';
import type { ArtifactPlace, ArtifactRef } from '../domain/artifacts.ts';
import { PipelineError } from '../domain/failures.ts';
import { periodText } from '../domain/periods.ts';
import type { RunIdentity } from '../domain/runIdentity.ts';
import { NotOpened, Opener, Sealer, sealedLength, type DataKeys } from './seal.ts';

const scheme = 'artifact:';
// report / period / run / step-hash-file: nothing in it can leave the store.
const uriPattern =
  /^artifact:([\w-]+\/\d{4}-\d{2}-\d{2}\.\.\d{4}-\d{2}-\d{2}\/[\w-]+\/(\w+)-[0-9a-f]{12}-\w[\w.-]*)$/;

/** Where a run's files are within a store. */
export function folderOf(run: RunIdentity): string {
  return `${run.report}/${periodText(run.period)}/${run.runId}`;
}

/** The file's name within a store. It contains the content's hash, so that no file ever changes. */
export function nameOf({ run, step, file }: ArtifactPlace, sha256: string): string {
  return `${folderOf(run)}/${step}-${sha256.slice(0, 12)}-${file}`;
}

/** The reference to a name: alike for a folder and a bucket, so that files can move from one to the other. */
export function uriOf(name: string): string {
  return `${scheme}${name}`;
}

/** @throws PipelineError InvalidInput for a reference that no store of ours made. */
export function nameIn({ uri }: Pick<ArtifactRef, 'uri'>): string {
  const name = nameIfUri(uri);
  if (name !== undefined) return name;
  throw new PipelineError('InvalidInput', 'an artifact reference of another store was handed in', {
    hint: 'Start the run again.',
  });
}

/** The name within a store; undefined for what is no uri of a file of a run. */
export function nameIfUri(uri: string): string | undefined {
  return uriPattern.exec(uri)?.[1];
}

/** The uri of a name within a store; undefined if it is no file of a run, or not whole yet. */
export function uriIfArtifact(name: string): string | undefined {
  const uri = uriOf(name);
  return uriPattern.test(uri) ? uri : undefined;
}

/** A file that is not there as it was made. `what` follows "the file that clean made". */
export function missing(ref: ArtifactRef, what: string): PipelineError {
  const madeBy = uriPattern.exec(ref.uri)?.[2] ?? 'unknown';
  return new PipelineError('ArtifactMissing', `the file that ${madeBy} made ${what}`, {
    hint: 'The step that made it runs again by itself, once. If it stays so, look who else writes to the place that EHR_ARTIFACTS names.',
    details: { uri: ref.uri, madeBy },
  });
}

/** What artifacts are sealed for: their references tell them apart. */
export const artifactPurpose = 'artifact';

export function artifactSealer([first]: DataKeys): Sealer | undefined {
  return first === undefined ? undefined : new Sealer(first, artifactPurpose);
}

interface KeptBytes {
  readonly body: Readable;
  readonly bytes: number;
}

/**
 * The plain bytes of a kept file, sealed or not: the stream fails with ArtifactMissing at its end if they are not those
 * of the reference. A failure of `body` becomes what `asFailure` makes of it.
 */
export function openKept(
  { body, bytes }: KeptBytes,
  ref: ArtifactRef,
  { keys, asFailure }: { readonly keys: DataKeys; readonly asFailure: (error: unknown) => Error },
): Readable {
  // A sealed file is larger than its plain bytes.
  const isSealed = bytes === sealedLength(ref.bytes);
  if (bytes !== ref.bytes && !isSealed) {
    body.destroy();
    throw missing(ref, 'has another size than when it was made');
  }
  const check = new HashCheck(ref, isSealed ? new Opener(keys, artifactPurpose) : undefined);
  body.on('error', (error) => check.destroy(asFailure(error)));
  check.on('close', () => body.destroy());
  // The bytes flow before anybody reads them, which the load does minutes later: without a listener, an error meanwhile
  // would end the worker. A later reader still gets it.
  check.on('error', () => undefined);
  return body.pipe(check);
}

/** Passes plain bytes on, and fails with ArtifactMissing if they are not those of the reference. */
class HashCheck extends Transform {
  readonly #hash = createHash('sha256');
  readonly #ref: ArtifactRef;
  readonly #opener: Opener | undefined;

  constructor(ref: ArtifactRef, opener: Opener | undefined) {
    super();
    this.#ref = ref;
    this.#opener = opener;
  }

  override _transform(chunk: Buffer, _encoding: string, done: (error?: Error) => void): void {
    this.#settle(done, () => {
      for (const plain of this.#opener?.push(chunk) ?? [chunk]) this.#pass(plain);
    });
  }

  override _flush(done: (error?: Error) => void): void {
    this.#settle(done, () => {
      for (const plain of this.#opener?.end() ?? []) this.#pass(plain);
      const same = this.#hash.digest('hex') === this.#ref.sha256;
      if (!same) throw missing(this.#ref, 'holds other bytes than when it was made');
    });
  }

  #pass(plain: Buffer): void {
    this.#hash.update(plain);
    this.push(plain);
  }

  #settle(done: (error?: Error) => void, work: () => void): void {
    try {
      work();
    } catch (error) {
      done(error instanceof NotOpened ? missing(this.#ref, error.message) : (error as Error));
      return;
    }
    done();
  }
}
