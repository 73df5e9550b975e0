import { bytesOf, type Bytes } from './exports.ts';
import type { Random } from './random.ts';
import { bytesOfRecord, columnOf, recordsOf, saidBy, written, writtenRecord } from './records.ts';

/** One way in which an export goes wrong between the portal's database and our disk. */
export interface Mutation {
  readonly kind: string;
  readonly apply: (bytes: Bytes, random: Random) => Bytes;
  /** Takes long, so it is drawn ten times less often than others. */
  readonly slow?: true;
  /** Applied alone to a sound export, it must end in one of these failures. */
  readonly alone?: readonly string[];
}

export const mutations: readonly Mutation[] = [
  // Bytes
  { kind: 'bytes flipped', apply: (bytes, random) => times(random, 4, bytes, flipped) },
  { kind: 'bits flipped', apply: (bytes, random) => times(random, 4, bytes, bitFlipped) },
  { kind: 'bytes removed', apply: (bytes, random) => spliced(bytes, random, random.whole(1, 20), '') },
  { kind: 'bytes inserted', apply: (bytes, random) => spliced(bytes, random, 0, randomBytes(random)) },
  { kind: 'characters typed in', apply: (bytes, random) => times(random, 4, bytes, typedIn) },
  { kind: 'digits changed', apply: digitsChanged },
  {
    kind: 'NUL bytes',
    apply: (bytes, random) => times(random, 3, bytes, (some) => spliced(some, random, 0, '\0')),
  },
  { kind: 'control characters', apply: (bytes, random) => times(random, 3, bytes, controlInserted) },
  { kind: 'Unicode oddities inserted', apply: (bytes, random) => times(random, 3, bytes, oddityInserted) },
  // Quotes
  { kind: 'quote removed', apply: (bytes, random) => atOne(bytes, random, /"/g, () => '') },
  { kind: 'quote doubled', apply: (bytes, random) => atOne(bytes, random, /"/g, () => '""') },
  { kind: 'quote inserted', apply: (bytes, random) => spliced(bytes, random, 0, '"') },
  { kind: 'all quotes removed', apply: (bytes) => bytes.replaceAll('"', '') },
  { kind: 'apostrophes for quotes', apply: (bytes) => bytes.replaceAll('"', "'") },
  { kind: 'backslashes before quotes', apply: (bytes) => bytes.replaceAll('""', '\\"') },
  { kind: 'a quote that swallows rows', apply: rowsSwallowed },
  {
    kind: 'a quote opened at a cell',
    apply: (bytes, random) => atOne(bytes, random, /,(?=[^",])/g, () => ',"'),
  },
  // Separators
  { kind: 'semicolons for commas', apply: (bytes) => bytes.replaceAll(',', ';') },
  {
    kind: 'semicolons between cells',
    apply: (bytes) => separatedBy(bytes, ';'),
    alone: ['ExportWrongReport', 'ExportNotCsv'],
  },
  {
    kind: 'tabs between cells',
    apply: (bytes) => separatedBy(bytes, '\t'),
    alone: ['ExportWrongReport', 'ExportNotCsv'],
  },
  {
    kind: 'bars between cells',
    apply: (bytes) => separatedBy(bytes, '|'),
    alone: ['ExportWrongReport', 'ExportNotCsv'],
  },
  { kind: 'one row separated otherwise', apply: oneRowSeparatedOtherwise },
  { kind: 'a comma more or less', apply: commaMoreOrLess },
  // Encodings
  { kind: 'BOM added', apply: (bytes) => `${bom}${bytes}` },
  { kind: 'BOM added twice', apply: (bytes) => `${bom}${bom}${bytes}` },
  { kind: 'BOM in the middle', apply: (bytes, random) => spliced(bytes, random, 0, bom) },
  { kind: 'UTF-16 LE', apply: (bytes) => utf16(bytes).toString('latin1'), alone: ['ExportNotCsv'] },
  {
    kind: 'UTF-16 LE with BOM',
    apply: (bytes) => `\u00FF\u00FE${utf16(bytes).toString('latin1')}`,
    alone: ['ExportNotCsv'],
  },
  { kind: 'UTF-16 BE', apply: (bytes) => utf16(bytes).swap16().toString('latin1'), alone: ['ExportNotCsv'] },
  { kind: 'Latin-1', apply: (bytes) => textOf(bytes).replace(/[^\0-\u00FF]/g, '?') },
  { kind: 'encoded twice', apply: (bytes) => bytesOf(bytes) },
  {
    kind: 'accents lost to a mark',
    apply: (bytes) => bytesOf(textOf(bytes).replace(/[\u00C0-\uFFFF]/g, '\uFFFD')),
  },
  // Line ends and length
  { kind: 'CR line ends', apply: (bytes) => bytes.replace(/\r?\n/g, '\r') },
  { kind: 'CRCRLF line ends', apply: (bytes) => bytes.replace(/\r?\n/g, '\r\r\n') },
  {
    kind: 'mixed line ends',
    apply: (bytes, random) => bytes.replace(/\r?\n/g, () => random.pick(['\n', '\r\n', '\r\r\n'])),
  },
  { kind: 'some CR line ends', apply: (bytes, random) => atOne(bytes, random, /\r?\n/g, () => '\r') },
  {
    kind: 'blank lines',
    apply: (bytes, random) =>
      bytes.replace(/\n/g, (end) => random.pick([end, end, '\n\n', '\n \n', '\n\r\n'])),
  },
  { kind: 'cut at any byte', apply: (bytes, random) => bytes.slice(0, random.whole(0, bytes.length - 1)) },
  {
    kind: 'cut at the end of a row',
    apply: (bytes, random) =>
      withRecords(bytes, (records) => records.slice(0, random.whole(1, records.length))),
  },
  { kind: 'beginning lost', apply: (bytes, random) => bytes.slice(random.whole(1, bytes.length)) },
  { kind: 'last line end lost', apply: (bytes) => bytes.replace(/\r?\n$/, '') },
  { kind: 'trailing junk', apply: (bytes, random) => bytes + random.pick(junk) },
  { kind: 'zeros at the end', apply: (bytes, random) => bytes + '\0'.repeat(random.whole(1, 5000)) },
  { kind: 'nothing in the file', apply: () => '', alone: ['ExportTruncated'] },
  // Rows
  { kind: 'rows swapped', apply: (bytes, random) => withRows(bytes, (rows) => random.shuffled(rows)) },
  { kind: 'row doubled', apply: (bytes, random) => onRow(bytes, random, (row) => [row, row]) },
  { kind: 'row removed', apply: (bytes, random) => onRow(bytes, random, () => []) },
  {
    kind: 'rows joined',
    apply: (bytes, random) =>
      onRow(bytes, random, (row) => [row.replace(/\r?\n$/, random.pick(['', ',', ' ']))]),
  },
  {
    kind: 'row split',
    apply: (bytes, random) => onRow(bytes, random, (row) => [spliced(row, random, 0, '\n')]),
  },
  {
    kind: 'row of totals',
    apply: (bytes, random) => withRows(bytes, (rows) => [...rows, totalsRow(rows, random)]),
  },
  { kind: 'columns shifted in a row', apply: columnsShifted },
  { kind: 'two files in one', apply: (bytes) => bytes + bytes },
  // Header
  {
    kind: 'header twice',
    apply: (bytes) => withRecords(bytes, ([header = '', ...rows]) => [header, header, ...rows]),
  },
  {
    kind: 'header in the middle',
    apply: (bytes, random) => withRecords(bytes, (records) => inserted(records, random, records[0] ?? '')),
  },
  {
    kind: 'header missing',
    apply: (bytes) => withRecords(bytes, (records) => records.slice(1)),
    alone: ['ExportWrongReport', 'ExportTruncated', 'ExportNotCsv'],
  },
  {
    kind: 'heading renamed',
    apply: (bytes, random) => onHeading(bytes, random, () => [random.pick(newHeadings)]),
    alone: ['SchemaDrift'],
  },
  {
    kind: 'heading that is a name',
    apply: (bytes, random) => onHeading(bytes, random, () => [written('HOLLOWAY, HUGO')]),
    alone: ['SchemaDrift'],
  },
  {
    kind: 'heading doubled',
    apply: (bytes, random) => onHeading(bytes, random, (heading) => [heading, heading.replace(bom, '')]),
    alone: ['SchemaDrift'],
  },
  {
    kind: 'heading removed',
    apply: (bytes, random) => onHeading(bytes, random, () => []),
    alone: ['SchemaDrift'],
  },
  { kind: 'column removed', apply: columnRemoved },
  { kind: 'columns moved', apply: columnsMoved },
  {
    kind: 'further column headed by a name',
    apply: (bytes) => withRecords(bytes, (records) => records.map(namedColumn)),
  },
  { kind: '300 columns', apply: (bytes) => withRecords(bytes, (records) => records.map(widened)) },
  {
    kind: '300 columns in a row',
    apply: (bytes, random) => onRow(bytes, random, (row) => [widened(row, 1)]),
  },
  {
    kind: 'title above the header',
    apply: (bytes) => `Utilization report,,\n${bytes}`,
    alone: ['ExportWrongReport', 'ExportNotCsv'],
  },
  // Cells
  {
    kind: 'cells masked',
    apply: (bytes, random) => onCells(bytes, random, () => '*'.repeat(random.whole(3, 9))),
  },
  {
    kind: 'cells blanked',
    apply: (bytes, random) => onCells(bytes, random, () => random.pick(['', ' ', '""', '\t'])),
  },
  {
    kind: 'cells swapped',
    apply: (bytes, random) => onRow(bytes, random, (row) => [swappedCells(row, random)]),
  },
  {
    kind: 'spaces around cells',
    apply: (bytes, random) => onCells(bytes, random, (said) => written(` ${said}\u00C2\u00A0`)),
  },
  {
    kind: 'line break in cells',
    apply: (bytes, random) =>
      onCells(bytes, random, (said) => written(spliced(said, random, 0, random.pick(['\n', '\r\n', '\r'])))),
  },
  {
    kind: 'long cells',
    apply: (bytes, random) =>
      onCells(bytes, random, (said) => written(said + 'x'.repeat(random.whole(30, 400)))),
  },
  {
    kind: 'Excel formulas',
    apply: (bytes, random) =>
      onCells(bytes, random, (said) => written(random.pick(formulas).replace('?', () => said))),
  },
  {
    kind: 'dates in other formats',
    apply: (bytes, random) => onCells(bytes, random, (said) => written(otherDate(said, random)), /date/),
  },
  {
    kind: 'dates elsewhere',
    apply: (bytes, random) =>
      onCells(
        bytes,
        random,
        (said) =>
          said
            .replace(/\d\d(?=\/)/, () => pad2(random.whole(0, 13)))
            .replace(/\d{4}/, () => random.pick(['2026', '2027', '0026', '9999', '1899'])),
        /date/,
      ),
  },
  {
    kind: 'numbers in other formats',
    apply: (bytes, random) => onCells(bytes, random, (said) => written(otherNumber(said, random)), numeric),
  },
  {
    kind: 'signs elsewhere',
    apply: (bytes, random) =>
      onCells(bytes, random, (said) => written(signedElsewhere(said, random)), numeric),
  },
  {
    kind: 'decimal commas',
    apply: (bytes, random) =>
      onCells(
        bytes,
        random,
        (said) => written(said.replace(/[.,]/g, (mark) => (mark === '.' ? ',' : '.'))),
        numeric,
      ),
  },
  {
    kind: 'numbers too large',
    apply: (bytes, random) => onCells(bytes, random, () => '9'.repeat(random.whole(9, 40)), numeric),
  },
  {
    kind: 'decimals more',
    apply: (bytes, random) =>
      onCells(bytes, random, (said) => written(`${said}${random.pick(['0', '5', '.005', '.1'])}`), numeric),
  },
  {
    kind: 'codes in other forms',
    apply: (bytes, random) =>
      onCells(
        bytes,
        random,
        (said) => written(random.pick(codeForms).replace('?', () => said)),
        /code|number/,
      ),
  },
  {
    kind: 'spaces of other kinds',
    apply: (bytes, random) =>
      onCells(bytes, random, (said) => written(said.replaceAll(' ', () => bytesOf(random.pick(spaces))))),
  },
  {
    kind: 'accents as letters of their own',
    apply: (bytes, random) =>
      onCells(bytes, random, (said) => written(bytesOf(textOf(said).normalize('NFD')))),
  },
  {
    kind: 'words for blank',
    apply: (bytes, random) => onCells(bytes, random, () => written(bytesOf(random.pick(blankWords)))),
  },
  {
    kind: 'HTML entities',
    apply: (bytes, random) =>
      onCells(bytes, random, (said) => written(random.pick(entityForms).replace('?', () => said)), named),
  },
  {
    kind: 'what spreadsheets leave',
    apply: (bytes, random) => onCells(bytes, random, () => written(random.pick(spoiled)), named),
  },
  {
    kind: 'absurd days',
    apply: (bytes, random) =>
      onCells(
        bytes,
        random,
        () => random.pick(['36500', '36501', '-36501', '1000000', '02/04/5025']),
        /day|date/,
      ),
  },
  // Other files
  {
    kind: 'web page',
    apply: (bytes, random) => random.pick(webPages).replace('?', () => bytes.slice(0, 300)),
    alone: ['ExportNotCsv'],
  },
  {
    kind: 'JSON',
    apply: (bytes, random) =>
      random.pick(['{"error":"?"}\n', '[{"client":"?"}]\n']).replace('?', () => bytes.slice(0, 50)),
    alone: ['ExportNotCsv'],
  },
  { kind: 'compressed', apply: (bytes) => `PK\u0003\u0004\0\0${bytes}`, alone: ['ExportNotCsv'] },
  {
    kind: 'web page after the rows',
    apply: (bytes, random) => bytes + random.pick(webPages).replace('?', ''),
  },
  {
    kind: 'cell of 1 MB',
    slow: true,
    apply: (bytes, random) =>
      onCells(bytes, random, (said) => written(said + 'A '.repeat(550_000)), undefined, 1),
  },
  {
    kind: 'line of 600 kB',
    slow: true,
    apply: (bytes, random) =>
      onRow(bytes, random, (row) => [row.replace(/\r?\n$/, `${',x'.repeat(300_000)}\n`)]),
  },
  {
    kind: 'many rows',
    slow: true,
    apply: (bytes) => withRows(bytes, (rows) => Array.from({ length: 20 }, () => rows).flat()),
  },
];

const bom = '\u00EF\u00BB\u00BF';
const numeric = /units|dollars|variance|days/;
const named = /client|qp|payer|caregiver|supervisor|code|number/;
const spaces = ['\u00A0', '\u202F', '\u3000', '\u2003 ', '  ', ' \t', '\u200B', '\uFEFF ', '\u2060', '\n'];
const blankWords = [
  'N/A',
  'n/a',
  ' NA ',
  'Null',
  'none',
  '--',
  '-',
  '\u2013',
  '\u2014',
  '\u00A0-',
  '---',
  'nil',
];
const entityForms = ['?&#39;S', '&eacute;?', '?&amp;', '?&nbsp;', '? & ;', '&#x27?', '?&;', '&?;'];
const spoiled = (
  '1.00234E+11|1E+11|1E5|1,5E11|="0010023"|3/1/2026|2026-03-01|3/1/26|10-12-34|1-Mar|Mar-26|MARK-26|#NAME?|#N/A|' +
  '########|#|#1|3/1/2026 0:00|13/45/2026'
).split('|');
const junk = [
  'junk',
  'junk\n',
  '\u001A',
  '\n\n\n',
  'Total,,\n',
  '-- end of report --\r\n',
  '"',
  '""\n',
  ',\n',
  ' \n',
];
const newHeadings = ['Total Amount', 'Customer', 'Client Name', 'Column1', '', 'Name', 'Sevice Code'];
const formulas = ['=?', '="?"', '+?', "'?", '=SUM(A1:A9)', '@?', '#REF!', '#N/A'];
const codeForms = [
  '?X',
  'X?',
  '? (08/01/2026)',
  '?(8/1/2026)',
  '(08/01/2026)',
  '?  ',
  '? (13/45/2026)',
  '0?',
  '?(8/1/26)',
  '? [2026-08-01]',
  '? (08/01/2026 - 07/31/2027)',
  '?(8/1/2026\u00E2\u0080\u00937/31/2027)',
  '? (2026-08-01 to 2027-07-31)',
  '? (02/30/2026)',
  '? (8)',
  '?\u00C3\u00A9',
];
const webPages = [
  '<!DOCTYPE html>\n<html><body>Your session has ended. ?</body></html>\n',
  '\r\n  <html>\r\n<table><tr><td>?</td></tr></table></html>\r\n',
  `${bom}<?xml version="1.0"?><error>?</error>\n`,
];

function textOf(bytes: Bytes): string {
  return Buffer.from(bytes, 'latin1').toString('utf8');
}

function utf16(bytes: Bytes): Buffer {
  return Buffer.from(textOf(bytes), 'utf16le');
}

function times(
  random: Random,
  most: number,
  bytes: Bytes,
  change: (bytes: Bytes, random: Random) => Bytes,
): Bytes {
  let changed = bytes;
  for (let left = random.whole(1, most); left > 0; left -= 1) changed = change(changed, random);
  return changed;
}

/** Takes so many bytes out somewhere and puts others there. */
function spliced(bytes: Bytes, random: Random, out: number, into: Bytes): Bytes {
  const at = random.whole(0, bytes.length);
  return bytes.slice(0, at) + into + bytes.slice(at + out);
}

function flipped(bytes: Bytes, random: Random): Bytes {
  return spliced(bytes, random, 1, String.fromCharCode(random.whole(0, 255)));
}

function bitFlipped(bytes: Bytes, random: Random): Bytes {
  const at = random.whole(0, bytes.length - 1);
  const other = String.fromCharCode((bytes.charCodeAt(at) || 0) ^ (1 << random.whole(0, 7)));
  return bytes.slice(0, at) + other + bytes.slice(at + 1);
}

function randomBytes(random: Random): Bytes {
  return Array.from({ length: random.whole(1, 8) }, () => String.fromCharCode(random.whole(0, 255))).join('');
}

function typedIn(bytes: Bytes, random: Random): Bytes {
  return spliced(bytes, random, random.whole(0, 1), random.pick(Array.from('abZ0159,,"".-()$/: \n\n')));
}

function controlInserted(bytes: Bytes, random: Random): Bytes {
  return spliced(bytes, random, 0, String.fromCharCode(random.whole(1, 31)));
}

const oddities = Array.from(
  '\u2028\u2029\u0085\u200B\u202E\u00A0\u00AD\u02BC\u0301\uFFFD\u{1F600}\uFF0C\uFF11\u2212',
);

function oddityInserted(bytes: Bytes, random: Random): Bytes {
  return spliced(bytes, random, 0, bytesOf(random.pick(oddities)));
}

function digitsChanged(bytes: Bytes, random: Random): Bytes {
  return times(random, 6, bytes, (some) => atOne(some, random, /\d/g, () => String(random.whole(0, 9))));
}

/** Changes one of the places that match. */
function atOne(bytes: Bytes, random: Random, places: RegExp, change: (found: string) => Bytes): Bytes {
  const found = [...bytes.matchAll(places)];
  if (found.length === 0) return bytes;
  const { 0: text, index } = random.pick(found);
  return bytes.slice(0, index) + change(text) + bytes.slice(index + text.length);
}

function withRecords(bytes: Bytes, change: (records: Bytes[]) => readonly Bytes[]): Bytes {
  return change(recordsOf(bytes)).join('');
}

function withRows(bytes: Bytes, change: (rows: Bytes[]) => readonly Bytes[]): Bytes {
  return withRecords(bytes, ([header = '', ...rows]) => [header, ...change(rows)]);
}

function onRow(bytes: Bytes, random: Random, change: (row: Bytes) => readonly Bytes[]): Bytes {
  return withRows(bytes, (rows) => {
    const chosen = random.whole(0, rows.length - 1);
    return rows.flatMap((row, index) => (index === chosen ? change(row) : [row]));
  });
}

function inserted(records: readonly Bytes[], random: Random, one: Bytes): Bytes[] {
  const at = random.whole(1, records.length);
  return [...records.slice(0, at), one, ...records.slice(at)];
}

function onHeading(bytes: Bytes, random: Random, change: (heading: Bytes) => readonly Bytes[]): Bytes {
  return withRecords(bytes, ([header = '', ...rows]) => {
    const { cells, end } = writtenRecord(header);
    const places = cells.flatMap((heading, index) => (columnOf(heading) === 'location' ? [] : [index]));
    const chosen = random.pick(places);
    const changed = cells.flatMap((heading, index) => (index === chosen ? change(heading) : [heading]));
    return [bytesOfRecord({ cells: changed, end }), ...rows];
  });
}

/** Cells of one to five rows, or of one whole column, of columns whose heading matches. */
function onCells(
  bytes: Bytes,
  random: Random,
  change: (said: Bytes) => Bytes,
  columns = /./,
  most = 5,
): Bytes {
  return withRecords(bytes, ([header = '', ...rows]) => {
    const headings = writtenRecord(header).cells.map(columnOf);
    const places = headings.flatMap((heading, index) => (columns.test(heading) ? [index] : []));
    if (places.length === 0 || rows.length === 0) return [header, ...rows];
    const wholeColumn = most > 1 && random.chance(15);
    const percent = wholeColumn ? 100 : (random.whole(1, most) * 100) / rows.length;
    const column = random.pick(places);
    const sure = random.whole(0, rows.length - 1);
    return [
      header,
      ...rows.map((row, index) =>
        index === sure || (most > 1 && random.chance(percent))
          ? withCell(row, wholeColumn ? column : random.pick(places), change)
          : row,
      ),
    ];
  });
}

function withCell(row: Bytes, chosen: number, change: (said: Bytes) => Bytes): Bytes {
  const { cells, end } = writtenRecord(row);
  return bytesOfRecord({
    cells: cells.map((cell, index) => (index === chosen ? change(saidBy(cell)) : cell)),
    end,
  });
}

function separatedBy(bytes: Bytes, separator: string): Bytes {
  return withRecords(bytes, (records) => records.map((record) => recordSeparatedBy(record, separator)));
}

function recordSeparatedBy(record: Bytes, separator: string): Bytes {
  const { cells, end } = writtenRecord(record);
  return cells.join(separator) + end;
}

function oneRowSeparatedOtherwise(bytes: Bytes, random: Random): Bytes {
  return onRow(bytes, random, (row) => [recordSeparatedBy(row, random.pick([';', '\t', '|']))]);
}

function commaMoreOrLess(bytes: Bytes, random: Random): Bytes {
  return random.chance(50) ? spliced(bytes, random, 0, ',') : atOne(bytes, random, /,/g, () => '');
}

/** A quote before a cell of one row, and one after a cell of a later row: all between is one cell. */
function rowsSwallowed(bytes: Bytes, random: Random): Bytes {
  return withRows(bytes, (rows) => {
    if (rows.length < 2) return rows;
    const first = random.whole(0, rows.length - 2);
    const last = Math.min(rows.length - 1, first + random.whole(1, 4));
    const sameColumn = random.chance(60);
    const width = writtenRecord(rows[0]!).cells.length;
    const column = random.whole(0, width - 1);
    const until = sameColumn ? column : random.whole(0, width - 1);
    return rows.map((row, index) => {
      if (index === first) return withRawCell(row, column, (cell) => `"${cell.replaceAll('"', '')}`);
      if (index === last) return withRawCell(row, until, (cell) => `${cell.replaceAll('"', '')}"`);
      return index > first && index < last ? row.replaceAll('"', '') : row;
    });
  });
}

function withRawCell(row: Bytes, chosen: number, change: (cell: Bytes) => Bytes): Bytes {
  const { cells, end } = writtenRecord(row);
  return bytesOfRecord({ cells: cells.map((cell, index) => (index === chosen ? change(cell) : cell)), end });
}

function columnsShifted(bytes: Bytes, random: Random): Bytes {
  return onRow(bytes, random, (row) => {
    const { cells, end } = writtenRecord(row);
    const at = random.whole(0, cells.length - 1);
    const shifted = random.chance(50)
      ? [...cells.slice(0, at), '', ...cells.slice(at, -1)]
      : [...cells.slice(0, at), ...cells.slice(at + 1), ''];
    return [bytesOfRecord({ cells: shifted, end })];
  });
}

function columnRemoved(bytes: Bytes, random: Random): Bytes {
  return withRecords(bytes, (records) => {
    const column = random.whole(0, writtenRecord(records[0] ?? '').cells.length - 1);
    return records.map((record) => {
      const { cells, end } = writtenRecord(record);
      return bytesOfRecord({ cells: cells.filter((_, index) => index !== column), end });
    });
  });
}

function columnsMoved(bytes: Bytes, random: Random): Bytes {
  return withRecords(bytes.replace(bom, ''), (records) => {
    const width = writtenRecord(records[0] ?? '').cells.length;
    const order = random.shuffled(Array.from({ length: width }, (_, index) => index));
    return records.map((record) => {
      const { cells, end } = writtenRecord(record);
      return cells.length === width
        ? bytesOfRecord({ cells: order.map((index) => cells[index]!), end })
        : record;
    });
  });
}

function widened(record: Bytes, index: number): Bytes {
  const { cells, end } = writtenRecord(record);
  const more = Array.from({ length: 286 }, (_, column) => (index === 0 ? `Extra ${String(column)}` : '7'));
  return bytesOfRecord({ cells: [...cells, ...more], end });
}

function namedColumn(record: Bytes, index: number): Bytes {
  const { cells, end } = writtenRecord(record);
  return bytesOfRecord({ cells: cells.concat(index === 0 ? written('HOLLOWAY, HUGO') : 'x'), end });
}

function totalsRow(rows: readonly Bytes[], random: Random): Bytes {
  const { cells, end } = writtenRecord(rows.at(-1) ?? ',\n');
  const total = random.pick(['Total', 'TOTAL', 'Grand total']);
  return bytesOfRecord({
    cells: cells.map((cell, index) => (index === 0 ? total : random.pick(['', cell]))),
    end,
  });
}

function swappedCells(row: Bytes, random: Random): Bytes {
  const { cells, end } = writtenRecord(row);
  const one = random.whole(0, cells.length - 1);
  const other = random.whole(0, cells.length - 1);
  const swapped = cells.map((cell, index) =>
    index === one ? cells[other]! : index === other ? cells[one]! : cell,
  );
  return bytesOfRecord({ cells: swapped, end });
}

function pad2(number: number): string {
  return String(number).padStart(2, '0');
}

function otherDate(said: Bytes, random: Random): Bytes {
  const [month = '1', day = '2', rest = '2026'] = said.split('/');
  const year = rest.slice(0, 4);
  return random.pick([
    `${year}-${month}-${day}`,
    `${day}/${month}/${year}`,
    `${String(Number(month))}/${String(Number(day))}/${year}`,
    `${month}/${day}/${year.slice(2)}`,
    `${month}-${day}-${year}`,
    `${said} 12:00 AM`,
    `${month}/${day}/${year} 00:30 AM`,
    `${month}/${day}/${year} 13:05 PM`,
    `${month}/${day}/${year} 15:05`,
    `${month}/${day}/${year}  03:15:09 pm`,
    `${month}/${day}/${year} 03:15PM`,
    `${month}/${day}/${year}T03:15 PM`,
    `02/30/${year}`,
    `02/29/${year}`,
    'Aug 1, 2026',
    '46235',
    'N/A',
  ]);
}

function signedElsewhere(said: Bytes, random: Random): Bytes {
  const plain = said.replace(/[$()-]/g, '');
  const forms = ['$-?', '-$?', '-?', '($?)', '(?)', '$(?)', '(-?)', '?-', '$?', '?', '-$-?', '((?))'];
  return random.pick(forms).replace('?', () => plain);
}

function otherNumber(said: Bytes, random: Random): Bytes {
  return random.pick([
    '1e3',
    '1.234.567',
    'NaN',
    'Infinity',
    '-Infinity',
    bytesOf('１２３'),
    bytesOf(`\u2212${said}`),
    bytesOf(`€${said}`),
    bytesOf(`\u00A0${said}`),
    bytesOf(`1\u202F234`),
    `USD ${said}`,
    `${said} CR`,
    `${said}-`,
    `+${said}`,
    `--${said}`,
    `(-${said})`,
    `-(${said})`,
    `$-${said.replace('$', '')}`,
    `($${said}`,
    `${said})`,
    `$ ${said}`,
    `$$${said}`,
    '1,23,456.78',
    '12,34',
    '1,2345',
    ',123',
    '.5',
    '5.',
    '0x1F',
    '1_000',
    bytesOf('½'),
    bytesOf('٣'),
    '-0',
    '0000012',
    '0,001',
    'null',
    '#DIV/0!',
    '12%',
  ]);
}
