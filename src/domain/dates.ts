/**
 * Calendar days without a clock or a time zone. A day is the text `YYYY-MM-DD`, which sorts, compares and travels as it
 * is; time zones matter only for working out "today" (`dayInZone`).
 */
export type IsoDate = string & { readonly __brand: 'IsoDate' };

export const dayMilliseconds = 86_400_000;
const isoPattern = /^(\d{4})-(\d{2})-(\d{2})$/;

/** `YYYY-MM-DD` of an existing day in the years 1000 to 9999 (the range of MySQL's DATE), else undefined. */
export function parseIsoDate(text: string): IsoDate | undefined {
  const match = isoPattern.exec(text);
  if (match === null) return undefined;
  return isoDate(Number(match[1]), Number(match[2]), Number(match[3]));
}

/** The day, or undefined if it does not exist. Months count from 1. */
export function isoDate(year: number, month: number, day: number): IsoDate | undefined {
  // Written so that NaN fails.
  if (!(year >= 1000 && year <= 9999 && month >= 1 && month <= 12 && day >= 1)) return undefined;
  if (day > daysInMonth(year, month)) return undefined;
  return `${year}-${pad2(month)}-${pad2(day)}` as IsoDate;
}

export function daysInMonth(year: number, month: number): number {
  return month === 2 ? (isLeapYear(year) ? 29 : 28) : daysByMonth[month]!;
}

/** By month, which counts from 1; February is handled separately. */
const daysByMonth = [0, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

function isLeapYear(year: number): boolean {
  return (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0;
}

export function partsOf(date: IsoDate): { year: number; month: number; day: number } {
  return { year: Number(date.slice(0, 4)), month: Number(date.slice(5, 7)), day: Number(date.slice(8, 10)) };
}

export function addDays(date: IsoDate, days: number): IsoDate {
  return new Date(Date.parse(date) + days * dayMilliseconds).toISOString().slice(0, 10) as IsoDate;
}

/** Whole days from `from` to `to`; negative when `to` is earlier. */
export function daysBetween(from: IsoDate, to: IsoDate): number {
  return Math.round((Date.parse(to) - Date.parse(from)) / dayMilliseconds);
}

/** The calendar day that `instant` falls on in an IANA time zone. */
export function dayInZone(instant: Date, timeZone: string): IsoDate {
  // en-CA writes dates as YYYY-MM-DD.
  const text = new Intl.DateTimeFormat('en-CA', {
    timeZone,
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
  }).format(instant);
  return text as IsoDate;
}

/**
 * The instant at which a zone's clocks show that day and time (`HH:MM`). A time that the zone skips or has twice gives
 * one of the neighbouring instants.
 */
export function instantInZone(date: IsoDate, time: string, timeZone: string): Date {
  const wallClock = Date.parse(`${date}T${time}:00Z`);
  // The offset depends on the instant: the second round is right unless clocks change just then.
  const firstGuess = wallClock - zoneOffset(wallClock, timeZone);
  return new Date(wallClock - zoneOffset(firstGuess, timeZone));
}

/** Milliseconds by which the zone's clocks are ahead of UTC. */
function zoneOffset(instant: number, timeZone: string): number {
  const parts = new Intl.DateTimeFormat('en-US', {
    timeZone,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  }).formatToParts(instant);
  const of = (type: string) => Number(parts.find((part) => part.type === type)!.value);
  const shown = Date.UTC(of('year'), of('month') - 1, of('day'), of('hour'), of('minute'), of('second'));
  return shown - Math.floor(instant / 1000) * 1000;
}

export function pad2(value: number): string {
  return value < 10 ? `0${value}` : String(value);
}

/** English, January first. */
export const monthNames: readonly string[] = [
  'January',
  'February',
  'March',
  'April',
  'May',
  'June',
  'July',
  'August',
  'September',
  'October',
  'November',
  'December',
];
