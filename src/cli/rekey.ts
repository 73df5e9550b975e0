import { readFileSync } from 'node:fs';
import { configPath, nameKey, readPipelineConfig } from '../config.ts';
import { PipelineError } from '../domain/failures.ts';
import { createNameKeys } from '../domain/nameKeys.ts';
import { periodText } from '../domain/periods.ts';
import { recordAuditEventAlone } from '../warehouse/recordAuditEvent.ts';
import type { Warehouse } from '../warehouse/connect.ts';
import { keyedNames, type KeyedName } from '../warehouse/loadedWith.ts';
import { rekeyNames, type RekeyedPeriod } from '../warehouse/rekeyNames.ts';
import { dataKeysInUse, keptFiles, keptPlaces } from '../wiring/openStores.ts';
import { resealAll } from '../wiring/resealAll.ts';
import { nameKeyId, rulesInForce } from '../wiring/rulesInForce.ts';
import { thisUser } from '../wiring/thisUser.ts';
import { withWarehouse } from './connections.ts';
import { print, type OutputOptions } from './output.ts';
import { refused } from './commandErrors.ts';

type Resealed = Awaited<ReturnType<typeof resealAll>>;

interface NamesOptions extends OutputOptions {
  /** A file that holds the key before. */
  readonly formerKeyFile?: string;
}

/** Gives the people in the tables the keys of EHR_NAME_KEY. */
export async function rekeyPeople(options: NamesOptions): Promise<void> {
  const key = nameKey();
  const former = options.formerKeyFile === undefined ? undefined : readFormerKey(options.formerKeyFile);
  const config = readPipelineConfig(configPath());
  const so = await withWarehouse(async (warehouse) => {
    if (former !== undefined) assertFits(await keyedNames(warehouse), { former, key });
    const about = { what: 'names', key: nameKeyId(key) };
    await recordRekey(warehouse, { ...about, stage: 'begun' });
    const done = await countPeriods(
      rekeyNames(warehouse, {
        keyOf: createNameKeys(key),
        rules: {
          former: former === undefined ? undefined : rulesInForce(config, former),
          now: rulesInForce(config, key),
        },
      }),
    );
    await recordRekey(warehouse, { ...about, stage: 'done', ...done, altered: done.altered.length });
    return done;
  });
  if (so.altered.length > 0) throw altered(so);
  print(options, so, () => periodWords(so));
}

function readFormerKey(file: string): string {
  try {
    return readFileSync(file, 'utf8').trim();
  } catch (error) {
    const { code = 'unknown' } = error as NodeJS.ErrnoException;
    throw refused(
      `--former-key-file: the file cannot be read (${code})`,
      'Name the file that holds the name key of before.',
    );
  }
}

function assertFits(loaded: readonly KeyedName[], { former, key }: { former: string; key: string }): void {
  const fits = [former, key].map(createNameKeys);
  if (loaded.every(({ name, key: found }) => fits.some((keyOf) => keyOf(name) === found))) return;
  throw refused(
    '--former-key-file: the tables were loaded with another key, so nothing was changed',
    'Name the file with the key that the workers had. If it is lost, leave the option out: docs/disasters.md.',
  );
}

interface Periods {
  readonly rekeyed: number;
  readonly already: number;
  readonly altered: readonly string[];
}

async function countPeriods(periods: AsyncIterable<RekeyedPeriod>): Promise<Periods> {
  const counts = { rekeyed: 0, already: 0, altered: [] as string[] };
  for await (const { report, period, outcome } of periods) {
    if (outcome === 'altered') counts.altered.push(`${report} ${periodText(period)}`);
    else counts[outcome] += 1;
  }
  return counts;
}

function periodWords({ rekeyed, already }: Periods): string {
  return `${String(rekeyed)} periods have the keys of EHR_NAME_KEY now; ${String(already)} had them before`;
}

function altered(so: Periods): PipelineError {
  return new PipelineError(
    'ReconciliationFailed',
    `${String(so.altered.length)} periods do not show what was published, and keep their keys: ${listed(so.altered)}; ${periodWords(so)}`,
    {
      hint: 'Somebody changed their rows, or they are from before there were checksums. Load them again with run … --force, look at what is held, and start this command again',
    },
  );
}

/** Names that a message gives; the rest is counted. */
const mostNames = 10;

/** Seals every kept file with the first data key. */
export async function rekeyData(options: OutputOptions): Promise<void> {
  const keys = dataKeysInUse();
  const [newest] = keys;
  if (newest === undefined) {
    throw refused(
      'EHR_DATA_KEY is not set: there is no key to seal with',
      'Set it as the workers have it, the new key first.',
    );
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
  if (so.notOpened.length > 0) throw notOpened(so, newest.id);
  print(options, { key: newest.id, ...so }, () => words(so, newest.id));
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

function notOpened(so: Resealed, key: string): PipelineError {
  return new PipelineError(
    'ArtifactMissing',
    `${String(so.notOpened.length)} kept files cannot be opened and stay as they are: ${listed(so.notOpened)}; ${words(so, key)}`,
    {
      hint: 'Add the keys that they were sealed with to EHR_DATA_KEY, after the others, and run this again. A file that was altered stays lost.',
    },
  );
}

function listed(names: readonly string[]): string {
  const more = names.length > mostNames ? `, and ${String(names.length - mostNames)} more` : '';
  return `${names.slice(0, mostNames).join(', ')}${more}`;
}
