import { getTableColumns, getTableName, is } from 'drizzle-orm';
import { MySqlTable } from 'drizzle-orm/mysql-core';
import { describe, expect, test } from 'vitest';
import { calendarMonths } from '../../src/domain/periodKinds.ts';
import { assertTablesApart } from '../../src/reports/definitionMistakes.ts';
import { defineReport } from '../../src/reports/defineReport.ts';
import { code, day, dollars, name as personName, signTime, units } from '../../src/reports/exportCells.ts';
import { reports } from '../../src/reports/index.ts';
import { count, difference, ratio, sum } from '../../src/reports/measures.ts';
import { notes } from '../../src/reports/notes.ts';
import type { ReportDefinition } from '../../src/reports/report.ts';
import { addedColumns, productTables } from '../../src/reports/reservedNames.ts';
import { codeText, dollarFigure, keyText, monthText } from '../../src/reports/tableTypes.ts';
import { utilization } from '../../src/reports/utilization.ts';
import {
  furtherNames,
  historyTables,
  rollupTables,
  rowTables,
  totalSql,
} from '../../src/warehouse/reportTables.ts';
import * as schema from '../../src/warehouse/schema.ts';

const paymentColumns = {
  number: { cell: code, required: true },
  client: { cell: personName, person: { code: 'client_code', key: 'client_key' } },
  paid_on: { cell: day, required: true },
  remark: { cell: code, stored: false },
  paid: { cell: dollars },
  hours: { cell: units },
} as const;

const source = {
  name: 'payments',
  period: calendarMonths,
  settledAfterDays: 1,
  columns: paymentColumns,
  dates: { first: 'paid_on', last: 'paid_on' },
  service: null,
  checks: {},
  derived: { ym: { type: monthText, required: true }, paid: { type: dollarFigure } },
  derive: (row: { paid: number | null }, { ym }: { ym: string }) => ({
    values: { ym, paid: row.paid ?? 0 },
    warnings: [],
  }),
  key: ['number'],
  history: { table: 'payment_history', key: ['number'], lastDay: 'paid_on', figures: ['paid'] },
  rollups: { dimensions: { client: 'client' }, measures: { paid: sum('paid') } },
  gateOn: 'paid',
} as const;

/** A report of payments, with a part of its definition changed. */
function payments(changes: object = {}): ReportDefinition {
  return defineReport({ ...source, ...changes });
}

/** What the definition is refused for. */
function mistakesOf(changes: object): string[] {
  const [first, ...mistakes] = refusalOf(changes).message.split('\n- ');
  expect(first).toMatch(/^the definition of the report ".*" cannot work:$/);
  return mistakes;
}

function refusalOf(changes: object): TypeError {
  try {
    payments(changes);
  } catch (error) {
    if (error instanceof TypeError) return error;
    throw error;
  }
  throw new Error('the definition was taken');
}

const withColumns = (further: object) => ({ columns: { ...paymentColumns, ...further } });
const withMeasures = (measures: object) => ({ rollups: { ...source.rollups, measures } });
const withDimensions = (dimensions: object) => ({ rollups: { ...source.rollups, dimensions } });
const withHistory = (changes: object) => ({ history: { ...source.history, ...changes } });
const aReassignment = { column: 'client', countsFor: 'the aunt', dollars: 'paid', to: () => null };
const aCheck = { reason: 'is not right', columnAtFault: () => undefined };

describe('what follows from a definition', () => {
  test('is the columns of export, row file and sums', () => {
    const { exportColumns, rowColumns, comparedColumns, summedColumns, moneyColumns, rollupColumns } =
      payments();
    expect(exportColumns).toEqual(['number', 'client', 'paid_on', 'remark', 'paid', 'hours']);
    expect(rowColumns).toEqual([
      'source_line',
      'number',
      'client',
      'client_code',
      'client_key',
      'paid_on',
      'paid',
      'hours',
      'ym',
    ]);
    expect(comparedColumns).toEqual(['number', 'client', 'paid_on', 'paid', 'hours', 'ym']);
    expect([summedColumns, moneyColumns]).toEqual([['paid', 'hours'], ['paid']]);
    expect(rollupColumns).toEqual(['ym', 'dimension', 'member', 'member_key', 'row_count', 'paid']);
  });

  test.each<{ title: string; changes: object; says: string }>([
    {
      title: 'a name too long for the columns that name reports',
      changes: { name: 'payments_of_the_month' },
      says: 'name: "payments_of_the_month" is no name that tables and ids can hold: write 1 to 20 small letters, digits and _, a letter first',
    },
    { title: 'capitals', changes: { name: 'Payments' }, says: 'name: "Payments" is no name' },
    {
      title: 'a word of SQL',
      changes: { name: 'orders', ...withColumns({ order: { cell: code } }) },
      says: "columns.order: order is a word of SQL, which every query would have to quote: choose another name; pipeline.yaml's columnAliases can give it any other heading",
    },
    { title: 'a table of such a name', changes: { name: 'call' }, says: 'name: call is a word of SQL' },
    {
      title: 'a measure of such a name',
      changes: withMeasures({ rank: sum('paid') }),
      says: 'rollups.measures.rank: rank is a word of SQL',
    },
    {
      title: 'the word of another id',
      changes: { name: 'backfill' },
      says: "name: backfill begins ids of the product's own: choose another name",
    },
    {
      title: 'the name of another table',
      changes: { name: 'pipeline_run' },
      says: 'name: pipeline_run is a table or a view of the product: choose another name',
    },
    {
      title: 'the name of a view',
      changes: withHistory({ table: 'v_payments' }),
      says: 'history.table: v_payments is a table or a view of the product',
    },
    {
      title: 'days that are none',
      changes: { settledAfterDays: 1.5 },
      says: 'settledAfterDays: must be a whole number of days, 0 or more',
    },
    {
      title: 'a column that no plain name is',
      changes: withColumns({ 'payer_/_id': { cell: code } }),
      says: 'columns.payer_/_id: "payer_/_id" is no name that tables and ids can hold: write 1 to 64 small letters, digits and _, a letter first; pipeline.yaml\'s columnAliases can give it any other heading of the export',
    },
    {
      title: 'a column name longer than MySQL allows',
      changes: withColumns({ ['a'.repeat(65)]: { cell: code, stored: false } }),
      says: 'is no name that tables and ids can hold',
    },
    {
      title: 'a column that the load adds',
      changes: withColumns({ run_id: { cell: code } }),
      says: 'columns.run_id: the load itself adds run_id to the rows: give the column another name',
    },
    {
      title: 'a column that the load adds up under its own name',
      changes: withColumns({ row_count: { cell: units } }),
      says: 'columns.row_count: the load itself adds row_count',
    },
    {
      title: 'two columns of one name',
      changes: withColumns({ client_key: { cell: code } }),
      says: 'column client_key: two columns of the table have this name: give one of them another',
    },
    {
      title: 'a person whose name is not stored',
      changes: withColumns({
        payer: { cell: personName, stored: false, person: { code: 'p_code', key: 'p_key' } },
      }),
      says: 'columns.payer: nothing is stored of it, so it has no person: remove stored: false',
    },
    {
      title: 'a person who is a code',
      changes: withColumns({ payer: { cell: code, person: { code: 'p_code', key: 'p_key' } } }),
      says: 'columns.payer.person: only a name has a code and a key',
    },
    {
      title: 'a derived column of another type than the one it replaces',
      changes: { derived: { ...source.derived, paid: { type: monthText } } },
      says: "derived.paid: replaces a column of another type: give it that column's type, or another name",
    },
    {
      title: 'a derived column that may be blank where the one it replaces may not',
      changes: { derived: { ...source.derived, number: { type: codeText } } },
      says: 'derived.number: replaces a required column: add required: true',
    },
    {
      title: 'a derived key of a person',
      changes: { derived: { ...source.derived, client_key: { type: keyText } } },
      says: "derived.client_key: a person's code and key are made already: remove it",
    },
    {
      title: 'a dimension of no column',
      changes: withDimensions({ client: 'clients' }),
      says: 'rollups.dimensions.client: there is no column clients: name one of source_line, number, client,',
    },
    {
      title: 'a measure of a column that is not stored',
      changes: withMeasures({ paid: sum('remark') }),
      says: 'rollups.measures.paid: the column remark is not stored: remove its stored: false, or name another',
    },
    {
      title: 'a history of a column that is not stored',
      changes: withHistory({ key: ['remark'] }),
      says: 'history.key: the column remark is not stored',
    },
    { title: 'no key', changes: { key: [] }, says: 'key: is empty' },
    {
      title: 'dates that are no days',
      changes: { dates: { first: 'number', last: 'paid_on' } },
      says: 'dates.first: number holds no days: name a column of the cell kind day',
    },
    {
      title: 'dates with times, which do not compare with days',
      changes: { ...withColumns({ at: { cell: signTime } }), dates: { first: 'paid_on', last: 'at' } },
      says: 'dates.last: at holds no days',
    },
    {
      title: 'a service that is an amount',
      changes: { service: 'hours' },
      says: 'service: hours holds no codes: name a column of the cell kind serviceCode',
    },
    {
      title: 'gates on what is no money',
      changes: { gateOn: 'hours' },
      says: 'gateOn: hours holds no dollars: name a column of dollars, or null',
    },
    {
      title: 'a reassigned column of no person, and dollars that are none',
      changes: { reassigned: { ...aReassignment, column: 'number', dollars: 'hours' } },
      says: 'reassigned.column: number names no person: name a column that has person',
    },
    {
      title: 'rows that count for somebody without words',
      changes: { reassigned: { ...aReassignment, countsFor: '' } },
      says: 'reassigned.countsFor: must have 1 to 40 characters',
    },
    {
      title: 'an owner who is no person',
      changes: { ownedBy: { column: 'number', ownerKey: 'client', warning: 'shared-number' } },
      says: "ownedBy.ownerKey: client is no person's key: name the key column of a person",
    },
    {
      title: 'a check whose name is no word for pipeline.yaml',
      changes: { checks: { tooMuch: aCheck } },
      says: 'checks.tooMuch: "tooMuch" is no name of a rule: write 1 to 64 small letters, digits and single hyphens',
    },
    {
      title: 'a check named as a rule of every report',
      changes: { checks: { 'too-large': aCheck } },
      says: 'checks.too-large: too-large is a rule of every report: choose another name',
    },
    {
      title: 'a check named as a rule of every row',
      changes: { checks: { 'outside-period': aCheck } },
      says: 'checks.outside-period: outside-period is a rule of every report',
    },
    {
      title: 'words for a warning of every report',
      changes: { warnings: { 'duplicate-row': 'rows paid twice' } },
      says: 'warnings.duplicate-row: duplicate-row is a rule of every report: choose another name',
    },
    {
      title: 'a warning without words',
      changes: { warnings: { 'paid-late': '' } },
      says: 'warnings.paid-late: must have 1 to 500 characters',
    },
    {
      title: 'a check named as a warning of every report',
      changes: { checks: { 'duplicate-row': aCheck } },
      says: 'checks.duplicate-row: duplicate-row is a rule of every report',
    },
    {
      title: 'a reason longer than its column',
      changes: { checks: { odd: { ...aCheck, reason: 'x'.repeat(501) } } },
      says: 'checks.odd.reason: must have 1 to 500 characters',
    },
    {
      title: 'a dimension too long for its column',
      changes: withDimensions({ member_of_the_team: 'client' }),
      says: 'rollups.dimensions.member_of_the_team: "member_of_the_team" is no name that tables and ids can hold: write 1 to 16 small letters',
    },
    {
      title: 'the dimension that is always there',
      changes: withDimensions({ total: 'client' }),
      says: 'rollups.dimensions.total: every report has the dimension total',
    },
    {
      title: 'a dimension of amounts',
      changes: withDimensions({ paid: 'paid' }),
      says: 'rollups.dimensions.paid: paid holds amounts, which are no members',
    },
    {
      title: 'a measure that every roll-up has',
      changes: withMeasures({ member_code: sum('paid') }),
      says: 'rollups.measures.member_code: every roll-up has member_code already: give the measure another name',
    },
    {
      title: 'two measures of one name',
      changes: withMeasures({
        paid: sum('paid'),
        none: count({ column: 'paid', has: 'nothing' }, { alsoAs: 'paid' }),
      }),
      says: 'rollups.measures.paid: two columns of the roll-ups have this name: give one of them another',
    },
    {
      title: 'a sum of texts',
      changes: withMeasures({ paid: sum('number') }),
      says: 'rollups.measures.paid: number holds no figures: name a column of figures',
    },
    {
      title: 'a difference of dollars and hours, which would be neither',
      changes: withMeasures({ rest: difference('paid', 'hours') }),
      says: 'rollups.measures.rest: adds up paid, hours, which have other decimals: name columns of one kind',
    },
    {
      title: 'a ratio of dollars to hours',
      changes: withMeasures({ rate: ratio(['paid'], 'hours') }),
      says: 'rollups.measures.rate: adds up paid, hours, which have other decimals',
    },
    {
      title: 'a count of figures that are a word',
      changes: withMeasures({ five: count({ column: 'paid', is: '5.00' }) }),
      says: "rollups.measures.five: paid is numeric, and `is` compares text: use has: 'something'",
    },
    {
      title: 'a count of texts below zero',
      changes: withMeasures({ below: count({ column: 'number', has: 'below zero' }) }),
      says: "rollups.measures.below: number holds text, and has: 'below zero' compares numbers: name a numeric column",
    },
    {
      title: 'a history of people',
      changes: withHistory({ key: ['client'] }),
      says: 'history: payment_history outlives the rows and must not hold people: remove client',
    },
    {
      title: 'a history by what may be blank',
      changes: { ...withColumns({ place: { cell: code } }), ...withHistory({ key: ['number', 'place'] }) },
      says: 'history.key: place may be blank, which no key may be: make it required',
    },
    {
      title: 'a history of what has no total',
      changes: withHistory({ figures: ['number'] }),
      says: 'history.figures: number has no total: name a column that adds up',
    },
    {
      title: 'a history whose last day is none',
      changes: withHistory({ lastDay: 'paid' }),
      says: 'history.lastDay: paid holds no days',
    },
    {
      title: 'a history with one column twice',
      changes: withHistory({ key: ['number', 'paid_on'] }),
      says: 'history: paid_on is there twice: name it once',
    },
    {
      title: 'a history with a column of its own',
      changes: {
        ...withColumns({ load_day: { cell: code, required: true } }),
        ...withHistory({ key: ['number', 'load_day'] }),
      },
      says: "history: payment_history has a column load_day of its own: give the report's another name",
    },
    {
      title: 'a history whose index would have too long a name',
      changes: withHistory({ table: 'h'.repeat(60) }),
      says: 'is no name that tables and ids can hold: write 1 to 59 small letters',
    },
    {
      title: 'a row wider than MySQL holds',
      changes: withColumns(
        Object.fromEntries(
          Array.from({ length: 110 }, (_, nth) => [`name_${String(nth)}`, { cell: personName }]),
        ),
      ),
      says: 'columns: a row of payments could take',
    },
  ])('is an error for $title', ({ changes, says }) => {
    const mistakes = mistakesOf(changes);
    expect(mistakes.filter((mistake) => mistake.includes(says))).toHaveLength(1);
  });

  test('is one error for all mistakes', () => {
    const mistakes = mistakesOf({ name: 'Payments', gateOn: 'hours', ...withDimensions({ total: 'place' }) });
    expect(mistakes.map((mistake) => mistake.split(':')[0])).toEqual([
      'name',
      'rollups.dimensions.total',
      'gateOn',
      'rollups.dimensions.total',
    ]);
  });

  test('no two reports may have one table', () => {
    const other = payments({ name: 'refunds' });
    expect(() => assertTablesApart([payments(), other])).toThrow(
      'two reports of src/reports/index.ts have the table payment_history: list each report once, and name its tables otherwise',
    );
    expect(() => assertTablesApart([payments(), payments({ name: 'payments_summary' })])).toThrow(
      'have the table payments_summary',
    );
  });
});

describe('the names that a report cannot have are those of the product', () => {
  test('tables', () => {
    const tables = Object.values(schema).flatMap((table) =>
      is(table, MySqlTable) ? [getTableName(table)] : [],
    );
    expect([...productTables]).toEqual(tables.toSorted());
  });

  test.each(Object.values(reports))(
    'columns that each table of $name has besides the report’s own',
    (report) => {
      const { name, history, measures, rowColumns } = report;
      const further = furtherNames(report).map(([, column]) => column);
      const items = history === undefined ? [] : [...history.key, history.lastDay, ...history.figures];
      const own = rowColumns.filter((column) => column !== 'source_line');
      expect(besides(rowTables[name], own)).toEqual([...addedColumns.rows]);
      expect(besides(rollupTables[name], [...Object.keys(measures), ...further])).toEqual([
        ...addedColumns.rollups,
      ]);
      expect(besides(historyTables[name], items)).toEqual(
        history === undefined ? [] : [...addedColumns.history],
      );
    },
  );
});

function besides(table: MySqlTable | undefined, own: readonly string[]): string[] {
  const columns = table === undefined ? [] : Object.values(getTableColumns(table));
  return columns.map((column) => column.name).filter((column) => !own.includes(column));
}

/** The columns of both reports, as the contract and readers of the tables know them. */
test('the row files have the agreed columns', () => {
  expect(utilization.rowColumns.join(' ')).toBe(
    'source_line client client_code client_key qp qp_code qp_key service_code authorization_number start_date ' +
      'end_date authorized_units in_process_units billed_units authorized_dollars in_process_dollars billed_dollars ' +
      'variance_billed ym grp util variance',
  );
  expect(notes.rowColumns.join(' ')).toBe(
    'source_line client client_code client_key caregiver employee_code caregiver_key client_supervisor ' +
      'supervisor_code supervisor_key service_code date_of_service staff_sign_date staff_signed_at days_to_sign ' +
      'note_status billing_cycle ym grp',
  );
  expect(utilization.summedColumns.join(' ')).toBe(
    'authorized_units in_process_units billed_units authorized_dollars in_process_dollars billed_dollars ' +
      'variance_billed variance',
  );
  expect(notes.summedColumns).toEqual(['days_to_sign']);
  expect(Object.keys(rowTables)).toEqual(Object.keys(rollupTables));
});

test('the second opinion adds up in SQL what the roll-ups add up in the step', () => {
  const { sums, expressions } = totalSql.utilization;
  const written = (column: string) =>
    Object.entries(sums)
      // The longest names first: term_1 is the beginning of term_10.
      .sort(([one], [other]) => other.length - one.length)
      .reduce((sql, [term, aggregate]) => sql.replaceAll(term, aggregate), expressions[column]!);
  expect(written('not_utilized')).toBe(
    'COALESCE(SUM(`authorized_dollars`), 0) - COALESCE(SUM(`in_process_dollars`), 0) - COALESCE(SUM(`billed_dollars`), 0)',
  );
  expect(written('under_dollars')).toBe('COALESCE(SUM(CASE WHEN `variance` < 0 THEN `variance` END), 0)');
  expect(written('avg_util')).toBe('ROUND(SUM(`util`) / NULLIF(COUNT(`util`), 0), 6)');
  expect(totalSql.notes.expressions['unsigned_notes']).toBe(totalSql.notes.expressions['unsigned']);
});
