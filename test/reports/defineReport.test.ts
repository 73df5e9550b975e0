import { describe, expect, test } from 'vitest';
import { calendarMonths } from '../../src/domain/periodKinds.ts';
import { code, day, dollars, name } from '../../src/reports/exportCells.ts';
import { sum } from '../../src/reports/measures.ts';
import { notes } from '../../src/reports/notes.ts';
import { defineReport, type ReportDefinition } from '../../src/reports/report.ts';
import { dollarFigure, monthText } from '../../src/reports/tableTypes.ts';
import { utilization } from '../../src/reports/utilization.ts';
import { rollupTables, rowTables, totalSql } from '../../src/warehouse/reportTables.ts';

const columns = {
  number: { cell: code, required: true },
  client: { cell: name, person: { code: 'client_code', key: 'client_key' } },
  paid_on: { cell: day, required: true },
  remark: { cell: code, stored: false },
  paid: { cell: dollars },
} as const;

type Column = keyof typeof columns;

/** A report of payments, with a part of its definition changed. */
function payments(
  changes: { dimension?: string; measure?: string; historyOf?: Column; figure?: Column } = {},
): ReportDefinition {
  return defineReport({
    name: 'payments',
    period: calendarMonths,
    settledAfterDays: 1,
    columns,
    dates: { first: 'paid_on', last: 'paid_on' },
    service: null,
    checks: {},
    derived: { ym: { type: monthText, required: true }, paid: { type: dollarFigure } },
    derive: (row, { ym }) => ({ values: { ym, paid: row.paid ?? 0 }, warnings: [] }),
    key: ['number'],
    history: {
      table: 'payment_history',
      key: [changes.historyOf ?? 'number'],
      lastDay: 'paid_on',
      figures: [changes.figure ?? 'paid'],
    },
    rollups: {
      dimensions: { client: changes.dimension ?? 'client' },
      measures: { paid: sum(changes.measure ?? 'paid') },
    },
    gateOn: 'paid',
  });
}

describe('what follows from a definition', () => {
  test('is the columns of export, row file and sums', () => {
    const { exportColumns, rowColumns, comparedColumns, summedColumns, moneyColumns, rollupColumns } =
      payments();
    expect(exportColumns).toEqual(['number', 'client', 'paid_on', 'remark', 'paid']);
    expect(rowColumns).toEqual([
      'source_line',
      'number',
      'client',
      'client_code',
      'client_key',
      'paid_on',
      'paid',
      'ym',
    ]);
    expect(comparedColumns).toEqual(['number', 'client', 'paid_on', 'paid', 'ym']);
    expect([summedColumns, moneyColumns]).toEqual([['paid'], ['paid']]);
    expect(rollupColumns).toEqual(['ym', 'dimension', 'member', 'member_key', 'row_count', 'paid']);
  });

  test('is an error where it names a column that is not there', () => {
    expect(() => payments({ dimension: 'clients' })).toThrow(
      new TypeError('the report payments has no column clients'),
    );
    expect(() => payments({ measure: 'remark' })).toThrow(
      new TypeError('the report payments has no column remark'),
    );
    expect(() => payments({ historyOf: 'remark' })).toThrow(
      new TypeError('the report payments has no column remark'),
    );
  });

  test('is an error where its history would hold people, or add up what has no total', () => {
    expect(() => payments({ historyOf: 'client' })).toThrow(
      new TypeError('payment_history of payments must not hold people: client'),
    );
    expect(() => payments({ figure: 'number' })).toThrow(
      new TypeError('payment_history of payments cannot add up number'),
    );
  });
});

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
