import { isUtf8 } from 'node:buffer';
import { fault } from './oracle/cells.ts';
import { readRaw, windows1252, type RawFile, type RawProblem, type RawRecord } from './oracle/csv.ts';
import { withoutOtherLines } from './oracle/otherLines.ts';
import { checksInForce, dayIn, judge, type JudgedRecord } from './oracle/judge.ts';
import type { TableRow } from './oracle/rows.ts';
import { exported, plainForm, type Report, type Terms, type WrittenForm } from './oracle/terms.ts';
import { storedForm } from './oracle/text.ts';
import { accountsOf, rollupsOf, totalsOf, unknownServicesOf, warningsOfAll } from './oracle/totals.ts';

/**
 * A second reading of the rules, from the raw bytes to the roll-ups. It shares no line with the pipeline and
 * imports nothing of it, nor its CSV parser, so that a mistake has to be made twice to go unseen. It is slow and
 * keeps everything in memory.
 */
export interface OracleVerdict {
  /** Why the file must not pass: each a failure type that may be told. Empty where it must pass. */
  readonly problems: ReadonlySet<string>;
  /** Types by which a file may be refused that could also be read exactly; the rules do not say. */
  readonly doubts: ReadonlySet<string>;
  /** What must come of the file where it passes; undefined where no header could be found. */
  readonly figures: OracleFigures | undefined;
}

export interface OracleFigures {
  readonly read: number;
  readonly rows: readonly TableRow[];
  readonly excluded: readonly number[];
  /** By line, the columns at fault. */
  readonly rejected: ReadonlyMap<number, ReadonlySet<string>>;
  readonly dollars: Readonly<Record<string, unknown>>;
  readonly moved: number;
  readonly warnings: Readonly<Record<string, number>>;
  readonly extraColumns: number;
  readonly totals: Readonly<Record<string, string>>;
  readonly rollups: readonly (readonly (string | null)[])[];
  readonly unknownServices: readonly (readonly (string | null)[])[];
}

export function consultOracle(bytes: Uint8Array, terms: Terms): OracleVerdict {
  const form = terms.form ?? plainForm;
  const file = readRaw(bytes, form);
  const problems = new Set(file.problems.flatMap((problem) => problemTypes[problem]));
  const doubts = new Set(rawDoubts(file));
  const withContent = file.records.filter(({ cells }) => cells.some((cell) => cell.trim() !== ''));
  const [header, ...all] = withContent;
  const blankRows = file.records.length - withContent.length;
  if (header === undefined) {
    if (problems.size === 0) problems.add('ExportTruncated');
    return { problems, doubts, figures: undefined };
  }
  if (checksInForce.lostQuote && header.cells.some((heading) => mayHoldRow(heading, form)))
    problems.add('ExportNotCsv');
  const headings = header.cells.map(headingName);
  if (!headerFits(headings, terms.report)) {
    // The rules do not say from how many missing columns on it is another report.
    for (const type of ['SchemaDrift', 'ExportWrongReport']) problems.add(type);
    return { problems, doubts, figures: undefined };
  }
  const { records, warnings, problems: wrongTotals } = withoutOtherLines(all, headings, terms);
  if (lastLineIsWhole(file, headings, records.length, form)) problems.delete('ExportTruncated');
  for (const type of wrongTotals) problems.add(type);
  for (const type of recordProblems(records, headings, terms)) problems.add(type);
  for (const type of recordDoubts(records, headings, terms)) doubts.add(type);
  return {
    problems,
    doubts,
    figures: figuresOf(records, headings, terms, {
      ...warnings,
      ...(blankRows > 0 ? { 'blank-rows': blankRows } : {}),
    }),
  };
}

const problemTypes: Readonly<Record<RawProblem, readonly string[]>> = {
  empty: ['ExportTruncated'],
  'not UTF-8': ['ExportNotCsv'],
  'not text': ['ExportNotCsv'],
  'broken quote': ['ExportNotCsv'],
  // A quote too many and a file cut within a cell look alike.
  'cut within quotes': ['ExportTruncated', 'ExportNotCsv'],
  'cut within a line': ['ExportTruncated'],
  'cut within a character': ['ExportTruncated'],
};

// Far above any real record, and half of the megabyte at which the pipeline stops reading one.
const suspectLength = 500_000;

function rawDoubts({ text, records, problems }: RawFile): string[] {
  const web = /^\s*[<{[]/.test(text);
  // Lines before the header are no records, and are read with the same bound.
  const huge =
    records.some(({ length }) => length > suspectLength) ||
    text.split('\n').some(({ length }) => length > suspectLength);
  return web || huge || (problems.length > 0 && text.length > suspectLength) ? ['ExportNotCsv'] : [];
}

function headingName(heading: string): string {
  return storedForm(heading).split(' ').join('_').toLowerCase();
}

function headerFits(headings: readonly string[], report: Report): boolean {
  return exported[report].every((column) => headings.filter((heading) => heading === column).length === 1);
}

function recordProblems(records: readonly RawRecord[], headings: readonly string[], terms: Terms): string[] {
  const whole = records.filter(({ cells }) => cells.length === headings.length);
  const wrongPeriod = outsiders(whole, headings, terms) * 2 > records.length;
  return [
    ...(wrongPeriod ? ['ExportWrongPeriod'] : []),
    ...(checksInForce.maskedCells && hasMasked(whole, headings, terms) ? ['PortalPermissionMissing'] : []),
    ...(checksInForce.lostQuote && records.some((record) => swallows(record, headings, terms))
      ? ['ExportNotCsv']
      : []),
    ...(records.some((record) => isTurnedHeader(record, headings, terms)) ? ['ExportNotCsv'] : []),
  ];
}

/** A record of all headings, some at another place than in the header. */
function isTurnedHeader({ cells }: RawRecord, headings: readonly string[], { report }: Terms): boolean {
  if (cells.some((cell) => cell.length >= 1000)) return false;
  const names = cells.map(headingName);
  const isWhole = exported[report].every((column) => names.includes(column));
  return isWhole && exported[report].some((column) => names[headings.indexOf(column)] !== column);
}

/** Of a record with another number of cells nobody can say which is which: what they seem to be may count. */
function recordDoubts(records: readonly RawRecord[], headings: readonly string[], terms: Terms): string[] {
  return [
    ...(outsiders(records, headings, terms) * 2 > records.length ? ['ExportWrongPeriod'] : []),
    ...(checksInForce.maskedCells && hasMasked(records, headings, terms) ? ['PortalPermissionMissing'] : []),
    // From how many such cells on it is the export's fault and not a name stored so, the rules do not say.
    ...(differentEncodedTwice(records) > (terms.form?.encoding === 'windows-1252' ? 0 : 1)
      ? ['ExportNotCsv']
      : []),
  ];
}

/** Texts whose characters, taken for bytes, are UTF-8 again. */
function differentEncodedTwice(records: readonly RawRecord[]): number {
  const cells = records.flatMap((record) => record.cells);
  return new Set(cells.filter((cell) => /[^\0-\x7f]/.test(cell) && bytesOf(cell).some(isUtf8))).size;
}

const byteOf = new Map(windows1252.map((character, byte) => [character, byte] as const));

/** What was read as Latin-1 or as Windows-1252, or a part of it: other characters end a part. */
function bytesOf(cell: string): Buffer[] {
  const bytes = Array.from(cell, (character) => {
    const code = character.codePointAt(0)!;
    return byteOf.get(character) ?? (code < 256 ? code : undefined);
  });
  const runs: number[][] = [[]];
  for (const byte of bytes) {
    if (byte === undefined || byte < 0x80) runs.push([]);
    else runs.at(-1)!.push(byte);
  }
  return runs.filter((run) => run.length > 0).map((run) => Buffer.from(run));
}

const dates = {
  utilization: ['start_date', 'end_date'],
  notes: ['date_of_service', 'date_of_service'],
} as const;

/** Records that lie outside the period for certain. */
function outsiders(records: readonly RawRecord[], headings: readonly string[], terms: Terms): number {
  const [first, last] = dates[terms.report].map((column) => headings.indexOf(column)) as [number, number];
  return records.filter(({ cells }) => {
    const from = dayIn((cells[first] ?? '').trim(), terms);
    const to = dayIn((cells[last] ?? '').trim(), terms);
    if (from === null || to === null || from === fault || to === fault) return false;
    return from > terms.to || to < terms.from;
  }).length;
}

function hasMasked(records: readonly RawRecord[], headings: readonly string[], { report }: Terms): boolean {
  const columns = exported[report].map((column) => headings.indexOf(column));
  return records.some(({ cells }) => columns.some((column) => /^\*{3,}$/.test((cells[column] ?? '').trim())));
}

function swallows(
  { cells }: RawRecord,
  headings: readonly string[],
  { report, form = plainForm }: Terms,
): boolean {
  if (!cells.some((cell) => cell.includes('\n'))) return false;
  if (cells.length !== headings.length) return true;
  return cells.some((cell, at) => {
    if (!cell.includes('\n') || cell.split(form.separator).length < headings.length) return false;
    return (
      exported[report].includes(headings[at]!) || hasSlidIn({ cell, at, separator: form.separator }, headings)
    );
  });
}

const dated = new Set(['start_date', 'end_date', 'date_of_service']);

function isDate(part = ''): boolean {
  const [month = '', day = '', ...year] = part.split(/[/.-]/);
  return (
    year.length > 0 && /^\d{1,4}$/.test(month) && /^\d{1,2}$/.test(day) && /^\d{1,4}(?!\w)/.test(year[0]!)
  );
}

/**
 * Free text may have as many commas as it likes. Rows within it show by a date at its place: behind the rest of the
 * row that it began in, or in a line of its own.
 */
function hasSlidIn(
  { cell, at, separator }: { cell: string; at: number; separator: string },
  headings: readonly string[],
): boolean {
  const [rest = '', ...rows] = cell
    .split('\n')
    .map((line) => line.split(separator).map((part) => part.trim()));
  return headings.some((heading, column) => {
    if (!dated.has(heading)) return false;
    const fromEnd = rest.length - (headings.length - column);
    return (column > at && fromEnd > 0 && isDate(rest[fromEnd])) || rows.some((row) => isDate(row[column]));
  });
}

const textColumns =
  'client qp authorizing_payer caregiver client_supervisor service_code authorization_number'.split(' ');

/** Where the last line has no end, a closing quote is one, of a cell that can have no quotes in it. */
function lastLineIsWhole(
  { text, records, problems }: RawFile,
  headings: readonly string[],
  rows: number,
  { quote }: WrittenForm,
): boolean {
  if (problems.length !== 1 || problems[0] !== 'cut within a line' || rows === 0) return false;
  const isComplete = records.at(-1)?.cells.length === headings.length;
  return isComplete && quote !== '' && text.endsWith(quote) && !textColumns.includes(headings.at(-1)!);
}

/** A heading that has a line break and a comma is likelier a row that slid into the header. */
function mayHoldRow(heading: string, { separator }: WrittenForm): boolean {
  return heading.includes('\n') && heading.includes(separator);
}

function figuresOf(
  records: readonly RawRecord[],
  headings: readonly string[],
  terms: Terms,
  otherLines: Readonly<Record<string, number>>,
): OracleFigures {
  const judged = records.map((record) => judge(record, headings, terms));
  const kept = judged.flatMap(({ verdict }) => (verdict.kind === 'kept' ? [verdict] : []));
  const rows = kept.map(({ row }) => row);
  const { report } = terms;
  return {
    read: records.length,
    rows,
    excluded: judged.filter(({ verdict }) => verdict.kind === 'excluded').map(({ line }) => line),
    rejected: rejectedLines(judged),
    dollars: accountsOf(report, judged),
    moved: kept.filter(({ moved }) => moved).length,
    warnings: {
      ...counts(kept.flatMap(({ warnings }) => warnings)),
      ...warningsOfAll(report, rows),
      ...otherLines,
    },
    extraColumns: headings.filter((heading) => !exported[report].includes(heading)).length,
    totals: totalsOf(report, rows),
    rollups: rollupsOf(report, rows, terms.from.slice(0, 7)),
    unknownServices: unknownServicesOf(report, rows),
  };
}

function rejectedLines(judged: readonly JudgedRecord[]): Map<number, ReadonlySet<string>> {
  return new Map(
    judged.flatMap(({ line, verdict }) =>
      verdict.kind === 'rejected' ? [[line, verdict.columns] as const] : [],
    ),
  );
}

function counts(names: readonly string[]): Record<string, number> {
  const counted: Record<string, number> = {};
  for (const name of names) counted[name] = (counted[name] ?? 0) + 1;
  return counted;
}
