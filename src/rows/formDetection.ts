import { isUtf8 } from 'node:buffer';
import { CsvError } from 'csv-parse';
import { parse } from 'csv-parse/sync';
import { PipelineError } from '../domain/failures.ts';
import { plainFile, quotes, separators, type Encoding, type FileForm } from '../domain/fileForm.ts';
import type { Period } from '../domain/periods.ts';
import { fileFormOf, type Rules } from '../domain/rules.ts';
import { reports, type ReportName } from '../reports/index.ts';
import type { ReportDefinition } from '../reports/report.ts';
import { seeCells } from './cellDetection.ts';
import { csvOptions } from './csv.ts';
import { createTranscoder } from './exportEncoding.ts';
import type { ExportRecord } from './exportRecord.ts';
import { seeContainer } from './packedSample.ts';
import { isHeader, readHeader, type ExportLayout } from './exportHeader.ts';
import type { FileSample } from './fileSample.ts';
import { RecordScanner } from './recordScanner.ts';

/** What a file looks like. Contains no cell. */
export interface SeenForm {
  /** The form under which the file can be read, as far as one can see. */
  readonly form: FileForm;
  /** How the file differs from the configured form, as text. */
  readonly looks: readonly string[];
}

/** A file as text, and how its text is split. */
interface SeenText {
  readonly form: FileForm;
  readonly header: readonly string[];
  readonly records: readonly (readonly string[])[];
}

/**
 * Finds out the form of a file from its beginning and its end. It only proposes: the form that counts is that of
 * pipeline.yaml. Undefined if the report's header is not found, and nothing else is to be seen.
 * @param wantedPeriod given if the file seems to be of another period, which dates read the wrong way round can cause
 */
export async function seeForm(
  sample: FileSample,
  report: ReportName,
  rules: Rules,
  wantedPeriod?: Period,
): Promise<SeenForm | undefined> {
  const configured = fileFormOf(report, rules);
  const { format, packed, text, rows } = await seeContainer(sample);
  if (format === 'xls') return { form: configured, looks: [oldWorkbook] };
  const contained = { ...configured, format, packed };
  const sheet = sample.rows.length > 0 ? sample.rows : rows;
  const whole =
    text === undefined ? rowsAs(contained, sheet, report, rules) : textAs(contained, text, report, rules);
  const inside = whole === undefined ? undefined : seeRecords(whole, report, rules, wantedPeriod);
  const isPacked = !isSame('format', contained, configured) || !isSame('packed', contained, configured);
  if (inside === undefined && !isPacked) return undefined;
  const { form, looks } = inside ?? { form: contained, looks: [] };
  const settings = Object.entries(lookers).flatMap(([setting, look]) =>
    isSame(setting as keyof FileForm, form, configured) ? [] : [look(form)],
  );
  return { form, looks: [...settings, ...looks] };
}

const oldWorkbook =
  'a workbook of an Excel before 2007 (XLS), which is not read: have the portal export XLSX or CSV';

/** A workbook's rows; undefined if none of the first is the header. */
function rowsAs(
  form: FileForm,
  rows: readonly ExportRecord[],
  report: ReportName,
  rules: Rules,
): SeenWhole | undefined {
  const at = rows.slice(0, linesLookedAt).findIndex(({ cells }) => isHeader(report, cells, rules));
  const header = rows[at];
  if (header === undefined) return undefined;
  // Titles in rows above may be wider than the header.
  const headings = header.cells.slice(0, header.cells.findLastIndex(isFilled) + 1);
  const records = rows.slice(at + 1).map((record) => {
    const cells = textCells(record);
    return cells.slice(0, Math.max(headings.length, cells.findLastIndex(isFilled) + 1));
  });
  return {
    form: { ...form, linesBeforeHeader: at === 0 ? form.linesBeforeHeader : header.line - 1 },
    header: headings,
    records,
    end: records,
  };
}

/** The texts of a workbook's row: its numbers and dates can be read however the texts are written. */
function textCells({ cells, kinds }: ExportRecord): string[] {
  return cells.map((cell, at) => ((kinds?.[at] ?? 'text') === 'text' ? cell : ''));
}

/** A text; undefined if it is none, or has no header. */
function textAs(
  configured: FileForm,
  sample: FileSample,
  report: ReportName,
  rules: Rules,
): SeenWhole | undefined {
  const encoding = encodingOf(sample);
  const text = textIn(sample, encoding);
  if (text === undefined) return undefined;
  const place = findHeader(text, report, rules);
  if (place === undefined) return undefined;
  const split = splitAs({ ...configured, ...place, encoding }, text, sample.isWhole);
  return { ...split, end: sample.isWhole ? split.records : recordsAtEnd(sample, split.form) };
}

export function isSame(setting: keyof FileForm, one: FileForm, other: FileForm): boolean {
  return JSON.stringify(one[setting]) === JSON.stringify(other[setting]);
}

interface SeenWhole extends SeenText {
  /** The last records of the file. */
  readonly end: readonly (readonly string[])[];
}

/** What the records look like: what stands between them, and how their cells are written. */
function seeRecords(
  { form, header, records, end }: SeenWhole,
  name: ReportName,
  rules: Rules,
  wantedPeriod: Period | undefined,
): { form: FileForm; looks: readonly string[] } {
  const layout = layoutOf(name, header, rules);
  if (layout === undefined) return { form, looks: [] };
  const report = reports[name];
  const isAgain = (cells: readonly string[]) => header.every((heading, index) => cells[index] === heading);
  const isTotals = (cells: readonly string[]) => totalsWordIn(cells, report, layout) !== undefined;
  const rows = records.filter((cells) => !isAgain(cells) && !isTotals(cells) && cells.some(isFilled));
  const words = end.slice(-mostTotals).flatMap((cells) => totalsWordIn(cells, report, layout) ?? []);
  const longer = rows.filter(({ length }) => length > layout.width);
  const isEmptyEnd = longer.length > 0 && longer.every((cells) => !cells.slice(layout.width).some(isFilled));
  const known = new Set(form.totals.map((word) => word.toUpperCase()));
  const found = {
    ...form,
    repeatedHeaders: form.repeatedHeaders || records.some(isAgain),
    emptyCellsAtEnd: form.emptyCellsAtEnd || isEmptyEnd,
    totals: [...form.totals, ...new Set(words.filter((word) => !known.has(word.toUpperCase())))],
  };
  const fitting = rows.filter(({ length }) => length === layout.width || isEmptyEnd);
  return seeCells(fitting, report, { layout, form: found, reading: rules.reading[name], wantedPeriod });
}

function layoutOf(name: ReportName, header: readonly string[], rules: Rules): ExportLayout | undefined {
  try {
    return readHeader(name, header, rules);
  } catch (error) {
    if (error instanceof PipelineError) return undefined;
    throw error;
  }
}

function isFilled(cell: string): boolean {
  return cell.trim() !== '';
}

/** Lines of totals that are looked for at the end. */
const mostTotals = 5;

/** The word with which a line of totals begins, as written. */
function totalsWordIn(
  cells: readonly string[],
  report: ReportDefinition,
  layout: ExportLayout,
): string | undefined {
  const first = cells.findIndex(isFilled);
  const word = /^(?:(?:grand|report|overall|sub)[ -]?)?totals?(?=$|[\s:=(])/i.exec(
    (cells[first] ?? '').trim(),
  )?.[0];
  const isRow = report.columns.some(
    ({ name, required }) =>
      required === true && layout.positions[name] !== first && isFilled(cells[layout.positions[name]!] ?? ''),
  );
  return isRow ? undefined : word;
}

/** How each setting shows, as text. */
const lookers: Partial<Record<keyof FileForm, (form: FileForm) => string>> = {
  packed: ({ packed }) => ({ none: 'not packed', gzip: 'packed by gzip', zip: 'in a zip archive' })[packed],
  format: ({ format }) => ({ csv: 'CSV', xlsx: 'an Excel workbook' })[format],
  separator: ({ separator }) => `${separatorWords[separator]} between its cells`,
  encoding: ({ encoding }) => `text in ${encodingWords[encoding]}`,
  quote: ({ quote }) => quoteWords[quote],
  linesBeforeHeader: ({ linesBeforeHeader: lines }) =>
    lines === 1 ? '1 line before its header' : `${String(lines)} lines before its header`,
  repeatedHeaders: () => 'its header again between the rows',
  emptyCellsAtEnd: () => 'empty cells at the end of rows',
  totals: ({ totals }) => `lines of totals that begin with ${totals.join(', ')}`,
  blankWords: ({ blankWords }) =>
    Object.entries(blankWords)
      .map(([column, words = []]) => `${words.join(', ')} for blank in ${column}`)
      .join(', '),
};

export const separatorWords = {
  comma: 'commas',
  semicolon: 'semicolons',
  tab: 'tabs',
  pipe: 'pipes',
} as const;

const quoteWords = {
  double: 'double quotes around cells',
  single: 'single quotes around cells',
  none: 'quotes that belong to the cells',
} as const;

const encodingWords = {
  'utf-8': 'UTF-8',
  'utf-16le': 'UTF-16LE',
  'utf-16be': 'UTF-16BE',
  'windows-1252': 'Windows-1252',
} as const;

const newline = 0x0a;

/** Up to the last line break, since the sample may end within a character. */
function wholeLines(bytes: Buffer): Buffer {
  return bytes.subarray(0, bytes.lastIndexOf(newline) + 1);
}

function encodingOf(sample: FileSample): Encoding {
  const { beginning } = sample;
  const mark = beginning.subarray(0, 2).toString('latin1');
  if (mark === '\u00ff\u00fe') return 'utf-16le';
  if (mark === '\u00fe\u00ff') return 'utf-16be';
  const zeroes = [0, 0];
  for (const [at, byte] of beginning.subarray(0, 200).entries()) if (byte === 0) zeroes[at % 2]! += 1;
  // English letters in UTF-16 have a zero byte each, always on the same side.
  if (zeroes[1]! > 40 && zeroes[0] === 0) return 'utf-16le';
  if (zeroes[0]! > 40 && zeroes[1] === 0) return 'utf-16be';
  const lines = sample.isWhole ? beginning : wholeLines(beginning);
  return isUtf8(lines) ? 'utf-8' : 'windows-1252';
}

/** Undefined if the bytes are in none of the encodings. */
function textIn(sample: FileSample, encoding: Encoding): string | undefined {
  try {
    const transcoder = createTranscoder(encoding);
    const bytes = transcoder === undefined ? sample.beginning : transcoder.take(sample.beginning);
    const text = (sample.isWhole ? bytes : wholeLines(bytes)).toString('utf8').replace(/^\uFEFF/, '');
    return text.includes('\0') ? undefined : text;
  } catch (error) {
    if (error instanceof PipelineError) return undefined;
    throw error;
  }
}

/** The records of the file's last kilobytes. */
function recordsAtEnd({ end }: FileSample, form: FileForm): readonly (readonly string[])[] {
  const text = lenientText(end, form.encoding);
  return recordsIn(text.slice(text.indexOf('\n') + 1), form, false) ?? [];
}

/** The end of a file may begin within a character. */
function lenientText(bytes: Buffer, encoding: Encoding): string {
  switch (encoding) {
    case 'utf-8':
      return bytes.toString('utf8');
    case 'windows-1252':
      return bytes.toString('latin1');
    case 'utf-16le':
      return bytes.toString('utf16le');
    case 'utf-16be':
      return Buffer.from(bytes.subarray(0, bytes.length - (bytes.length % 2)))
        .swap16()
        .toString('utf16le');
  }
}

/** A title, filters and blank lines before a header take a few lines. */
const linesLookedAt = 50;

/** Finds the report's header near the beginning of a file, whatever separates its cells. */
function findHeader(
  text: string,
  report: ReportName,
  rules: Rules,
): Pick<FileForm, 'linesBeforeHeader' | 'separator'> | undefined {
  const lines = text.split('\n', linesLookedAt);
  for (const [index, line] of lines.entries()) {
    for (const separator of Object.keys(separators) as (keyof typeof separators)[]) {
      const headings = line.split(separators[separator]).map(withoutQuotes);
      if (isHeader(report, headings, rules)) return { linesBeforeHeader: index, separator };
    }
  }
  return undefined;
}

function withoutQuotes(heading: string): string {
  return heading.trim().replace(/^(["'])(.*)\1$/, '$2');
}

/** Splits the text with each kind of quotes, and takes the one by which most records have a cell for each heading. */
function splitAs(form: FileForm, text: string, isWhole: boolean): SeenText {
  const lines = text.split('\n').slice(form.linesBeforeHeader);
  const filled = lines.filter((line) => line !== '' && line !== '\r').length;
  const joined = lines.join('\n');
  let best: (SeenText & { readonly score: number }) | undefined;
  for (const quote of Object.keys(quotes) as (keyof typeof quotes)[]) {
    const [header = [], ...records] = recordsIn(joined, { ...form, quote }, isWhole) ?? [];
    const fitting = records.filter(({ length }) => length === header.length).length;
    const wrapped = [header, ...records].flat().filter((cell) => /^'.*'$/.test(cell)).length;
    const tried = { form: { ...form, quote }, header, records, score: fitting - wrapped };
    if (best === undefined || (header.length > 0 && tried.score > best.score)) best = tried;
    // Each line is at most one record, and none is the header: no other quotes bring more.
    if (best.score === Math.min(filled, mostRecords) - 1) break;
  }
  return best!;
}

/** The most records that are looked at. */
const mostRecords = 5_000;

/** Undefined if this is no CSV with these separators and quotes. */
function recordsIn(
  text: string,
  form: Pick<FileForm, 'separator' | 'quote'>,
  isWhole: boolean,
): (readonly string[])[] | undefined {
  const scanned =
    form.separator === plainFile.separator && form.quote === plainFile.quote ? scan(text) : undefined;
  if (scanned !== undefined) return scanned;
  const records: (readonly string[])[] = [];
  try {
    parse(text, {
      ...csvOptions(form),
      skip_empty_lines: true,
      to: mostRecords,
      on_record: (record: string[]) => {
        records.push(record);
        return null;
      },
    });
    return records;
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    // The sample may end within a cell.
    return !isWhole && error.code === 'CSV_QUOTE_NOT_CLOSED' ? records : undefined;
  }
}

/** Reads records with the scanner, in a tenth of the parser's time; undefined if a record is not of its form. */
function scan(text: string): (readonly string[])[] | undefined {
  // Not at the start of a file: its byte order mark is gone.
  const scanner = new RecordScanner(2);
  const records = scanner.take(Buffer.from(text.endsWith('\n') ? text : `${text}\n`));
  if (scanner.gaveUp || scanner.rest.length > 0) return undefined;
  return records.slice(0, mostRecords).map(({ cells }) => cells);
}
