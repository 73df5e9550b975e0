import type { RejectCounts, StatusDoubt } from './rejects.ts';
import { rowFaults } from './cells.ts';
import { decimalText, ratio, scales, sumFromText } from './decimals.ts';
import { changesNothing, rulesChangeText } from './rulesChange.ts';
import type { GateContext, GateLimits, GateReason } from './publication.ts';

/** The figures of the run itself that the gates check. */
export interface GatedRun {
  readonly read: number;
  readonly excluded: number;
  readonly rejected: number;
  readonly loaded: number;
  /** Undefined for a run of an earlier version. */
  readonly rejects?: RejectCounts | undefined;
  /** The total of the money column that gates compare, as decimal text; null in reports without money. */
  readonly dollars: string | null;
  /** The column's name in messages. */
  readonly dollarsOf?: string;
  /** Whether the export was taken before the period had ended. */
  readonly open: boolean;
}

/** Why the run may not be loaded without a person's decision; empty if it may. Percentages are compared exactly. */
export function gateReasons(limits: GateLimits, run: GatedRun, context: GateContext): GateReason[] {
  const situation = { limits, run, context };
  return Object.entries(gates).flatMap(([gate, opinion]) => {
    const message = opinion(situation);
    return message === undefined ? [] : [{ gate, message }];
  });
}

interface Situation {
  readonly limits: GateLimits;
  readonly run: GatedRun;
  readonly context: GateContext;
}

/** Says what is wrong, or undefined if nothing is or the gate does not apply. */
type Gate = (situation: Situation) => string | undefined;

function tooManyRejects({ limits: { rejectedPercent, smallestRows }, run }: Situation): string | undefined {
  const judged = run.read - run.excluded;
  if (isAllRejected(run) || run.rejected * 100 <= rejectedPercent * judged) return undefined;
  // One of three rows is a share that proves nothing.
  if (judged < smallestRows) return undefined;
  const share = shareText(BigInt(run.rejected), BigInt(judged));
  return `${String(run.rejected)} of ${String(judged)} rows were rejected, ${share}; at most ${String(rejectedPercent)} % pass${kindsText(run)}`;
}

function isAllRejected(run: GatedRun): boolean {
  return run.rejected > 0 && run.loaded === 0;
}

/** The rejected rows by column and rule, which is what a person has to look at. */
function kindsText({ rejects }: GatedRun): string {
  const kinds = rejects?.kinds ?? [];
  if (kinds.length === 0) return '';
  const form = rejects?.form === undefined ? '' : `. ${rejects.form}`;
  const named = kinds
    .slice(0, kindsNamed)
    .map(({ column, rule, rows: count }) => `${String(count)} in ${column} (${rule})`);
  const more = kinds.length - named.length;
  return `: ${named.join(', ')}${more > 0 ? `, and ${String(more)} other kinds` : ''}${form}`;
}

const kindsNamed = 4;

/**
 * Whether the period already shows figures without these rows, from the same export or with as many rejects of each
 * kind: no one is asked about them again each day.
 */
function areRejectsKnown({ run, context: { previous } }: Situation): boolean {
  if (previous === null) return false;
  if (previous.sameExport === true && run.loaded >= previous.rows) return true;
  const known = previous.rejects?.kinds ?? [];
  return (run.rejects?.kinds ?? []).every(({ column, rule, rows: count }) =>
    known.some((kind) => kind.column === column && kind.rule === rule && kind.rows >= count),
  );
}

/** A word or form that the reader does not know rejects just the rows that matter, however few they are. */
function sameRejects(asked: Situation): string | undefined {
  const {
    limits: { sameRejects: limit, smallestRows },
    run,
  } = asked;
  if (areRejectsKnown(asked)) return undefined;
  const judged = run.read - run.excluded;
  const [kind, ...others] = run.rejects?.kinds ?? [];
  if (limit === undefined || kind === undefined || others.length > 0 || isAllRejected(run)) return undefined;
  if (judged < smallestRows || kind.rows < limit.rows || kind.rows * 100 < limit.percent * judged)
    return undefined;
  return `all ${String(kind.rows)} rejected rows of ${String(judged)} have the same fault, ${kind.rule} in ${kind.column}: rather a form that is not read than ${String(kind.rows)} mistakes${run.rejects?.form === undefined ? '' : `. ${run.rejects.form}`}`;
}

/** The missing rows would belong to the shares that dashboards show. */
function statusShares(asked: Situation): string | undefined {
  const {
    limits: { statusSharePoints: points, smallestRows },
    run,
  } = asked;
  if (areRejectsKnown(asked)) return undefined;
  if (points === undefined || run.loaded === 0 || run.read - run.excluded < smallestRows) return undefined;
  const { statuses = [] } = run.rejects ?? {};
  const rejected =
    run.rejects?.kinds.reduce(
      (sum, { rule, rows: count }) => sum + (rule === rowFaults.outsidePeriod.rule ? 0 : count),
      0,
    ) ?? 0;
  const all = run.loaded + rejected;
  const shifts = statuses.flatMap((doubt) => [doubt.sure, doubt.possible].map((count) => ({ doubt, count })));
  const far = shifts.filter(({ doubt, count }) =>
    isFarShift(doubt, count, { all, loaded: run.loaded, points }),
  );
  const worst = far.toSorted((one, other) => other.count - one.count)[0];
  if (worst === undefined) return undefined;
  const before = tenths(worst.doubt.loaded, run.loaded);
  const after = tenths(worst.doubt.loaded + worst.count, all);
  return `without the rejected rows ${before} % of the rows are ${worst.doubt.status}, with them it could be ${after} %; at most ${String(points)} points pass${kindsText(run)}`;
}

/** Exact: the products of counts are far below 2^53. */
function isFarShift(
  { loaded: before }: StatusDoubt,
  count: number,
  { all, loaded, points }: { all: number; loaded: number; points: number },
): boolean {
  const shift = Math.abs((before + count) * loaded - before * all);
  return shift * 100 > points * loaded * all;
}

function tenths(part: number, whole: number): string {
  return (Math.round((part * 1000) / whole) / 10).toFixed(1);
}

/** Gates after which no row would be left: approving such a run would empty the period. */
const emptyingGates: ReadonlySet<string> = new Set(['all-rows-rejected', 'empty-over-rows']);

/** Whether the period would show no rows if the run were loaded anyway. */
export function wouldEmpty(gatesAsked: readonly string[]): boolean {
  return gatesAsked.some((gate) => emptyingGates.has(gate));
}

function isEmptyOverRows({ run, context: { previous } }: Situation): boolean {
  return run.loaded === 0 && previous !== null && previous.rows > 0;
}

interface Load {
  readonly rows: number;
  readonly dollars: string | null;
}

/** A compared figure, in whole rows or cents. */
interface Measure {
  /** Null if the load has no such figure. */
  readonly of: (load: Load) => bigint | null;
  /** The words for a doubled amount: the median of two loads may lie between two whole ones. */
  readonly text: (doubled: bigint) => string;
  readonly noun: (run: GatedRun) => string;
  readonly fewer: string;
}

const rows: Measure = {
  of: (load) => BigInt(load.rows),
  // Exact: counts of rows are far below 2^53.
  text: (doubled) => String(Number(doubled) / 2),
  noun: () => 'rows',
  fewer: 'fewer',
};

const dollars: Measure = {
  of: (load) => (load.dollars === null ? null : sumFromText(load.dollars, scales.dollars)),
  text: (doubled) => decimalText(ratio(doubled, 2n, scales.days), scales.dollars),
  noun: ({ dollarsOf = 'dollars' }) => dollarsOf,
  fewer: 'less',
};

/** Held because the current rules would change the period's keys or figures, whatever the new export contains. */
export const rulesChangedGate = 'rules-changed';

/** Every gate by its name, in the order in which reasons are listed. */
const gates: Readonly<Record<string, Gate>> = {
  pinned: ({ context: { pinned } }) =>
    pinned === null ? undefined : `the period is pinned: ${pinned.reason}`,
  [rulesChangedGate]: ({ context: { rulesChange } }) =>
    rulesChange === null || changesNothing(rulesChange) ? undefined : rulesChangeText(rulesChange),
  'all-rows-rejected': ({ limits: { rejectedPercent }, run }) =>
    isAllRejected(run) && rejectedPercent < 100
      ? `all ${String(run.rejected)} rows were rejected, so that none is left to load${kindsText(run)}`
      : undefined,
  'too-many-rejects': tooManyRejects,
  'same-rejects': sameRejects,
  'status-shares': statusShares,
  'empty-over-rows': (situation) =>
    isEmptyOverRows(situation)
      ? `no rows, in place of the ${String(situation.context.previous?.rows)} that the period shows`
      : undefined,
  'rows-far-from-last-load': farFromLastLoad(rows),
  'dollars-far-from-last-load': farFromLastLoad(dollars),
  'rows-far-from-median': farFromMedian(rows),
  'dollars-far-from-median': farFromMedian(dollars),
};

/** What a run's figure is compared with. */
interface Baseline {
  readonly doubled: bigint;
  readonly described: (amount: string) => string;
  readonly fewerPercent: number;
  /** Undefined if any increase is expected. */
  readonly morePercent: number | undefined;
}

function farFromLastLoad(measure: Measure): Gate {
  return (situation) => {
    const { limits, run, context } = situation;
    const { previous } = context;
    // The gate for empty runs already reports this.
    if (previous === null || isEmptyOverRows(situation)) return undefined;
    const before = measure.of(previous);
    if (before === null || isSmall(limits, run, 2n * BigInt(previous.rows))) return undefined;
    const { fewerPercent, morePercent } = limits.lastLoad;
    return farFrom(measure, run, {
      doubled: 2n * before,
      described: (amount) => `the ${amount} of the last load`,
      fewerPercent,
      // For a period that had not ended, only a part could be loaded.
      morePercent: previous.open ? undefined : morePercent,
    });
  };
}

function farFromMedian(measure: Measure): Gate {
  return ({ limits, run, context: { others } }) => {
    const { periods, ...percent } = limits.median;
    // A period that has not ended is incomplete.
    if (run.open || others.length < periods) return undefined;
    const doubledRows = doubledMedian(others.map((load) => rows.of(load)));
    const doubled = doubledMedian(others.map((load) => measure.of(load)));
    if (doubledRows === undefined || doubled === undefined) return undefined;
    if (isSmall(limits, run, doubledRows)) return undefined;
    return farFrom(measure, run, {
      doubled,
      described: (amount) => `${amount}, the median of the ${String(others.length)} periods before`,
      ...percent,
    });
  };
}

function isSmall({ smallestRows }: GateLimits, run: GatedRun, doubledRows: bigint): boolean {
  return run.loaded < smallestRows && doubledRows < 2n * BigInt(smallestRows);
}

/** Doubled, so that the mean of the two in the middle is whole; undefined if a figure is missing. */
function doubledMedian(amounts: readonly (bigint | null)[]): bigint | undefined {
  const known = amounts.filter((amount) => amount !== null);
  if (known.length === 0 || known.length < amounts.length) return undefined;
  const sorted = known.toSorted((one, other) => (one < other ? -1 : one > other ? 1 : 0));
  const middle = (sorted.length - 1) / 2;
  return sorted[Math.floor(middle)]! + sorted[Math.ceil(middle)]!;
}

/**
 * Percentages are of the baseline's absolute value. An increase from zero has no percentage, and is no reason to hold.
 */
function farFrom(measure: Measure, run: GatedRun, baseline: Baseline): string | undefined {
  const amount = measure.of({ rows: run.loaded, dollars: run.dollars });
  if (amount === null) return undefined;
  const difference = 2n * amount - baseline.doubled;
  const [percent, word] =
    difference < 0n ? [baseline.fewerPercent, measure.fewer] : [baseline.morePercent, 'more'];
  const size = absolute(baseline.doubled);
  if (size === 0n && difference > 0n) return undefined;
  if (percent === undefined || absolute(difference) * 100n <= BigInt(percent) * size) return undefined;
  const share = size === 0n ? '' : `${shareText(absolute(difference), size)} `;
  return (
    `${measure.text(2n * amount)} ${measure.noun(run)}, ${share}${word} than ` +
    `${baseline.described(measure.text(baseline.doubled))}; at most ${String(percent)} % ${word} pass`
  );
}

function absolute(amount: bigint): bigint {
  return amount < 0n ? -amount : amount;
}

/** `31 %`, or `over 31 %` if it is no whole percent: never a rounded figure that seems to keep the limit. */
function shareText(part: bigint, whole: bigint): string {
  const percent = `${String((part * 100n) / whole)} %`;
  return (part * 100n) % whole === 0n ? percent : `over ${percent}`;
}
