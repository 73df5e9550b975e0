import type { FileForm } from '../../src/domain/fileForm.ts';
import { plainFile, quotes, separators } from '../../src/domain/fileForm.ts';
import { gzipSync } from 'node:zlib';
import { rowXml, workbookOf, zipOf } from '../rows/workbookFiles.ts';
import { baseExport, bytesOf, type BaseExport, type Bytes } from './exports.ts';
import { drawMutations, type Mutant } from './mutants.ts';
import { amountOf, fault } from './oracle/cells.ts';
import { readRaw } from './oracle/csv.ts';
import { exported, plainForm, type Report, type WrittenForm } from './oracle/terms.ts';
import { randomFrom, type Random } from './random.ts';

const layouts = {
  usual: undefined,
  'month first': ['M/D/YYYY', 'M/D/YYYY h:mm A'],
  'day first': ['D/M/YYYY', 'D/M/YYYY H:mm'],
  'year first': ['YYYY-MM-DD', 'YYYY-MM-DD HH:mm:ss'],
} as const;

const dateColumns = new Set(['start_date', 'end_date', 'date_of_service']);

function nameOf<Name extends string>(table: Readonly<Record<Name, string | undefined>>, mark: string): Name {
  return (Object.keys(table) as Name[]).find((name) => (table[name] ?? '') === mark)!;
}

const ownBlanks = {
  utilization: ['authorizing_payer', 'billed_dollars'],
  notes: ['client_supervisor', 'staff_sign_date'],
} as const;

/** The form as pipeline.yaml says it. */
export function settingsOf(form: WrittenForm, report: Report, container: BaseExport['container']): FileForm {
  const written = layouts[form.dates];
  const dated = exported[report].filter((column) => column.endsWith('_date') || column.startsWith('date_'));
  return {
    ...plainFile,
    encoding: form.encoding,
    separator: nameOf(separators, form.separator),
    quote: nameOf(quotes, form.quote),
    linesBeforeHeader: form.linesBefore,
    emptyCellsAtEnd: form.emptyEnds,
    repeatedHeaders: form.pageHeaders,
    totals: form.totalsWord === '' ? [] : [form.totalsWord],
    dates:
      written === undefined
        ? {}
        : Object.fromEntries(dated.map((column) => [column, written[dateColumns.has(column) ? 0 : 1]])),
    decimalMark: form.decimalComma ? 'comma' : 'point',
    credits: form.credit === 0 ? 'none' : form.credit === -1 ? 'negative' : 'positive',
    currencyWords: form.currency === '' ? [] : [form.currency],
    amounts: form.accounting ? 'accounting' : 'plain',
    blankWords:
      form.blankWord === ''
        ? {}
        : Object.fromEntries(ownBlanks[report].map((column) => [column, [form.blankWord]])),
    ...(container === 'xlsx' ? { format: 'xlsx' } : {}),
    ...(container === 'gzip' || container === 'zip' ? { packed: container } : {}),
  };
}

// A mutation may change nothing; so often in a row is impossible.
const mostDraws = 100;

/** Mutant number so-and-so of that seed, of an export in another form. */
export function formedMutantOf(seed: string, report: Report, number: number): Mutant {
  const random = randomFrom(`forms/${seed}/${report}/${String(number)}`);
  if (random.chance(15)) return workbookMutant(report, number, random);
  const form = drawForm(random);
  const container = random.pick([undefined, undefined, undefined, undefined, 'gzip', 'zip'] as const);
  const base = { ...baseExport(report, random), form, ...(container === undefined ? {} : { container }) };
  const text = writtenIn(form, base, random);
  const whole = encoded(text, form);
  for (let draw = 0; draw < mostDraws; draw += 1) {
    const applied = drawMutations(random);
    const mutate = (bytes: Bytes) => applied.reduce((all, { apply }) => apply(all, random), bytes);
    // Mostly of the text, since bytes of UTF-16 that are torn apart are all refused alike.
    const content = random.chance(80)
      ? encoded(mutate(text), form)
      : Buffer.from(mutate(whole.toString('latin1')), 'latin1');
    if (content.equals(whole)) continue;
    if (container === undefined) return { number, base, applied, bytes: content };
    const bytes = container === 'gzip' ? gzipSync(content) : zipOf({ 'reportExport.csv': content });
    return { number, base, applied, bytes, content };
  }
  throw new Error(`mutant ${String(number)} of seed ${seed} is equal to its base`);
}

/** A workbook of what a mutation has left of an export's cells. */
function workbookMutant(report: Report, number: number, random: Random): Mutant {
  for (let draw = 0; draw < mostDraws; draw += 1) {
    const plain = baseExport(report, random);
    const applied = drawMutations(random);
    const mutated = applied.reduce((all, { apply }) => apply(all, random), plain.bytes);
    const { records, problems } = readRaw(Buffer.from(mutated, 'latin1'));
    const rows = sheetRows(records.map(({ cells }) => cells));
    const isTooLarge = rows.some((cells) => cells.length > 900 || cells.some((cell) => cell.length > 30_000));
    if (problems.length > 0 || isTooLarge || rows.length === 0) continue;
    const content = Buffer.from(
      rows.map((cells) => cells.map((cell) => `"${cell.replaceAll('"', '""')}"`).join(',') + '\n').join(''),
    );
    const names = rows[0]!.map((heading) => heading.trim().replaceAll(' ', '_').toLowerCase());
    const xml = rows.map((cells, at) =>
      rowXml(
        at + 1,
        cells.map((cell, column) => sheetCell(cell, names[column] ?? '', random)),
      ),
    );
    const bytes = workbookOf({ sheets: { Export: xml.join('') }, formats: [0, 14] });
    return { number, base: { ...plain, form: plainForm, container: 'xlsx' }, applied, bytes, content };
  }
  throw new Error(`no mutant ${String(number)} can be written as a workbook`);
}

/** As XML can hold them, without blank rows and blank ends of rows; each has a cell for each heading. */
function sheetRows(records: readonly (readonly string[])[]): string[][] {
  const filled = records
    .map((cells) => cells.map((cell) => cell.replaceAll(/[\p{Cc}\uFEFF\uFFFE\uFFFF]+/gu, ' ')))
    .map((cells) => cells.slice(0, cells.findLastIndex((cell) => cell.trim() !== '') + 1))
    .filter((cells) => cells.length > 0);
  const width = filled[0]?.length ?? 0;
  return filled.map((cells) =>
    [...cells, ...Array.from({ length: width - cells.length }, () => '')].slice(
      0,
      Math.max(width, cells.length),
    ),
  );
}

/** A date or a number as Excel stores it, or a text. */
function sheetCell(cell: string, column: string, random: Random): string {
  const [, month, day, year] = /^(\d\d)\/(\d\d)\/(\d{4})$/.exec(cell) ?? [];
  const time = Date.UTC(Number(year), Number(month) - 1, Number(day));
  const isDay = Number(year) > 1900 && new Date(time).toISOString().startsWith(`${year!}-${month!}-${day!}`);
  if (isDay && /_date$|^date_/.test(column) && random.chance(50)) {
    return `<c s="1"><v>${String(time / 86_400_000 + 25_569)}</v></c>`;
  }
  const isFigure = amounts.test(column) || column === 'days_to_sign';
  if (isFigure && /^-?\d{1,12}(\.\d{1,6})?$/.test(cell) && random.chance(50)) return `<c><v>${cell}</v></c>`;
  return cell.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

/** A plain form is another test's. */
function drawForm(random: Random): WrittenForm {
  const some = <Value>(usual: Value, others: readonly Value[]) =>
    random.chance(50) ? usual : random.pick(others);
  const form: WrittenForm = {
    encoding: some('utf-8', ['utf-16le', 'utf-16be', 'windows-1252']),
    separator: some(',', [';', '\t', '|']),
    quote: some('"', ["'", '']),
    linesBefore: some(0, [1, 3]),
    emptyEnds: random.chance(25),
    pageHeaders: random.chance(25),
    totalsWord: some('', ['TOTAL', 'GRAND TOTAL']),
    dates: some('usual', ['month first', 'day first', 'year first']),
    decimalComma: random.chance(25),
    credit: some(0, [-1, 1]),
    currency: some('', ['USD', '€']),
    accounting: random.chance(25),
    blankWord: some('', ['NOT SIGNED']),
  };
  return JSON.stringify(form) === JSON.stringify(plainForm) ? drawForm(random) : form;
}

const amounts = /_(?:units|dollars)$|^variance_/;

function writtenIn(form: WrittenForm, base: BaseExport, random: Random): Bytes {
  const { records } = readRaw(Buffer.from(base.bytes, 'latin1'));
  const [header, ...rows] = records.map(({ cells }) => cells);
  const names = header!.map((heading) => heading.trim().replaceAll(' ', '_').toLowerCase());
  const end = random.chance(50) ? '\r\n' : '\n';
  const lines: string[] = Array.from({ length: form.linesBefore }, () =>
    random.pick(['', 'Report', `sep=${form.separator}`, 'From 1 to 2; a, b']),
  );
  const write = (cells: readonly string[]) => cells.map((cell) => quoted(cell, form)).join(form.separator);
  lines.push(write(header!));
  for (const row of rows) {
    const cells = row.map((cell, at) => rewritten(cell, names[at] ?? '', { form, random }));
    const ends = form.emptyEnds ? form.separator.repeat(random.whole(0, 2)) : '';
    lines.push(write(cells) + ends);
    if (form.pageHeaders && random.chance(10)) lines.push(write(header!));
  }
  if (form.totalsWord !== '' && random.chance(95)) lines.push(write(totalsLine(rows, names, form, random)));
  const mark = form.encoding !== 'windows-1252' && random.chance(50) ? '\uFEFF' : '';
  return bytesOf(mark + lines.map((line) => line + end).join(''));
}

/** Without what a file of that form cannot hold. */
function quoted(cell: string, { separator, quote, encoding }: WrittenForm): string {
  const held = encoding === 'windows-1252' ? cell.replaceAll('Ł', 'L') : cell;
  if (quote === '') return held.replaceAll(separator, ' ').replaceAll(/\r?\n/g, ' ');
  const needed = [separator, quote, '\r', '\n'].some((mark) => held.includes(mark));
  return needed ? quote + held.replaceAll(quote, quote + quote) + quote : held;
}

function rewritten(
  cell: string,
  column: string,
  { form, random }: { form: WrittenForm; random: Random },
): string {
  const stamp = /^(\d\d)\/(\d\d)\/(\d{4})(?: (\d\d):(\d\d) ([AP])M)?$/.exec(cell);
  if (stamp !== null) return stampIn(form, stamp);
  const ownBlank = [...ownBlanks.notes, ...ownBlanks.utilization].some((each) => each === column);
  if (cell === '' && ownBlank && form.blankWord !== '') return random.pick(['', 'Not signed']);
  return amounts.test(column) ? amountIn(cell, form, random) : cell;
}

function short(part: string): string {
  return String(Number(part));
}

function stampIn(
  { dates }: WrittenForm,
  [whole, month, day, year, hour, minute, half]: RegExpExecArray,
): string {
  const hour24 = (Number(hour) % 12) + (half === 'P' ? 12 : 0);
  switch (dates) {
    case 'usual':
      return whole;
    case 'month first':
      return `${short(month!)}/${short(day!)}/${year!}${hour === undefined ? '' : ` ${short(hour)}:${minute!} ${half!}M`}`;
    case 'day first':
      return `${short(day!)}/${short(month!)}/${year!}${hour === undefined ? '' : ` ${String(hour24)}:${minute!}`}`;
    case 'year first':
      return `${year!}-${month!}-${day!}${hour === undefined ? '' : ` ${String(hour24).padStart(2, '0')}:${minute!}:00`}`;
  }
}

function amountIn(
  cell: string,
  { decimalComma, credit, currency, accounting }: WrittenForm,
  random: Random,
): string {
  if (accounting && cell === '$0.00') return random.pick(['$ -', ' $   -   ', '$-']);
  const swapped = decimalComma
    ? Array.from(cell, (mark) => (mark === '.' ? ',' : mark === ',' ? '.' : mark)).join('')
    : cell;
  const negative = /^-([$\d.,]+)$/.exec(swapped)?.[1];
  if (credit !== 0 && negative !== undefined) return `${negative} ${credit === -1 ? 'CR' : 'dr'}`;
  if (currency === '' || !/^[\d.,]+$/.test(swapped)) return swapped;
  return random.pick([`${currency} ${swapped}`, `${swapped} ${currency}`, swapped]);
}

function totalsLine(
  rows: readonly (readonly string[])[],
  names: readonly string[],
  form: WrittenForm,
  random: Random,
): string[] {
  const count = random.chance(30) ? random.pick([` (${String(rows.length)} rows)`, ' rows', ': 1,003']) : '';
  const sums = names.map((name) => {
    if (!amounts.test(name) || random.chance(20)) return '';
    const places = name.endsWith('_units') ? 4 : 2;
    const figures = rows.map((row) => amountOf((row[names.indexOf(name)] ?? '').trim(), places));
    if (figures.includes(fault)) return '1';
    const sum = figures.reduce<bigint>((all, figure) => all + ((figure as bigint | null) ?? 0n), 0n);
    const digits = (sum < 0n ? -sum : sum).toString().padStart(places + 1, '0');
    const text = `${sum < 0n ? '-' : ''}${digits.slice(0, -places)}.${digits.slice(-places)}`;
    return amountIn(text, form, random);
  });
  const place = random.chance(70) ? 0 : names.findIndex((name) => !amounts.test(name));
  return sums.map((sum, at) => (at === Math.max(place, 0) ? form.totalsWord.toLowerCase() + count : sum));
}

/** Text as UTF-8 in Latin-1 letters, in the form's encoding. */
function encoded(bytes: Bytes, { encoding }: WrittenForm): Buffer {
  const utf8 = Buffer.from(bytes, 'latin1');
  const text = utf8.toString('utf8');
  switch (encoding) {
    case 'utf-8':
      return utf8;
    case 'utf-16le':
      return Buffer.from(text, 'utf16le');
    case 'utf-16be':
      return Buffer.from(text, 'utf16le').swap16();
    case 'windows-1252':
      return Buffer.from(Array.from(text, byteIn1252));
  }
}

const shown = '€\u0081‚ƒ„…†‡ˆ‰Š‹Œ\u008dŽ\u008f\u0090‘’“”•–—˜™š›œ\u009džŸ';

function byteIn1252(letter: string): number {
  const at = shown.indexOf(letter);
  if (at !== -1) return 0x80 + at;
  const code = letter.codePointAt(0)!;
  return code < 256 ? code : 0x3f;
}
