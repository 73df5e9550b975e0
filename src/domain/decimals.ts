/**
 * Exact decimals as scaled integers: dollars as cents (2 places), units as ten-thousandths (4 places), ratios as
 * millionths (6 places).
 *
 * A single figure is a `number` with a whole value of at most 14 digits: whole numbers below 2^53 are exact, so no
 * fraction is ever rounded. Sums of figures can exceed that and are `bigint` (see exactSum.ts).
 */
export const scales = { dollars: 2, units: 4, ratio: 6, days: 0 } as const;

export type Scale = (typeof scales)[keyof typeof scales];

/** By the exponent: `**` takes ten times as long, and there are millions of figures. */
export const powersOfTen = [1, 10, 100, 1_000, 10_000, 100_000, 1_000_000];

/** The first scaled value that DECIMAL(14, s) cannot hold, whatever the scale: 14 digits in total. */
const columnLimit = 1e14;

/** Whether a scaled integer fits the tables' DECIMAL(14, s) columns. */
export function fitsColumn(scaled: number): boolean {
  return scaled < columnLimit && scaled > -columnLimit;
}

/** Whether a quotient of sums, as a scaled integer, fits the tables' DECIMAL(14, s) columns. */
export function quotientFitsColumn(scaled: bigint): boolean {
  return scaled < quotientLimit && scaled > -quotientLimit;
}

const quotientLimit = BigInt(columnLimit);

/** Whether a scaled integer fits a DECIMAL of so many digits. */
export function hasDigits(scaled: bigint, digits: number): boolean {
  const limit = 10n ** BigInt(digits);
  return scaled < limit && scaled > -limit;
}

/** Whether a sum of dollars, in cents, fits the roll-up tables' DECIMAL(18, 2) columns. */
export function sumFitsColumn(cents: bigint): boolean {
  return cents < sumLimit && cents > -sumLimit;
}

const sumLimit = 10n ** 18n;

/** `-1234` at scale 2 is `-12.34`. */
export function decimalText(scaled: number | bigint, scale: Scale): string {
  if (scale === 0) return scaled.toString();
  const sign = scaled < 0 ? '-' : '';
  const [whole, fraction] = typeof scaled === 'number' ? split(scaled, scale) : splitSum(scaled, scale);
  return `${sign}${whole}.${zeros[scale - fraction.length]!}${fraction}`;
}

/** The leading zeros of a fraction, by the number of missing places. */
const zeros = ['', '0', '00', '000', '0000', '00000'];

/** The digits before and after the point, without the sign; leading zeros of the fraction are left out. */
function split(scaled: number, scale: Scale): [whole: string, fraction: string] {
  const factor = powersOfTen[scale]!;
  const digits = Math.abs(scaled);
  const fraction = digits % factor;
  return [String((digits - fraction) / factor), String(fraction)];
}

function splitSum(scaled: bigint, scale: Scale): [whole: string, fraction: string] {
  const factor = 10n ** BigInt(scale);
  const digits = scaled < 0n ? -scaled : scaled;
  return [String(digits / factor), String(digits % factor)];
}

/**
 * The inverse of `decimalText`, for the bytes of a figure of at most 14 digits; `to` is exclusive, and there must be
 * exactly `scale` decimals.
 * @throws RangeError for another number of decimals, or more digits than a number holds exactly.
 */
export function scaledFromBytes(bytes: Uint8Array, from: number, to: number, scale: Scale): number {
  const negative = bytes[from] === minusSign;
  const pointAt = scale === 0 ? to : to - scale - 1;
  if (scale !== 0 && bytes[pointAt] !== point) throw wrongPlaces(scale);
  let digits = 0;
  for (let at = negative ? from + 1 : from; at < to; at += 1) {
    if (at === pointAt) continue;
    const digit = bytes[at]! - zero;
    digits = digit >= 0 && digit <= 9 ? digits * 10 + digit : Number.NaN;
  }
  if (Number.isSafeInteger(digits)) return negative ? 0 - digits : digits;
  throw new RangeError('a decimal of at most fifteen digits was expected');
}

// `0`, `.` and `-`
const [zero, point, minusSign] = [0x30, 0x2e, 0x2d];

/** Reads the text of a sum as a scaled integer, with any number of digits. */
export function sumFromText(text: string, scale: Scale): bigint {
  if (scale === 0) return BigInt(text);
  const pointAt = text.length - scale - 1;
  if (text[pointAt] !== '.') throw wrongPlaces(scale);
  return BigInt(text.slice(0, pointAt) + text.slice(pointAt + 1));
}

function wrongPlaces(scale: Scale): RangeError {
  return new RangeError(`a decimal with ${String(scale)} places was expected`);
}

/** numerator / denominator at `scale` places, rounded half away from zero. */
export function ratio(numerator: bigint, denominator: bigint, scale: Scale): bigint {
  const factor = 10n ** BigInt(scale);
  const negative = numerator < 0n !== denominator < 0n;
  const dividend = (numerator < 0n ? -numerator : numerator) * factor;
  const divisor = denominator < 0n ? -denominator : denominator;
  const rounded = (dividend * 2n + divisor) / (divisor * 2n);
  return negative ? -rounded : rounded;
}

/**
 * `ratio` of two figures. Computed in whole numbers below 2^53 if they are small enough, as nearly all are, which takes
 * a tenth of the time; else as `bigint`. A quotient beyond 2^53 is infinite, and so fits no column.
 */
export function ratioOf(numerator: number, denominator: number, scale: Scale): number {
  const divisor = 2 * Math.abs(denominator);
  const dividend = 2 * powersOfTen[scale]! * Math.abs(numerator) + Math.abs(denominator);
  if (!Number.isSafeInteger(dividend)) return asFigure(ratio(BigInt(numerator), BigInt(denominator), scale));
  // Without the remainder the division is exact; a rounded quotient might reach the next whole number.
  const rounded = (dividend - (dividend % divisor)) / divisor;
  return numerator < 0 !== denominator < 0 ? 0 - rounded : rounded;
}

function asFigure(quotient: bigint): number {
  const figure = Number(quotient);
  return Number.isSafeInteger(figure) ? figure : Infinity;
}
