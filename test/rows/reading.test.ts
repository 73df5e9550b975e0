import { describe, expect, test } from 'vitest';
import { createReadStream } from 'node:fs';
import { openExport } from '../../src/rows/csv.ts';
import { defaultBlankWords, foldBlankWord } from '../../src/domain/blankWords.ts';
import { createClassifier } from '../../src/rows/classifyRecord.ts';
import { readHeader } from '../../src/rows/exportHeader.ts';
import type { IsoDate } from '../../src/domain/dates.ts';
import type { Period } from '../../src/domain/periods.ts';
import type { Row } from '../../src/reports/report.ts';
import { byReport, reports } from '../../src/reports/index.ts';
import type { ReadingRules } from '../../src/domain/rules.ts';
import type { Rules } from '../../src/domain/rules.ts';
import { goldenMonths, goldenRules } from '../golden/golden.ts';
import type { ShippedReport } from '../shippedReports.ts';

const defaults: ReadingRules = {
  blankWords: new Set(defaultBlankWords.map(foldBlankWord)),
  decodeHtmlEntities: false,
};

function rulesWith(reading: Partial<ReadingRules> = {}, excludedServices: readonly string[] = []): Rules {
  const read = { ...defaults, ...reading };
  return {
    ...goldenRules({ excludedServices }),
    reading: byReport(() => read),
  };
}

const cells: Readonly<Record<ShippedReport, Readonly<Record<string, string>>>> = {
  utilization: {
    client: 'ASHDOWN, ADA',
    qp: 'TARN, MORGAN',
    authorizing_payer: 'ALDERGATE HEALTH',
    service_code: 'CLS',
    authorization_number: '0010023',
    start_date: '10/01/2026',
    end_date: '10/31/2026',
    authorized_units: '100',
    in_process_units: '0',
    billed_units: '50',
    authorized_dollars: '$1,000.00',
    in_process_dollars: '$0.00',
    billed_dollars: '$500.00',
    variance_billed: '($500.00)',
  },
  notes: {
    client: 'ASHDOWN, ADA',
    caregiver: 'MARLOW, KIT',
    client_supervisor: 'ROWAN, DANA',
    service_code: 'CLS',
    date_of_service: '10/02/2026',
    staff_sign_date: '10/03/2026 02:07 AM',
    days_to_sign: '1',
  },
};

const october: Period = { from: '2026-10-01' as IsoDate, to: '2026-10-31' as IsoDate };

/** What becomes of a sound row with these cells in place of its own. */
function judge(
  report: ShippedReport,
  changed: Readonly<Record<string, string>>,
  { rules = rulesWith(), period = october }: { rules?: Rules; period?: Period } = {},
) {
  const layout = readHeader(report, reports[report].exportColumns, rules);
  const row = { ...cells[report], ...changed };
  const record = { line: 7, cells: reports[report].exportColumns.map((column) => row[column]!) };
  return createClassifier(report, { layout, period, rules })(record).verdict;
}

/** What is stored of a row that is kept, by the table's column. */
function rowOf(verdict: ReturnType<typeof judge>): Row {
  if (verdict.kind !== 'kept') throw new Error(`the row is ${verdict.kind}`);
  const { values } = verdict;
  const report = 'caregiver' in values ? 'notes' : 'utilization';
  return Object.fromEntries(
    reports[report].storedCells.map(({ name, from, of }) => [name, of(values[from])]),
  );
}

describe('names and codes are read in one form', () => {
  test('the Deep Creek QP keeps their authorizations, whatever space the name contains', () => {
    for (const qp of ['BRACKENBURY,\u00A0IVO', 'BRACKENBURY,  IVO', ' BRACKENBURY,\tIVO\u200B']) {
      const verdict = judge('utilization', { qp, service_code: 'DS (07/01/2026)' });
      expect(verdict).toMatchObject({ kind: 'kept', moved: false });
      expect(rowOf(verdict).qp).toBe('BRACKENBURY, IVO');
    }
  });

  test('every text column is stored in that form', () => {
    const authorization = rowOf(
      judge('utilization', {
        client: 'NU\u0301N\u0303EZ,\u00A0ANA',
        qp: 'VAN  DER\u2003MEER, JO',
        service_code: 'TRA\u00A0SUPP  (07/01/2026)',
        authorization_number: 'A\u00A0 1',
      }),
    );
    expect(authorization).toMatchObject({
      client: 'NÚÑEZ, ANA',
      qp: 'VAN DER MEER, JO',
      service_code: 'TRA SUPP',
      authorization_number: 'A 1',
    });
    const note = rowOf(
      judge('notes', {
        client: 'A,\u00A0B',
        caregiver: 'C,\u3000D',
        client_supervisor: 'E,\n F',
        staff_sign_date: '10/03/2026\u00A002:07\u202FPM',
      }),
    );
    expect(note).toMatchObject({
      client: 'A, B',
      caregiver: 'C, D',
      client_supervisor: 'E, F',
      staff_signed_at: '2026-10-03 14:07:00',
    });
  });

  test('exclusions compare the code so read', () => {
    const rules = rulesWith({}, ['Day Trip']);
    for (const service_code of ['DAY\u00A0TRIP', 'day  trip (7/1/2026)', 'Day Trip[2026-07-01]']) {
      expect(judge('utilization', { service_code }, { rules })).toEqual({ kind: 'excluded' });
    }
  });

  test('headings too', () => {
    const headings = reports.notes.exportColumns.map((column) =>
      column.replaceAll('_', '\u00A0 ').toUpperCase(),
    );
    expect(readHeader('notes', headings, rulesWith()).width).toBe(headings.length);
  });

  test('the payer of the supervisor rule', () => {
    const verdict = judge('utilization', { service_code: 'DS', authorizing_payer: 'PARTNERS\u00A0HEALTH' });
    expect(verdict).toMatchObject({ kind: 'kept', moved: false });
  });

  test('the supervisor rule looks at the code as exported, date and all', () => {
    const verdict = judge('utilization', { service_code: 'LTDS (7/1/2026)' });
    expect(verdict).toMatchObject({ kind: 'kept', moved: true });
    expect(rowOf(verdict).service_code).toBe('LTDS');
  });
});

describe('HTML entities', () => {
  test('are counted by column and not decoded', () => {
    const verdict = judge('utilization', { client: 'D&#39;ARCY, ADA', qp: 'N&uacute;&ntilde;ez, A' });
    expect(verdict).toMatchObject({
      kind: 'kept',
      values: { client: 'D&#39;ARCY, ADA', qp: 'N&uacute;&ntilde;ez, A' },
      warnings: ['html-entities:client', 'html-entities:qp'],
    });
  });

  test('are counted in every row that has them, and in no other', () => {
    const rules = rulesWith();
    const layout = readHeader('notes', reports.notes.exportColumns, rules);
    const read = createClassifier('notes', { layout, period: october, rules });
    const warned = ['A, B', 'D&#39;ARCY, ADA', 'A, B', 'D&#39;ARCY, ADA'].map((client, index) => {
      const row: Readonly<Record<string, string>> = { ...cells.notes, client };
      const verdict = read({
        line: index + 2,
        cells: reports.notes.exportColumns.map((column) => row[column]!),
      }).verdict;
      return verdict.kind === 'kept' ? verdict.warnings.length : -1;
    });
    expect(warned).toEqual([0, 1, 0, 1]);
  });

  test('are decoded where the setting says so, before anything else', () => {
    const rules = rulesWith({ decodeHtmlEntities: true }, ['A & B']);
    const verdict = judge('utilization', { client: 'D&#39;ARCY,&nbsp;ADA', service_code: 'CLS' }, { rules });
    expect(verdict).toMatchObject({ kind: 'kept', values: { client: "D'ARCY, ADA" }, warnings: [] });
    expect(judge('utilization', { service_code: 'A &amp; B (7/1/26)' }, { rules })).toEqual({
      kind: 'excluded',
    });
  });
});

describe('words for blank', () => {
  test.each([...defaultBlankWords, 'n/a', 'none', 'Null', ' NA ', '\u00A0-'])(
    'a note is unsigned where its cells hold %s',
    (word) => {
      const row = rowOf(judge('notes', { staff_sign_date: word, days_to_sign: word }));
      expect(row).toMatchObject({ staff_sign_date: null, staff_signed_at: null, days_to_sign: null });
    },
  );

  test('amounts are blank too', () => {
    const row = rowOf(
      judge('utilization', { billed_dollars: 'N/A', in_process_units: '--', variance_billed: '-' }),
    );
    expect(row).toMatchObject({ billed_dollars: null, in_process_units: null, variance_billed: null });
  });

  test('a name or a code is never one', () => {
    const row = rowOf(
      judge('utilization', { client: 'NONE', qp: 'NA', service_code: '--', authorization_number: 'N/A' }),
    );
    expect(row).toMatchObject({ client: 'NONE', qp: 'NA', service_code: '--', authorization_number: 'N/A' });
  });

  test('what must not be blank is rejected as blank', () => {
    expect(judge('notes', { date_of_service: 'N/A' })).toMatchObject({
      kind: 'rejected',
      column: 'date_of_service',
      rule: 'blank',
    });
  });

  test('other words are none, unless the setting lists them', () => {
    expect(judge('notes', { staff_sign_date: 'Not signed' })).toMatchObject({ rule: 'not-a-time' });
    const rules = rulesWith({ blankWords: new Set([foldBlankWord('Not signed')]) });
    expect(
      rowOf(judge('notes', { staff_sign_date: 'NOT SIGNED', days_to_sign: '' }, { rules })),
    ).toMatchObject({
      staff_sign_date: null,
    });
    expect(judge('notes', { days_to_sign: 'N/A' }, { rules })).toMatchObject({ rule: 'not-whole' });
  });

  test('a golden month under the default words differs in the one row that holds N/A', async () => {
    const month = goldenMonths.find(({ name }) => name === 'utilization-2026-08-01-messy')!;
    const rules = { ...goldenRules(month), reading: rulesWith().reading };
    const { header, blocks } = await openExport(createReadStream(month.exportPath));
    const layout = readHeader(month.report, header!.cells, rules);
    const read = createClassifier(month.report, { layout, period: month.period, rules });
    const rejected: string[] = [];
    for await (const block of blocks) {
      for (const record of block) {
        const { verdict } = read(record);
        if (verdict.kind === 'rejected') rejected.push(`${String(record.line)} ${verdict.column}`);
      }
    }
    expect(rejected).toEqual(month.rejected.filter((line) => line !== '20 billed_dollars'));
  });
});

describe('what a spreadsheet has damaged is rejected with that reason', () => {
  test.each([
    { report: 'utilization', column: 'authorization_number', cell: '1.00234E+11' },
    { report: 'utilization', column: 'authorization_number', cell: '="0010023"' },
    { report: 'utilization', column: 'authorization_number', cell: '########' },
    { report: 'utilization', column: 'service_code', cell: '3/1/2026' },
    { report: 'utilization', column: 'service_code', cell: '1-Mar (07/01/2026)' },
    { report: 'utilization', column: 'client', cell: '#NAME?' },
    { report: 'utilization', column: 'qp', cell: '#N/A' },
    { report: 'utilization', column: 'authorizing_payer', cell: '#REF!' },
    { report: 'notes', column: 'service_code', cell: 'Mar-26' },
    { report: 'notes', column: 'caregiver', cell: '#VALUE!' },
    { report: 'notes', column: 'client_supervisor', cell: '=A1' },
  ] as const)('$report, $column: $cell', ({ report, column, cell }) => {
    const verdict = judge(report, { [column]: cell });
    expect(verdict).toMatchObject({ kind: 'rejected', column, rule: 'spreadsheet-damage' });
  });

  test('an excluded row is left out all the same', () => {
    const verdict = judge(
      'utilization',
      { service_code: 'TRANSPORT', client: '#NAME?' },
      {
        rules: rulesWith({}, ['transport']),
      },
    );
    expect(verdict).toEqual({ kind: 'excluded' });
  });
});

describe('a row that reads but cannot be is rejected with its reason', () => {
  const in1980: Period = { from: '1980-02-01' as IsoDate, to: '1980-02-15' as IsoDate };
  const in1950: Period = { from: '1950-02-01' as IsoDate, to: '1950-02-15' as IsoDate };

  test.each([
    {
      title: 'signed in 5025',
      changed: { date_of_service: '02/03/1980', staff_sign_date: '02/04/5025 03:15 PM', days_to_sign: '' },
      period: in1980,
      column: 'staff_sign_date',
      rule: 'date-out-of-range',
    },
    {
      title: 'signed a hundred and fifty years later, without days',
      changed: { date_of_service: '02/03/1950', staff_sign_date: '02/04/2100', days_to_sign: '' },
      period: in1950,
      column: 'staff_sign_date',
      rule: 'days-out-of-range',
    },
    {
      title: 'a million days',
      changed: { days_to_sign: '1000000' },
      period: october,
      column: 'days_to_sign',
      rule: 'days-out-of-range',
    },
    {
      title: 'a million days before',
      changed: { days_to_sign: '-1000000' },
      period: october,
      column: 'days_to_sign',
      rule: 'days-out-of-range',
    },
  ])('$title', ({ changed, period, column, rule }) => {
    expect(judge('notes', changed, { period })).toMatchObject({ kind: 'rejected', column, rule });
  });

  test.each([
    {
      title: 'an end in 9999',
      changed: { end_date: '12/31/9999' },
      column: 'end_date',
      rule: 'date-out-of-range',
    },
    {
      title: 'a start in 1000',
      changed: { start_date: '01/01/1000' },
      column: 'start_date',
      rule: 'date-out-of-range',
    },
    {
      title: 'a figure that fits no column',
      changed: { authorized_dollars: '$1,000,000,000,000.00' },
      column: 'authorized_dollars',
      rule: 'too-large',
    },
    {
      title: 'a variance that fits no column',
      changed: { authorized_dollars: '-$900,000,000,000.00', billed_dollars: '$900,000,000,000.00' },
      column: 'authorized_dollars',
      rule: 'too-large',
    },
    {
      title: 'a ratio that fits no column',
      changed: { authorized_dollars: '$0.01', billed_dollars: '$1,000,000.00' },
      column: 'authorized_dollars',
      rule: 'ratio-too-large',
    },
  ])('$title', ({ changed, column, rule }) => {
    expect(judge('utilization', changed)).toMatchObject({ kind: 'rejected', column, rule });
  });

  test('a hundred years are taken', () => {
    expect(rowOf(judge('notes', { days_to_sign: '36500' })).days_to_sign).toBe(36_500);
  });
});
