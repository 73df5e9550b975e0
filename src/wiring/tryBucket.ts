import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { BucketObjects } from '../artifacts/bucketStore.ts';
import { artifactsPlace } from '../config.ts';
import { PipelineError } from '../domain/failures.ts';

/**
 * Writes, reads and removes an object. Returns the bucket's address, or undefined if artifacts are kept in a folder.
 * @throws PipelineError ArtifactStoreUnavailable
 */
export async function tryBucket(): Promise<string | undefined> {
  const place = artifactsPlace();
  if (place.kind === 'folder') return undefined;
  const objects = new BucketObjects(place);
  const name = `doctor/${randomBytes(8).toString('hex')}`;
  const folder = await mkdtemp(path.join(tmpdir(), 'ehr-doctor-'));
  try {
    const file = path.join(folder, 'object');
    await writeFile(file, name);
    await objects.put(name, file);
    const kept = await objects.get(name);
    if (kept === undefined || (await text(kept.body)) !== name) throw otherObject();
    await objects.remove(name);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
  return `s3://${path.posix.join(place.bucket, place.prefix)}`;
}

function otherObject(): PipelineError {
  return new PipelineError('ArtifactStoreUnavailable', 'the bucket gave other bytes than it was sent', {
    hint: 'Look at the object store, and at what stands between it and this machine.',
  });
}
