import type { Cause, DailySchedule, EndedRun, HangingRun, HeldRun } from '../domain/alerts.ts';
import { addDays, dayInZone, instantInZone, type IsoDate } from '../domain/dates.ts';
import type { FailureType } from '../domain/failures.ts';
import { duePeriod, periodText } from '../domain/periods.ts';
import { reportNames } from '../domain/reports.ts';

/** Everything that the causes follow from. */
export interface Standing {
  readonly now: Date;
  readonly timeZone: string;
  /** When the daily run starts, `HH:MM` in the time zone. */
  readonly dailyAt: string;
  /** Hours after the start at which a run that has not ended is missing. */
  readonly missingAfterHours: number;
  /** Of each period the newest run that was not cancelled. */
  readonly lastRuns: readonly EndedRun[];
  /** All that wait for a person, newest first. */
  readonly held: readonly HeldRun[];
  readonly blockedLogins: readonly { readonly login: string; readonly failureType: FailureType | null }[];
  readonly schedule: DailySchedule;
  readonly hanging: readonly HangingRun[];
}

/** What stands now, each cause once. */
export function causesOf(standing: Standing): Cause[] {
  const hanging = standing.hanging.slice(0, mostHanging);
  const logins = standing.blockedLogins.map((blocked): Cause => ({ kind: 'login', ...blocked }));
  return [
    ...scheduleCauses(standing),
    ...hanging.map(stuck),
    ...logins,
    ...failed(standing),
    ...held(standing),
    ...missing(standing),
  ];
}

/** Whoever sees to these sees to the rest, which has the same cause. */
const mostHanging = 20;

function stuck({ workflowId, runId, why, detail }: HangingRun): Cause {
  return { kind: 'stuck', workflowId, runId, why, detail };
}

/** One for each thing that can be wrong, however long it is: at most one alert is open for it. */
export function keyOf(cause: Cause): string {
  switch (cause.kind) {
    case 'failed':
    case 'held':
      return `${cause.kind}:${cause.report}:${periodText(cause.period)}`;
    // Not by period: a pipeline that stands still over the end of a month is one cause.
    case 'missing':
      return `missing:${cause.report}`;
    case 'login':
      return `login:${cause.login}`;
    case 'schedule':
      return 'schedule';
    case 'stuck':
      return `stuck:${cause.runId}`;
  }
}

/** What of a cause is news when it changes: it may then be another person's to mend. */
export function newsOf(cause: Cause): string {
  switch (cause.kind) {
    case 'failed':
      return cause.failureType;
    case 'held':
      return cause.gates.join(' ');
    case 'missing':
      return '';
    case 'login':
      return cause.failureType ?? '';
    case 'schedule':
      return cause.state;
    case 'stuck':
      return `${cause.why} ${cause.detail}`;
  }
}

function scheduleCauses({ schedule: { state } }: Standing): Cause[] {
  return state === 'active' ? [] : [{ kind: 'schedule', state }];
}

/** These runs are told as what is behind them: the one password that all of them wait for. */
const toldAsLogin: ReadonlySet<FailureType> = new Set(['PortalLoginRejected', 'PortalLocked']);

function failed({ lastRuns }: Standing): Cause[] {
  return lastRuns.flatMap((run): Cause[] => {
    const { report, period, workflowId, runId, failureType: noted } = run;
    const failureType = noted ?? 'InternalError';
    if (run.outcome !== 'failed' || toldAsLogin.has(failureType)) return [];
    return [{ kind: 'failed', report, period, failureType, workflowId, runId }];
  });
}

function held(standing: Standing): Cause[] {
  const newest = new Map<string, Cause>();
  for (const run of standing.held) {
    const cause: Cause = { kind: 'held', ...run };
    if (!newest.has(keyOf(cause))) newest.set(keyOf(cause), cause);
  }
  return [...newest.values()];
}

const hourMilliseconds = 3_600_000;

function missing(standing: Standing): Cause[] {
  // Without a schedule nothing is due, and that is told by itself.
  if (standing.schedule.state !== 'active') return [];
  const { day, startsAt } = lastDueStart(standing);
  if (startsAt < new Date(standing.schedule.createdAt)) return [];
  return reportNames.flatMap((report): Cause[] => {
    const period = duePeriod(report, day);
    const seenTo = standing.lastRuns.some(
      (run) => run.report === report && run.period.from === period.from && isSeenTo(run, startsAt),
    );
    return seenTo ? [] : [{ kind: 'missing', report, period, startsAt: startsAt.toISOString() }];
  });
}

/** A run that failed or is held is told as that; one that was cancelled has left the period as it was. */
function isSeenTo({ outcome, finishedAt }: EndedRun, startsAt: Date): boolean {
  return outcome !== 'cancelled' && new Date(finishedAt) >= startsAt;
}

/** The latest start of the daily run whose due hour has come. */
function lastDueStart({ now, timeZone, dailyAt, missingAfterHours }: Standing): {
  day: IsoDate;
  startsAt: Date;
} {
  const latest = new Date(now.getTime() - missingAfterHours * hourMilliseconds);
  const today = dayInZone(latest, timeZone);
  const startsAt = instantInZone(today, dailyAt, timeZone);
  if (startsAt <= latest) return { day: today, startsAt };
  const yesterday = addDays(today, -1);
  return { day: yesterday, startsAt: instantInZone(yesterday, dailyAt, timeZone) };
}
