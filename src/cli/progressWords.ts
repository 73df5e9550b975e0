import type { PeriodsNow, RunNow } from './progressNow.ts';

/** The steps of a run, in order; a run from a file takes it instead of asking the portal. */
const steps = ['planRun', 'loginAndDownload', 'clean', 'categorize', 'aggregate', 'load', 'done'];
const places: ReadonlyMap<string, number> = new Map([
  ...steps.map((step, place) => [step, place] as const),
  ['takeFile', steps.indexOf('loginAndDownload')],
  ['assess', steps.indexOf('load')],
  ['takeDecision', 0],
]);

export const stepCount = steps.length - 1;

/** The number of steps done, including part of the current one; undefined between steps. */
export function stepsDone({ step, percent, rows, allRows }: RunNow): number | undefined {
  const place = places.get(step ?? '');
  if (place === undefined) return undefined;
  const part = percent === undefined ? (rows ?? 0) / Math.max(allRows ?? 0, rows ?? 0, 1) : percent / 100;
  // A step is done only when the next one begins, whatever it reports.
  return place + Math.min(part, 0.99);
}

/** `loginAndDownload: save the export, 45 %`, `clean: 40,000 of 492,000 rows`. */
export function runWords({ step, doing, percent, rows, allRows, attempt }: RunNow): string {
  if (step === undefined) return 'between two steps';
  const told = [
    ...(doing === undefined || rows !== undefined ? [] : [doing]),
    ...(percent === undefined ? [] : [`${String(percent)} %`]),
    ...(rows === undefined ? [] : [rowWords(rows, allRows)]),
    ...(attempt > 1 ? [`attempt ${String(attempt)}`] : []),
  ];
  return told.length === 0 ? step : `${step}: ${told.join(', ')}`;
}

function rowWords(rows: number, allRows: number | undefined): string {
  // Loading passes over the rows several times; only in the first pass is the share of the whole known.
  return allRows === undefined || rows > allRows
    ? `${counted(rows)} rows`
    : `${counted(rows)} of ${counted(allRows)} rows`;
}

function counted(count: number): string {
  return count.toLocaleString('en-US');
}

/** `2026-10-16..2026-10-31` of `notes:2026-10-16..2026-10-31`, with the report in front. */
export function periodWords({ id }: RunNow): string {
  return id.replace(':', ' ');
}

export function endedOf({ progress }: PeriodsNow): number {
  if (progress === undefined) return 0;
  return Object.values(progress.done).reduce((sum, count) => sum + count, progress.failed);
}

/** `periods, 1 failed, about 4 min left`. */
export function periodsWords(now: PeriodsNow, secondsLeft: number | undefined): string {
  const { progress, step, running } = now;
  if (progress === undefined) return step ?? 'being planned';
  const failed = progress.failed === 0 ? [] : [`${String(progress.failed)} failed`];
  const own = step === undefined || running.length > 0 ? [] : [step];
  const left = secondsLeft === undefined ? [] : [`about ${durationWords(secondsLeft)} left`];
  return ['periods', ...failed, ...own, ...left].join(', ');
}

/** `40 s`, `12 min`, `3 h 05 min`: as exact as an estimate is. */
export function durationWords(seconds: number): string {
  if (seconds < 60) return `${String(Math.max(1, Math.round(seconds)))} s`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 60) return `${String(minutes)} min`;
  return `${String(Math.floor(minutes / 60))} h ${String(minutes % 60).padStart(2, '0')} min`;
}
