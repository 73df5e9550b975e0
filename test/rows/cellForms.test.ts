import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import type { FileForm } from '../../src/domain/fileForm.ts';
import { proposedIn, read, refusalOf } from './fileReading.ts';

const noteHeader =
  'Client,Caregiver,Client Supervisor,Service Code,Date of Service,Staff Sign Date,Days to Sign';

/** A note of that day, signed at that time. */
function note({
  served = '11/01/2026',
  signed = '11/01/2026 01:00 PM',
  days = '0',
  supervisor = '',
} = {}): string {
  return `"ASHDOWN, ADA","MARLOW, KIT","${supervisor}",CLS,"${served}","${signed}",${days}`;
}

function file(...lines: string[]): string {
  return lines.map((line) => `${line}\r\n`).join('');
}

describe('dates of another layout', () => {
  test.each([
    {
      layout: 'M/D/YYYY',
      served: '11/1/2026',
      signedIn: 'M/D/YYYY h:mm A',
      signed: '11/1/2026 1:05 PM',
      at: '13:05:00',
    },
    {
      layout: 'D/M/YYYY',
      served: '13/11/2026',
      signedIn: 'D/M/YYYY HH:mm',
      signed: '14/11/2026 09:30',
      at: '09:30:00',
    },
    {
      layout: 'YYYY-MM-DD',
      served: '2026-11-01',
      signedIn: 'YYYY-MM-DDTHH:mm:ss',
      signed: '2026-11-01T23:59:59',
      at: '23:59:59',
    },
    {
      layout: 'YYYY-MM-DD HH:mm:ss',
      served: '2026-11-01 00:00:00',
      signedIn: 'YYYY-MM-DD HH:mm:ss.SSS',
      signed: '2026-11-01 00:00:00.000',
      at: '00:00:00',
    },
    {
      layout: 'D-MMM-YYYY',
      served: '1-Nov-2026',
      signedIn: 'MMMM D, YYYY h:mm:ss A',
      signed: 'November 2, 2026 12:00:00 AM',
      at: '00:00:00',
    },
    {
      layout: 'M/D/YY',
      served: '11/1/26',
      signedIn: 'MM/DD/YYYY hh:mm A z',
      signed: '11/02/2026 12:30 AM EST',
      at: '00:30:00',
    },
    {
      layout: 'D.M.YYYY',
      served: '1.11.2026',
      signedIn: 'HH:mm D.M.YYYY',
      signed: '15:10 2.11.2026',
      at: '15:10:00',
    },
  ])('$layout and $signedIn', async ({ layout, served, signedIn, signed, at }) => {
    const csv = file(noteHeader, note({ served, signed, days: '' }), note({ served, signed: '', days: '1' }));
    const { rows } = await read('notes', csv, {
      dates: { date_of_service: layout, staff_sign_date: signedIn },
    });
    const day = /13|14/.exec(served) ? '2026-11-13' : '2026-11-01';
    expect(rows[2]).toMatchObject({
      date_of_service: day,
      staff_sign_date: { at: expect.stringContaining(at) as string },
    });
    expect(rows[3]).toMatchObject({ date_of_service: day, staff_sign_date: null });
  });

  test('a time column may hold a day alone', async () => {
    const csv = file(noteHeader, note({ signed: '2026-11-02' }));
    const { rows } = await read('notes', csv, { dates: { staff_sign_date: 'YYYY-MM-DD HH:mm' } });
    expect(rows[2]).toMatchObject({ staff_sign_date: { date: '2026-11-02', at: null } });
  });

  test.each([
    { title: 'a month 13', layout: 'M/D/YYYY', served: '13/1/2026' },
    { title: 'a day that does not exist', layout: 'YYYY-MM-DD', served: '2026-11-31' },
    { title: 'another order', layout: 'YYYY-MM-DD', served: '11-01-2026' },
    { title: 'the usual layout', layout: 'D.M.YYYY', served: '11/01/2026' },
    { title: 'hour 24', layout: 'YYYY-MM-DD HH:mm', served: '2026-11-01 24:00' },
    { title: 'hour 13 with PM', layout: 'M/D/YYYY h:mm A', served: '11/1/2026 13:00 PM' },
    { title: 'hour 0 with AM', layout: 'M/D/YYYY h:mm A', served: '11/1/2026 0:30 AM' },
    {
      title: 'a zone that is not North American',
      layout: 'M/D/YYYY h:mm A z',
      served: '11/1/2026 1:00 PM UTC',
    },
    { title: 'something after it', layout: 'YYYY-MM-DD', served: '2026-11-01Z' },
  ])('is not guessed: $title', async ({ layout, served }) => {
    const csv = file(noteHeader, note(), note({ served }));
    const { rows } = await read('notes', csv.replace('"11/01/2026","11', `"${good[layout]!}","11`), {
      dates: { date_of_service: layout },
    });
    expect(rows[3]).toBe('date_of_service: not-a-date');
    expect(rows[2]).toMatchObject({ date_of_service: '2026-11-01' });
  });

  const good: Readonly<Record<string, string>> = {
    'M/D/YYYY': '11/1/2026',
    'YYYY-MM-DD': '2026-11-01',
    'D.M.YYYY': '1.11.2026',
    'YYYY-MM-DD HH:mm': '2026-11-01 00:00',
    'M/D/YYYY h:mm A': '11/1/2026 12:00 AM',
    'M/D/YYYY h:mm A z': '11/1/2026 12:00 AM EDT',
  };

  test('the message names the layout and how many cells decide it, and its YAML reads the file', async () => {
    const dated = ['1/11/2026', '2/11/2026', '13/11/2026', '14/11/2026', '15/11/2026'];
    const csv = file(noteHeader, ...dated.map((served) => note({ served, signed: `${served} 14:05` })));
    const { looks } = await read('notes', csv);
    expect(looks).toContain('date_of_service written D/M/YYYY and not M/D/YYYY: 3 cells decide it');
    const proposed = proposedIn(looks);
    expect(proposed).toEqual({
      dates: { date_of_service: 'D/M/YYYY', staff_sign_date: 'D/M/YYYY H:mm' },
    });
    const { rows } = await read('notes', csv, proposed);
    expect(Object.values(rows).map((row) => (row as { date_of_service: string }).date_of_service)).toEqual(
      ['01', '02', '13', '14', '15'].map((day) => `2026-11-${day}`),
    );
  });

  test('a column that nothing decides follows one that is decided', async () => {
    const csv = file(
      noteHeader,
      ...['1/11/2026', '13/11/2026', '14/11/2026'].map((served) =>
        note({ served, signed: '2/11/2026 14:05' }),
      ),
    );
    const { looks } = await read('notes', csv);
    expect(looks).toContain(
      'staff_sign_date written D/M/YYYY H:mm, as date_of_service is: no cell of its own decides it',
    );
    expect((await read('notes', csv, proposedIn(looks))).rows[2]).toMatchObject({
      staff_sign_date: { at: '2026-11-02 14:05:00' },
    });
  });

  test.each<{ title: string; rows: readonly (readonly [served: string, signed: string])[]; says: string }>([
    {
      title: 'one cell decides it',
      rows: ['1/11/2026', '2/11/2026', '13/11/2026'].map((served) => [served, '']),
      says: 'date_of_service written M/D/YYYY or D/M/YYYY, which a person must decide, since a single cell may be mistyped',
    },
    {
      title: 'two columns contradict each other',
      rows: [
        ['13/11/2026', '11/14/2026 2:05 PM'],
        ['14/11/2026', '11/15/2026 2:05 PM'],
        ['1/11/2026', '11/16/2026 2:05 PM'],
      ],
      says: 'which a person must decide, since cells disagree: set file.dates to the right one',
    },
    {
      title: 'another column is read with the month first',
      rows: [
        ['11/03/2026', '13/11/2026 14:05'],
        ['11/04/2026', '14/11/2026 14:05'],
      ],
      says: 'staff_sign_date written M/D/YYYY H:mm or D/M/YYYY H:mm, which a person must decide, since cells disagree',
    },
  ])('nothing is proposed where $title', async ({ rows, says }) => {
    const csv = file(noteHeader, ...rows.map(([served, signed]) => note({ served, signed, days: '' })));
    const { looks } = await read('notes', csv);
    expect(proposedIn(looks)).toEqual({});
    expect(looks).toContain(says);
  });

  test('a mistyped date among many changes nothing', async () => {
    const times = Array.from(
      { length: 18 },
      (_, at) => `11/${String(13 + (at % 3))}/2026 2:${String(10 + at)} PM`,
    );
    const rows = ['13/11/2026 2:05 PM', ...times].map((signed) => note({ signed }));
    const { looks } = await read('notes', file(noteHeader, ...rows));
    expect(looks).toContain(
      'staff_sign_date written M/D/YYYY h:mm A and not D/M/YYYY h:mm A: 18 cells decide it',
    );
  });

  test.each(['2026-11-02T13:00:00-05:00', '2026-11-02T13:00:00.123-0500'])(
    'an offset: %s',
    async (signed) => {
      const csv = file(noteHeader, note({ signed, days: '1' }));
      const { looks } = await read('notes', csv);
      expect((await read('notes', csv, proposedIn(looks))).rows[2]).toMatchObject({
        staff_sign_date: { at: '2026-11-02 13:00:00' },
      });
    },
  );

  test.each(['2026-11-02T02:00:00Z', '2026-11-02T02:00:00+00:00'])(
    'a time of UTC is refused: %s',
    async (signed) => {
      const { looks, rows } = await read('notes', file(noteHeader, note({ signed })));
      expect(rows[2]).toBe('staff_sign_date: not-a-time');
      expect(proposedIn(looks)).toEqual({});
    },
  );

  test('where no cell decides it, nothing is proposed', async () => {
    const unsigned = ['1/11/2026', '11/2/2026'].map((served) => note({ served, signed: '', days: '' }));
    const csv = file(noteHeader, ...unsigned);
    const { looks } = await read('notes', csv);
    expect(looks).toContain('date_of_service written M/D/YYYY or D/M/YYYY, which no cell decides');
    expect(proposedIn(looks)).toEqual({});
  });
});

describe('dates that are read the wrong way round', () => {
  const rows = ['03/11/2026', '04/11/2026', '05/11/2026'].map((served) => note({ served, signed: '' }));

  test('are told where the other way would be right, and never turned', async () => {
    const refusal = await refusalOf('notes', file(noteHeader, ...rows));
    expect(refusal.type).toBe('ExportWrongPeriod');
    expect(refusal.hint).toContain('date_of_service written MM/DD/YYYY or DD/MM/YYYY, which no cell decides');
    expect(proposedIn(refusal.hint)).toEqual({});
    const turned = await read('notes', file(noteHeader, ...rows), {
      dates: { date_of_service: 'DD/MM/YYYY' },
    });
    expect(turned.rows[2]).toMatchObject({ date_of_service: '2026-11-03' });
  });

  test('are not told of a file that is of another period both ways', async () => {
    const other = rows.map((row) => row.replaceAll('2026', '2025'));
    expect((await refusalOf('notes', file(noteHeader, ...other))).hint).not.toContain('DD/MM/YYYY');
  });
});

describe('words for blank in one column', () => {
  test('are proposed if they can be told, and read', async () => {
    const csv = file(
      noteHeader,
      note(),
      note({ signed: 'Not signed', days: '9' }),
      note({ signed: 'pending', days: '' }),
    );
    const { looks, rows } = await read('notes', csv);
    expect(rows[3]).toBe('staff_sign_date: not-a-time');
    expect(proposedIn(looks)).toEqual({ blankWords: { staff_sign_date: ['Not signed', 'pending'] } });
    const again = await read('notes', csv, proposedIn(looks));
    expect(again.rows[3]).toMatchObject({ staff_sign_date: null, days_to_sign: 9 });
    expect(again.rows[4]).toMatchObject({ staff_sign_date: null });
  });

  test('are never told if they may be a name', async () => {
    const { looks } = await read('notes', file(noteHeader, note(), note({ signed: 'MARLOW' })));
    expect(looks ?? '').not.toContain('MARLOW');
  });

  test('hold for columns of names too, and only for theirs', async () => {
    const csv = file(noteHeader, note({ supervisor: 'Unassigned' }));
    const { rows } = await read('notes', csv, { blankWords: { client_supervisor: ['UNASSIGNED'] } });
    expect(rows[2]).toMatchObject({ client_supervisor: null });
    expect((await read('notes', csv, { blankWords: { caregiver: ['Unassigned'] } })).rows[2]).toMatchObject({
      client_supervisor: 'Unassigned',
    });
  });
});

const unitHeader =
  'Client,QP,Authorizing Payer,Service Code,Authorization Number,Start Date,End Date,Authorized Units,In Process Units,Billed Units,Authorized Dollars,In Process Dollars,Billed Dollars,Variance Billed';

function authorization(dollars: string, units = '1', { client = 'A, A', billed = dollars } = {}): string {
  return `"${client}","B, B",X,CLS,1,10/01/2026,10/31/2026,"${units}",0,"${units}","${dollars}",0,"${billed}",`;
}

describe('amounts of another form', () => {
  const comma: Partial<FileForm> = { decimalMark: 'comma' };
  test.each<{ cell: string; form: Partial<FileForm>; cents: number | string | null }>([
    { cell: '1.234,56', form: comma, cents: 123456 },
    { cell: '1 234,56', form: comma, cents: 123456 },
    { cell: '1234,5', form: comma, cents: 123450 },
    { cell: '-1.234,56', form: comma, cents: -123456 },
    { cell: '(12,00)', form: comma, cents: -1200 },
    { cell: '1.234', form: comma, cents: 123400 },
    { cell: '1,234', form: comma, cents: 'too-many-decimals' },
    { cell: '1,234.56', form: comma, cents: 'not-a-number' },
    { cell: '12.34', form: comma, cents: 'not-a-number' },
    { cell: '0.500', form: comma, cents: 'not-a-number' },
    { cell: '0 500', form: comma, cents: 'not-a-number' },
    { cell: '1.234 567,00', form: comma, cents: 'not-a-number' },
    { cell: '1.234,56', form: {}, cents: 'not-a-number' },
    { cell: '12.50 CR', form: { credits: 'negative' }, cents: -1250 },
    { cell: '12.50DR', form: { credits: 'negative' }, cents: 1250 },
    { cell: '$12.50 cr', form: { credits: 'positive' }, cents: 1250 },
    { cell: '12.50 DR', form: { credits: 'positive' }, cents: -1250 },
    { cell: '-12.50 CR', form: { credits: 'negative' }, cents: 'not-a-number' },
    { cell: '12.50 CR', form: {}, cents: 'not-a-number' },
    { cell: 'USD 1,234.50', form: { currencyWords: ['USD'] }, cents: 123450 },
    { cell: '1,234.50 usd', form: { currencyWords: ['USD'] }, cents: 123450 },
    { cell: '(USD 1.00)', form: { currencyWords: ['USD'] }, cents: -100 },
    { cell: '-US$1.00', form: { currencyWords: ['US$'] }, cents: -100 },
    { cell: 'USD 1.00 USD', form: { currencyWords: ['USD'] }, cents: 'not-a-number' },
    { cell: 'EUR 1.00', form: { currencyWords: ['USD'] }, cents: 'not-a-number' },
    { cell: '€ 1.234,56', form: { ...comma, currencyWords: ['€'] }, cents: 123456 },
    { cell: '$ -', form: { amounts: 'accounting' }, cents: 0 },
    { cell: ' $   -   ', form: { amounts: 'accounting' }, cents: 0 },
    { cell: ' $ (1,234.56) ', form: { amounts: 'accounting' }, cents: -123456 },
    { cell: '-', form: { amounts: 'accounting' }, cents: null },
    { cell: 'USD -', form: { amounts: 'accounting', currencyWords: ['USD'] }, cents: 0 },
    { cell: 'USD -', form: { currencyWords: ['USD'] }, cents: 'not-a-number' },
    { cell: `'-1.00`, form: comma, cents: 'not-a-number' },
  ])('"$cell" is $cents', async ({ cell, form, cents }) => {
    const { rows } = await read('utilization', file(unitHeader, authorization(cell)), form);
    const { authorized_dollars: seen } = { authorized_dollars: rows[2], ...(rows[2] as object) };
    expect(seen).toEqual(typeof cents === 'string' ? `authorized_dollars: ${cents}` : cents);
  });

  test('units follow the decimal mark', async () => {
    const { rows } = await read('utilization', file(unitHeader, authorization('1,00', '2.600,25')), comma);
    expect(rows[2]).toMatchObject({ authorized_units: 26002500 });
  });

  test.each<{ cells: string[]; proposed: Partial<FileForm> }>([
    { cells: ['1.234,56', '7,00'], proposed: { decimalMark: 'comma' } },
    { cells: ['USD 1,234.56', 'USD 7.00'], proposed: { currencyWords: ['USD'] } },
    { cells: ['$ -', '$7.00'], proposed: { amounts: 'accounting' } },
  ])('$cells: the YAML that is printed reads them', async ({ cells, proposed }) => {
    const csv = file(unitHeader, ...cells.map((cell) => authorization(cell, '1')));
    const { looks } = await read('utilization', csv);
    expect(proposedIn(looks)).toEqual(proposed);
    expect((await read('utilization', csv, proposedIn(looks))).looks).toBeUndefined();
  });

  test('the sign of credits is left to a person', async () => {
    const { looks } = await read(
      'utilization',
      file(unitHeader, authorization('1.00 CR'), authorization('2.00')),
    );
    expect(looks).toContain('set file.credits to the sign of CR');
    expect(proposedIn(looks)).toEqual({});
  });
});

describe('lines of totals', () => {
  const two = [authorization('$1.00', '1'), authorization('$2.50', '2')];
  const totals: Partial<FileForm> = { totals: ['Total'] };

  test.each([
    'Total,,,,,,,3,0,3,$3.50,0,$3.50,',
    'Total:,,,,,,,,,,"$3.50",,,',
    'TOTAL (2 records),,,,,,,,,,,,,',
    ',,Total,,,,,3,,,,,,',
    'Total,,,,,,,3',
    'Total: 2',
    'Total Records: 2',
    'Total rows (2)',
    'Total records,,2',
    'Total records,,2 rows',
  ])('%s is checked and left out', async (line) => {
    const { rows, warnings } = await read('utilization', file(unitHeader, ...two, line), totals);
    expect(Object.keys(rows)).toEqual(['2', '3']);
    expect(warnings).toEqual({ 'totals-lines': 1 });
  });

  test.each([
    { line: 'Total,,,,,,,3,0,3,$3.51,0,$3.50,', wrong: 'authorized_dollars' },
    { line: 'Total,,,,,,,4,0,3,$3.50,0,$3.40,', wrong: 'authorized_units, billed_dollars' },
    { line: 'Total Notes: 3,,,,,,,,,,,,,', wrong: 'the number of rows' },
    { line: 'Total records: 5', wrong: 'the number of rows' },
    { line: 'Total records,,3', wrong: 'the number of rows' },
    { line: '"Total: 1,003 records"', wrong: 'the number of rows' },
    { line: 'Total (3 records),,,,,,,,,,,,,', wrong: 'the number of rows' },
  ])('$line is refused', async ({ line, wrong }) => {
    const refusal = await refusalOf('utilization', file(unitHeader, ...two, line), totals);
    expect(refusal).toMatchObject({ type: 'ExportTruncated' });
    expect(refusal.message).toContain(`in line 4 of the export differs from its rows in ${wrong}:`);
  });

  test('a total is left unchecked, with a warning, where a row has no amount', async () => {
    const csv = file(unitHeader, ...two, authorization('?'), 'Total,,,,,,,4,0,4,$3.50,0,$3.50,');
    const { rows, warnings } = await read('utilization', csv, totals);
    expect(rows[4]).toBe('authorized_dollars: not-a-number');
    expect(warnings).toEqual({
      'totals-lines': 1,
      'totals-unchecked:authorized_dollars': 1,
      'totals-unchecked:billed_dollars': 1,
    });
  });

  test.each(['Total', 'Total,,3', 'Total records,,some', 'Total: 1.5'])(
    '%s proves nothing, with a warning',
    async (line) => {
      const { warnings } = await read('utilization', file(unitHeader, ...two, line), totals);
      expect(warnings).toEqual({ 'totals-lines': 1, 'totals-unchecked:(line)': 1 });
    },
  );

  test('rows without one are refused, no rows are not', async () => {
    expect(await refusalOf('utilization', file(unitHeader, ...two), totals)).toMatchObject({
      type: 'ExportTruncated',
      message: 'the export has 2 rows and no line of totals: it may be cut off',
    });
    expect((await read('utilization', file(unitHeader), totals)).rows).toEqual({});
  });

  test.each(['TOTAL, ANNA', 'Total Care', 'Total'])('a client called %s is a row', async (client) => {
    const csv = file(unitHeader, ...two, authorization('$1.00', '1', { client }), 'Total: 3');
    const { rows } = await read('utilization', csv, totals);
    expect(rows[4]).toMatchObject({ client });
  });

  test('rows after it are refused', async () => {
    const csv = file(unitHeader, two[0]!, 'Total,,,,,,,1', two[1]!);
    expect(await refusalOf('utilization', csv, totals)).toMatchObject({
      type: 'ExportNotCsv',
      details: { line: 3 },
    });
  });

  test('without the setting it is a row that is rejected, and the YAML is printed', async () => {
    const csv = file(unitHeader, ...two, 'Grand Total,,,,,,,3,0,3,$3.50,0,$3.50,');
    const { rows, looks } = await read('utilization', csv);
    expect(rows[4]).toBe('service_code: blank');
    expect(proposedIn(looks)).toEqual({ totals: ['Grand Total'] });
  });
});

describe('what stands between and beside rows', () => {
  test('headers of pages are left out and counted', async () => {
    const csv = file(noteHeader, note(), noteHeader, note(), '', noteHeader.toUpperCase(), note());
    const { rows, looks } = await read('notes', csv);
    expect(rows[4]).toMatchObject({});
    expect(proposedIn(looks)).toEqual({ repeatedHeaders: true });
    const again = await read('notes', csv, { repeatedHeaders: true });
    expect(Object.keys(again.rows)).toEqual(['2', '4', '7']);
    expect(again.warnings).toEqual({ 'repeated-headers': 2 });
  });

  test.each<{ title: string; again: string; form: Partial<FileForm> }>([
    { title: 'two columns swapped', again: swapped(noteHeader, 0, 1), form: {} },
    { title: 'the date swapped', again: swapped(noteHeader, 0, 4), form: {} },
    { title: 'two columns swapped', again: swapped(noteHeader, 0, 1), form: { repeatedHeaders: true } },
    { title: 'a column in front', again: `Branch,${noteHeader}`, form: { repeatedHeaders: true } },
    { title: 'a column in between', again: noteHeader.replace(',', ',Branch,'), form: {} },
  ])('a header of a page with $title is refused ($form)', async ({ again, form }) => {
    expect(await refusalOf('notes', file(noteHeader, note(), again, note()), form)).toMatchObject({
      type: 'ExportNotCsv',
      message: 'line 3 of the export is its header again, with the columns in another order',
    });
  });

  test('empty cells at the end of rows are left out; others are not', async () => {
    const csv = file(noteHeader, `${note()},,`, `${note()},`, note(), `${note()},x`);
    const form: Partial<FileForm> = { emptyCellsAtEnd: true };
    const { rows } = await read('notes', csv, form);
    expect(rows[2]).toMatchObject({ client: 'ASHDOWN, ADA' });
    expect(rows[3]).toMatchObject({ client: 'ASHDOWN, ADA' });
    expect(rows[5]).toBe('(row): cell-count');
    const { looks } = await read('notes', file(noteHeader, `${note()},`, `${note()},`));
    expect(proposedIn(looks)).toEqual(form);
  });
});

function swapped(header: string, one: number, other: number): string {
  const cells = header.split(',');
  [cells[one], cells[other]] = [cells[other]!, cells[one]!];
  return cells.join(',');
}

function caseFile(name: string): Buffer {
  return readFileSync(new URL(`../cases/${name}`, import.meta.url));
}

function isRead(row: unknown): boolean {
  return typeof row === 'object';
}

describe('the cases', () => {
  test('15: the accounting format is read with the YAML that is printed', async () => {
    const csv = caseFile('15-amounts/excel-accounting.csv');
    const { looks, rows } = await read('utilization', csv);
    expect(Object.values(rows).some(isRead)).toBe(false);
    expect(proposedIn(looks)).toEqual({ amounts: 'accounting' });
    const again = await read('utilization', csv, proposedIn(looks));
    expect(Object.values(again.rows).every(isRead)).toBe(true);
  });

  test.each(['03-unsigned-as-NA/notes-NA.csv', '16-blank-rows/notes.csv'])('%s is plain', async (name) => {
    const { looks, rows } = await read('notes', caseFile(name));
    expect(looks).toBeUndefined();
    expect(Object.values(rows).every(isRead)).toBe(true);
  });

  test('08: what a spreadsheet has lost no setting brings back', async () => {
    const { looks, rows } = await read('utilization', caseFile('08-excel-mangled-ids/sci.csv'));
    expect(looks).toBeUndefined();
    expect(Object.values(rows).some(isRead)).toBe(false);
  });
});
