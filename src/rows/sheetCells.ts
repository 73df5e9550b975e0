import { isoDate } from '../domain/dates.ts';

/** What a workbook says that a cell holds. A formula's result is of another kind, if the workbook has it. */
export type CellKind = 'text' | 'number' | 'date' | 'boolean' | 'formula';

/** Which of a workbook's cell styles show a number as a date. */
export function dateStyles(
  formatIds: readonly number[],
  formatCodes: ReadonlyMap<number, string>,
): readonly boolean[] {
  return formatIds.map((id) => {
    const code = formatCodes.get(id);
    return code === undefined ? isBuiltInDate(id) : isDateFormat(code);
  });
}

/** By ECMA-376, 18.8.30, with those of East Asian locales. Times without a day (18 to 21, 45 to 47) are none. */
function isBuiltInDate(id: number): boolean {
  return (id >= 14 && id <= 17) || id === 22 || (id >= 27 && id <= 31) || id === 36 || (id >= 50 && id <= 58);
}

/** Longer codes do not exist. */
const longestCode = 255;

/** Whether a format shows a day. What stands in quotes, in brackets or behind a backslash is other text. */
function isDateFormat(code: string): boolean {
  const bare = code.slice(0, longestCode).replace(/"[^"]*"|\[[^\]]*\]|[\\_*]./g, '');
  return /[yd]/i.test(bare) && !/general/i.test(bare);
}

/** The number as XLSX files write it, in plain digits and exactly; undefined if it is none. */
export function plainNumber(text: string): string | undefined {
  const match = /^(-?)(\d{1,400})(?:\.(\d{1,400}))?(?:E([+-]?\d{1,3}))?$/i.exec(text);
  if (match === null) return undefined;
  const [, sign = '', whole = '', fraction = '', power = '0'] = match;
  const exponent = Number(power);
  const digits = whole + fraction;
  const point = whole.length + exponent;
  const padded = point <= 0 ? '0'.repeat(1 - point) + digits : digits.padEnd(point, '0');
  const at = Math.max(point, 1);
  const before = padded.slice(0, at).replace(/^0+(?=\d)/, '');
  const after = padded.slice(at).replace(/0+$/, '');
  return `${sign}${before}${after === '' ? '' : `.${after}`}`;
}

const millisecondsInDay = 86_400_000n;

/** In the 1900 system, days before 1 March 1900 are off by one, and 29 February 1900 is a day that never was. */
const firstRightDay = 61n;

/** Day 0 of each system, in days since 1970-01-01. */
const dayZero = { 1900: -25_569n, 1904: -24_107n } as const;

/** Enough for the years to 9999. */
const longestSerial = 30;

/**
 * The day and time of a serial number as `MM/DD/YYYY HH:mm:ss`, or `MM/DD/YYYY` if it has no fraction; undefined if
 * it is no date. A time is a fraction in binary: it is rounded to milliseconds, of which whole seconds are kept.
 */
export function serialDate(text: string, system: keyof typeof dayZero): string | undefined {
  const plain = plainNumber(text);
  const match = /^(\d{1,7})(?:\.(\d+))?$/.exec(plain?.slice(0, longestSerial) ?? '');
  if (match === null) return undefined;
  const [, whole = '', fraction = ''] = match;
  const scale = 10n ** BigInt(fraction.length);
  const scaled = BigInt(whole + fraction) * millisecondsInDay;
  const milliseconds = (scaled * 2n + scale) / (scale * 2n);
  const day = milliseconds / millisecondsInDay;
  if (system === 1900 && day < firstRightDay) return undefined;
  const date = dayText(Number(day + dayZero[system]));
  const seconds = Number((milliseconds % millisecondsInDay) / 1000n);
  return date === undefined || fraction === '' ? date : `${date} ${timeText(seconds)}`;
}

function dayText(daysSince1970: number): string | undefined {
  const date = new Date(daysSince1970 * Number(millisecondsInDay));
  const iso = isoDate(date.getUTCFullYear(), date.getUTCMonth() + 1, date.getUTCDate());
  return iso === undefined ? undefined : `${iso.slice(5, 7)}/${iso.slice(8, 10)}/${iso.slice(0, 4)}`;
}

function timeText(seconds: number): string {
  const parts = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60];
  return parts.map((part) => String(part).padStart(2, '0')).join(':');
}

/** `_x000D_` is a character that XML cannot hold. */
export function unescapedText(text: string): string {
  if (!text.includes('_x')) return text;
  return text.replace(/_x([0-9A-F]{4})_/gi, (_, code: string) =>
    String.fromCharCode(Number.parseInt(code, 16)),
  );
}

/** The position of a column from a cell's place: `A1` is 0, `AB7` 27. Undefined if it is no place. */
export function columnIn(place: string): number | undefined {
  const letters = /^([A-Z]{1,3})\d{1,7}$/.exec(place)?.[1];
  if (letters === undefined) return undefined;
  return Array.from(letters).reduce((column, letter) => column * 26 + letter.charCodeAt(0) - 64, 0) - 1;
}
