import { amountRewriter, type AmountForm } from '../domain/amountForms.ts';
import { isFault } from '../domain/cells.ts';
import { dateLayout, type DateLayout } from '../domain/dateLayouts.ts';
import { isoDate } from '../domain/dates.ts';
import type { FileForm } from '../domain/fileForm.ts';
import type { Period } from '../domain/periods.ts';
import type { ReadingRules } from '../domain/rules.ts';
import { cellText } from '../domain/storedText.ts';
import type { ExportColumn, ReportDefinition } from '../reports/report.ts';
import type { ExportLayout } from './exportHeader.ts';
import { createCellReader } from './readRecord.ts';

/** Settings that would read cells which the given form does not, and what the form alone cannot decide. */
export interface SeenCells {
  readonly form: FileForm;
  readonly looks: readonly string[];
}

/** Differing cells of a column that are looked at. */
const mostCells = 500;

/** A few typing mistakes do not hide how a column is written. */
const shareRead = 0.9;

interface SeenColumn {
  readonly column: ExportColumn;
  /** Differing texts that are not blank. */
  readonly texts: readonly string[];
  /** Those of them that the form does not read. */
  readonly unread: readonly string[];
}

/** Looks at columns of dates and figures. Names and codes are taken as they are. */
export function seeCells(
  records: readonly (readonly string[])[],
  report: ReportDefinition,
  {
    layout,
    form,
    reading,
    wantedPeriod,
  }: { layout: ExportLayout; form: FileForm; reading: ReadingRules; wantedPeriod: Period | undefined },
): SeenCells {
  const values = report.columns.filter(({ cell }) => cell.holds === 'value');
  const positions = values.map((column) => ({ column, position: layout.positions[column.name]! }));
  const columns = positions.map(({ column, position }) =>
    seenColumn(
      column,
      records.map((cells) => cells[position] ?? ''),
      { form, reading },
    ),
  );
  const blanks = blankWordsIn(columns);
  const filled = columns.map((seen) => withoutWords(seen, blanks[seen.column.name] ?? []));
  const dates = datesIn(filled, form);
  const amounts = amountsIn(filled, form);
  return {
    form: {
      ...form,
      ...amounts.form,
      dates: { ...form.dates, ...dates.layouts },
      blankWords: merged(form.blankWords, blanks),
    },
    looks: [...dates.looks, ...amounts.looks, ...turnedDates(filled, report, { form, wantedPeriod })],
  };
}

/**
 * If most days would lie in the wanted period with month and day the other way round, and every cell can be read both
 * ways: the one thing that the cells alone do not show.
 */
function turnedDates(
  columns: readonly SeenColumn[],
  { dates }: ReportDefinition,
  { form, wantedPeriod }: { form: FileForm; wantedPeriod: Period | undefined },
): string[] {
  const days = columns.find(({ column }) => column.name === dates.first);
  if (wantedPeriod === undefined || days === undefined || days.unread.length > 0) return [];
  const written = form.dates[dates.first] ?? 'MM/DD/YYYY';
  const turned = turnedLayout(written);
  const read = turned === undefined ? undefined : dateLayout(turned)?.read;
  const inPeriod = days.texts.filter((text) => {
    const date = read?.(text)?.date;
    const day = date === undefined ? undefined : isoDate(date.year, date.month, date.day);
    return day !== undefined && day >= wantedPeriod.from && day <= wantedPeriod.to;
  });
  if (inPeriod.length * 2 <= days.texts.length) return [];
  return [
    `${dates.first} written ${written} or ${turned!}, which no cell decides: set file.dates to the right one`,
  ];
}

function seenColumn(
  column: ExportColumn,
  cells: readonly string[],
  terms: { form: FileForm; reading: ReadingRules },
): SeenColumn {
  const texts = new Set<string>();
  for (const cell of cells) {
    if (cell.length > longestText || texts.size >= mostCells) continue;
    const text = cellText(cell, { decodeEntities: terms.reading.decodeHtmlEntities });
    if (text !== '') texts.add(text);
  }
  const read = createCellReader({ ...column, required: false as never }, terms);
  const filled = [...texts].filter((text) => read(text) !== null);
  return { column, texts: filled, unread: filled.filter((text) => isFault(read(text))) };
}

/** No date or amount is longer. */
const longestText = 100;

function withoutWords(seen: SeenColumn, words: readonly string[]): SeenColumn {
  const isNone = (text: string) => !words.includes(text);
  return { ...seen, texts: seen.texts.filter(isNone), unread: seen.unread.filter(isNone) };
}

/** Only words of this list are ever shown: any other may be a name in the wrong column. */
const knownBlank =
  /^(?:\(?(?:not|no|none|un)?[ -]?(?:signed|dated?|yet|set|entered|applicable|available|pending|open|draft|missing|unsigned|unknown|blank|empty|incomplete|nothing|nil|void|tbd|tba|n\.a\.)\)?)(?: (?:yet|signed|date|signature))?$/i;

function blankWordsIn(columns: readonly SeenColumn[]): Record<string, string[]> {
  return Object.fromEntries(
    columns
      .map(({ column, unread }) => [column.name, unread.filter((text) => knownBlank.test(text))] as const)
      .filter(([, words]) => words.length > 0),
  );
}

function merged(
  own: FileForm['blankWords'],
  seen: Readonly<Record<string, readonly string[]>>,
): FileForm['blankWords'] {
  const added = Object.entries(seen).map(([column, words]) => [column, [...(own[column] ?? []), ...words]]);
  return { ...own, ...(Object.fromEntries(added) as FileForm['blankWords']) };
}

const dateParts = [
  'M/D/YYYY',
  'D/M/YYYY',
  'YYYY-MM-DD',
  'YYYY/M/D',
  'D.M.YYYY',
  'M-D-YYYY',
  'D-M-YYYY',
  'M.D.YYYY',
  'D-MMM-YYYY',
  'D MMM YYYY',
  'MMM D, YYYY',
  'MMM D YYYY',
  'D MMMM YYYY',
  'MMMM D, YYYY',
  'M/D/YY',
  'D/M/YY',
  'D-MMM-YY',
  'YYYYMMDD',
];

const timeParts = [
  '',
  ' h:mm A',
  ' h:mmA',
  ' h:mm:ss A',
  ' H:mm',
  ' H:mm:ss',
  ' H:mm:ss.SSS',
  'THH:mm',
  'THH:mm:ss',
  'THH:mm:ss.SSS',
  'THH:mm:ssZ',
  'THH:mm:ss.SSSZ',
  ' h:mm A z',
  ' h:mm:ss A z',
  ' H:mm z',
  ' H:mm:ss z',
];

const layouts: readonly DateLayout[] = timeParts.flatMap((time) =>
  dateParts.map((date) => dateLayout(`${date}${time}`)!),
);

interface SeenDates {
  readonly layouts: Readonly<Record<string, string>>;
  readonly looks: readonly string[];
}

function datesIn(columns: readonly SeenColumn[], form: FileForm): SeenDates {
  const dated = columns.filter(({ column }) => column.cell.readDatesIn !== undefined).map(datedColumn);
  const decided = decidedOrder(dated, form);
  const found: Record<string, string> = {};
  const looks: string[] = [];
  for (const each of dated) {
    const [first] = each.best;
    if (first === undefined) continue;
    const layout =
      turnedLayout(first.text) === undefined
        ? first
        : each.best.find(({ text }) => orderOf(text) === decided.order);
    if (layout !== undefined) found[each.name] = layout.text;
    looks.push(
      `${each.name} written ${layout === undefined ? undecidedText(first, decided) : datesText(each, layout, decided)}`,
    );
  }
  return { layouts: found, looks };
}

interface DatedColumn extends SeenColumn {
  readonly name: string;
  readonly best: readonly DateLayout[];
  /** Cells that have one order only, since the other one has no such month. */
  readonly deciding: Readonly<Record<Order, number>>;
}

function datedColumn({ column, texts, unread }: SeenColumn): DatedColumn {
  const best = bestLayouts({ texts, unread });
  const orders = texts.flatMap((text) => orderIn(text) ?? []);
  const monthFirst = orders.filter((order) => order === 'month first').length;
  const deciding = { 'month first': monthFirst, 'day first': orders.length - monthFirst };
  return { column, texts, unread, name: column.name, best, deciding };
}

type Order = 'month first' | 'day first';

function orderOf(layout: string): Order {
  return layout.indexOf('M') < layout.indexOf('D') ? 'month first' : 'day first';
}

const lastMonth = 12;

/** Undefined if both orders are possible, or none. */
function orderIn(text: string): Order | undefined {
  const [, first, second] = (/^(\d{1,2})\D(\d{1,2})\D/.exec(text) ?? []).map(Number);
  if (first === undefined || second === undefined || first > lastMonth === second > lastMonth)
    return undefined;
  return first > lastMonth ? 'day first' : 'month first';
}

/** Whether the month comes first in the dates of a file, if that can be said, and by what. */
interface Decided {
  readonly order: Order | undefined;
  /** The column that decides it, or why none does. */
  readonly by: string;
}

/** A single cell may be a typing error. */
const fewestDeciding = 2;

/** A setting decides, or several cells of a column do; all columns must agree. */
function decidedOrder(dated: readonly DatedColumn[], form: FileForm): Decided {
  const votes = dated.flatMap((each) => voteOf(each, form));
  const orders = new Set(votes.map(({ order }) => order));
  if (orders.size > 1) return { order: undefined, by: 'a person must decide, since cells disagree' };
  const vote = votes.find(({ decides }) => decides);
  if (vote !== undefined) return { order: vote.order, by: vote.name };
  const isOne = dated.some(({ deciding }) => deciding['day first'] + deciding['month first'] > 0);
  return {
    order: undefined,
    by: isOne ? 'a person must decide, since a single cell may be mistyped' : 'no cell decides',
  };
}

interface Vote {
  readonly name: string;
  readonly order: Order;
  readonly decides: boolean;
}

/** None if the column has no such dates; several if its cells disagree. */
function voteOf({ name, texts, unread, deciding }: DatedColumn, form: FileForm): Vote[] {
  const set = form.dates[name];
  if (set !== undefined && unread.length === 0) {
    return turnedLayout(set) === undefined ? [] : [{ name, order: orderOf(set), decides: true }];
  }
  const total = deciding['month first'] + deciding['day first'];
  const votes = (['month first', 'day first'] as const)
    .filter((order) => deciding[order] > 0 && deciding[order] >= (1 - shareRead) * total)
    .map((order) => ({ name, order, decides: deciding[order] >= fewestDeciding }));
  // Read as it is, the column is read with the month first.
  const isRead = unread.length === 0 && texts.length > 0;
  return votes.length === 0 && isRead ? [{ name, order: 'month first', decides: false }] : votes;
}

function undecidedText({ text }: DateLayout, { by }: Decided): string {
  const either = [text, turnedLayout(text)!].sort((one) => (orderOf(one) === 'month first' ? -1 : 1));
  return `${either.join(' or ')}, which ${by}: set file.dates to the right one`;
}

function datesText({ deciding }: DatedColumn, layout: DateLayout, { order, by }: Decided): string {
  const turned = turnedLayout(layout.text);
  if (turned === undefined || order === undefined) return layout.text;
  const count = deciding[order];
  return count < fewestDeciding
    ? `${layout.text}, as ${by} is: ${count === 0 ? 'no' : 'one'} cell of its own decides it`
    : `${layout.text} and not ${turned}: ${String(count)} cells decide it`;
}

/** The layouts that read the most cells, one for each way of reading them; none if the form reads as many. */
function bestLayouts({ texts, unread }: Pick<SeenColumn, 'texts' | 'unread'>): DateLayout[] {
  if (unread.length === 0) return [];
  const readNow = texts.length - unread.length;
  // A layout that reads none of the unread cells reads no more than the form does.
  const tried = layouts
    .filter(({ read }) => unread.some((text) => read(text) !== undefined))
    .map((layout) => {
      const readings = texts.map((text) => layout.read(text));
      return { layout, readings, count: readings.filter((reading) => reading !== undefined).length };
    });
  const most = Math.max(0, ...tried.map(({ count }) => count));
  if (most <= readNow || most < shareRead * texts.length) return [];
  const best = tried.filter(({ count }) => count === most);
  const different = new Map(
    best.toReversed().map(({ layout, readings }) => [JSON.stringify(readings), layout]),
  );
  return [...different.values()].toReversed();
}

/** With month and day the other way round; undefined if it is not written in such an order. */
function turnedLayout(layout: string): string | undefined {
  const turned = layout.replace(/^(MM?|DD?)(\W)(MM?|DD?)\2/, '$3$2$1$2');
  return turned === layout ? undefined : turned;
}

const currencies = ['USD', 'US$', 'DOLLARS', 'CAD', 'EUR', '€', 'GBP', '£'];

interface SeenAmounts {
  readonly form: Partial<AmountForm>;
  readonly looks: readonly string[];
}

/** Tries the other forms of amounts, those with fewer changes first. */
function amountsIn(columns: readonly SeenColumn[], form: FileForm): SeenAmounts {
  const amounts = columns.filter(({ column }) => column.cell.readAmountsIn !== undefined);
  const count = amounts.reduce((sum, { texts }) => sum + texts.length, 0);
  const unread = amounts.flatMap((seen) => seen.unread);
  if (unread.length === 0) return { form: {}, looks: [] };
  const currencyWords = currencies.filter((word) => unread.some((text) => text.toUpperCase().includes(word)));
  const changes = changesOf(currencyWords);
  const tried = changes.map((change) => ({ change, read: readCount(amounts, { ...form, ...change }) }));
  const most = Math.max(...tried.map(({ read }) => read));
  const before = readCount(amounts, form);
  if (most === before || most < shareRead * count) return { form: {}, looks: [] };
  const { change } = tried.find(({ read }) => read === most)!;
  // Whether a credit is negative no cell tells.
  const { credits, ...decided } = change;
  return {
    form: decided,
    looks: [
      ...(decided.amounts === undefined ? [] : ['amounts in the accounting format of spreadsheets']),
      ...(decided.decimalMark === undefined ? [] : ['a decimal comma in amounts']),
      ...(decided.currencyWords === undefined ? [] : ['the name of a currency beside amounts']),
      ...(credits === undefined
        ? []
        : ['amounts that end in CR or DR: set file.credits to the sign of CR, negative or positive']),
    ],
  };
}

/** By the number of settings in them. */
function changesOf(currencyWords: readonly string[]): Partial<AmountForm>[] {
  const single: Partial<AmountForm>[] = [
    { amounts: 'accounting' },
    ...(currencyWords.length === 0 ? [] : [{ currencyWords }]),
    { decimalMark: 'comma' },
    { credits: 'negative' },
  ];
  let all: Partial<AmountForm>[] = [{}];
  for (const change of single) all = all.concat(all.map((set) => ({ ...set, ...change })));
  return all.slice(1).sort((one, other) => Object.keys(one).length - Object.keys(other).length);
}

function readCount(columns: readonly SeenColumn[], form: AmountForm): number {
  const rewrite = amountRewriter(form);
  return columns.reduce((sum, { column, texts }) => {
    const read = column.cell.readAmountsIn!(form);
    return sum + texts.filter((text) => rewrite(text) !== undefined && !isFault(read(text))).length;
  }, 0);
}
