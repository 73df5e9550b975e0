import type { TsvCell } from '../domain/rowCells.ts';
import type { ArtifactRef } from '../domain/artifacts.ts';
import { decimalText, scales, sumFromText } from '../domain/decimals.ts';
import type { Changes } from '../domain/publication.ts';
import { unknownGroup } from '../domain/rules.ts';
import { serviceLabel } from '../domain/serviceLabels.ts';
import { reports, type ReportName } from '../reports/index.ts';
import { groupColumn, sourceLine, type ReportDefinition } from '../reports/report.ts';
import { decodeChange, type ChangedRow, type DecodedChange, type Difference } from '../rows/changeFiles.ts';
import { keptLines } from './keptLines.ts';
import { table } from './table.ts';

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
  readonly dollars: DollarChanges;
}

/** Dollars of a row, or of several, in one column. */
interface DollarChange {
  readonly before: string;
  readonly after: string;
  readonly difference: string;
}

type DollarChanges = Readonly<Record<string, DollarChange>>;

/** The first rows that differ, and the dollars of all of them, so that what is shown adds up to what happened. */
export class ShownChanges {
  readonly rows: ShownChange[] = [];
  readonly #report: ReportName;
  readonly #options: ChangeOptions;
  readonly #sums: Map<string, Sides>;

  constructor(report: ReportName, options: ChangeOptions) {
    this.#report = report;
    this.#options = options;
    this.#sums = new Map(reports[report].moneyColumns.map((column) => [column, { before: 0n, after: 0n }]));
  }

  add(change: DecodedChange): void {
    for (const [column, sums] of this.#sums) {
      sums.before += cents(change.before?.[column]);
      sums.after += cents(change.after?.[column]);
    }
    const { limit, names } = this.#options;
    if (this.rows.length < limit) this.rows.push(shownChange(this.#report, change, names === true));
  }

  /** The dollars of all rows that differ. */
  get dollars(): DollarChanges {
    return Object.fromEntries(
      [...this.#sums].map(([column, sums]) => [column, dollarChange(sums.before, sums.after)]),
    );
  }
}

interface Sides {
  before: bigint;
  after: bigint;
}

/** A blank amount is none. */
function cents(cell: TsvCell | undefined): bigint {
  return cell === null || cell === undefined ? 0n : sumFromText(cell, scales.dollars);
}

function dollarChange(before: bigint, after: bigint): DollarChange {
  return { before: dollarText(before), after: dollarText(after), difference: dollarText(after - before) };
}

function dollarText(sum: bigint): string {
  return decimalText(sum, scales.dollars);
}

/** The differing rows of a kept file of changes. */
export async function readChanges(
  report: ReportName,
  file: ArtifactRef,
  options: ChangeOptions,
): Promise<ShownChanges> {
  const shown = new ShownChanges(report, options);
  // Read to the end in any case: only the last line proves that the file is whole.
  for await (const line of keptLines(file)) shown.add(decodeChange(report, line));
  return shown;
}

function shownChange(report: ReportName, change: DecodedChange, names: boolean): ShownChange {
  const row = (change.after ?? change.before)!;
  // What identifies a row: its line, and the columns by which rows are matched.
  const definition = reports[report];
  const identity = [sourceLine.name, ...definition.key].map(
    (column) => [column, shownCell(definition, row, column, names)] as const,
  );
  const differences = change.differences.map(({ column }) => ({
    column,
    before: shownCell(definition, change.before!, column, names),
    after: shownCell(definition, change.after!, column, names),
  }));
  const dollars = definition.moneyColumns.map((column) => [
    column,
    dollarChange(cents(change.before?.[column]), cents(change.after?.[column])),
  ]);
  return {
    kind: change.kind,
    row: Object.fromEntries(identity),
    differences,
    dollars: Object.fromEntries(dollars) as DollarChanges,
  };
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
  { rows }: Pick<ShownChanges, 'rows'>,
  { added, removed, changed }: Pick<Changes, 'added' | 'removed' | 'changed'>,
): { total: number; truncated: boolean } {
  const total = added + removed + changed;
  return { total, truncated: rows.length < total };
}

const signs: Readonly<Record<DecodedChange['kind'], string>> = { added: '+', removed: '-', changed: '~' };

/** A table of the rows shown, how many more there are, and the dollars of all. */
export function changeLines(
  shown: Pick<ShownChanges, 'rows' | 'dollars'>,
  changes: Pick<Changes, 'added' | 'removed' | 'changed'>,
): string[] {
  const { rows, dollars } = shown;
  if (rows.length === 0) return [];
  const { total } = truncation(shown, changes);
  const columns = Object.keys(rows[0]!.row);
  // A column in which no row differs would only make the table wider.
  const money = Object.keys(dollars).filter(
    (column) => differs(dollars[column]!) || rows.some((row) => differs(row.dollars[column]!)),
  );
  const lines = rows.map(({ kind, row, differences, dollars: own }) => [
    signs[kind],
    ...columns.map((column) => row[column] ?? ''),
    ...money.flatMap((column) => dollarCells(own[column]!)),
    differenceWords(differences.filter(({ column }) => !money.includes(column))),
  ]);
  const headings = money.flatMap((column) => [column, 'after', 'difference']);
  const sums = money.flatMap((column) => dollarCells(dollars[column]!));
  const sumLine = ['', `all ${String(total)}`, ...columns.slice(1).map(() => ''), ...sums, ''];
  const beyond = total - rows.length;
  return [
    '',
    table(['', ...columns, ...headings, 'what'], money.length === 0 ? lines : [...lines, sumLine]),
    ...(beyond > 0 ? [`and ${String(beyond)} more; --limit shows them`] : []),
  ];
}

function differs({ before, after }: DollarChange): boolean {
  return before !== after;
}

function dollarCells({ before, after, difference }: DollarChange): string[] {
  return [before, after, difference.startsWith('-') || difference === '0.00' ? difference : `+${difference}`];
}

function differenceWords(differences: readonly Difference[]): string {
  return differences
    .map(({ column, before, after }) => `${column} ${before ?? 'NULL'} → ${after ?? 'NULL'}`)
    .join(', ');
}
