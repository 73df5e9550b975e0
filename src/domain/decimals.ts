/**
 * Exact decimals as scaled integers: dollars as cents (2 places), units as ten-thousandths (4 places),
 * ratios as millionths (6 places). `bigint`, because a binary float cannot hold 0.10 and a large total
 * outgrows 2^53.
 */
export const scales = { dollars: 2, units: 4, ratio: 6, days: 0 } as const;

export type Scale = (typeof scales)[keyof typeof scales];

/** The first scaled value that DECIMAL(14, s) cannot hold, whatever the scale: 14 digits in all. */
const columnLimit = 10n ** 14n;

/** Whether a scaled integer fits the tables' DECIMAL(14, s) columns. */
export function fitsColumn(scaled: bigint): boolean {
  return scaled < columnLimit && scaled > -columnLimit;
}

/** `-1234n` at scale 2 is `-12.34`. */
export function decimalText(scaled: bigint, scale: Scale): string {
  if (scale === 0) return scaled.toString();
  const negative = scaled < 0n;
  const digits = (negative ? -scaled : scaled).toString().padStart(scale + 1, '0');
  const cut = digits.length - scale;
  return `${negative ? '-' : ''}${digits.slice(0, cut)}.${digits.slice(cut)}`;
}

/** The inverse of `decimalText`; the text must have exactly `scale` decimals. */
export function scaledFromText(text: string, scale: Scale): bigint {
  if (scale === 0) return BigInt(text);
  const cut = text.length - scale - 1;
  if (text[cut] !== '.') throw new RangeError(`a decimal with ${String(scale)} places was expected`);
  return BigInt(text.slice(0, cut) + text.slice(cut + 1));
}

/** numerator / denominator at `scale` places, half away from zero (what domain.md calls half up). */
export function ratio(numerator: bigint, denominator: bigint, scale: Scale): bigint {
  const factor = 10n ** BigInt(scale);
  const negative = numerator < 0n !== denominator < 0n;
  const dividend = (numerator < 0n ? -numerator : numerator) * factor;
  const divisor = denominator < 0n ? -denominator : denominator;
  const rounded = (dividend * 2n + divisor) / (divisor * 2n);
  return negative ? -rounded : rounded;
}
