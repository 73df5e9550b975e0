import { PipelineError } from '../domain/failures.ts';
import { recordAuditEventAlone } from '../warehouse/audit.ts';
import type { Warehouse } from '../warehouse/connect.ts';
import { dataKeysInUse, keptFiles, keptPlaces } from '../wiring/openStores.ts';
import { resealAll } from '../wiring/resealAll.ts';
import { thisUser } from '../wiring/thisUser.ts';
import { withWarehouse } from './connections.ts';
import { print, type OutputOptions } from './output.ts';

type Resealed = Awaited<ReturnType<typeof resealAll>>;

/** Names that a message gives; the rest is counted. */
const mostNames = 10;

/** Seals every kept file with the first data key. */
export async function rekeyData(options: OutputOptions): Promise<void> {
  const keys = dataKeysInUse();
  const [newest] = keys;
  if (newest === undefined) {
    throw new PipelineError('InvalidInput', 'EHR_DATA_KEY is not set: there is no key to seal with', {
      hint: 'Set it as the workers have it, the new key first.',
    });
  }
  const so = await withWarehouse(async (warehouse) => {
    const about = { what: 'data', key: newest.id };
    await recordRekey(warehouse, { ...about, stage: 'begun' });
    const done = await resealAll(warehouse, {
      places: keptPlaces(),
      files: keptFiles(),
      keys: [newest, ...keys.slice(1)],
    });
    const counts = { resealed: done.resealed, already: done.already, notOpened: done.notOpened.length };
    await recordRekey(warehouse, { ...about, stage: 'done', ...counts });
    return done;
  });
  print(options, { key: newest.id, ...so }, () => words(so, newest.id));
  if (so.notOpened.length > 0) throw notOpened(so.notOpened);
}

async function recordRekey(
  warehouse: Warehouse,
  details: Readonly<Record<string, string | number>>,
): Promise<void> {
  await recordAuditEventAlone(warehouse, { action: 'rekey', actor: thisUser(), details });
}

function words({ resealed, already }: Resealed, key: string): string {
  return `${String(resealed)} files sealed with the data key ${key}; ${String(already)} had nothing to change`;
}

function notOpened(names: readonly string[]): PipelineError {
  const more = names.length > mostNames ? `, and ${String(names.length - mostNames)} more` : '';
  return new PipelineError(
    'ArtifactMissing',
    `${String(names.length)} kept files cannot be opened and stay as they are: ${names.slice(0, mostNames).join(', ')}${more}`,
    {
      hint: 'Add the keys that they were sealed with to EHR_DATA_KEY, after the others, and run this again. A file that was altered stays lost.',
    },
  );
}
