import type { WrittenForm } from './terms.ts';

/** A cell that holds no value that may be trusted. */
export const fault = Symbol('fault');
export type Fault = typeof fault;

/** DECIMAL(14, s): 14 digits in all. */
const digitsHeld = 14;

export function fits(scaled: bigint): boolean {
  return (scaled < 0n ? -scaled : scaled).toString().length <= digitsHeld;
}

/**
 * `$1,234.56`, `($1,234.56)`, `$ (1,234.56)`, `-$1,234.56`, `1,234.56-`, with or without the `$`, an apostrophe in
 * front or not, in units of the last place; blank is null.
 */
export function amountOf(cell: string, places: number): bigint | null | Fault {
  if (cell === '') return null;
  const { body, negative } = unsigned(cell.startsWith("'") ? cell.slice(1) : cell);
  const [whole = '', all, ...more] = body.split('.');
  if (more.length > 0 || (all !== undefined && !areDigits(all))) return fault;
  // Nothing may stand before the point, where something stands behind it.
  if (!(whole === '' && all !== undefined) && !isWhole(whole)) return fault;
  const decimals = all === undefined ? undefined : withoutNeedlessZeros(all, places);
  if (decimals !== undefined && decimals.length > places) return fault;
  const scaled =
    BigInt(`0${whole.split(',').join('')}`) * 10n ** BigInt(places) + fraction(decimals ?? '', places);
  if (!fits(scaled)) return fault;
  return negative ? -scaled : scaled;
}

function withoutNeedlessZeros(decimals: string, places: number): string {
  const beyond = decimals.slice(places);
  return Array.from(beyond).every((digit) => digit === '0') ? decimals.slice(0, places) : decimals;
}

function fraction(decimals: string, places: number): bigint {
  return decimals === '' ? 0n : BigInt(decimals) * 10n ** BigInt(places - decimals.length);
}

/** One sign, as parentheses or a minus, and one dollar sign, in either order; blanks behind the dollar sign. */
function unsigned(cell: string): { body: string; negative: boolean } {
  const bare = withoutDollar(cell);
  if (bare.length > 1 && bare[0] === '(' && bare.at(-1) === ')') {
    const inner = bare.slice(1, -1);
    return { negative: true, body: bare === cell ? withoutDollar(inner) : inner };
  }
  if (bare.startsWith('-')) {
    return { negative: true, body: bare === cell ? withoutDollar(bare.slice(1)) : bare.slice(1) };
  }
  if (bare.length > 1 && bare.endsWith('-')) return { negative: true, body: bare.slice(0, -1) };
  return { negative: false, body: bare };
}

function withoutDollar(cell: string): string {
  if (!cell.startsWith('$')) return cell;
  let at = 1;
  while (cell[at] === ' ') at += 1;
  return cell.slice(at);
}

/** Digits alone, or in threes after the first comma, which no zero begins. */
function isWhole(text: string): boolean {
  const [first = '', ...threes] = text.split(',');
  if (!areDigits(first)) return false;
  if (first.startsWith('0')) return threes.length === 0;
  return (
    threes.length === 0 || (first.length <= 3 && threes.every((part) => part.length === 3 && areDigits(part)))
  );
}

function areDigits(text: string): boolean {
  if (text === '') return false;
  for (const char of text) if (char < '0' || char > '9') return false;
  return true;
}

/** `MM/DD/YYYY` as `YYYY-MM-DD`, of a day that exists in the years 1900 to 2100; blank is null. */
export function dayOf(cell: string): string | null | Fault {
  if (cell === '') return null;
  const parts = cell.split('/');
  if (parts.map((part) => part.length).join() !== '2,2,4' || !parts.every(areDigits)) return fault;
  const [month, day, year] = parts.map(Number) as [number, number, number];
  const date = new Date(Date.UTC(year, month - 1, day));
  const exists =
    date.getUTCFullYear() === year && date.getUTCMonth() === month - 1 && date.getUTCDate() === day;
  return exists && year >= 1900 && year <= 2100 ? `${parts[2]!}-${parts[0]!}-${parts[1]!}` : fault;
}

export interface Stamp {
  readonly day: string;
  readonly at: string | null;
}

/** `MM/DD/YYYY hh:mm AM`, or a day alone. Seconds, small letters and no blank before AM leave no doubt either. */
export function stampOf(cell: string): Stamp | null | Fault {
  if (cell === '') return null;
  const day = dayOf(cell.slice(0, 10));
  if (day === null || day === fault) return fault;
  const rest = cell.slice(10);
  if (rest === '') return { day, at: null };
  const half = rest.slice(-2).toUpperCase();
  const clock = rest.slice(0, -2);
  if ((half !== 'AM' && half !== 'PM') || clock[0] !== ' ') return fault;
  const time = timeOf(clock.replace(/^ +/, '').replace(/ $/, ''), half);
  return time === undefined ? fault : { day, at: `${day} ${time}` };
}

/** On a 12-hour clock: 12 AM is midnight, 12 PM noon. */
function timeOf(clock: string, half: 'AM' | 'PM'): string | undefined {
  const parts = clock.split(':');
  if (parts.length < 2 || parts.length > 3) return undefined;
  if (!parts.every((part) => part.length === 2 && areDigits(part))) return undefined;
  const [hour, minute, second = 0] = parts.map(Number) as [number, number, number?];
  if (hour === 0 || hour > 12 || minute > 59 || second > 59) return undefined;
  const hour24 = half === 'AM' ? (hour === 12 ? 0 : hour) : hour === 12 ? 12 : hour + 12;
  return [hour24, minute, second].map((part) => String(part).padStart(2, '0')).join(':');
}

/** A whole number of days, 36,500 at most either way; blank is null. */
export function daysOf(cell: string): number | null | Fault {
  if (cell === '') return null;
  const digits = cell.startsWith('-') ? cell.slice(1) : cell;
  if (!areDigits(digits) || digits.length > 9 || Number(digits) > 36_500) return fault;
  return digits === cell || Number(digits) === 0 ? Number(digits) : -Number(digits);
}

/** Text of at most `width` characters; blank is null. */
export function textOf(cell: string, width: number): string | null | Fault {
  if (cell === '') return null;
  return Array.from(cell).length > width ? fault : cell;
}

/** `-12.34` of -1234n and two places. */
export function amountText(scaled: bigint, places: number): string {
  const size = 10n ** BigInt(places);
  const positive = scaled < 0n ? -scaled : scaled;
  const sign = scaled < 0n ? '-' : '';
  const whole = `${sign}${(positive / size).toString()}`;
  return places === 0 ? whole : `${whole}.${(positive % size).toString().padStart(places, '0')}`;
}

/** The quotient to so many places, a half going away from zero. */
export function quotient(over: bigint, under: bigint, places: number): bigint {
  const scaled = over * 10n ** BigInt(places);
  const whole = scaled / under;
  const rest = scaled % under;
  const twice = (rest < 0n ? -rest : rest) * 2n;
  const step = over < 0n === under < 0n ? 1n : -1n;
  return twice >= (under < 0n ? -under : under) ? whole + step : whole;
}

/** Three letters of the first name, two of the last; upper case, letters only, accents folded. */
export function labelOf(name: string): string {
  const comma = name.indexOf(',');
  const words = name.trim().split(/\s+/);
  const first = comma === -1 ? words[0]! : name.slice(comma + 1);
  const last = comma === -1 ? words.slice(1).join(' ') : name.slice(0, comma);
  return lettersOf(first).slice(0, 3).join('') + lettersOf(last).slice(0, 2).join('');
}

// A letter-like apostrophe (U+02BC) is a modifier letter, and an apostrophe all the same.
const letter = /^(?!\p{Lm})\p{L}$/u;

function lettersOf(text: string): string[] {
  const letters = Array.from(text.normalize('NFD')).filter((char) => letter.test(char));
  return Array.from(letters.join('').toUpperCase());
}

/** A cell in another form, as the plain one writes it; what has no such form becomes what none reads. */
export function plainDate(cell: string, dates: WrittenForm['dates']): string {
  if (dates === 'usual' || cell === '') return cell;
  const [day = '', ...rest] = cell.split(' ');
  const clock = rest.length === 0 ? '' : clockOf(rest, dates);
  const parts = day.split(dates === 'year first' ? '-' : '/');
  if (clock === undefined || parts.length !== 3 || !parts.every(areDigits)) return noDate;
  const [year, month, date] =
    dates === 'year first' ? parts : [parts[2]!, ...(dates === 'day first' ? [parts[1]!, parts[0]!] : parts)];
  const least = dates === 'year first' ? 2 : 1;
  const isDay =
    [month!, date!].every((part) => part.length >= least && part.length <= 2) && year!.length === 4;
  return isDay ? `${month!.padStart(2, '0')}/${date!.padStart(2, '0')}/${year!}${clock}` : noDate;
}

const noDate = 'no date';

/** ` 03:15 PM` of `3:15 PM` or `15:15`, ` 03:15:00 PM` of `15:15:00`; undefined where it is no time. */
function clockOf(rest: readonly string[], dates: WrittenForm['dates']): string | undefined {
  const [clock = '', half, ...more] = rest;
  const parts = clock.split(':');
  const isTime = parts.every(areDigits) && parts.slice(1).every((part) => part.length === 2);
  if (!isTime || more.length > 0 || parts[0]!.length > 2 || Number(parts[1]) > 59) return undefined;
  if (dates === 'month first') {
    const isHalf = parts.length === 2 && /^[ap]m$/i.test(half ?? '');
    return isHalf ? ` ${parts[0]!.padStart(2, '0')}:${parts[1]!} ${half!}` : undefined;
  }
  const wanted = dates === 'year first' ? 3 : 2;
  const hour = Number(parts[0]);
  if (half !== undefined || parts.length !== wanted || hour > 23 || Number(parts[2] ?? 0) > 59)
    return undefined;
  if (dates === 'year first' && parts[0]!.length !== 2) return undefined;
  const hour12 = String(hour % 12 === 0 ? 12 : hour % 12).padStart(2, '0');
  return ` ${[hour12, ...parts.slice(1)].join(':')} ${hour < 12 ? 'AM' : 'PM'}`;
}

/** The same of an amount. */
export function plainAmount(
  cell: string,
  { decimalComma, credit, currency, accounting }: WrittenForm,
): string {
  if (cell.length > 60) return 'no amount';
  let amount = withoutCurrency(cell, currency);
  const isDash = amount.replace(/^\$ */, '') === '-' && (amount !== '-' || cell !== '-');
  if (accounting && isDash) return '0';
  if (decimalComma) {
    const spaced = amount.split(' ').length > 1 && / \d{3}(?!\d)/.test(amount);
    const grouped = spaced ? amount.replace(/(\d) (?=\d{3}(?!\d))/g, '$1.') : amount;
    if (grouped !== amount && amount.includes('.')) return 'no amount';
    amount = Array.from(grouped, (mark) => (mark === '.' ? ',' : mark === ',' ? '.' : mark)).join('');
  }
  if (credit === 0) return amount;
  const word = amount.slice(-2).toUpperCase();
  if (word !== 'CR' && word !== 'DR') return amount;
  const size = amount.slice(0, -2).replace(/ $/, '');
  if (size === '' || /[-()]/.test(size)) return 'no amount';
  return (word === 'CR') === (credit === -1) ? `-${size}` : size;
}

/** Only `USD 1.00`, with a sign before it or not, and `1.00 USD` are written. */
function withoutCurrency(cell: string, currency: string): string {
  if (currency === '') return cell;
  const sign = cell.startsWith('-') || cell.startsWith('(') ? cell[0]! : '';
  const rest = cell.slice(sign.length).replace(/^ /, '');
  if (rest.toUpperCase().startsWith(currency)) {
    const amount = rest.slice(currency.length).replace(/^ /, '');
    if (/^[\d.,($-]/.test(amount)) return sign + amount;
  }
  const close = cell.endsWith('-') || cell.endsWith(')') ? cell.at(-1)! : '';
  const start = close === '' ? cell : cell.slice(0, -1).replace(/ $/, '');
  if (!start.toUpperCase().endsWith(currency)) return cell;
  const amount = start.slice(0, -currency.length).replace(/ $/, '');
  return /[\d.,)-]$/.test(amount) ? amount + close : cell;
}
