import { boolean, customType, index, int, mysqlTable, primaryKey } from 'drizzle-orm/mysql-core';
import { byReport, reports, type ReportName } from '../reports/index.ts';
import type { Condition, Measure } from '../reports/measures.ts';
import { figureTypeOf, sourceLine, type ReportDefinition, type TableColumn } from '../reports/report.ts';
import {
  codeText,
  isFigure,
  keyText,
  unsignedNumber,
  monthText,
  nameText,
  sumOf,
  wordText,
  type TableType,
} from '../reports/tableTypes.ts';
import { binaryText, day, fixedText } from './columnTypes.ts';

/** The tables of a report, made from its definition: `<name>` has its rows, `<name>_summary` its roll-ups. */

const typedColumn = customType<{ data: string | number; config: TableType; configRequired: true }>({
  dataType: (type) => sqlType(type),
});

function sqlType(type: TableType): string {
  if (isFigure(type)) {
    const { sql, precision, scale } = type;
    return precision === undefined ? sql : `${sql}(${String(precision)},${String(scale)})`;
  }
  const { sql, length } = type;
  return length === undefined ? sql : `${sql}(${String(length)}) ${binaryText}`;
}

function columnOf({ name, type, required }: TableColumn) {
  const column = typedColumn(name, type);
  return required ? column.notNull() : column;
}

function columnsOf(columns: readonly TableColumn[]) {
  return Object.fromEntries(columns.map((column) => [column.name, columnOf(column)]));
}

const periodStart = () => day('period_start').notNull();

/** Every row belongs to the period and the run that brought it in. */
function rowTable({ name, tableColumns }: ReportDefinition) {
  return mysqlTable(
    name,
    {
      periodStart: periodStart(),
      periodEnd: day('period_end').notNull(),
      sourceLine: columnOf(sourceLine),
      runId: fixedText('run_id', { length: 36 }).notNull(),
      ...columnsOf(tableColumns.filter((column) => column.name !== sourceLine.name)),
    },
    (table) => [primaryKey({ columns: [table.periodStart, table.sourceLine] })],
  );
}

/** A row is one member of one dimension. Its key and code are there where the member is a person. */
function rollupTable(report: ReportDefinition) {
  const { name, measures } = report;
  const figures = Object.entries(measures).flatMap(([column, measure]) =>
    measureColumns(column, measure, report),
  );
  return mysqlTable(
    `${name}_summary`,
    {
      ym: typedColumn('ym', monthText).notNull(),
      periodStart: periodStart(),
      dimension: typedColumn('dimension', wordText(16)).notNull(),
      member: typedColumn('member', nameText).notNull(),
      member_key: typedColumn('member_key', keyText),
      /** The member's code for readers who may see no name: their views have it instead of `member`. */
      member_code: typedColumn('member_code', codeText),
      row_count: int('row_count', { unsigned: true }).notNull(),
      /** Whether the period's figures may still change by the passing of days; the same in all its rows. */
      preliminary: boolean('preliminary').notNull().default(false),
      ...columnsOf(figures),
    },
    (table) => [primaryKey({ columns: [table.periodStart, table.dimension, table.member] })],
  );
}

/** A row is one item on one load day of one period; undefined for a report that keeps no history. */
function historyTable(report: ReportDefinition) {
  const { history, tableColumns } = report;
  if (history === undefined) return undefined;
  const columnsNamed = (names: readonly string[]) =>
    names.flatMap((name) => tableColumns.filter((column) => column.name === name));
  const figures = history.figures.map((name) => ({
    name,
    type: sumOf(figureTypeOf(report, name)),
    required: false,
  }));
  const key = columnsOf(columnsNamed(history.key));
  return mysqlTable(
    history.table,
    {
      periodStart: periodStart(),
      /** The day on which the export was taken, in the organisation's time zone. */
      loadDay: day('load_day').notNull(),
      ...key,
      ...columnsOf(columnsNamed([history.lastDay])),
      rowCount: int('row_count', { unsigned: true }).notNull(),
      ...columnsOf(figures),
      /** The published run whose figures these are; a later run may have confirmed them on this day. */
      runId: fixedText('run_id', { length: 36 }).notNull(),
    },
    (table) => {
      const columns: Readonly<Record<string, typeof table.runId>> = table as never;
      const [first, ...rest] = history.key.map((name) => columns[name]!);
      return [
        primaryKey({ name: history.table, columns: [table.periodStart, table.loadDay, first!, ...rest] }),
        index(`${history.table}_item`).on(first!, ...rest, table.loadDay),
      ];
    },
  );
}

function measureColumns(name: string, measure: Measure, report: ReportDefinition): TableColumn[] {
  switch (measure.kind) {
    case 'count': {
      const { alsoAs } = measure;
      // A further name came later: NULL in rows of a version that does not know it.
      const further = alsoAs === undefined ? [] : [{ name: alsoAs, type: unsignedNumber, required: false }];
      return [{ name, type: unsignedNumber, required: true }, ...further];
    }
    case 'sum': {
      const type = sumOf(figureTypeOf(report, Object.keys(measure.of)[0]!));
      return [{ name, type, required: true }];
    }
    case 'average':
    case 'ratio':
      return [{ name, type: measure.type, required: false }];
  }
}

export const rowTables = byReport((name) => rowTable(reports[name]));

export const rollupTables = byReport((name) => rollupTable(reports[name]));

export const historyTables = byReport((name) => historyTable(reports[name]));

export function keepsHistory(report: ReportName): boolean {
  return historyTables[report] !== undefined;
}

/** Names of a count's further column, by the measure's own. */
export function furtherNames({ measures }: ReportDefinition): readonly (readonly [string, string])[] {
  return Object.entries(measures).flatMap(([name, measure]) =>
    measure.kind === 'count' && measure.alsoAs !== undefined ? [[name, measure.alsoAs] as const] : [],
  );
}

/** What the database adds up over the rows of a period, by the name that `expression` has for it. */
export interface TotalSql {
  readonly sums: Readonly<Record<string, string>>;
  /** The `total` roll-up's columns, worked out from those sums and `row_count`. */
  readonly expressions: Readonly<Record<string, string>>;
}

/**
 * The roll-up named `total` worked out by the database itself, a second opinion on the roll-up file. One pass over the
 * rows is enough. Quotients come with 30 decimals (see connect.ts), and ROUND of an exact decimal rounds half away
 * from zero.
 */
export const totalSql = byReport((name): TotalSql => {
  const report = reports[name];
  const sums: Record<string, string> = {};
  const add = (aggregate: string) => {
    const known = Object.entries(sums).find(([, sql]) => sql === aggregate);
    if (known !== undefined) return known[0];
    const alias = `term_${String(Object.keys(sums).length + 1)}`;
    sums[alias] = aggregate;
    return alias;
  };
  const measured = Object.entries(report.measures).map(
    ([column, measure]) => [column, measureSql(measure, add)] as const,
  );
  const expressions: Record<string, string> = { row_count: 'row_count', ...Object.fromEntries(measured) };
  for (const [column, further] of furtherNames(report)) expressions[further] = expressions[column]!;
  return { sums, expressions };
});

function measureSql(measure: Measure, add: (aggregate: string) => string): string {
  const sum = (column: string, where?: Condition) => add(`SUM(${onlyWhere(`\`${column}\``, where)})`);
  const total = (column: string, where?: Condition) => `COALESCE(${sum(column, where)}, 0)`;
  switch (measure.kind) {
    case 'count':
      return add(`COUNT(${onlyWhere('1', measure.where)})`);
    case 'sum':
      return Object.entries(measure.of)
        .map(([column, sign], nth) => {
          const operator = sign === 1 ? (nth === 0 ? '' : ' + ') : ' - ';
          return `${operator}${total(column, measure.where)}`;
        })
        .join('');
    case 'average': {
      const { of, where, type } = measure;
      const rows = add(`COUNT(${onlyWhere(`\`${of}\``, where)})`);
      return `ROUND(${sum(of, where)} / NULLIF(${rows}, 0), ${String(type.scale)})`;
    }
    case 'ratio': {
      const parts = measure.of.map((column) => total(column)).join(' + ');
      const { scale, precision = 0 } = measure.type;
      const quotient = `ROUND((${parts}) / NULLIF(${sum(measure.to)}, 0), ${String(scale)})`;
      // One that the column cannot hold is NULL, as in the roll-up file (see rollups.ts).
      return `CASE WHEN ABS(${quotient}) < 1${'0'.repeat(precision - scale)} THEN ${quotient} END`;
    }
  }
}

function onlyWhere(value: string, where: Condition | undefined): string {
  return where === undefined ? value : `CASE WHEN ${conditionSql(where)} THEN ${value} END`;
}

function conditionSql(where: Condition): string {
  const column = `\`${where.column}\``;
  if ('is' in where) return `${column} = '${where.is.replaceAll('\\', '\\\\').replaceAll("'", "''")}'`;
  const tests = {
    nothing: 'IS NULL',
    something: 'IS NOT NULL',
    'below zero': '< 0',
    'above zero': '> 0',
  } as const;
  return `${column} ${tests[where.has]}`;
}

/** Columns that add up: in every dimension the members' values sum to the total's. */
export function additiveColumns(report: ReportDefinition): readonly string[] {
  const additive = Object.entries(report.measures).filter(
    ([, { kind }]) => kind === 'count' || kind === 'sum',
  );
  return [
    'row_count',
    ...additive.map(([column]) => column),
    ...furtherNames(report).map(([, further]) => further),
  ];
}
