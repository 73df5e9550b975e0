import { fitsColumn, scales, type Scale } from './decimals.ts';
import { isoDate, type IsoDate } from './dates.ts';

/** Why a cell could not be read exactly. Constants, so that a fault costs nothing and never holds the cell. */
export interface CellFault {
  readonly rule: string;
  readonly reason: string;
}

export const cellFaults = {
  blank: { rule: 'blank', reason: 'must not be blank' },
  tooLong: { rule: 'too-long', reason: 'is longer than the column holds' },
  notText: { rule: 'not-text', reason: 'holds bytes that are not UTF-8 text' },
  notNumber: { rule: 'not-a-number', reason: 'is not a number in a form that can be read exactly' },
  tooManyDecimals: { rule: 'too-many-decimals', reason: 'has more decimals than the column holds' },
  tooLarge: { rule: 'too-large', reason: 'is larger than the column holds' },
  notWhole: { rule: 'not-whole', reason: 'is not a whole number' },
  notDate: { rule: 'not-a-date', reason: 'is not an existing day written MM/DD/YYYY' },
  notTime: { rule: 'not-a-time', reason: 'is not MM/DD/YYYY or MM/DD/YYYY hh:mm AM on a 12-hour clock' },
} as const satisfies Record<string, CellFault>;

export function isFault(value: unknown): value is CellFault {
  return typeof value === 'object' && value !== null && 'rule' in value;
}

// Thousands either parted by commas throughout or not at all: `12,34.50` could be 1234.50 or a typing error.
const amountPattern = /^(\d{1,3}(?:,\d{3})+|\d+)(?:\.(\d+))?$/;

/** `$1,234.56`, `($1,234.56)`, `-$1,234.56`, `$-1,234.56` or the same without `$`, as cents; blank is null. */
export function readMoney(cell: string): bigint | null | CellFault {
  return readDecimal(cell, scales.dollars);
}

/** `2,600`, `12.25`, `-3` as ten-thousandths of a unit; blank is null. */
export function readUnits(cell: string): bigint | null | CellFault {
  return cell.includes('$') ? cellFaults.notNumber : readDecimal(cell, scales.units);
}

function readDecimal(cell: string, scale: Scale): bigint | null | CellFault {
  if (cell === '') return null;
  const { negative, body } = signOf(cell);
  const match = amountPattern.exec(body);
  if (match === null) return cellFaults.notNumber;
  const decimals = match[2] ?? '';
  if (decimals.length > scale) return cellFaults.tooManyDecimals;
  const scaled = BigInt(match[1]!.replaceAll(',', '') + decimals.padEnd(scale, '0'));
  if (!fitsColumn(scaled)) return cellFaults.tooLarge;
  return negative ? -scaled : scaled;
}

/** Takes off one sign (parentheses, or a minus before or after the `$`) and one `$`. */
function signOf(cell: string): { negative: boolean; body: string } {
  if (cell.startsWith('(') && cell.endsWith(')')) {
    const inner = cell.slice(1, -1);
    return { negative: true, body: inner.startsWith('$') ? inner.slice(1) : inner };
  }
  const unsigned = cell.replace(/^(?:-\$?|\$-?)/, '');
  return { negative: cell.slice(0, 2).includes('-'), body: unsigned };
}

const datePattern = /^(\d{2})\/(\d{2})\/(\d{4})$/;

/** `MM/DD/YYYY`, two digits each for month and day; blank is null. */
export function readDate(cell: string): IsoDate | null | CellFault {
  if (cell === '') return null;
  const match = datePattern.exec(cell);
  if (match === null) return cellFaults.notDate;
  return isoDate(Number(match[3]), Number(match[1]), Number(match[2])) ?? cellFaults.notDate;
}

export interface SignTime {
  readonly date: IsoDate;
  /** `YYYY-MM-DD hh:mm:ss` on a 24-hour clock, as written, in no time zone; null where only a date is given. */
  readonly at: string | null;
}

const timePattern = /^(\d{2}\/\d{2}\/\d{4}) +(\d{2}):(\d{2})(?::(\d{2}))? ?([AaPp])[Mm]$/;

/** `MM/DD/YYYY hh:mm AM`, seconds allowed, or `MM/DD/YYYY`; blank is null. */
export function readSignTime(cell: string): SignTime | null | CellFault {
  if (cell === '') return null;
  const match = timePattern.exec(cell);
  const date = readDate(match?.[1] ?? cell);
  if (date === null || isFault(date)) return cellFaults.notTime;
  if (match === null) return { date, at: null };
  const time = time24(Number(match[2]), match[3]!, match[4] ?? '00', match[5]!);
  return time === undefined ? cellFaults.notTime : { date, at: `${date} ${time}` };
}

/** 12:30 AM is half an hour after midnight, 12:30 PM after noon; hours are 1 to 12. */
function time24(hour12: number, minute: string, second: string, half: string): string | undefined {
  if (hour12 < 1 || hour12 > 12 || Number(minute) > 59 || Number(second) > 59) return undefined;
  const hour = (hour12 % 12) + (half.toUpperCase() === 'P' ? 12 : 0);
  return `${String(hour).padStart(2, '0')}:${minute}:${second}`;
}

const wholePattern = /^-?\d{1,9}$/;

/** A whole number of days; blank is null. */
export function readDays(cell: string): number | null | CellFault {
  if (cell === '') return null;
  // `+ 0` turns the -0 of "-0" into 0.
  return wholePattern.test(cell) ? Number(cell) + 0 : cellFaults.notWhole;
}

/** Trimmed text that fits a column of `width` characters; blank is null. */
export function readText(cell: string, width: number): string | null | CellFault {
  if (cell === '') return null;
  // Code points, as MySQL counts them; a string never has more of them than UTF-16 units.
  if (cell.length > width && Array.from(cell).length > width) return cellFaults.tooLong;
  return cell;
}

const effectiveDate = /\s*\(\d{2}\/\d{2}\/\d{4}\)$/;

/** `DS (07/01/2026)`, `DS(07/01/2026)` and `DS` are all `DS`. */
export function plainServiceCode(cell: string): string {
  return cell.replace(effectiveDate, '').trim();
}
