import type {
  AlertCondition,
  AlertTimes,
  DailySchedule,
  EndedRun,
  HangingRun,
  LedgerFacts,
  PagesTrouble,
} from '../domain/alertConditions.ts';
import { addDays, dayInZone, instantInZone, type IsoDate } from '../domain/dates.ts';
import type { FailureType } from '../domain/failures.ts';
import { duePeriod, periodText } from '../domain/periods.ts';
import { reportNames } from '../reports/index.ts';

/** The facts that all conditions are derived from. */
export interface AlertFacts extends LedgerFacts, AlertTimes {
  readonly now: Date;
  readonly schedule: DailySchedule;
  readonly hanging: readonly HangingRun[];
  readonly unreachable: readonly string[];
  readonly pages?: PagesTrouble | undefined;
}

/** The open conditions, each once. */
export function openConditions(facts: AlertFacts): AlertCondition[] {
  const hanging = facts.hanging.slice(0, mostHanging);
  const logins = facts.blockedLogins.map((blocked): AlertCondition => ({ kind: 'login', ...blocked }));
  const sources = facts.unreachable.map((source): AlertCondition => ({ kind: 'source', source }));
  return [
    ...scheduleConditions(facts),
    ...hanging.map(stuck),
    ...sources,
    ...logins,
    ...failed(facts),
    ...held(facts),
    ...missing(facts),
    ...(facts.pages === undefined ? [] : [{ kind: 'pages', ...facts.pages } as const]),
  ];
}

/** A fix for these usually fixes the rest, which has the same cause. */
const mostHanging = 20;

function stuck({ workflowId, runId, why, detail }: HangingRun): AlertCondition {
  return { kind: 'stuck', workflowId, runId, why, detail };
}

/** Identifies a condition for as long as it lasts: at most one alert is open for it. */
export function conditionKey(condition: AlertCondition): string {
  switch (condition.kind) {
    case 'failed':
    case 'held':
      return `${condition.kind}:${condition.report}:${periodText(condition.period)}`;
    // Without the period: a pipeline that stays down over the end of a month is one alert.
    case 'missing':
      return `missing:${condition.report}`;
    case 'login':
      return `login:${condition.login}`;
    case 'schedule':
      return 'schedule';
    case 'stuck':
      return `stuck:${condition.runId}`;
    case 'source':
      return `source:${condition.source}`;
    // Without the run: while it lasts, each day's run is the same alert.
    case 'pages':
      return 'pages';
  }
}

/** The part of a condition whose change is news: another person may then have to fix it. */
export function newsOf(condition: AlertCondition): string {
  switch (condition.kind) {
    case 'failed':
      return condition.failureType;
    case 'held':
      return condition.gates.join(' ');
    case 'missing':
    case 'source':
      return '';
    case 'login':
      return condition.failureType ?? '';
    case 'schedule':
    case 'pages':
      return condition.state;
    case 'stuck':
      return `${condition.why} ${condition.detail}`;
  }
}

function scheduleConditions({ schedule: { state } }: AlertFacts): AlertCondition[] {
  return state === 'active' ? [] : [{ kind: 'schedule', state }];
}

/** Runs with these failures are reported as their common cause: the one password that all of them need. */
const toldAsLogin: ReadonlySet<FailureType> = new Set(['PortalLoginRejected', 'PortalLocked']);

function failed({ lastRuns }: AlertFacts): AlertCondition[] {
  return lastRuns.flatMap((run): AlertCondition[] => {
    const { report, period, workflowId, runId, failureType: noted } = run;
    const failureType = noted ?? 'InternalError';
    if (run.outcome !== 'failed' || toldAsLogin.has(failureType)) return [];
    return [{ kind: 'failed', report, period, failureType, workflowId, runId }];
  });
}

function held(facts: AlertFacts): AlertCondition[] {
  const newest = new Map<string, AlertCondition>();
  for (const run of facts.held) {
    const condition: AlertCondition = { kind: 'held', ...run };
    if (!newest.has(conditionKey(condition))) newest.set(conditionKey(condition), condition);
  }
  return [...newest.values()];
}

const hourMilliseconds = 3_600_000;

function missing(facts: AlertFacts): AlertCondition[] {
  // Without a schedule nothing is due, and that has a condition of its own.
  if (facts.schedule.state !== 'active') return [];
  const { day, startsAt } = lastDueStart(facts);
  if (startsAt < new Date(facts.schedule.createdAt)) return [];
  return (facts.reports ?? reportNames).flatMap((report): AlertCondition[] => {
    const period = duePeriod(report, day);
    const seenTo = facts.lastRuns.some(
      (run) => run.report === report && run.period.from === period.from && isSeenTo(run, startsAt),
    );
    return seenTo ? [] : [{ kind: 'missing', report, period, startsAt: startsAt.toISOString() }];
  });
}

/** A run that failed or is held has its own condition; a cancelled one left the period as it was. */
function isSeenTo({ outcome, finishedAt }: EndedRun, startsAt: Date): boolean {
  return outcome !== 'cancelled' && new Date(finishedAt) >= startsAt;
}

/** The latest start of the daily run whose due hour has passed. */
function lastDueStart({ now, timeZone, dailyAt, missingAfterHours }: AlertFacts): {
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
