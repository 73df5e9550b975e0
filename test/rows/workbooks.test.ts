import { gzipSync } from 'node:zlib';
import { Readable } from 'node:stream';
import { describe, expect, test } from 'vitest';
import writeXlsx from 'write-excel-file/node';
import { PipelineError } from '../../src/domain/failures.ts';
import { plainFile, type FileForm } from '../../src/domain/fileForm.ts';
import { ExportBytes } from '../../src/rows/exportBytes.ts';
import { openExport } from '../../src/rows/csv.ts';
import type { ExportRecord } from '../../src/rows/exportRecord.ts';
import { plainNumber, serialDate } from '../../src/rows/sheetCells.ts';
import { proposedIn, read, refusalOf } from './fileReading.ts';
import { rowXml, workbookOf, zipOf, type WorkbookSource } from './workbookFiles.ts';

const headings = [
  'Client',
  'Caregiver',
  'Client Supervisor',
  'Service Code',
  'Date of Service',
  'Staff Sign Date',
  'Days to Sign',
];
const xlsx: Partial<FileForm> = { format: 'xlsx' };

/** 1 November 2026, and one in the afternoon of that day as a binary fraction. */
const [served, signed] = ['46327', '46327.541666666664'];

function note(
  cells: Partial<Record<'client' | 'code' | 'served' | 'signed' | 'days', string>> = {},
): string[] {
  const day = `<c s="1"><v>${served}</v></c>`;
  const time = `<c s="2"><v>${signed}</v></c>`;
  return [
    cells.client ?? 'ASHDOWN, ADA',
    'MARLOW, KIT',
    '',
    cells.code ?? 'CLS',
    cells.served ?? day,
    cells.signed ?? time,
    cells.days ?? '<c><v>0</v></c>',
  ];
}

const formats = [0, 14, 'm/d/yyyy h:mm AM/PM', '0.00'];

function notesBook(rows: readonly (readonly string[])[], more: Partial<WorkbookSource> = {}): Buffer {
  const xml = [headings, ...rows].map((row, at) => rowXml(at + 1, row)).join('');
  return workbookOf({ sheets: { Notes: xml }, formats, ...more });
}

function totalsOf(sum: string): string[] {
  return ['Total', '', '', '', '', '', `<c><v>${sum}</v></c>`];
}

function sheetOfRows(rows: readonly (readonly string[])[]): string {
  return rows.map((row, at) => rowXml(at + 1, row)).join('');
}

function sheetOf(xml: string): Buffer {
  return workbookOf({ sheets: { A: xml } });
}

async function cellsOf(bytes: Buffer): Promise<unknown> {
  const form = { ...plainFile, ...xlsx };
  const records: ExportRecord[] = [];
  try {
    const { header, blocks } = await openExport(Readable.from([bytes]), new ExportBytes(form), form);
    for await (const block of blocks) records.push(...block);
    return [header, ...records];
  } catch (error) {
    if (error instanceof PipelineError) return 'refused';
    throw error;
  }
}

describe('a workbook', () => {
  test('is read with its rows as lines', async () => {
    const { rows } = await read('notes', notesBook([note(), [], note({ days: '<c><v>3</v></c>' })]), xlsx);
    expect(Object.keys(rows)).toEqual(['2', '4']);
    expect(rows[2]).toMatchObject({
      client: 'ASHDOWN, ADA',
      client_supervisor: null,
      date_of_service: '2026-11-01',
      staff_sign_date: { date: '2026-11-01', at: '2026-11-01 13:00:00' },
      days_to_sign: 0,
    });
    expect(rows[4]).toMatchObject({ days_to_sign: 3 });
  });

  test('of another program is read alike', async () => {
    const day = new Date(Date.UTC(2026, 10, 1));
    const body = ['NÚÑEZ & SONS, "ADA"', 'MARLOW, KIT', null, 'CLS'].map((value) => ({ value }));
    const data = [
      headings.map((value) => ({ value })),
      [...body, { value: day, format: 'mm/dd/yyyy' }, { value: '11/02/2026 03:15 PM' }, { value: 1 }],
    ];
    const book = await writeXlsx(data as never, { sheet: 'Export' } as never).toBuffer();
    const { rows } = await read('notes', book, xlsx);
    expect(rows[2]).toMatchObject({
      client: 'NÚÑEZ & SONS, "ADA"',
      date_of_service: '2026-11-01',
      staff_sign_date: { at: '2026-11-02 15:15:00' },
      days_to_sign: 1,
    });
  });

  test('is refused without the setting, and read with the YAML that is printed', async () => {
    const titled = workbookOf({
      sheets: {
        Notes: [['Service Notes'], ['November'], headings, note()]
          .map((row, at) => rowXml(at + 2, row))
          .join(''),
      },
      formats,
    });
    const refusal = await refusalOf('notes', titled);
    expect(refusal.hint).toContain('The file looks like this: an Excel workbook');
    expect(proposedIn(refusal.hint)).toEqual({ format: 'xlsx', linesBeforeHeader: 3 });
    expect(Object.keys((await read('notes', titled, proposedIn(refusal.hint))).rows)).toEqual(['5']);
    // The header may stand elsewhere than the setting says.
    expect(proposedIn((await refusalOf('notes', titled, xlsx)).hint)).toEqual({
      format: 'xlsx',
      linesBeforeHeader: 3,
    });
  });

  test('the sheet may be named', async () => {
    const rows = [headings, note()].map((row, at) => rowXml(at + 1, row)).join('');
    const book = workbookOf({ sheets: { Cover: rowXml(1, ['Report']), Notes: rows }, formats });
    expect(Object.keys((await read('notes', book, { ...xlsx, sheet: 'Notes' })).rows)).toEqual(['2']);
    expect(await refusalOf('notes', book, { ...xlsx, sheet: 'notes' })).toMatchObject({
      type: 'ExportWrongReport',
      message: 'the workbook has 2 sheets, and none is called "notes"',
    });
  });

  const old = [headings, note({ client: 'OLD, ROW' })].map((row, at) => rowXml(at + 1, row)).join('');
  const fresh = [headings, note()].map((row, at) => rowXml(at + 1, row)).join('');

  test.each(['hidden', 'veryHidden'])('a sheet that is %s is not the first one', async (state) => {
    const book = workbookOf({ sheets: { [`Old" state="${state}`]: old, Notes: fresh }, formats });
    expect((await read('notes', book, xlsx)).rows[2]).toMatchObject({ client: 'ASHDOWN, ADA' });
    const hidden = workbookOf({ sheets: { [`Old" state="${state}`]: old }, formats });
    expect(await refusalOf('notes', hidden, xlsx)).toMatchObject({
      type: 'ExportWrongReport',
      message: 'the workbook has 1 sheets, and none can be seen',
    });
  });

  test.each([
    { title: 'its header in another order', second: [['Page 2'], [], headings.toReversed(), note()] },
    { title: 'no header', second: [note(), note()] },
    { title: 'another header', second: [headings.map((_, at) => `Column ${String(at)}`), note()] },
    { title: 'some of its columns', second: [headings.slice(0, 3), note().slice(0, 3)] },
    { title: 'blank rows before its rows', second: [...Array.from({ length: 60 }, () => []), note()] },
  ])(
    'a report that goes on in a second sheet with $title is refused, and one may be named',
    async ({ second }) => {
      const sheets = { Cover: fresh, Help: rowXml(1, ['Client']), 'Sheet 2': sheetOfRows(second) };
      const book = workbookOf({ sheets, formats });
      expect(await refusalOf('notes', book, xlsx)).toMatchObject({
        type: 'ExportWrongReport',
        message:
          'sheet 3 ("Sheet 2") of the workbook has rows too, and no setting says which sheet is the report',
      });
      expect(Object.keys((await read('notes', book, { ...xlsx, sheet: 'Cover' })).rows)).toEqual(['2']);
    },
  );

  test('a second sheet of filters is none, and the name of a sheet that may be a person is not repeated', async () => {
    const filters = sheetOfRows([['Filters'], [], ['From', '11/01/2026'], ['To', '11/15/2026']]);
    const book = workbookOf({ sheets: { Notes: fresh, Filters: filters }, formats });
    expect(Object.keys((await read('notes', book, xlsx)).rows)).toEqual(['2']);
    const byClient = workbookOf({ sheets: { 'DOE, JANE': fresh, 'ROE, RITA': fresh }, formats });
    const { message, hint } = await refusalOf('notes', byClient, xlsx);
    expect(message).toBe(
      'sheet 2 of the workbook has rows too, and no setting says which sheet is the report',
    );
    expect(hint).not.toContain('ROE');
  });

  test('dates count from 1904 where it says so', async () => {
    const { rows } = await read(
      'notes',
      notesBook([note({ served: '<c s="1"><v>44865</v></c>' })], { date1904: true }),
      xlsx,
    );
    expect(rows[2]).toMatchObject({ date_of_service: '2026-11-01' });
  });

  test.each([
    {
      title: 'a number as a service code',
      cells: { code: '<c><v>12</v></c>' },
      fault: 'service_code: not-a-text-cell',
    },
    {
      title: 'a date as a service code',
      cells: { code: '<c s="1"><v>46327</v></c>' },
      fault: 'service_code: not-a-text-cell',
    },
    {
      title: 'a boolean as a name',
      cells: { client: '<c t="b"><v>1</v></c>' },
      fault: 'client: not-a-text-cell',
    },
    {
      title: 'a number as a date',
      cells: { served: '<c><v>46327</v></c>' },
      fault: 'date_of_service: not-a-date',
    },
    {
      title: 'the day that never was',
      cells: { served: '<c s="1"><v>60</v></c>' },
      fault: 'date_of_service: not-a-date',
    },
    { title: 'a fraction of a day', cells: { days: '<c><v>0.5</v></c>' }, fault: 'days_to_sign: not-whole' },
    { title: 'an error', cells: { days: '<c t="e"><v>#REF!</v></c>' }, fault: 'days_to_sign: not-whole' },
    {
      title: 'a formula without its result as a date',
      cells: { served: '<c s="1"><f>E2</f></c>' },
      fault: 'date_of_service: not-calculated',
    },
    {
      title: 'a formula with an empty result as days',
      cells: { days: '<c><f>F2-E2</f><v></v></c>' },
      fault: 'days_to_sign: not-calculated',
    },
    {
      title: 'a boolean formula without its result',
      cells: { days: '<c t="b"><f t="shared" si="0"/></c>' },
      fault: 'days_to_sign: not-calculated',
    },
    {
      title: 'a formula of a text without its result',
      cells: { client: '<c t="str"><f>A1</f></c>' },
      fault: 'client: not-calculated',
    },
    {
      title: 'a number with a comma',
      cells: { days: '<c><v>1,2</v></c>' },
      fault: 'days_to_sign: not-whole',
    },
    {
      title: 'an error as a name',
      cells: { client: '<c t="e"><v>#N/A</v></c>' },
      fault: 'client: spreadsheet-damage',
    },
  ])('$title rejects the row', async ({ cells, fault }) => {
    const { rows } = await read('notes', notesBook([note(), note(cells)]), xlsx);
    expect(rows[3]).toBe(fault);
    expect(rows[2]).toMatchObject({ client: 'ASHDOWN, ADA' });
  });

  test('texts keep leading zeros, entities, pronunciation apart, and what XML cannot hold', async () => {
    const texts = [
      '<t xml:space="preserve"> 0012</t>',
      '<r><t>A &amp; B</t></r><r><t>, C</t></r><rPh><t>no</t></rPh>',
      'X_x000D_Y',
    ];
    const book = notesBook(
      [
        note({ code: '<c t="s"><v>0</v></c>', client: '<c t="s"><v>1</v></c>' }),
        note({ client: '<c t="s"><v>2</v></c>' }),
      ],
      { texts },
    );
    const { rows } = await read('notes', book, xlsx);
    expect(rows[2]).toMatchObject({ client: 'A & B, C', service_code: '0012' });
    expect(rows[3]).toMatchObject({ client: 'X Y' });
  });

  const unitHeadings =
    'Client,QP,Authorizing Payer,Service Code,Authorization Number,Start Date,End Date,Authorized Units,In Process Units,Billed Units,Authorized Dollars,In Process Dollars,Billed Dollars,Variance Billed'.split(
      ',',
    );

  test.each([
    { value: '1234.5', cents: 123450 },
    { value: '0.1', cents: 10 },
    { value: '-12.340', cents: -1234 },
    { value: '1E3', cents: 100000 },
    { value: '5.0000000000000003E-2', cents: 'too-many-decimals' },
    { value: '0.30000000000000004', cents: 'too-many-decimals' },
    { value: '1E300', cents: 'too-large' },
    { value: 'abc', cents: 'not-a-number' },
    { value: '1,234', cents: 'not-a-number' },
    { value: '(5)', cents: 'not-a-number' },
    { value: '$7', cents: 'not-a-number' },
    { value: ' 7', cents: 'not-a-number' },
  ])('the number $value is $cents, as it is written and never rounded', async ({ value, cents }) => {
    const day = '<c s="1"><v>46310</v></c>';
    const cells = ['A, A', 'B, B', 'X', 'CLS', '0001', day, day, '', '', '', `<c s="3"><v>${value}</v></c>`];
    const xml = [unitHeadings, cells].map((row, at) => rowXml(at + 1, row)).join('');
    const { rows } = await read('utilization', workbookOf({ sheets: { A: xml }, formats }), {
      ...xlsx,
      decimalMark: 'comma',
    });
    const { authorized_dollars: seen } = { authorized_dollars: rows[2], ...(rows[2] as object) };
    expect(seen).toEqual(typeof cents === 'string' ? `authorized_dollars: ${cents}` : cents);
  });

  test('a row of nothing but formulas without results is no blank one', async () => {
    const cells = headings.map(() => '<c><f>A1</f></c>');
    const { rows, warnings } = await read('notes', notesBook([note(), cells]), xlsx);
    expect(rows[3]).toBe('client: not-calculated');
    expect(warnings).toEqual({});
  });

  test('a formula may have an empty text as its result', async () => {
    const cells = note({ signed: '<c t="str"><f>A1</f><v></v></c>', days: '<c><f>1+1</f><v>2</v></c>' });
    const { rows } = await read('notes', notesBook([cells]), xlsx);
    expect(rows[2]).toMatchObject({ staff_sign_date: null, days_to_sign: 2 });
  });

  test('totals of formulas without results are unchecked', async () => {
    const totals = [...totalsOf('').slice(0, -1), '<c><f>SUM(G2:G3)</f></c>'];
    const { warnings } = await read('notes', notesBook([note(), totals]), { ...xlsx, totals: ['Total'] });
    expect(warnings).toEqual({ 'totals-lines': 1, 'totals-unchecked:days_to_sign': 1 });
  });

  test('a line of totals is checked', async () => {
    const form = { ...xlsx, totals: ['Total'] };
    const days = { days: '<c><v>2</v></c>' };
    expect((await read('notes', notesBook([note(days), note(days), totalsOf('4')]), form)).warnings).toEqual({
      'totals-lines': 1,
    });
    expect(await refusalOf('notes', notesBook([note(days), note(days), totalsOf('5')]), form)).toMatchObject({
      type: 'ExportTruncated',
    });
  });
});

const manyStyles = Array.from({ length: 65_491 }, () => 0);

/** The archive with a name of the same length in place of another. */
function renamed(archive: Buffer, from: string, to: string): Buffer {
  return Buffer.from(archive.toString('latin1').replaceAll(from, to), 'latin1');
}

function mergedBook(...ranges: readonly string[]): Buffer {
  const rows = [['Service Notes'], ['November'], headings, note(), note()];
  const merged = ranges.map((range) => `<mergeCell ref="${range}"/>`).join('');
  const xml = rows.map((row, at) => rowXml(at + 1, row)).join('');
  return workbookOf({
    sheets: { A: `${xml}</sheetData><mergeCells>${merged}</mergeCells><sheetData>` },
    formats,
  });
}

describe('merged cells', () => {
  const form = { ...xlsx, linesBeforeHeader: 2 };

  test.each(['C4:C5', 'A3:A4', 'A5:G1048576'])(
    'over rows below the header are refused: %s',
    async (range) => {
      expect(await refusalOf('notes', mergedBook('A1:G1', range), form)).toMatchObject({
        type: 'ExportNotCsv',
        message: `the cells ${range} of the workbook are merged over several rows`,
      });
    },
  );

  test('above it and within a row are read', async () => {
    const { rows } = await read('notes', mergedBook('A1:G2', 'A2:A3', 'A5:B5'), form);
    expect(Object.keys(rows)).toEqual(['4', '5']);
  });

  test('of no range are refused', async () => {
    expect(await refusalOf('notes', mergedBook('A4'), form)).toMatchObject({ type: 'ExportNotCsv' });
  });
});

describe('what is no whole workbook is refused', () => {
  const book = notesBook([note()]);

  test.each<{ title: string; bytes: Buffer }>([
    { title: 'cut off', bytes: book.subarray(0, -30) },
    { title: 'an archive of something else', bytes: zipOf({ 'a.txt': 'x' }) },
    { title: 'rows that go back', bytes: sheetOf(rowXml(2, headings) + rowXml(1, note())) },
    {
      title: 'a document type',
      bytes: zipOf({ 'xl/workbook.xml': '<!DOCTYPE x [<!ENTITY a "b">]><x>&a;</x>' }),
    },
    { title: 'a text that is not there', bytes: notesBook([note({ client: '<c t="s"><v>9</v></c>' })]) },
    {
      title: 'more sheets than any has',
      bytes: zipOf({
        'xl/_rels/workbook.xml.rels': '<a/>',
        'xl/workbook.xml': `<a>${'<sheet/>'.repeat(1001)}</a>`,
      }),
    },
    { title: 'more cell styles than any has', bytes: notesBook([note()], { formats: manyStyles }) },
    {
      title: 'a list of parts of more than 16 MB',
      bytes: zipOf({ 'xl/_rels/workbook.xml.rels': `<a>${`<b/>${' '.repeat(900_000)}`.repeat(19)}</a>` }),
    },
    {
      title: 'a part that is there twice',
      bytes: renamed(
        zipOf({ 'a.xml': '', 'xl/workbook.xm_': '', 'xl/workbook.xml': '' }),
        'workbook.xm_',
        'WORKBOOK.xml',
      ),
    },
    { title: 'half a character', bytes: notesBook([note({ client: 'A_xD83D_B' })]) },
    { title: 'a NUL', bytes: notesBook([note({ client: 'A_x0000_B' })]) },
    {
      title: 'formulas over several cells without results',
      bytes: notesBook([note({ days: '<c><f t="array" ref="G2:G9">1</f></c>' })]),
    },
    { title: 'XML without bottom', bytes: sheetOf('<a>'.repeat(1000)) },
    { title: 'broken XML', bytes: sheetOf('<row r="1"><c></row>') },
    { title: 'a text without end', bytes: sheetOf(`<row r="1"><c t="str"><v>${'a'.repeat(3_000_000)}`) },
    {
      title: 'a text larger than a cell',
      bytes: sheetOf(`<row r="1"><c t="str"><v>${'a'.repeat(300_000)}</v></c></row>`),
    },
  ])('$title', async ({ bytes }) => {
    const refusal = await refusalOf('notes', bytes, xlsx);
    expect(refusal).toMatchObject({ type: 'ExportNotCsv' });
    expect(refusal.message + refusal.hint).not.toMatch(/ASHDOWN/);
  });

  test('a byte changed anywhere is refused or changes no cell', async () => {
    const whole = await cellsOf(book);
    for (let at = 0; at < book.length; at += 5) {
      const bytes = Buffer.from(book);
      bytes[at]! ^= 0x01;
      const cells = await cellsOf(bytes);
      expect(cells === 'refused' ? whole : cells).toEqual(whole);
    }
  });
});

describe('numbers and dates of workbooks', () => {
  test.each([
    ['0', '0'],
    ['-0', '-0'],
    ['1.50', '1.5'],
    ['1E-2', '0.01'],
    ['1.25E+3', '1250'],
    ['12.345E1', '123.45'],
    ['1e', undefined],
    ['', undefined],
    ['1,5', undefined],
    ['0x10', undefined],
  ])('%s is %s', (text, plain) => {
    expect(plainNumber(text)).toBe(plain);
  });

  test.each([
    ['61', 1900, '03/01/1900'],
    ['60', 1900, undefined],
    ['46327', 1900, '11/01/2026'],
    ['46327.5', 1900, '11/01/2026 12:00:00'],
    ['46327.999999999', 1900, '11/02/2026 00:00:00'],
    ['46327.00001', 1900, '11/01/2026 00:00:00'],
    ['0', 1904, '01/01/1904'],
    ['-1', 1900, undefined],
    ['9999999', 1900, undefined],
  ] as const)('day %s of %s is %s', (text, system, date) => {
    expect(serialDate(text, system)).toBe(date);
  });
});

describe('packed files', () => {
  const csv = `${headings.join(',')}\r\n"ASHDOWN, ADA","MARLOW, KIT",,CLS,11/01/2026,,\r\n`;
  const tabbed = Buffer.from(
    `\uFEFF${csv.replaceAll(',', '\t').replace('ASHDOWN\t', 'ASHDOWN,')}`,
    'utf16le',
  );

  test.each<{ title: string; bytes: Buffer; form: Partial<FileForm> }>([
    { title: 'gzip', bytes: gzipSync(csv), form: { packed: 'gzip' } },
    {
      title: 'gzip in two parts, with zeros at its end',
      bytes: Buffer.concat([gzipSync(csv.slice(0, 40)), gzipSync(csv.slice(40)), Buffer.alloc(300_000)]),
      form: { packed: 'gzip' },
    },
    { title: 'zip', bytes: zipOf({ 'reportExport.csv': csv }), form: { packed: 'zip' } },
    {
      title: 'zip with other files',
      bytes: zipOf({ 'a/': '', 'a/Export.TXT': csv, '__MACOSX/a/._Export.TXT': 'x', 'read me.pdf': 'y' }),
      form: { packed: 'zip' },
    },
    {
      title: 'gzip of UTF-16 with tabs',
      bytes: gzipSync(tabbed),
      form: { packed: 'gzip', encoding: 'utf-16le', separator: 'tab' },
    },
  ])('$title: read with the YAML that the refusal prints', async ({ bytes, form }) => {
    const refusal = await refusalOf('notes', bytes);
    expect(proposedIn(refusal.hint)).toEqual(form);
    expect((await read('notes', bytes, form)).rows[2]).toMatchObject({ client: 'ASHDOWN, ADA' });
  });

  test('a zipped workbook', async () => {
    const bytes = zipOf({ 'report.xlsx': notesBook([note()]) });
    expect((await read('notes', bytes, { ...xlsx, packed: 'zip' })).rows[2]).toMatchObject({
      client: 'ASHDOWN, ADA',
    });
  });

  test.each<{ title: string; bytes: Buffer; form: Partial<FileForm>; type: string; says: RegExp }>([
    {
      title: 'two exports',
      bytes: zipOf({ 'a.csv': csv, 'b.csv': csv }),
      form: { packed: 'zip' },
      type: 'ExportNotCsv',
      says: /holds 2 files/,
    },
    {
      title: 'two exports of one name',
      bytes: renamed(zipOf({ 'export1.csv': csv, 'export2.csv': csv }), 'export2', 'export1'),
      form: { packed: 'zip' },
      type: 'ExportNotCsv',
      says: /two files in it have the same name/,
    },
    {
      title: 'no export',
      bytes: zipOf({ 'a.pdf': 'x' }),
      form: { packed: 'zip' },
      type: 'ExportNotCsv',
      says: /holds 0 files/,
    },
    {
      title: 'gzip cut off',
      bytes: gzipSync(csv).subarray(0, -9),
      form: { packed: 'gzip' },
      type: 'ExportTruncated',
      says: /stops before its end/,
    },
    ...[1, 100, 300_000].map((zeros) => ({
      title: `gzip that goes on after ${String(zeros)} zeros`,
      bytes: Buffer.concat([gzipSync(csv), Buffer.alloc(zeros), gzipSync('more')]),
      form: { packed: 'gzip' as const },
      type: 'ExportNotCsv',
      says: /goes on after its end/,
    })),
    {
      title: 'gzip with something else behind it',
      bytes: Buffer.concat([gzipSync(csv), Buffer.from('more')]),
      form: { packed: 'gzip' },
      type: 'ExportNotCsv',
      says: /gzip/,
    },
    {
      title: 'gzip damaged',
      bytes: damaged(gzipSync(csv)),
      form: { packed: 'gzip' },
      type: 'ExportNotCsv',
      says: /gzip/,
    },
    {
      title: 'no gzip',
      bytes: Buffer.from(csv),
      form: { packed: 'gzip' },
      type: 'ExportNotCsv',
      says: /gzip/,
    },
    {
      title: 'no zip',
      bytes: Buffer.from(csv),
      form: { packed: 'zip' },
      type: 'ExportNotCsv',
      says: /zip archive/,
    },
    {
      title: 'much of nothing',
      bytes: gzipSync(Buffer.alloc(50_000_000, 'a')),
      form: { packed: 'gzip' },
      type: 'ExportNotCsv',
      says: /goes on for more than/,
    },
  ])('$title is refused', async ({ bytes, form, type, says }) => {
    const refusal = await refusalOf('notes', bytes, form);
    expect(refusal.type).toBe(type);
    expect(refusal.message).toMatch(says);
  });

  test('an old workbook says what to do', async () => {
    const old = Buffer.concat([Buffer.from('d0cf11e0a1b11ae1', 'hex'), Buffer.alloc(600)]);
    expect((await refusalOf('notes', old)).hint).toContain('have the portal export XLSX or CSV');
  });
});

function damaged(bytes: Buffer): Buffer {
  const copy = Buffer.from(bytes);
  copy[40]! ^= 0xff;
  return copy;
}
