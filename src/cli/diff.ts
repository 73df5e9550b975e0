import { configPath, readPipelineConfig } from '../config.ts';
import { addDays, instantInZone, parseIsoDate, type IsoDate } from '../domain/dates.ts';
import { loadCause } from '../domain/loadCause.ts';
import { periodText, type Period } from '../domain/periods.ts';
import type { Changes, LedgerRun } from '../domain/publication.ts';
import { rowsOfRun } from '../domain/fileRetention.ts';
import { isRunId } from '../domain/runIdentity.ts';
import { reports, type ReportName } from '../reports/index.ts';
import { decodeChange, encodeChange } from '../rows/changeFiles.ts';
import { differingRows, type ChangeCounts } from '../rows/differingRows.ts';
import { readRowBlocks } from '../rows/lines.ts';
import type { Warehouse } from '../warehouse/connect.ts';
import { instantText } from '../warehouse/instants.ts';
import { listVersions } from '../warehouse/ledgerReads.ts';
import { removalDay, removedByRetention } from '../warehouse/fileRemovals.ts';
import { clientScratch, keptFiles } from '../wiring/openStores.ts';
import { changeLines, readChanges, ShownChanges, truncation, type ChangeOptions } from './changes.ts';
import { changeWords, dollarWords } from './changeWords.ts';
import { withWarehouse } from './connections.ts';
import { knownRun } from './runsInLedger.ts';
import { recordNamesShown } from './namesShown.ts';
import { print, type OutputOptions } from './output.ts';
import { table } from './table.ts';
import { periodArgument } from './periodArgument.ts';
import { refused } from './commandErrors.ts';

interface DiffOptions extends OutputOptions, ChangeOptions {
  /** The later version; by default what the period shows. */
  readonly run?: string;
  /** The earlier version: its run, or the day at whose end the period showed it. */
  readonly since?: string;
}

interface Place {
  readonly report: ReportName;
  readonly period: Period;
}

/**
 * What a load changed, or a held one would change, row by row; with `since` what changed from one version to
 * another.
 */
export async function showDiff(report: string, period: string, options: DiffOptions): Promise<void> {
  const place = periodArgument(report, period);
  await (options.since === undefined
    ? showLoad(place, options)
    : showSince(place, { ...options, since: options.since }));
}

async function showLoad(place: Place, options: DiffOptions): Promise<void> {
  const { version, changes } = await withWarehouse(async (warehouse) => {
    const found = comparedVersion(await laterVersion(warehouse, place, options.run));
    const removedOn = await removalDay(warehouse, [found.changes.details]);
    if (removedOn !== undefined) throw removedByRetention('the rows that changed', removedOn);
    await recordNamesShown(warehouse, options, { command: 'diff', ...found.version.run });
    return found;
  });
  const { run } = version;
  const shown = await readChanges(run.report, changes.details, options);
  const facts = {
    run: run.runId,
    outcome: version.outcome,
    ...changes,
    rows: shown.rows,
    rowDollars: shown.dollars,
    ...truncation(shown, changes),
  };
  print(options, facts, () =>
    [
      `${run.report} ${periodText(run.period)}, run ${run.runId} (${version.outcome}): ${changeWords(changes)}`,
      ...dollarWords(changes),
      ...changeLines(shown, changes),
    ].join('\n'),
  );
}

function comparedVersion(version: LedgerRun): { version: LedgerRun; changes: Changes } {
  const { changes, run } = version;
  if (changes !== null) return { version, changes };
  throw refused(
    `run ${run.runId} was not compared with what was published`,
    'Only runs that were published or held are.',
  );
}

async function laterVersion(
  warehouse: Warehouse,
  place: Place,
  runId: string | undefined,
): Promise<LedgerRun> {
  if (runId !== undefined) return ownRun(warehouse, place, runId);
  const [newest] = await listVersions(warehouse, place.report, place.period);
  if (newest !== undefined) return newest;
  throw refused(
    `nothing has been published of ${words(place)}`,
    'Look at what has: npm run client -- status',
  );
}

async function ownRun(warehouse: Warehouse, place: Place, runId: string): Promise<LedgerRun> {
  const found = await knownRun(warehouse, runId);
  if (words(found.run) === words(place)) return found;
  throw refused(
    `run ${runId} is one of ${words(found.run)}`,
    `Give a run of ${words(place)}: npm run client -- versions ${place.report} ${periodText(place.period)}`,
  );
}

function words({ report, period }: Place): string {
  return `${report} ${periodText(period)}`;
}

/** Two versions of a period, and every load from the first to the second. */
interface Versions {
  readonly before: LedgerRun;
  readonly after: LedgerRun;
  /** Oldest first; `after` is the last one. */
  readonly loads: readonly { readonly version: LedgerRun; readonly why: string }[];
}

async function showSince(place: Place, options: DiffOptions & { readonly since: string }): Promise<void> {
  const versions = await withWarehouse(async (warehouse) => {
    const found = await versionsSince(warehouse, place, options);
    const files = [found.before, found.after].map(rowsOf);
    const removedOn = await removalDay(warehouse, files);
    if (removedOn !== undefined) throw removedByRetention('the rows of one of the two versions', removedOn);
    const runId = found.after.run.runId;
    await recordNamesShown(warehouse, options, { command: 'diff', ...place, runId });
    return found;
  });
  const { before, after, loads } = versions;
  const shown = new ShownChanges(place.report, options);
  const counts = await compare(place.report, before, after, shown);
  const facts = {
    run: after.run.runId,
    outcome: after.outcome,
    since: before.run.runId,
    ...counts,
    loads: loads.map(({ version, why }) => ({
      run: version.run.runId,
      publishedAt: version.publishedAt,
      why,
    })),
    rows: shown.rows,
    rowDollars: shown.dollars,
    ...truncation(shown, counts),
  };
  print(options, facts, () =>
    [
      `${words(place)}, from run ${before.run.runId} (${instantWords(before)}) to run ${after.run.runId} (${instantWords(after)}): ${changeWords(counts)}`,
      ...(loads.length === 0
        ? []
        : [
            '',
            table(
              ['loaded (UTC)', 'run', 'why'],
              loads.map(({ version, why }) => [instantWords(version), version.run.runId, why]),
            ),
          ]),
      ...changeLines(shown, counts),
    ].join('\n'),
  );
}

function instantWords({ publishedAt, outcome }: LedgerRun): string {
  return publishedAt?.slice(0, 19) ?? outcome;
}

async function versionsSince(
  warehouse: Warehouse,
  place: Place,
  { since, run }: { readonly since: string; readonly run?: string },
): Promise<Versions> {
  const all = await listVersions(warehouse, place.report, place.period);
  const after = await laterVersion(warehouse, place, run);
  const before = isRunId(since)
    ? await ownRun(warehouse, place, since)
    : shownOn(all, place, dayArgument(since));
  const isBetween = ({ publishedAt }: LedgerRun) =>
    (publishedAt ?? '') > (before.publishedAt ?? '') &&
    (after.publishedAt === null || (publishedAt ?? '') <= after.publishedAt);
  const loads = all.filter(isBetween).map((version) => ({ version, why: whyLoaded(version, all) }));
  return { before, after, loads: loads.toReversed() };
}

function whyLoaded(version: LedgerRun, all: readonly LedgerRun[]): string {
  const { run, changes, decision, madeOf } = version;
  const since = changes?.since ?? null;
  const earlier = since === null ? null : all.find((each) => each.run.runId === since);
  return loadCause({ source: run.source, decision, madeOf }, earlier);
}

function dayArgument(text: string): IsoDate {
  const day = parseIsoDate(text);
  if (day !== undefined) return day;
  throw refused(
    '--since: neither a day nor the id of a run',
    'Give a day, such as 2026-10-16, or a run of the period: npm run client -- versions',
  );
}

/** The version that the period showed at the end of a day. */
function shownOn(versions: readonly LedgerRun[], place: Place, day: IsoDate): LedgerRun {
  const { timeZone } = readPipelineConfig(configPath()).organisation;
  const end = instantText(instantInZone(addDays(day, 1), '00:00', timeZone).toISOString());
  const found = versions.find(({ publishedAt }) => publishedAt !== null && publishedAt < end);
  if (found !== undefined) return found;
  const first = versions.at(-1);
  throw refused(
    `${words(place)} showed nothing at the end of ${day}`,
    first === undefined
      ? 'Look at what is loaded: npm run client -- status'
      : `Its oldest version in the ledger is that of ${first.publishedAt?.slice(0, 19) ?? ''} UTC, run ${first.run.runId}.`,
  );
}

function rowsOf({ run, files }: LedgerRun) {
  const rows = rowsOfRun(files);
  if (rows !== undefined) return rows;
  throw refused(
    `run ${run.runId} left no rows that could be compared`,
    'Only runs that were published or held have some.',
  );
}

/** Compares the kept rows of two versions; nothing stays in memory but what is shown. */
async function compare(
  report: ReportName,
  before: LedgerRun,
  after: LedgerRun,
  shown: ShownChanges,
): Promise<ChangeCounts> {
  const width = reports[report].rowColumns.length;
  const files = [rowsOf(before), rowsOf(after)] as const;
  const [earlier, later] = await Promise.all(files.map(async (file) => keptFiles().open(file)));
  try {
    const loads = {
      before: readRowBlocks(earlier!, width),
      after: readRowBlocks(later!, width),
      rows: Math.max(...files.map(({ rows }) => rows)),
    };
    return await differingRows(report, loads, clientScratch(), (change) =>
      shown.add(decodeChange(report, encodeChange(change).slice(0, -1))),
    );
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw refused(
      'one of the two versions has other columns, of another version of the pipeline',
      'Compare versions from after the update.',
      error,
    );
  }
}
