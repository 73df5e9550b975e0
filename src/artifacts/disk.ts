import { PipelineError } from '../domain/failures.ts';

/** Runs work on this machine's disk. @throws PipelineError ArtifactStoreUnavailable if the disk fails it. */
export async function translated<Result>(work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    throw asDiskFailure(error);
  }
}

export function asDiskFailure(error: unknown): Error {
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

/** Handles the rejection of a call to the file system: undefined if nothing is there. @throws every other error */
export function ifMissing(error: unknown): undefined {
  if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
  throw error;
}
