import { describe, expect, test } from 'vitest';
import { reports } from '../../src/reports/index.ts';
import type { Row } from '../../src/reports/report.ts';
import { plainColumns } from '../reports/plainRows.ts';
import { ColumnSums, UnknownServices } from '../../src/rows/totals.ts';

function anAuthorization(changes: Row = {}): Row {
  return {
    source_line: 2,
    client: 'SMITH, JOHN',
    client_code: 'JOHSM',
    client_key: '0123456789abcdef',
    qp: null,
    qp_code: null,
    qp_key: null,
    service_code: 'ZZ',
    authorization_number: '0012',
    start_date: '2026-10-01',
    end_date: '2026-10-31',
    authorized_units: null,
    in_process_units: null,
    billed_units: null,
    authorized_dollars: null,
    in_process_dollars: null,
    billed_dollars: null,
    variance_billed: null,
    ym: '2026-10',
    grp: 0,
    util: null,
    variance: null,
    ...changes,
  };
}

function aNote(changes: Row = {}): Row {
  return {
    source_line: 2,
    client: 'SMITH, JOHN',
    client_code: 'JOHSM',
    client_key: '0123456789abcdef',
    caregiver: 'DOE, ANA',
    employee_code: 'ANADO',
    caregiver_key: 'fedcba9876543210',
    client_supervisor: null,
    supervisor_code: null,
    supervisor_key: null,
    service_code: 'CN',
    date_of_service: '2026-10-01',
    staff_sign_date: null,
    staff_signed_at: null,
    days_to_sign: null,
    note_status: 'Unbillable',
    billing_cycle: '1-15',
    ym: '2026-10',
    grp: 1,
    ...changes,
  };
}

describe('totals over a file', () => {
  test('of no rows are zero in every column that the database sums', () => {
    const texts = new ColumnSums(reports.utilization, plainColumns).texts();
    expect(Object.keys(texts)).toEqual(reports.utilization.summedColumns);
    expect(texts).toMatchObject({ billed_units: '0.0000', billed_dollars: '0.00', variance: '0.00' });
    expect(new ColumnSums(reports.notes, plainColumns).texts()).toEqual({ days_to_sign: '0' });
  });

  test('take blanks as nothing and keep signs', () => {
    const sums = new ColumnSums(reports.utilization, plainColumns);
    sums.add(anAuthorization({ billed_dollars: 10, variance: -5, billed_units: 1 }));
    sums.add(anAuthorization({ billed_dollars: null, variance: -10 }));
    sums.add(anAuthorization({ billed_dollars: -30, billed_units: 2 }));
    expect(sums.texts()).toMatchObject({
      billed_dollars: '-0.20',
      variance: '-0.15',
      billed_units: '0.0003',
    });
  });

  test('are exact where a binary float is not', () => {
    const sums = new ColumnSums(reports.utilization, plainColumns);
    const cents = 10 ** 14 - 1;
    for (let row = 0; row < 101; row += 1) sums.add(anAuthorization({ authorized_dollars: cents }));
    expect(sums.texts()['authorized_dollars']).toBe('100999999999998.99');
  });

  test('of days count negative ones and pass over unsigned notes', () => {
    const sums = new ColumnSums(reports.notes, plainColumns);
    for (const days_to_sign of [3, -1, null, 8]) sums.add(aNote({ days_to_sign }));
    expect(sums.texts()).toEqual({ days_to_sign: '10' });
  });
});

describe('services that no group names', () => {
  test('are listed once each, with their rows and authorized dollars', () => {
    const unknown = new UnknownServices(reports.utilization, plainColumns);
    unknown.add(anAuthorization({ authorized_dollars: 150 }));
    unknown.add(anAuthorization({ authorized_dollars: null }));
    unknown.add(anAuthorization({ authorized_dollars: 275 }));
    unknown.add(anAuthorization({ service_code: 'QQ', authorized_dollars: -1 }));
    unknown.add(anAuthorization({ service_code: 'CN', grp: 1, authorized_dollars: 999 }));
    expect(unknown.list()).toEqual([
      { code: 'ZZ', rows: 3, dollars: '4.25' },
      { code: 'QQ', rows: 1, dollars: '-0.01' },
    ]);
  });

  test('have no dollars in a report without money', () => {
    const unknown = new UnknownServices(reports.notes, plainColumns);
    unknown.add(aNote({ service_code: 'ZZ', grp: 0 }));
    expect(unknown.list()).toEqual([{ code: 'ZZ', rows: 1, dollars: null }]);
  });
});
