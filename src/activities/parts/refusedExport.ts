import type { ArtifactStore } from '../../domain/artifacts.ts';
import { PipelineError } from '../../domain/failures.ts';
import type { RunIdentity } from '../../domain/runIdentity.ts';
import type { PortalExport } from '../../ports.ts';
import { readFileInBlocks, storeFile } from './storeFile.ts';

/**
 * Keeps a refused download beside the loaded ones, as evidence of what the portal sent, and adds its place to the
 * failure. By then the screen shows nothing wrong. Returns the failure to throw.
 */
export async function keepRefused(
  refused: unknown,
  { path }: PortalExport,
  run: RunIdentity,
  artifacts: ArtifactStore,
): Promise<unknown> {
  // If the store itself failed, there is no place to keep the file.
  if (!(refused instanceof PipelineError) || refused.type === 'ArtifactStoreUnavailable') return refused;
  const place = { run, step: 'loginAndDownload', file: 'refused.csv' };
  // The number of its records is unknown. If it cannot be stored, the original failure still counts.
  const kept = await storeFile(artifacts, place, () => readFileInBlocks(path), 0).catch(() => undefined);
  return kept === undefined ? refused : withFile(refused, kept.uri);
}

function withFile(refused: PipelineError, uri: string): PipelineError {
  const { type, message, hint, retry, details, cause } = refused;
  const failure = new PipelineError(type, `${message.replace(/\.$/, '')}. The file is kept: ${uri}`, {
    hint,
    retry,
    details: { ...details, kept: uri },
    ...(cause === undefined ? {} : { cause }),
  });
  // An engineer needs the original place.
  if (refused.stack !== undefined) failure.stack = refused.stack;
  return failure;
}
