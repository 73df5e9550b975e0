import type { PeriodsNow, RunNow, StepNow } from './progressNow.ts';

/**
 * What a run does now, its attempt, why the last one failed and when it tries again: `loginAndDownload: save the
 * export, 45 %`, `clean: cleaning, 40,000 of 492,000 rows`, `load: attempt 1 of 14 failed, tries again in 40 s;
 * WarehouseUnavailable: …`.
 */
export function runWords(run: StepNow & Pick<RunNow, 'allRows'>, at: Date): string {
  const { step, attempt, lastFailure, nextAttemptAt } = run;
  if (step === undefined) return 'starting';
  const why = attempt > 1 && lastFailure !== undefined ? lastFailure : undefined;
  if (nextAttemptAt !== undefined) {
    const left = durationWords(Math.max(0, (nextAttemptAt.getTime() - at.getTime()) / 1000));
    const failed = `${attemptWords(attempt - 1, run)} failed, tries again in ${left}`;
    return withReason(`${step}: ${failed}`, why);
  }
  const words = [...doingWords(run), ...(attempt > 1 ? [attemptWords(attempt, run)] : [])];
  const head = words.length === 0 ? step : `${step}: ${words.join(', ')}`;
  return withReason(head, why === undefined ? undefined : `the last one failed with ${why}`);
}

function withReason(words: string, reason: string | undefined): string {
  return reason === undefined ? words : `${words}; ${reason}`;
}

function attemptWords(attempt: number, { mostAttempts }: StepNow): string {
  const most = mostAttempts === undefined ? '' : ` of ${String(mostAttempts)}`;
  return `attempt ${String(attempt)}${most}`;
}

function doingWords(run: StepNow & Pick<RunNow, 'allRows'>): string[] {
  const { isWaiting, isCancelling, doing, percent, rows = 0, allRows } = run;
  if (isWaiting === true) return ['waits for a free worker'];
  return [
    ...(isCancelling === true ? ['is being cancelled'] : []),
    ...(doing === undefined ? [] : [doing]),
    ...(percent === undefined ? [] : [`${String(percent)} %`]),
    ...(rows === 0 ? [] : [rowWords(rows, allRows)]),
  ];
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

/** `notes 2026-10-16..2026-10-31` of `notes:2026-10-16..2026-10-31`. */
export function periodWords({ id }: Pick<RunNow, 'id'>): string {
  return id.replaceAll(':', ' ');
}

/** What makes a new line where lines are not drawn over: never a count, a percentage or a time. */
export function changeKey(run: StepNow): string {
  const { step, attempt, doing, lastFailure, nextAttemptAt, isWaiting, isCancelling } = run;
  const words = doing?.replaceAll(/\d+/g, '#');
  return JSON.stringify([
    step,
    attempt,
    words,
    lastFailure,
    nextAttemptAt !== undefined,
    isWaiting,
    isCancelling,
  ]);
}

export function endedOf({ progress }: PeriodsNow): number {
  if (progress === undefined) return 0;
  return Object.values(progress.done).reduce((sum, count) => sum + count, progress.failed);
}

/** `9 of 12 periods ended: 8 published, 1 failed; about 4 min left`. */
export function periodsWords(now: PeriodsNow, secondsLeft: number | undefined, at: Date): string {
  const { progress, own, running } = now;
  if (progress === undefined) return own.step === undefined ? 'being planned' : runWords(own, at);
  const { total, done, failed } = progress;
  const counts = Object.entries({ ...done, failed })
    .filter(([, count]) => count > 0)
    .map(([outcome, count]) => `${String(count)} ${outcome}`);
  return [
    `${String(endedOf(now))} of ${String(total)} periods ended${counts.length === 0 ? '' : `: ${counts.join(', ')}`}`,
    ...(own.step === undefined || running.length > 0 ? [] : [runWords(own, at)]),
    ...(secondsLeft === undefined ? [] : [`about ${durationWords(secondsLeft)} left`]),
  ].join('; ');
}

/** `40 s`, `12 min`, `3 h 05 min`: as exact as an estimate is. */
export function durationWords(seconds: number): string {
  if (seconds < 60) return `${String(Math.max(1, Math.round(seconds)))} s`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 60) return `${String(minutes)} min`;
  return `${String(Math.floor(minutes / 60))} h ${String(minutes % 60).padStart(2, '0')} min`;
}
