import { describe, expect, test } from 'vitest';
import type { Authorization, Note } from '../../src/domain/categorize.ts';
import type { IsoDate } from '../../src/domain/dates.ts';
import { summedColumns } from '../../src/domain/tables.ts';
import { ColumnSums, UnknownServices } from '../../src/domain/totals.ts';

function anAuthorization(changes: Partial<Authorization> = {}): Authorization {
  return {
    sourceLine: 2,
    client: 'SMITH, JOHN',
    clientCode: 'JOHSM',
    clientKey: '0123456789abcdef',
    qp: null,
    qpCode: null,
    qpKey: null,
    serviceCode: 'ZZ',
    authorizationNumber: '0012',
    startDate: '2026-10-01' as IsoDate,
    endDate: '2026-10-31' as IsoDate,
    authorizedUnits: null,
    inProcessUnits: null,
    billedUnits: null,
    authorizedCents: null,
    inProcessCents: null,
    billedCents: null,
    varianceBilledCents: null,
    ym: '2026-10',
    group: 0,
    util: null,
    varianceCents: null,
    ...changes,
  };
}

function aNote(changes: Partial<Note> = {}): Note {
  return {
    sourceLine: 2,
    client: 'SMITH, JOHN',
    clientCode: 'JOHSM',
    clientKey: '0123456789abcdef',
    caregiver: 'DOE, ANA',
    employeeCode: 'ANADO',
    caregiverKey: 'fedcba9876543210',
    clientSupervisor: null,
    supervisorCode: null,
    supervisorKey: null,
    serviceCode: 'CN',
    dateOfService: '2026-10-01' as IsoDate,
    staffSignDate: null,
    staffSignedAt: null,
    daysToSign: null,
    noteStatus: 'Unbillable',
    billingCycle: '1-15',
    ym: '2026-10',
    group: 1,
    ...changes,
  };
}

describe('totals over a file', () => {
  test('of no rows are zero in every column that the database sums', () => {
    const texts = new ColumnSums('utilization').texts();
    expect(Object.keys(texts)).toEqual([...summedColumns.utilization]);
    expect(texts).toMatchObject({ billed_units: '0.0000', billed_dollars: '0.00', variance: '0.00' });
    expect(new ColumnSums('notes').texts()).toEqual({ days_to_sign: '0' });
  });

  test('take blanks as nothing and keep signs', () => {
    const sums = new ColumnSums('utilization');
    sums.add(anAuthorization({ billedCents: 10, varianceCents: -5, billedUnits: 1 }));
    sums.add(anAuthorization({ billedCents: null, varianceCents: -10 }));
    sums.add(anAuthorization({ billedCents: -30, billedUnits: 2 }));
    expect(sums.texts()).toMatchObject({
      billed_dollars: '-0.20',
      variance: '-0.15',
      billed_units: '0.0003',
    });
  });

  test('are exact where a binary float is not', () => {
    const sums = new ColumnSums('utilization');
    const cents = 10 ** 14 - 1;
    for (let row = 0; row < 101; row += 1) sums.add(anAuthorization({ authorizedCents: cents }));
    expect(sums.texts()['authorized_dollars']).toBe('100999999999998.99');
  });

  test('of days count negative ones and pass over unsigned notes', () => {
    const sums = new ColumnSums('notes');
    for (const daysToSign of [3, -1, null, 8]) sums.add(aNote({ daysToSign }));
    expect(sums.texts()).toEqual({ days_to_sign: '10' });
  });
});

describe('services that no group names', () => {
  test('are listed once each, with their rows and authorised dollars', () => {
    const unknown = new UnknownServices();
    unknown.add(anAuthorization({ authorizedCents: 150 }));
    unknown.add(anAuthorization({ authorizedCents: null }));
    unknown.add(anAuthorization({ authorizedCents: 275 }));
    unknown.add(anAuthorization({ serviceCode: 'QQ', authorizedCents: -1 }));
    unknown.add(anAuthorization({ serviceCode: 'CN', group: 1, authorizedCents: 999 }));
    expect(unknown.list()).toEqual([
      { code: 'ZZ', rows: 3, dollars: '4.25' },
      { code: 'QQ', rows: 1, dollars: '-0.01' },
    ]);
  });

  test('have no dollars in a report without money', () => {
    const unknown = new UnknownServices();
    unknown.add(aNote({ serviceCode: 'ZZ', group: 0 }));
    expect(unknown.list()).toEqual([{ code: 'ZZ', rows: 1, dollars: null }]);
  });
});
