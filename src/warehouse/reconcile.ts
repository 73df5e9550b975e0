import { sql, type SQL } from 'drizzle-orm';
import { decimalText, scales, sumFromText } from '../domain/decimals.ts';
import { PipelineError } from '../domain/failures.ts';
import { periodText } from '../domain/periods.ts';
import type { PublishRequest } from '../domain/publication.ts';
import type { Accounting } from '../domain/accounting.ts';
import { reports, type ReportName } from '../reports/index.ts';
import { rollupDimensions } from '../rows/rollups.ts';
import { rollupsChecksum, rowsChecksum } from './checksum.ts';
import { sameDecimal } from './exactDecimal.ts';
import type { PeriodPlace } from './periodRow.ts';
import { additiveColumns, totalSql } from './reportTables.ts';
import type { TransactionDb } from './transaction.ts';

/** The number of rows of a period and the totals of its summed columns, as decimal texts. */
export interface PeriodTotals {
  readonly rows: number;
  readonly sums: Readonly<Record<string, string>>;
  /** See checksum.ts; null if the period was published before checksums existed, absent if none is to be compared. */
  readonly checksum?: string | null;
}

/** One figure that differs from its expected value. Totals of a period, never of a person. */
export interface Mismatch {
  readonly figure: string;
  readonly expected: string | null;
  readonly found: string | null;
}

/** Totals that the database counted and added up, with its own figures for the roll-up named `total`. */
export interface MeasuredTotals extends PeriodTotals {
  readonly checksum: string;
  readonly total: Figures;
}

type Figures = Readonly<Record<string, string | null>>;

/** Reads the period's rows once. */
export async function measureRows(
  db: TransactionDb,
  { report, period }: PeriodPlace,
): Promise<MeasuredTotals> {
  const columns = reports[report].summedColumns;
  const totals = Object.entries(totalSql[report].expressions);
  const sums = [
    'COUNT(*) AS row_count',
    ...columns.map((column) => `SUM(\`${column}\`) AS \`${column}\``),
    ...Object.entries(totalSql[report].sums).map(([name, expression]) => `${expression} AS ${name}`),
    `${rowsChecksum(report)} AS rows_checksum`,
  ];
  const wanted = [
    ...columns.map((column) => `COALESCE(\`${column}\`, 0) AS \`${column}\``),
    ...totals.map(([column, expression]) => `${expression} AS \`${totalPrefix}${column}\``),
    'rows_checksum',
  ];
  const row = figuresOf(
    await onlyRow(
      db,
      sql`SELECT ${sql.raw(wanted.join(', '))} FROM (
        SELECT ${sql.raw(sums.join(', '))} FROM ${sql.identifier(report)}
        WHERE period_start = ${period.from}) AS measured`,
    ),
  );
  const total = Object.fromEntries(
    totals.map(([column]) => [column, row[`${totalPrefix}${column}`] ?? null]),
  );
  return {
    rows: Number(total['row_count']),
    sums: Object.fromEntries(columns.map((column) => [column, row[column] ?? 'NULL'])),
    checksum: row['rows_checksum'] ?? 'NULL',
    total,
  };
}

/** With a space, which no column's name has. */
const totalPrefix = 'total ';

export function measureDifferences(
  expected: PeriodTotals,
  found: PeriodTotals,
  report: ReportName,
): Mismatch[] {
  return [
    ...totalDifferences(expected, found, reports[report].summedColumns),
    ...(expected.checksum === undefined
      ? []
      : [figure('checksum of all cells', expected.checksum, found.checksum ?? null)]),
  ].filter(differs);
}

/** Compares the number of rows and the totals of some columns. */
export function totalDifferences(
  expected: PeriodTotals,
  found: PeriodTotals,
  columns: readonly string[],
): Mismatch[] {
  return [
    figure('rows', String(expected.rows), String(found.rows)),
    ...columns.map((column) =>
      figure(`sum of ${column}`, expected.sums[column] ?? null, found.sums[column] ?? null),
    ),
  ].filter(differs);
}

/**
 * Checks the roll-up tables against the rows: the `total` must equal SQL's own sums of the rows, every dimension must
 * be there, its members must add up to the total, and all cells to the checksum.
 */
export async function rollupDifferences(
  db: TransactionDb,
  run: PeriodPlace,
  { total: derived, checksum }: Pick<MeasuredTotals, 'total'> & { readonly checksum: string | null },
): Promise<Mismatch[]> {
  const stored = await storedTotal(db, run);
  if (stored === undefined) return [figure('roll-up rows named total', '1', '0')];
  const totals = Object.keys(derived).map((column) =>
    figure(`total.${column}`, derived[column] ?? null, stored[column] ?? null),
  );
  const found = await dimensionFigures(db, run, derived);
  const cells = figure('checksum of all cells of the roll-ups', checksum, await storedChecksum(db, run));
  return [...totals, ...found, cells].filter(differs);
}

async function storedTotal(db: TransactionDb, run: PeriodPlace): Promise<Figures | undefined> {
  const columns = Object.keys(totalSql[run.report].expressions).map((column) => `\`${column}\``);
  const rows = await rowsOf(
    db,
    sql`SELECT ${sql.raw(columns.join(', '))} FROM ${summaryTable(run.report)}
        WHERE period_start = ${run.period.from} AND dimension = 'total' AND member = 'total'`,
  );
  return rows[0] === undefined ? undefined : figuresOf(rows[0]);
}

/** The checksum of the roll-ups as they are stored. */
export async function storedChecksum(
  db: TransactionDb,
  { report, period }: PeriodPlace,
): Promise<string | null> {
  const row = await onlyRow(
    db,
    sql`SELECT ${sql.raw(rollupsChecksum(report))} AS checksum FROM ${summaryTable(report)}
        WHERE period_start = ${period.from}`,
  );
  return figuresOf(row)['checksum'] ?? null;
}

async function dimensionFigures(db: TransactionDb, run: PeriodPlace, total: Figures): Promise<Mismatch[]> {
  const columns = additiveColumns(reports[run.report]);
  const sums = columns.map((column) => `SUM(\`${column}\`) AS \`${column}\``).join(', ');
  const rows = await rowsOf(
    db,
    sql`SELECT dimension, ${sql.raw(sums)} FROM ${summaryTable(run.report)}
        WHERE period_start = ${run.period.from} GROUP BY dimension`,
  );
  const dimensions = rows.map((row) => String(row['dimension']));
  const wanted = Number(total['row_count']) === 0 ? ['total'] : rollupDimensions(reports[run.report]);
  const presence = [...new Set([...wanted, ...dimensions])].map((dimension) =>
    figure(
      `roll-up rows of ${dimension}`,
      wanted.includes(dimension) ? 'there' : null,
      dimensions.includes(dimension) ? 'there' : null,
    ),
  );
  const sumsOf = (row: DatabaseRow) => {
    const found = figuresOf(row);
    return columns.map((column) =>
      figure(
        `sum over ${found['dimension'] ?? '?'} of ${column}`,
        total[column] ?? null,
        found[column] ?? null,
      ),
    );
  };
  return [...presence, ...rows.flatMap(sumsOf)];
}

/** Throws `ReconciliationFailed` unless read = loaded + excluded + rejected, in rows and in every money column. */
export function checkAccounting({ run, counts, expected }: PublishRequest): void {
  const { accounting } = counts;
  const columns = reports[run.report].moneyColumns;
  const found = [
    figure(
      'rows read',
      String(accounting.loaded + accounting.excluded + accounting.rejected),
      String(accounting.read),
    ),
    figure('rows loaded', String(accounting.loaded), String(expected.rows)),
    ...columns.flatMap((column) => dollarFigures(accounting, column, expected.sums[column])),
  ];
  refuseDifferences(run, 'The accounting does not add up', found.filter(differs));
}

function dollarFigures(accounting: Accounting, column: string, fileSum: string | undefined): Mismatch[] {
  const account = accounting.dollars[column];
  if (account === undefined) return [figure(`account of ${column}`, 'present', null)];
  const parts = addDollars([account.loaded, account.excluded, account.rejected]);
  return [
    figure(`dollars read of ${column}`, parts, account.read),
    figure(`dollars loaded of ${column}`, account.loaded, fileSum ?? null),
  ];
}

function addDollars(texts: readonly string[]): string {
  const cents = texts.reduce((sum, text) => sum + sumFromText(text, scales.dollars), 0n);
  return decimalText(cents, scales.dollars);
}

/** Throws `ReconciliationFailed`, naming every figure that differs, unless there is none. */
export function refuseDifferences(run: PeriodPlace, what: string, differences: readonly Mismatch[]): void {
  const [first] = differences;
  if (first === undefined) return;
  const { figure: named, expected, found } = first;
  throw new PipelineError(
    'ReconciliationFailed',
    `${what}: ${run.report} ${periodText(run.period)}, ${named}: expected ${expected ?? 'NULL'}, found ${found ?? 'NULL'}.`,
    {
      hint: "Nothing was published and the earlier figures stay. Compare the run's files with what the message names.",
      details: {
        differences: differences.slice(0, mostDifferences),
        differencesInAll: differences.length,
      },
    },
  );
}

/** Enough to see a pattern, few enough for the workflow's history. */
const mostDifferences = 20;

function figure(name: string, expected: string | null, found: string | null): Mismatch {
  return { figure: name, expected, found };
}

function differs({ expected, found }: Mismatch): boolean {
  const comparable = [expected, found].every((text) => text === null || /^-?\d+(\.\d+)?$/.test(text));
  return comparable ? !sameDecimal(expected, found) : expected !== found;
}

function summaryTable(report: ReportName): SQL {
  return sql`${sql.identifier(`${report}_summary`)}`;
}

type DatabaseRow = Readonly<Record<string, string | number | null>>;

async function rowsOf(db: TransactionDb, query: SQL): Promise<readonly DatabaseRow[]> {
  const [rows] = await db.execute(query);
  return rows as unknown as readonly DatabaseRow[];
}

async function onlyRow(db: TransactionDb, query: SQL): Promise<DatabaseRow> {
  const [row] = await rowsOf(db, query);
  return row ?? {};
}

/** Decimals arrive as text, counts as numbers: both compare as text. */
function figuresOf(row: DatabaseRow): Figures {
  return Object.fromEntries(
    Object.entries(row).map(([column, value]) => [column, value === null ? null : String(value)]),
  );
}
