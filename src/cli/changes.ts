import type { ArtifactRef } from '../domain/artifacts.ts';
import { decodeChange, type ChangedRow, type DecodedChange, type Difference } from '../rows/changeFiles.ts';
import { PipelineError } from '../domain/failures.ts';
import { periodText } from '../domain/periods.ts';
import type { Changes, LedgerRun } from '../domain/publication.ts';
import { reports, type ReportName } from '../reports/index.ts';
import { groupColumn, sourceLine, type ReportDefinition } from '../reports/report.ts';
import { unknownGroup } from '../domain/rules.ts';
import { serviceLabel } from '../domain/serviceLabels.ts';
import type { TsvCell } from '../rows/tsv.ts';
import type { Warehouse } from '../warehouse/connect.ts';
import { listVersions } from '../warehouse/ledger.ts';
import { removalDay, removedByRetention } from '../warehouse/retention.ts';
import { changeWords, dollarWords } from './changeWords.ts';
import { keptLines } from './keptLines.ts';
import { knownRun } from './ledger.ts';
import { recordNamesShown } from './namesShown.ts';
import { print, table, type OutputOptions } from './output.ts';
import { periodArgument } from './periodArgument.ts';
import { withWarehouse } from './connections.ts';

export interface ChangeOptions {
  /** The most rows to show. */
  readonly limit: number;
  /** Show people by name instead of by name code. */
  readonly names?: boolean;
}

/** One changed row, as shown. */
interface ShownChange {
  readonly kind: DecodedChange['kind'];
  /** What identifies the row. */
  readonly row: Readonly<Record<string, TsvCell>>;
  /** Only for a changed row. */
  readonly differences: readonly Difference[];
}

/** What a load changed, or a held one would change, row by row. */
export async function showDiff(
  report: string,
  period: string,
  options: OutputOptions & ChangeOptions & { run?: string },
): Promise<void> {
  const place = periodArgument(report, period);
  const { version, changes } = await withWarehouse(async (warehouse) => {
    const found = comparedVersion(await versionOf(warehouse, place, options.run));
    const removedOn = await removalDay(warehouse, [found.changes.details]);
    if (removedOn !== undefined) throw removedByRetention('the rows that changed', removedOn);
    await recordNamesShown(warehouse, options, { command: 'diff', ...found.version.run });
    return found;
  });
  const { run } = version;
  const rows = await readChanges(place.report, changes.details, options);
  const facts = { run: run.runId, outcome: version.outcome, ...changes, rows, ...truncation(rows, changes) };
  print(options, facts, () =>
    [
      `${run.report} ${periodText(run.period)}, run ${run.runId} (${version.outcome}): ${changeWords(changes)}`,
      ...dollarWords(changes),
      ...changeLines(rows, changes),
    ].join('\n'),
  );
}

function comparedVersion(version: LedgerRun): { version: LedgerRun; changes: Changes } {
  const { changes, run } = version;
  if (changes !== null) return { version, changes };
  throw new PipelineError('InvalidInput', `run ${run.runId} was not compared with what was published`, {
    hint: 'Only runs that were published or held are.',
  });
}

async function versionOf(
  warehouse: Warehouse,
  { report, period }: ReturnType<typeof periodArgument>,
  runId: string | undefined,
): Promise<LedgerRun> {
  if (runId !== undefined) return knownRun(warehouse, runId);
  const [newest] = await listVersions(warehouse, report, period);
  if (newest !== undefined) return newest;
  throw new PipelineError('InvalidInput', `nothing has been published of ${report} ${periodText(period)}`, {
    hint: 'Look at what has: npm run client -- status',
  });
}

/** The first differing rows of a file of changes. */
export async function readChanges(
  report: ReportName,
  file: ArtifactRef,
  { limit, names }: ChangeOptions,
): Promise<ShownChange[]> {
  const shown: ShownChange[] = [];
  for await (const line of keptLines(file)) {
    // Read to the end in any case: only the last line proves that the file is whole.
    if (shown.length < limit) shown.push(shownChange(report, decodeChange(report, line), names === true));
  }
  return shown;
}

function shownChange(report: ReportName, change: DecodedChange, names: boolean): ShownChange {
  const row = (change.after ?? change.before)!;
  // What identifies a row: its line, and the columns by which rows are matched.
  const definition = reports[report];
  const told = [sourceLine.name, ...definition.key].map(
    (column) => [column, shownCell(definition, row, column, names)] as const,
  );
  const differences = change.differences.map(({ column }) => ({
    column,
    before: shownCell(definition, change.before!, column, names),
    after: shownCell(definition, change.after!, column, names),
  }));
  return { kind: change.kind, row: Object.fromEntries(told), differences };
}

function shownCell(
  { service, people }: ReportDefinition,
  row: ChangedRow,
  column: string,
  names: boolean,
): TsvCell {
  const cell = row[column] ?? null;
  if (names) return cell;
  // Text that does not look like a code may be a name.
  if (column === service) return serviceLabel(cell ?? '', Number(row[groupColumn] ?? unknownGroup));
  const person = people.find((each) => each.column === column);
  return person === undefined ? cell : (row[person.code] ?? null);
}

/** How many rows differ in all, and whether only some of them are shown. */
export function truncation(
  rows: readonly ShownChange[],
  { added, removed, changed }: Changes,
): { total: number; truncated: boolean } {
  const total = added + removed + changed;
  return { total, truncated: rows.length < total };
}

const signs: Readonly<Record<DecodedChange['kind'], string>> = { added: '+', removed: '-', changed: '~' };

/** A table of the rows shown, and how many more there are. */
export function changeLines(rows: readonly ShownChange[], changes: Changes): string[] {
  if (rows.length === 0) return [];
  const columns = Object.keys(rows[0]!.row);
  const lines = rows.map(({ kind, row, differences }) => [
    signs[kind],
    ...columns.map((column) => row[column] ?? ''),
    differenceWords(differences),
  ]);
  const beyond = truncation(rows, changes).total - rows.length;
  return [
    '',
    table(['', ...columns, 'what'], lines),
    ...(beyond > 0 ? [`and ${String(beyond)} more; --limit shows them`] : []),
  ];
}

function differenceWords(differences: readonly Difference[]): string {
  return differences
    .map(({ column, before, after }) => `${column} ${before ?? 'NULL'} → ${after ?? 'NULL'}`)
    .join(', ');
}
