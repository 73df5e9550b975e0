import { fitsColumn, powersOfTen, scales, type Scale } from './decimals.ts';
import { isoDate, type IsoDate } from './dates.ts';

/** Why a cell could not be read exactly. Constants, so that a fault costs nothing and never contains the cell. */
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
  spreadsheetDamage: {
    rule: 'spreadsheet-damage',
    reason:
      'holds what a spreadsheet has made of it (1.2E+11, ="…", a date, #REF!, ###): what stood there is lost',
  },
  notTextCell: {
    rule: 'not-a-text-cell',
    reason: 'is a number or a date in the workbook: only a text cell keeps an identifier or a name as it was',
  },
  notCalculated: {
    rule: 'not-calculated',
    reason: 'is a formula whose result the workbook lacks: open it in Excel and save it',
  },
  notWhole: { rule: 'not-whole', reason: 'is not a whole number' },
  notDate: { rule: 'not-a-date', reason: 'is not an existing day written MM/DD/YYYY' },
  dateOutOfRange: { rule: 'date-out-of-range', reason: 'lies outside the years 1900 to 2100' },
  daysOutOfRange: { rule: 'days-out-of-range', reason: 'is more than 36,500 days, a hundred years' },
  notTime: { rule: 'not-a-time', reason: 'is not MM/DD/YYYY or MM/DD/YYYY hh:mm AM on a 12-hour clock' },
} as const satisfies Record<string, CellFault>;

/** Why a row as a whole could not be taken. */
export const rowFaults = {
  /** If most rows break this rule, the file is for another period. */
  outsidePeriod: { rule: 'outside-period', reason: 'lies outside the period of this run' },
  wrongCellCount: { rule: 'cell-count', reason: 'has another number of cells than the header' },
} as const satisfies Record<string, CellFault>;

export function isFault(value: unknown): value is CellFault {
  return typeof value === 'object' && value !== null && 'rule' in value;
}

/**
 * `$1,234.56`, `($1,234.56)`, `$(1,234.56)`, `-$1,234.56`, `$-1,234.56`, `1,234.56-` or the same without `$`, as cents;
 * blank is null.
 */
export function readMoney(cell: string): number | null | CellFault {
  return readMoneyBytes(bytesOf(cell));
}

/** `2,600`, `12.25`, `-3` as ten-thousandths of a unit; blank is null. */
export function readUnits(cell: string): number | null | CellFault {
  return readUnitsBytes(bytesOf(cell));
}

function bytesOf(cell: string): Uint8Array {
  return new TextEncoder().encode(cell);
}

/** Reads a cell from UTF-8 bytes; `to` is exclusive. */
export type BytesReader<Value> = (bytes: Uint8Array, from: number, to: number) => Value | CellFault;

export function readMoneyBytes(bytes: Uint8Array, from = 0, to = bytes.length): number | null | CellFault {
  return readDecimal(bytes, { from, to }, scales.dollars);
}

export function readUnitsBytes(bytes: Uint8Array, from = 0, to = bytes.length): number | null | CellFault {
  for (let at = from; at < to; at += 1) if (bytes[at] === dollarSign) return cellFaults.notNumber;
  return readDecimal(bytes, { from, to }, scales.units);
}

/**
 * Removes the apostrophe that keeps a spreadsheet from calculating, one `$` and one sign: parentheses inside or outside
 * the `$`, a minus on either side of it, or one at the end.
 */
function readDecimal(bytes: Uint8Array, { from, to }: Span, scale: Scale): number | null | CellFault {
  if (from === to) return null;
  let at = bytes[from] === apostrophe ? from + 1 : from;
  let end = to;
  let sign = signAt(bytes, at, end);
  if (sign !== undefined) at += 1;
  if (at < end && bytes[at] === dollarSign) {
    at += 1;
    while (at < end && bytes[at] === space) at += 1;
    if (sign === undefined) {
      sign = signAt(bytes, at, end);
      if (sign !== undefined) at += 1;
    }
  }
  if (sign === opening) {
    if (bytes[end - 1] !== closing) return cellFaults.notNumber;
    end -= 1;
  } else if (sign === undefined && end - at > 1 && bytes[end - 1] === minusSign) {
    sign = minusSign;
    end -= 1;
  }
  const amount = readAmount(bytes, { from: at, to: end }, scale);
  return sign === undefined ? amount : negated(amount);
}

function signAt(bytes: Uint8Array, at: number, end: number): number | undefined {
  return at < end && (bytes[at] === minusSign || bytes[at] === opening) ? bytes[at] : undefined;
}

/** Character codes: `0`, `9`, `,`, `.`, a blank, `'`, `$`, `-`, `(` and `)`. */
const [zero, nine, comma, point, space, apostrophe] = [0x30, 0x39, 0x2c, 0x2e, 0x20, 0x27];
const [dollarSign, minusSign, opening, closing] = [0x24, 0x2d, 0x28, 0x29];

function negated(amount: number | CellFault): number | CellFault {
  // 0 - 0 is 0, whereas -0 would be another value.
  return typeof amount === 'number' ? 0 - amount : amount;
}

/** The part of the cell that holds the amount; `to` is exclusive. */
interface Span {
  readonly from: number;
  readonly to: number;
}

/**
 * Digits, with thousands separated by commas throughout or not at all (`12,34.50` could be 1234.50 or a typing error),
 * then optionally a point and decimals; the digits before the point may be missing. Reads byte by byte, since an export
 * has millions of amounts. A value beyond what a number holds exactly is far beyond what the column holds.
 */
function readAmount(bytes: Uint8Array, { from, to }: Span, scale: Scale): number | CellFault {
  let at = from;
  let whole = 0;
  let commas = 0;
  let digits = 0;
  for (; at < to; at += 1) {
    const letter = bytes[at]!;
    if (letter >= zero && letter <= nine) {
      whole = whole * 10 + (letter - zero);
      digits += 1;
    } else if (letter === comma) {
      // `0,500` is a half where commas are decimal ones.
      if (digits === 0 || bytes[from] === zero || (commas === 0 ? digits > 3 : digits !== 3)) {
        return cellFaults.notNumber;
      }
      commas += 1;
      digits = 0;
    } else break;
  }
  // `.50` has no digits before its point.
  const isWhole = commas === 0 ? digits > 0 || (at < to && bytes[at] === point) : digits === 3;
  if (!isWhole) return cellFaults.notNumber;
  const decimals = readDecimals(bytes, { from: at, to }, scale);
  if (typeof decimals !== 'number') return decimals;
  const scaled = whole * powersOfTen[scale]! + decimals;
  return fitsColumn(scaled) ? scaled : cellFaults.tooLarge;
}

/** What follows the whole number: nothing, or a point and at least one digit. Zeros may continue beyond the scale. */
function readDecimals(bytes: Uint8Array, { from, to }: Span, scale: Scale): number | CellFault {
  if (from === to) return 0;
  if (bytes[from] !== point || from + 1 === to) return cellFaults.notNumber;
  let decimals = 0;
  let beyond = 0;
  for (let at = from + 1; at < to; at += 1) {
    const letter = bytes[at]!;
    if (letter < zero || letter > nine) return cellFaults.notNumber;
    if (at - from <= scale) decimals = decimals * 10 + (letter - zero);
    else beyond |= letter - zero;
  }
  const places = Math.min(to - from - 1, scale);
  return beyond === 0 ? decimals * powersOfTen[scale - places]! : cellFaults.tooManyDecimals;
}

/**
 * Years in which something can have been authorized, delivered or signed. A date outside them is a typing error.
 */
export const [firstYear, lastYear] = [1900, 2100] as const;

/** `MM/DD/YYYY`, two digits each for month and day; blank is null. */
export function readDate(cell: string): IsoDate | null | CellFault {
  if (cell === '') return null;
  if (cell.length !== 10 || cell[2] !== '/' || cell[5] !== '/') return cellFaults.notDate;
  const [year, month, day] = [numberAt(cell, 6, 10), numberAt(cell, 0, 2), numberAt(cell, 3, 5)];
  const date = isoDate(year, month, day);
  if (date === undefined) return cellFaults.notDate;
  return year < firstYear || year > lastYear ? cellFaults.dateOutOfRange : date;
}

/** The number that these digits write; NaN if a character is not a digit. */
function numberAt(cell: string, from: number, to: number): number {
  let value = 0;
  for (let at = from; at < to; at += 1) {
    const letter = cell.charCodeAt(at);
    if (letter < zero || letter > nine) return Number.NaN;
    value = value * 10 + (letter - zero);
  }
  return value;
}

export interface SignTime {
  readonly date: IsoDate;
  /** `YYYY-MM-DD hh:mm:ss` on a 24-hour clock, as written, without a time zone; null if there is only a date. */
  readonly at: string | null;
}

const timePattern = /^(\d{2}\/\d{2}\/\d{4}) +(\d{2}):(\d{2})(?::(\d{2}))? ?([AaPp])[Mm]$/;

/** `MM/DD/YYYY hh:mm AM`, seconds allowed, or `MM/DD/YYYY`; blank is null. */
export function readSignTime(cell: string): SignTime | null | CellFault {
  if (cell === '') return null;
  const match = timePattern.exec(cell);
  const date = readDate(match?.[1] ?? cell);
  if (date === cellFaults.dateOutOfRange) return date;
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

/** Nine digits: more do not fit the column, and no count of a row has them. */
const mostInteger = 999_999_999;

/** `1,440`, `12`, `-3` as a whole number; blank is null. */
export function readInteger(cell: string): number | null | CellFault {
  return readIntegerBytes(bytesOf(cell));
}

export function readIntegerBytes(bytes: Uint8Array, from = 0, to = bytes.length): number | null | CellFault {
  for (let at = from; at < to; at += 1) if (bytes[at] === dollarSign) return cellFaults.notNumber;
  const number = readDecimal(bytes, { from, to }, scales.days);
  if (number === cellFaults.tooManyDecimals) return cellFaults.notWhole;
  return typeof number === 'number' && Math.abs(number) > mostInteger ? cellFaults.tooLarge : number;
}

const wholePattern = /^-?\d{1,9}$/;

/** A whole number of days; blank is null. */
export function readDays(cell: string): number | null | CellFault {
  if (cell === '') return null;
  if (!wholePattern.test(cell)) return cellFaults.notWhole;
  // `+ 0` turns the -0 of "-0" into 0.
  const days = Number(cell) + 0;
  return areDaysInRange(days) ? days : cellFaults.daysOutOfRange;
}

/** The most days to sign, in either direction: a hundred years. More is a typing error. */
const mostDays = 36_500;

export function areDaysInRange(days: number): boolean {
  return Math.abs(days) <= mostDays;
}

/** Trimmed text that fits a column of `width` characters; blank is null. */
export function readText(cell: string, width: number): string | null | CellFault {
  if (cell === '') return null;
  // Code points, as MySQL counts them; a string never has more of them than UTF-16 units.
  if (cell.length > width && Array.from(cell).length > width) return cellFaults.tooLong;
  return cell;
}
