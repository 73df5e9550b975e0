import { cellFaults, firstYear, isFault, lastYear, type CellFault, type SignTime } from './cells.ts';
import { isoDate, monthNames, pad2, type IsoDate } from './dates.ts';

/**
 * How a column writes its dates, from pipeline.yaml: `M/D/YYYY`, `YYYY-MM-DD HH:mm:ss`, `D-MMM-YY h:mm A z`. A
 * layout has one reading only; which of two possible layouts a portal means is never guessed.
 */
export interface DateLayout {
  readonly text: string;
  /** Reads text in the form of storedText.ts; undefined if it is not written so or no such day or time exists. */
  readonly read: (text: string) => LaidOut | undefined;
}

interface LaidOut {
  readonly date: { readonly year: number; readonly month: number; readonly day: number };
  /** `hh:mm:ss` on a 24-hour clock; null if there is only a date. */
  readonly time: string | null;
}

/**
 * Names of North American zones. The time is kept as written, so that a name or an offset of another part of the world,
 * UTC above all, is not read: its day may be another one.
 */
const zones =
  'AKST|AKDT|AKT|AST|ADT|AT|CST|CDT|CT|EST|EDT|ET|HST|HT|MST|MDT|MT|PST|PDT|PT|' +
  '(?:Alaska|Atlantic|Central|Eastern|Hawaii|Mountain|Pacific)(?: (?:Standard |Daylight )?Time)?';
const offsets = String.raw`-(?:0[3-9]|10):?[0-5]\d`;

const months = monthNames.map((name) => name.toLowerCase());
const shortMonths = months.map((name) => name.slice(0, 3));

/** The parts of a layout, longest first, with the pattern of each and the field it fills. */
const tokens: readonly (readonly [token: string, pattern: string, field: string])[] = [
  ['YYYY', String.raw`\d{4}`, 'year'],
  ['YY', String.raw`\d{2}`, 'year'],
  ['MMMM', months.join('|'), 'month'],
  ['MMM', shortMonths.join('|'), 'month'],
  ['MM', String.raw`\d{2}`, 'month'],
  ['M', String.raw`\d{1,2}`, 'month'],
  ['DD', String.raw`\d{2}`, 'day'],
  ['D', String.raw`\d{1,2}`, 'day'],
  ['HH', String.raw`\d{2}`, 'hour24'],
  ['H', String.raw`\d{1,2}`, 'hour24'],
  ['hh', String.raw`\d{2}`, 'hour12'],
  ['h', String.raw`\d{1,2}`, 'hour12'],
  ['mm', String.raw`\d{2}`, 'minute'],
  // Before `ss`: it has three of them.
  ['SSS', String.raw`\d{1,9}`, 'fraction'],
  ['ss', String.raw`\d{2}`, 'second'],
  ['A', '[AP]M', 'half'],
  ['z', zones, 'zone'],
  ['Z', offsets, 'offset'],
];

const timeFields = ['hour24', 'hour12', 'minute', 'second', 'fraction', 'half', 'zone', 'offset'];

/** Between the parts. `T` is that of ISO 8601. */
const literal = /^[ ,/.:T-]/;

/** No real layout is longer. */
const longestLayout = 40;

/** Undefined if this is no layout: each of its parts once, a day of a month of a year, and all of a time or none. */
export function dateLayout(text: string): DateLayout | undefined {
  const parts = text.length <= longestLayout ? partsOf(text) : undefined;
  if (parts === undefined || hasTwoReadings(parts)) return undefined;
  const fields = parts.flatMap(({ field }) => (field === undefined ? [] : [field]));
  if (new Set(fields).size !== fields.length || !isComplete(new Set(fields))) return undefined;
  const hasTime = fields.some((field) => timeFields.includes(field));
  const pattern = patternOf(parts);
  const dateAlone = hasTime ? patternOf(dateParts(parts)) : undefined;
  return {
    text,
    read: (cell) => laidOut(pattern.exec(cell) ?? dateAlone?.exec(cell)),
  };
}

interface Part {
  readonly pattern: string;
  readonly field?: string;
}

function partsOf(text: string): Part[] | undefined {
  const parts: Part[] = [];
  for (let at = 0; at < text.length;) {
    const rest = text.slice(at);
    const token = tokens.find(([name]) => rest.startsWith(name));
    if (token === undefined && !literal.test(rest)) return undefined;
    const [name, pattern, field] = token ?? [
      rest[0]!,
      rest[0] === '.' ? String.raw`\.` : rest[0]!,
      undefined,
    ];
    parts.push(field === undefined ? { pattern } : { pattern: `(?<${field}>${pattern})`, field });
    at += name.length;
  }
  return parts;
}

/** `1112026` is two days by `MDYYYY`: in a run of digits one part alone may have more digits or fewer. */
function hasTwoReadings(parts: readonly Part[]): boolean {
  let open = 0;
  for (const { pattern } of parts) {
    if (!pattern.includes(String.raw`\d{`)) open = 0;
    else if (pattern.includes(',')) open += 1;
    if (open > 1) return true;
  }
  return false;
}

function isComplete(fields: ReadonlySet<string>): boolean {
  const hasDate = ['year', 'month', 'day'].every((field) => fields.has(field));
  const is12 = fields.has('hour12');
  const hasHour = is12 !== fields.has('hour24');
  const hasTime = timeFields.some((field) => fields.has(field));
  const isWholeTime =
    hasHour &&
    fields.has('minute') &&
    is12 === fields.has('half') &&
    (!fields.has('fraction') || fields.has('second'));
  return hasDate && (!hasTime || isWholeTime);
}

function patternOf(parts: readonly Part[]): RegExp {
  return new RegExp(`^${parts.map(({ pattern }) => pattern).join('')}$`, 'i');
}

/** The parts up to the time, if it stands at the end: a cell may hold a date alone. */
function dateParts(parts: readonly Part[]): readonly Part[] {
  const last = parts.findLastIndex(({ field }) => field !== undefined && !timeFields.includes(field));
  return parts.slice(0, last + 1);
}

function laidOut(match: RegExpExecArray | null | undefined): LaidOut | undefined {
  const written = match?.groups;
  if (written === undefined) return undefined;
  const date = {
    year: written['year']!.length === 2 ? 2000 + Number(written['year']) : Number(written['year']),
    month: monthOf(written['month']!),
    day: Number(written['day']),
  };
  if (isoDate(date.year, date.month, date.day) === undefined) return undefined;
  if (written['minute'] === undefined) return { date, time: null };
  const time = timeOf(written);
  return time === undefined ? undefined : { date, time };
}

function monthOf(written: string): number {
  if (/^\d/.test(written)) return Number(written);
  const name = written.toLowerCase();
  return (name.length === 3 ? shortMonths : months).indexOf(name) + 1;
}

function timeOf(written: Readonly<Record<string, string | undefined>>): string | undefined {
  const { hour24, hour12, minute, second = '0', half } = written;
  const hour = hour24 === undefined ? hourOfHalf(Number(hour12), half!) : Number(hour24);
  const all = [hour, Number(minute), Number(second)];
  if (!(all[0]! <= 23 && all[1]! <= 59 && all[2]! <= 59)) return undefined;
  return all.map(pad2).join(':');
}

/** 12 AM is midnight, 12 PM noon; NaN for an hour that a 12-hour clock does not have. */
function hourOfHalf(hour: number, half: string): number {
  if (hour < 1 || hour > 12) return Number.NaN;
  return (hour % 12) + (half.toUpperCase() === 'PM' ? 12 : 0);
}

/** Reads a column of days that are written so. A time beside the day is left out. */
export function dateReader(layout: DateLayout): (cell: string) => IsoDate | null | CellFault {
  const notSo = { ...cellFaults.notDate, reason: `is not an existing day written ${layout.text}` };
  return (cell) => {
    if (cell === '') return null;
    const read = layout.read(cell);
    return read === undefined ? notSo : inRange(read.date);
  };
}

/** Reads a column of days with or without a time that are written so. */
export function signTimeReader(layout: DateLayout): (cell: string) => SignTime | null | CellFault {
  const notSo = { ...cellFaults.notTime, reason: `is not a day or a time written ${layout.text}` };
  return (cell) => {
    if (cell === '') return null;
    const read = layout.read(cell);
    if (read === undefined) return notSo;
    const date = inRange(read.date);
    if (isFault(date)) return date;
    return { date, at: read.time === null ? null : `${date} ${read.time}` };
  };
}

function inRange({ year, month, day }: LaidOut['date']): IsoDate | CellFault {
  return year < firstYear || year > lastYear ? cellFaults.dateOutOfRange : isoDate(year, month, day)!;
}
