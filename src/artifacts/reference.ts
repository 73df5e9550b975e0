import { createHash } from 'node:crypto';
import { Transform } from 'node:stream';
import type { ArtifactPlace, ArtifactRef } from '../domain/artifacts.ts';
import { PipelineError } from '../domain/failures.ts';
import { periodText } from '../domain/periods.ts';
import type { RunIdentity } from '../domain/runIdentity.ts';

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

/** The same for a folder and a bucket, so that files can move from one to the other. */
export function uriOf(name: string): string {
  return `${scheme}${name}`;
}

/** @throws PipelineError InvalidInput for a reference that no store of ours made. */
export function nameIn({ uri }: ArtifactRef): string {
  const name = uriPattern.exec(uri)?.[1];
  if (name !== undefined) return name;
  throw new PipelineError('InvalidInput', 'an artifact reference of another store was handed in', {
    hint: 'Start the run again.',
  });
}

/** A file that is not there as it was made. `what` follows "the file that clean made". */
export function missing(ref: ArtifactRef, what: string): PipelineError {
  const madeBy = uriPattern.exec(ref.uri)?.[2] ?? 'unknown';
  return new PipelineError('ArtifactMissing', `the file that ${madeBy} made ${what}`, {
    hint: 'The step that made it runs again by itself, once. If it stays so, look who else writes to the place that EHR_ARTIFACTS names.',
    details: { uri: ref.uri, madeBy },
  });
}

export const otherSize = 'has another size than when it was made';

/** Passes bytes on, and fails with ArtifactMissing at the end if they are not those of the reference. */
export class HashCheck extends Transform {
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
