import { parse } from 'csv-parse/sync';
import { describe, expect, test, vi } from 'vitest';
import { reportBytes, reportTable } from '../../demo/portal/data.ts';
import { defaultDataSettings, type DataSettings } from '../../demo/portal/data/settings.ts';
import type { IsoDate } from '../../src/domain/dates.ts';
import { periodContaining, type Period } from '../../src/domain/periods.ts';
import { shippedReports, type ShippedReport } from '../shippedReports.ts';

const period = (from: string, to: string) => ({ from, to }) as Period;
const september = period('2026-09-01', '2026-09-30');

function cell(row: readonly string[], report: ShippedReport, column: string): string {
  const { columns } = reportTable('demo', report, period('2000-01-01', '2000-01-01'));
  return row[columns.indexOf(column)]!;
}

function rows(report: ShippedReport, asked: Period, settings: Partial<DataSettings> = {}) {
  return reportTable('demo', report, asked, { ...defaultDataSettings, ...settings }).rows;
}

describe.each(shippedReports)('%s', (report) => {
  test('the same seed and period give the same bytes', () => {
    const again = reportBytes('demo', report, september);
    expect(reportBytes('demo', report, september).equals(again)).toBe(true);
    expect(reportBytes('another', report, september).equals(again)).toBe(false);
  });

  test('the file reads back as the rows it was made from', () => {
    const { columns, rows: made } = reportTable('demo', report, september);
    expect(parse(reportBytes('demo', report, september))).toEqual([columns, ...made]);
  });

  test('lines end with CR and LF, the last one too, unless LF is set; a BOM comes when asked for', () => {
    const plain = reportBytes('demo', report, september).toString();
    expect(plain.endsWith('\r\n')).toBe(true);
    expect(plain.split('\r\n').length).toBe(plain.split('\n').length);
    const other = { ...defaultDataSettings, lineEnd: 'LF', byteOrderMark: true } as const;
    expect(reportBytes('demo', report, september, other).toString()).toBe(
      `\uFEFF${plain.replaceAll('\r\n', '\n')}`,
    );
  });

  test.each([
    { title: 'before the first day', asked: period('2014-11-01', '2014-11-30') },
    { title: 'after the last day', asked: period('2036-11-01', '2036-11-30') },
  ])('a period $title is a header and nothing else', ({ asked }) => {
    const [header] = reportBytes('demo', report, september).toString().split('\r\n');
    expect(reportBytes('demo', report, asked).toString()).toBe(`${header!}\r\n`);
  });

  test('nothing begins after the day on which the portal is asked', () => {
    const asOf = '2026-09-10' as IsoDate;
    const beginnings = rows(report, september, { asOf, unreadableRate: 0 }).map((row) =>
      cell(row, report, startColumn[report]),
    );
    const septembers = beginnings.filter((day) => day.startsWith('09/'));
    expect(septembers.toSorted().at(-1)).toBe('09/10/2026');
  });

  test('a few cells a year cannot be read, none when the rate is 0', () => {
    const unlike = (rate: number) => {
      const spoiled = rows(report, september, { unreadableRate: rate });
      const clean = rows(report, september, { unreadableRate: 0 });
      return spoiled.filter((row, at) => row.join('|') !== clean[at]!.join('|')).length;
    };
    expect(unlike(0)).toBe(0);
    expect(unlike(0.02)).toBeGreaterThan(0);
    expect(unlike(1)).toBe(rows(report, september).length);
  });
});

function cents(text: string): number {
  const size = Number(text.replaceAll(/[^0-9]/g, ''));
  return text.startsWith('(') || text.startsWith('-') ? -size : size;
}

function billedUnits(asOf: IsoDate | null): number {
  return rows('utilization', september, { asOf, unreadableRate: 0 })
    .map((row) => Number(cell(row, 'utilization', 'Billed Units').replaceAll(',', '')))
    .reduce((total, units) => total + units, 0);
}

const firstCycle = period('2026-09-01', '2026-09-15');

function unsigned(asOf: IsoDate | null): number {
  return rows('notes', firstCycle, { asOf }).filter((row) => cell(row, 'notes', 'Staff Sign Date') === '')
    .length;
}

test('asked today, it has what it has as of the day in New York', () => {
  // 20:30 on the 8th there, the 9th in UTC.
  vi.useFakeTimers({ now: new Date('2026-09-09T00:30:00Z'), toFake: ['Date'] });
  const today = rows('notes', firstCycle, { asOf: 'today' });
  vi.useRealTimers();
  expect(today).toEqual(rows('notes', firstCycle, { asOf: '2026-09-08' as IsoDate }));
  expect(cell(today.at(-1)!, 'notes', 'Date of Service')).toBe('09/08/2026');
});

const startColumn = { utilization: 'Start Date', notes: 'Date of Service' } as const;

describe('utilization', () => {
  test('has about 240 authorizations a month, each number once', () => {
    for (const month of ['2026-02', '2026-09', '2027-01']) {
      const asked = periodContaining('utilization', `${month}-01` as IsoDate);
      const numbers = rows('utilization', asked, { unreadableRate: 0 }).map((row) =>
        cell(row, 'utilization', 'Authorization Number'),
      );
      expect(numbers.length).toBeGreaterThan(215);
      expect(numbers.length).toBeLessThan(265);
      expect(new Set(numbers).size).toBe(numbers.length);
    }
  });

  test('an authorization over several months is the same row in each of them', () => {
    const october = rows('utilization', period('2026-10-01', '2026-10-31')).map(String);
    const inSeptember = rows('utilization', september).filter((row) => {
      const end = cell(row, 'utilization', 'End Date');
      return end.startsWith('10/') || end.startsWith('11/');
    });
    expect(inSeptember.length).toBeGreaterThan(20);
    for (const row of inSeptember) expect(october).toContain(String(row));
  });

  test('a quarter holds the rows of its months, each once', () => {
    const months = ['07', '08', '09'].flatMap((month) =>
      rows('utilization', periodContaining('utilization', `2026-${month}-01` as IsoDate)).map(String),
    );
    const quarter = rows('utilization', period('2026-07-01', '2026-09-30')).map(String);
    expect(quarter.toSorted()).toEqual([...new Set(months)].toSorted());
  });

  const year = reportBytes('demo', 'utilization', period('2026-01-01', '2026-12-31')).toString();

  test.each([
    { title: 'dollars with thousands', shape: /"\$\d,\d{3}\.\d\d"/ },
    { title: 'negative dollars in parentheses', shape: /\(\$\d+\.\d\d\)/ },
    { title: 'negative dollars with a minus', shape: /"-\$\d,\d{3}\.\d\d"/ },
    { title: 'units with thousands', shape: /,"\d,\d{3}",/ },
    { title: 'units with decimals', shape: /,\d+\.25,/ },
    { title: 'numbers with leading zeros', shape: /,00\d{8},/ },
    { title: 'a code and its date', shape: /,DS \(\d\d\/01\/2026\),/ },
    { title: 'a code and its date without a blank', shape: /,DS\(\d\d\/01\/2026\),/ },
    { title: 'a plain code', shape: /,DS,/ },
    { title: 'blank cells', shape: /,,/ },
    { title: 'the LINCS QP', shape: /"FERNHOLLOW, ADELE"/ },
    { title: 'the Deep Creek QP', shape: /"BRACKENBURY, IVO"/ },
    { title: 'the payer of the supervisor rule', shape: /,PARTNERS HEALTH MGMT,/ },
    { title: 'apostrophes', shape: /"O'MARROW, / },
    { title: 'accents', shape: /È|É|Ñ|Ü/ },
    { title: 'hyphens', shape: /"THORNBURY-HALE, / },
    { title: 'quotes inside', shape: /""KIT""/ },
  ])('a year has $title', ({ shape }) => {
    expect(shape.test(year)).toBe(true);
  });

  test('the dollars are whole cents that add up in the variance', () => {
    for (const row of rows('utilization', september, { unreadableRate: 0 })) {
      const of = (column: string) => cents(cell(row, 'utilization', column));
      if (cell(row, 'utilization', 'Authorized Dollars') === '') continue;
      expect(of('Variance Billed')).toBe(
        of('Billed Dollars') + of('In Process Dollars') - of('Authorized Dollars'),
      );
    }
  });

  test('billing goes on: what was in process is billed later', () => {
    const soon = billedUnits('2026-10-01' as IsoDate);
    expect(soon).toBeLessThan(billedUnits('2026-10-20' as IsoDate));
    expect(soon).toBeLessThan(billedUnits(null));
  });
});

describe('notes', () => {
  test('a note shows in the cycle of its date of service and nowhere else', () => {
    const month = rows('notes', september).map(String);
    const cycles = [firstCycle, period('2026-09-16', '2026-09-30')].flatMap((asked) =>
      rows('notes', asked).map(String),
    );
    expect(month).toEqual(cycles);
    const days = rows('notes', firstCycle, { unreadableRate: 0 }).map((row) =>
      cell(row, 'notes', 'Date of Service'),
    );
    expect(days.every((day) => day >= '09/01/2026' && day <= '09/15/2026')).toBe(true);
  });

  test.each(['2026-02-16', '2026-09-01', '2026-10-16'])('the cycle of %s has about 480', (day) => {
    const count = rows('notes', periodContaining('notes', day as IsoDate)).length;
    expect(count).toBeGreaterThan(390);
    expect(count).toBeLessThan(560);
  });

  test('the scale makes them fewer or more', () => {
    expect(rows('notes', firstCycle, { scale: 0.1 }).length).toBeLessThan(70);
    expect(rows('notes', firstCycle, { scale: 5 }).length).toBeGreaterThan(2000);
  });

  test('staff go on signing: who signed after the day asked for has not signed yet', () => {
    expect(unsigned('2026-09-16' as IsoDate)).toBeGreaterThan(unsigned('2026-09-25' as IsoDate));
    expect(unsigned('2026-09-25' as IsoDate)).toBeGreaterThanOrEqual(unsigned(null));
    expect(unsigned(null)).toBeLessThan(10);
  });

  test('time stamps use the 12-hour clock, both 12 o’clocks among them', () => {
    const text = reportBytes('demo', 'notes', period('2026-01-01', '2026-03-31')).toString();
    expect(text).toMatch(/ 12:\d\d AM,/);
    expect(text).toMatch(/ 12:\d\d PM,/);
    expect(text).not.toMatch(/ (00|1[4-9]):\d\d [AP]M/);
  });
});
