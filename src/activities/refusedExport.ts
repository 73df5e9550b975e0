import type { ArtifactStore } from '../domain/artifacts.ts';
import { PipelineError } from '../domain/failures.ts';
import type { RunIdentity } from '../domain/runIdentity.ts';
import type { PortalExport } from '../ports.ts';
import { storeFile } from './storeFile.ts';

/**
 * Keeps a download that was refused beside those that were loaded, since what the portal sent is the evidence, and
 * says where in the failure. The screen showed nothing wrong by then. Gives the failure to throw.
 */
export async function keepRefused(
  refused: unknown,
  { path }: PortalExport,
  run: RunIdentity,
  artifacts: ArtifactStore,
): Promise<unknown> {
  // Where the store itself failed there is no place to keep it.
  if (!(refused instanceof PipelineError) || refused.type === 'ArtifactStoreUnavailable') return refused;
  const place = { run, step: 'loginAndDownload', file: 'refused.csv' };
  // How many records it holds is what nobody knows. Without room for it the failure itself still counts.
  const kept = await storeFile(artifacts, place, path, 0).catch(() => undefined);
  return kept === undefined ? refused : withFile(refused, kept.uri);
}

function withFile(refused: PipelineError, uri: string): PipelineError {
  const { type, message, hint, retry, details, cause } = refused;
  const told = new PipelineError(type, `${message.replace(/\.$/, '')}. The file is kept: ${uri}`, {
    hint,
    retry,
    details: { ...details, kept: uri },
    ...(cause === undefined ? {} : { cause }),
  });
  // Where it was thrown is what an engineer looks for.
  if (refused.stack !== undefined) told.stack = refused.stack;
  return told;
}
