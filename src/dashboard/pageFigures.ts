import { ratio, scales } from '../domain/decimals.ts';
import type { NotesTuple, UtilizationTuple, Whole } from './pageData.ts';

/**
 * The arithmetic of every figure that dashboards show. Sums are whole cents in a `bigint`; a percentage is worked out
 * from such sums and rounded once, half away from zero, to hundredths of a percent.
 */
export interface DollarFigures {
  readonly rows: number;
  readonly authorizedCents: bigint;
  readonly inProcessCents: bigint;
  readonly billedCents: bigint;
  /** In process + billed. */
  readonly usedCents: bigint;
  /** Authorized − used: below zero if more was used. */
  readonly notUtilizedCents: bigint;
  readonly underCents: bigint;
  readonly underRows: number;
  readonly overCents: bigint;
  readonly overRows: number;
  readonly unauthorizedCents: bigint;
  readonly unauthorizedRows: number;
  /** Used / authorized of the totals, in hundredths of a percent; null if nothing is authorized. */
  readonly utilization: bigint | null;
  /** The mean of the rows' own ratios, which weighs a small authorization like a large one. */
  readonly averageUtilization: bigint | null;
}

export interface NoteFigures {
  readonly rows: number;
  readonly onTime: number;
  readonly late: number;
  readonly unbillable: number;
  readonly unsigned: number;
  /** Average days to sign of the signed notes, in hundredths of a day; null where none is signed. */
  readonly averageDays: bigint | null;
  /** Shares of all notes, in hundredths of a percent; null where there are none. */
  readonly onTimeShare: bigint | null;
  readonly lateShare: bigint | null;
  readonly unbillableShare: bigint | null;
}

/** Where the sums stand in a tuple. */
const utilizationSums = {
  authorized: 5,
  inProcess: 6,
  billed: 7,
  under: 8,
  over: 10,
  unauthorized: 12,
  util: 14,
};

export function dollarFigures(tuples: readonly UtilizationTuple[]): DollarFigures {
  const sum = (place: number) => tuples.reduce((total, tuple) => total + BigInt(tuple[place]!), 0n);
  const count = (place: number) => tuples.reduce((total, tuple) => total + Number(tuple[place]), 0);
  const authorizedCents = sum(utilizationSums.authorized);
  const inProcessCents = sum(utilizationSums.inProcess);
  const billedCents = sum(utilizationSums.billed);
  const usedCents = inProcessCents + billedCents;
  return {
    rows: count(4),
    authorizedCents,
    inProcessCents,
    billedCents,
    usedCents,
    notUtilizedCents: authorizedCents - usedCents,
    underCents: sum(utilizationSums.under),
    underRows: count(9),
    overCents: sum(utilizationSums.over),
    overRows: count(11),
    unauthorizedCents: sum(utilizationSums.unauthorized),
    unauthorizedRows: count(13),
    utilization: share(usedCents, authorizedCents),
    averageUtilization: meanOfRatios(sum(utilizationSums.util), count(15)),
  };
}

export function noteFigures(tuples: readonly NotesTuple[]): NoteFigures {
  const count = (place: number) => tuples.reduce((total, tuple) => total + Number(tuple[place]), 0);
  const days = tuples.reduce((total, tuple) => total + BigInt(tuple[8]), 0n);
  const [rows, onTime, late, unbillable, daysRows] = [count(3), count(4), count(5), count(6), count(9)];
  return {
    rows,
    onTime,
    late,
    unbillable,
    unsigned: count(7),
    averageDays: daysRows === 0 ? null : ratio(days, BigInt(daysRows), scales.dollars),
    onTimeShare: share(BigInt(onTime), BigInt(rows)),
    lateShare: share(BigInt(late), BigInt(rows)),
    unbillableShare: share(BigInt(unbillable), BigInt(rows)),
  };
}

/** Part / whole in hundredths of a percent; null where the whole is nothing. */
export function share(part: bigint, whole: bigint): bigint | null {
  return whole === 0n ? null : ratio(part, whole, scales.units);
}

/** The sum is in millionths; a hundredth of a percent is a hundred of them. */
function meanOfRatios(millionths: bigint, rows: number): bigint | null {
  return rows === 0 ? null : ratio(millionths, BigInt(rows) * 100n, scales.days);
}

/** Tuples by what stands in one place of them, in order of first appearance. */
export function groupedBy<Tuple, Key>(
  tuples: readonly Tuple[],
  keyOf: (tuple: Tuple) => Key,
): Map<Key, Tuple[]> {
  const groups = new Map<Key, Tuple[]>();
  for (const tuple of tuples) {
    const key = keyOf(tuple);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [tuple]);
    else group.push(tuple);
  }
  return groups;
}

/** A straight line through points by least squares; undefined where there are fewer than three. */
export function trendLine(
  points: readonly (readonly [place: number, value: number])[],
): { at: (place: number) => number; slope: number } | undefined {
  if (points.length < 3) return undefined;
  const mean = (at: 0 | 1) => points.reduce((sum, point) => sum + point[at], 0) / points.length;
  const [middle, average] = [mean(0), mean(1)];
  const spread = points.reduce((sum, [place]) => sum + (place - middle) ** 2, 0);
  const slope =
    points.reduce((sum, [place, value]) => sum + (place - middle) * (value - average), 0) / spread;
  return { slope, at: (place) => average + slope * (place - middle) };
}

/** A sum as JSON carries it. */
export function asWhole(sum: bigint): Whole {
  const number = Number(sum);
  return Number.isSafeInteger(number) ? number : String(sum);
}
