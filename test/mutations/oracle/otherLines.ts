import { fault } from './cells.ts';
import type { RawRecord } from './csv.ts';
import { figureIn } from './judge.ts';
import { exported, plainForm, type Terms } from './terms.ts';
import { storedForm } from './text.ts';

/** The rows alone, and what is wrong with the lines between and after them. */
export function withoutOtherLines(
  records: readonly RawRecord[],
  headings: readonly string[],
  terms: Terms,
): { records: RawRecord[]; warnings: Record<string, number>; problems: string[] } {
  const { pageHeaders, emptyEnds, totalsWord } = terms.form ?? plainForm;
  const rows: RawRecord[] = [];
  const totals: RawRecord[] = [];
  const problems = new Set<string>();
  let headers = 0;
  for (const record of records) {
    if (pageHeaders && isHeader(record, headings)) {
      headers += 1;
      continue;
    }
    const beyond = record.cells.slice(headings.length);
    const isCut = emptyEnds && beyond.every(isEmpty);
    const row = isCut ? { ...record, cells: record.cells.slice(0, headings.length) } : record;
    if (totalsWord !== '' && beyond.every(isEmpty) && restOf(row, headings, terms) !== undefined)
      totals.push(row);
    else if (totals.length > 0) problems.add('ExportNotCsv');
    else rows.push(row);
  }
  if (totals.length > 20) problems.add('ExportNotCsv');
  const { unchecked, isWrong } = comparison(rows, totals, headings, terms);
  if (isWrong || (totalsWord !== '' && totals.length === 0 && rows.length > 0))
    problems.add('ExportTruncated');
  const warnings = {
    ...(headers > 0 ? { 'repeated-headers': headers } : {}),
    ...(totals.length > 0 ? { 'totals-lines': totals.length } : {}),
    ...Object.fromEntries([...unchecked].map((column) => [`totals-unchecked:${column}`, 1])),
  };
  return { records: rows, warnings, problems: [...problems] };
}

function isEmpty(cell: string): boolean {
  return cell.trim() === '';
}

function isHeader({ cells }: RawRecord, headings: readonly string[]): boolean {
  return (
    cells.length === headings.length &&
    cells.every((cell, at) => storedForm(cell).split(' ').join('_').toLowerCase() === headings[at])
  );
}

const required = {
  utilization: ['client', 'service_code', 'authorization_number', 'start_date', 'end_date'],
  notes: ['client', 'caregiver', 'service_code', 'date_of_service'],
};

/** What follows the word in a line of totals; undefined for a row. */
function restOf({ cells }: RawRecord, headings: readonly string[], terms: Terms): string | undefined {
  const at = cells.findIndex((cell) => !isEmpty(cell));
  const sign = storedForm(cells[at]!).toUpperCase();
  const word = terms.form!.totalsWord;
  const after = sign.slice(word.length);
  const isSign =
    sign.startsWith(word) && (after === '' || ' :=('.includes(after[0]!)) && cells[at]!.length <= 1000;
  const hasRow = required[terms.report].some((column) => {
    const place = headings.indexOf(column);
    return place !== at && !isEmpty(cells[place] ?? '');
  });
  return isSign && !hasRow ? after : undefined;
}

const nouns = new Set(['RECORD', 'ROW', 'LINE', 'ITEM', 'NOTE', 'AUTHORIZATION']);

function isNoun(word: string): boolean {
  return nouns.has(word) || nouns.has(word.replace(/S$/, ''));
}

const figures = /_(?:units|dollars)$|^variance_|^days_/;

/** The number of rows that a line of totals tells, in its first cell or the next filled one. */
function countIn(line: RawRecord, headings: readonly string[], terms: Terms): number | undefined {
  const rest = restOf(line, headings, terms)!;
  const words = rest.split(/[ :=()]+/).filter((word) => word !== '');
  if (words.length !== 1 || !isNoun(words[0]!) || !/^[ :=(]{0,4}[A-Z]+[ :=(]{0,4}$/.test(rest))
    return countOf(rest);
  const filled = line.cells.flatMap((cell, at) => (isEmpty(cell) ? [] : [at]));
  if (filled.length === 1 || figures.test(headings[filled[1]!] ?? '')) return undefined;
  return countOf(storedForm(line.cells[filled[1]!]!).toUpperCase());
}

function countOf(text: string): number | undefined {
  const rest = text.replace(/^[ :=(]{0,4}(?:[A-Z]+(?=[ :=(\d]))?/, (start) =>
    /[A-Z]/.test(start) && !isNoun(start.replace(/^[ :=(]+/, '')) ? '?' : '',
  );
  const count = /^[ :=(]{0,4}([\d,]+)(?: ?([A-Z]+))?\)?$/.exec(rest);
  if (count === null || (count[2] !== undefined && !isNoun(count[2]))) return undefined;
  const threes = count[1]!.split(',');
  const isCount =
    threes.length === 1
      ? threes[0]!.length < 10
      : threes.length < 4 &&
        threes.every((three, at) => (at === 0 ? three.length > 0 && three.length < 4 : three.length === 3));
  return isCount ? Number(threes.join('')) : undefined;
}

function comparison(
  rows: readonly RawRecord[],
  totals: readonly RawRecord[],
  headings: readonly string[],
  terms: Terms,
): { unchecked: Set<string>; isWrong: boolean } {
  const unchecked = new Set<string>();
  const columns = exported[terms.report].filter((each) => figures.test(each));
  const counts = totals.map((line) => countIn(line, headings, terms));
  let isWrong = counts.some((count) => count !== undefined && count !== rows.length);
  for (const [index, { cells }] of totals.entries()) {
    const isSilent = columns.every((column) => figureIn(cells, column, headings, terms) === null);
    if (counts[index] === undefined && isSilent) unchecked.add('(line)');
  }
  for (const column of columns) {
    const amounts = rows.map(({ cells }) =>
      cells.length === headings.length ? figureIn(cells, column, headings, terms) : fault,
    );
    const isKnown = amounts.every((amount) => amount !== fault);
    const sum = amounts.reduce<bigint>(
      (all, amount) => (typeof amount === 'bigint' ? all + amount : all),
      0n,
    );
    for (const { cells } of totals) {
      const told = figureIn(cells, column, headings, terms);
      if (told === null) continue;
      if (told === fault || !isKnown) unchecked.add(column);
      else if (told !== sum) isWrong = true;
    }
  }
  return { unchecked, isWrong };
}
