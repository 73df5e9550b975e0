import {
  agencyEnvironment,
  agencyIds,
  assertAgencyNames,
  ConfigError,
  configPath,
  enterAgency,
  nameKey,
  readPipelineConfig,
  type Environment,
  type PipelineConfig,
} from '../config.ts';
import { readStatus } from '../warehouse/ledgerReads.ts';
import { checkVersion, migrate } from '../warehouse/migrate.ts';
import { sharedPlaces } from '../wiring/agencyPlaces.ts';
import { portalsInUse } from '../wiring/portals.ts';
import { agencyArgument } from './agencyArgument.ts';
import { withWarehouse } from './connections.ts';
import { errorFacts } from './errors.ts';
import { exitCodes, type ExitCode } from './exitCodes.ts';
import { print, type OutputOptions } from './output.ts';
import { table } from './table.ts';
import { appliedWords, applySchedules } from './schedule.ts';
import { migrationWords } from './status.ts';
import { clockOf, checkCode, statusRows, type StatusRow } from './statusRows.ts';

const noAgencies = 'EHR_AGENCIES names no agency';

/** Lists the agencies that EHR_AGENCIES names. */
export function listAgencies(options: OutputOptions): void {
  assertAgencyNames();
  const ids = agencyIds();
  print(options, ids, () => (ids.length === 0 ? noAgencies : ids.join('\n')));
}

interface Checked {
  readonly agency: string;
  /** Empty if nothing is wrong. */
  readonly mistakes: readonly string[];
}

/**
 * Reads the settings of agencies, compares what must be each agency's own, and asks their databases whether the
 * tables fit this version.
 */
export async function checkAgencies(ids: readonly string[], options: OutputOptions): Promise<void> {
  const checked: Checked[] = [];
  assertAgencyNames();
  const all = agencyIds();
  for (const agency of ids.length === 0 ? all : ids.map(agencyArgument)) {
    checked.push({ agency, mistakes: [...(await mistakesOf(agency)), ...sharedPlaces(agency, all)] });
  }
  print(options, checked, () =>
    checked.length === 0
      ? noAgencies
      : checked
          .flatMap(({ agency, mistakes }) => [
            `${agency}: ${mistakes.length === 0 ? 'ready' : ''}`.trim(),
            ...mistakes,
          ])
          .join('\n'),
  );
  if (checked.some(({ mistakes }) => mistakes.length > 0)) process.exitCode = exitCodes.wrongCall;
}

/** Creates the tables and schedules of an agency whose folder is ready. A second call brings them up to date. */
export async function addAgency(id: string, options: OutputOptions): Promise<void> {
  const shared = sharedPlaces(agencyArgument(id), agencyIds());
  // Check first: nothing may be created in another agency's place.
  if (shared.length > 0) throw new ConfigError(shared);
  enterAgency(id);
  settingsOf(process.env);
  const tables = await withWarehouse(migrate);
  const schedules = await applySchedules();
  print(options, { agency: id, tables, schedules }, () =>
    [migrationWords(tables), appliedWords(schedules)].join('\n'),
  );
}

async function mistakesOf(agency: string): Promise<readonly string[]> {
  try {
    const env = agencyEnvironment(agency);
    settingsOf(env);
    await withWarehouse(checkVersion, env);
    return [];
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    const { message, hint } = errorFacts(error);
    return [[message, hint].filter((each) => each !== undefined).join('. ')];
  }
}

/** @throws ConfigError if something that a worker needs is missing or wrong */
function settingsOf(env: Environment): PipelineConfig {
  const config = readPipelineConfig(configPath(env));
  nameKey(env);
  portalsInUse(config, env);
  return config;
}

interface AgencyStatus {
  readonly agency: string;
  readonly periods: number;
  readonly failed: number;
  readonly held: number;
  readonly stale: number;
  readonly missing: number;
  /** Null if the database could be read. */
  readonly error: string | null;
  readonly code: ExitCode;
}

/** Counts each agency's periods by state, the worst agency first. */
export async function showAllStatus(options: OutputOptions & { check?: boolean }): Promise<void> {
  const all: AgencyStatus[] = [];
  for (const agency of agencyIds()) all.push(await statusOf(agency));
  all.sort((one, other) => urgency(other) - urgency(one));
  print(options, all, () =>
    table(
      ['agency', 'periods', 'failed', 'held', 'stale', 'missing', 'trouble'],
      all.map((each) => [
        each.agency,
        ...[each.periods, each.failed, each.held, each.stale, each.missing].map(String),
        each.error ?? '',
      ]),
    ),
  );
  const [worst] = all;
  if (options.check === true && worst !== undefined) process.exitCode = worst.code;
}

const gravest: readonly ExitCode[] = [
  exitCodes.outOfDate,
  exitCodes.held,
  exitCodes.failed,
  exitCodes.noDatabase,
];

function urgency({ code, failed, held, stale, missing }: AgencyStatus): number {
  // More of the same counts less than the next worse kind.
  return gravest.indexOf(code) * 1_000_000 + failed + held + stale + missing;
}

async function statusOf(agency: string): Promise<AgencyStatus> {
  const none = { agency, periods: 0, failed: 0, held: 0, stale: 0, missing: 0 };
  try {
    const env = agencyEnvironment(agency);
    const clock = clockOf(readPipelineConfig(configPath(env)));
    const rows = statusRows(await withWarehouse(readStatus, env), clock);
    return { agency, ...countsOf(rows), error: null, code: checkCode(rows) };
  } catch (error) {
    return { ...none, error: errorFacts(error).message, code: exitCodes.noDatabase };
  }
}

function countsOf(rows: readonly StatusRow[]) {
  const count = (wanted: (row: StatusRow) => boolean) => rows.filter(wanted).length;
  return {
    periods: rows.length,
    failed: count(({ state }) => state === 'failed'),
    held: count(({ state }) => state === 'held'),
    stale: count(({ stale }) => stale),
    missing: count(({ gap }) => gap),
  };
}
