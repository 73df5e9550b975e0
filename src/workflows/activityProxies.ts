import { ActivityCancellationType, proxyActivities, type ActivityOptions } from '@temporalio/workflow';
import type { Activities, ActivitiesOf, ActivityClass, ActivityName } from '../activities/index.ts';
import type { RunPlan } from '../activities/contracts.ts';
import { withAgency } from '../domain/agencyId.ts';
import { taskQueues } from '../domain/temporalNames.ts';
import { periodText } from '../domain/periods.ts';
import type { RunIdentity } from '../domain/runIdentity.ts';
import { agencyOfRun, priorityOfRun } from './agencyOfRun.ts';

const cancellationType = ActivityCancellationType.WAIT_CANCELLATION_COMPLETED;

/** The time limits of each class of activities. Those of `portal` come from the plan. */
export const limits = {
  /** Reads configuration, clock or one row of the ledger: seconds at most. */
  quick: {
    taskQueue: taskQueues.pipeline,
    startToCloseTimeout: '30 s',
    scheduleToCloseTimeout: '1 h',
    retry: { initialInterval: '1 s', maximumInterval: '30 s', maximumAttempts: 5 },
    cancellationType,
  },

  /** Streams over one file: a million rows take a minute, so half an hour is a hang. */
  transform: {
    taskQueue: taskQueues.pipeline,
    startToCloseTimeout: '30 min',
    heartbeatTimeout: '30 s',
    // A full disk or a lost share comes back within minutes, if someone looks after it.
    retry: { initialInterval: '2 s', backoffCoefficient: 3, maximumInterval: '2 min', maximumAttempts: 8 },
    cancellationType,
  },

  /** Works in the database, which may be away for a while: the attempts span about a quarter of an hour. */
  warehouse: {
    taskQueue: taskQueues.pipeline,
    startToCloseTimeout: '30 min',
    heartbeatTimeout: '30 s',
    retry: { initialInterval: '2 s', backoffCoefficient: 2, maximumInterval: '2 min', maximumAttempts: 14 },
    cancellationType,
  },

  /** Records what is good to have: a run must not hang on it when the database is away. */
  bookkeeping: {
    taskQueue: taskQueues.pipeline,
    startToCloseTimeout: '30 s',
    scheduleToCloseTimeout: '2 min',
    retry: { initialInterval: '1 s', maximumInterval: '20 s', maximumAttempts: 5 },
  },

  /**
   * Copies the files of a source, a few gigabytes at most. A server that restarts is back within minutes; one that is
   * away for longer is tried by the next round.
   */
  sources: {
    taskQueue: taskQueues.pipeline,
    startToCloseTimeout: '1 h',
    scheduleToCloseTimeout: '2 h',
    heartbeatTimeout: '30 s',
    retry: { initialInterval: '2 s', backoffCoefficient: 3, maximumInterval: '2 min', maximumAttempts: 5 },
    cancellationType,
  },

  /**
   * A PDF for each of fifty QPs takes a few minutes. The files of the day before stay until the new ones are there, so a
   * minute's trouble is waited out and no more.
   */
  dashboards: {
    taskQueue: taskQueues.pipeline,
    startToCloseTimeout: '15 min',
    scheduleToCloseTimeout: '1 h',
    heartbeatTimeout: '30 s',
    retry: { initialInterval: '5 s', backoffCoefficient: 3, maximumInterval: '2 min', maximumAttempts: 4 },
    cancellationType,
  },

  /**
   * Removes a few thousand files at most. Nobody waits for it, and what it leaves goes with the next daily run, so
   * it does not hold up the end of this one for long.
   */
  tidying: {
    taskQueue: taskQueues.pipeline,
    startToCloseTimeout: '15 min',
    scheduleToCloseTimeout: '30 min',
    heartbeatTimeout: '30 s',
    retry: { initialInterval: '5 s', backoffCoefficient: 3, maximumInterval: '2 min', maximumAttempts: 4 },
    cancellationType,
  },

  /** Reads the ledger. A database that restarts is back within a minute; one that is away for longer is an alert. */
  alertChecks: {
    taskQueue: taskQueues.pipeline,
    startToCloseTimeout: '30 s',
    scheduleToCloseTimeout: '10 min',
    retry: { initialInterval: '2 s', backoffCoefficient: 2, maximumInterval: '30 s', maximumAttempts: 6 },
    cancellationType,
  },

  /** Sends one message. Six attempts span about two minutes; what is not sent then is tried again by the next round. */
  notifications: {
    taskQueue: taskQueues.pipeline,
    // Waiting for a turn, reading, and the patience with the other side.
    startToCloseTimeout: '1 min',
    scheduleToCloseTimeout: '15 min',
    retry: { initialInterval: '5 s', backoffCoefficient: 2, maximumInterval: '1 min', maximumAttempts: 6 },
    cancellationType,
  },
} satisfies Record<Exclude<ActivityClass, 'portal'>, ActivityOptions>;

/** The time limits of the portal's activities. The plan has the attempts and pauses from the configuration. */
export function portalLimits({
  portalAttempts,
  portalRetrySeconds,
}: Pick<RunPlan, 'portalAttempts' | 'portalRetrySeconds'>): ActivityOptions {
  return {
    taskQueue: taskQueues.portal,
    // The export's own patience is in the recipe. A login in use is waited for by the run (exportWhenFree.ts).
    startToCloseTimeout: '6 h',
    heartbeatTimeout: '30 s',
    retry: {
      initialInterval: portalRetrySeconds * 1000,
      backoffCoefficient: 2,
      // The server takes no maximum below the first interval, which may be an hour.
      maximumInterval: Math.max(30 * 60, portalRetrySeconds) * 1000,
      maximumAttempts: portalAttempts,
    },
    cancellationType,
  };
}

/** The activities as the workflows call them, e.g. `quick.planRun({ run })`, with the time limits of their class. */

export const quick = activitiesOf<'quick'>(limits.quick);
export const transform = activitiesOf<'transform'>(limits.transform);
export const warehouse = activitiesOf<'warehouse'>(limits.warehouse);
export const bookkeeping = activitiesOf<'bookkeeping'>(limits.bookkeeping);
export const sources = activitiesOf<'sources'>(limits.sources);
export const dashboards = activitiesOf<'dashboards'>(limits.dashboards);
export const tidying = activitiesOf<'tidying'>(limits.tidying);
export const alertChecks = activitiesOf<'alertChecks'>(limits.alertChecks);
export const notifications = activitiesOf<'notifications'>(limits.notifications);

export function portal(plan: RunPlan): ActivitiesOf<'portal'> {
  return activitiesOf<'portal'>(portalLimits(plan));
}

type Summaries = { readonly [Name in ActivityName]?: (...input: Parameters<Activities[Name]>) => string };

/** The summary of each call in the Web UI. An activity without one shows its name in words. */
const summaries: Summaries = {
  planRun: ({ run }) => `plan ${about(run)}`,
  planDailyRun: () => 'find the periods that are due',
  planBackfill: ({ report, range }) => `plan the backfill of ${report} ${periodText(range)}`,
  takeDecision: ({ kind, run }) => `${kind} run ${run}`,
  loginAndDownload: ({ run }) => `export ${about(run)}`,
  takeFile: ({ run }) => `take the file for ${about(run)}`,
  clean: ({ export: file }) => `read ${String(file.rows)} records exactly`,
  categorize: ({ clean }) => `categorize ${String(clean.rows.rows)} rows`,
  aggregate: ({ categorize }) => `roll up ${String(categorize.rows.rows)} rows`,
  load: ({ run, made }) =>
    `load ${String(made.categorize.rows.rows)} rows of ${about(run)} if the gates allow`,
  assess: ({ run }) => `compare ${about(run)} with what is published`,
  recordOutcome: ({ outcome }) => `write down: ${outcome}`,
  awaitRun: ({ workflowId }) => `ask whether the other ${workflowId} has ended`,
  writeDashboards: () => 'write the dashboards if they are wanted',
  tidy: () => 'remove expired files',
  planSources: () => 'list the sources',
  claimFiles: ({ source }) => `take the files of ${source}`,
  settleFile: ({ source, id, end }) => `${source} ${id}: ${end.to}`,
  planAlerts: () => 'list the alert channels',
  findAlerts: () => 'find the alerts that are due',
  tellAlert: ({ channel, event, causes: conditions }) =>
    `${channel}: ${String(conditions.length)} ${conditions[0]?.kind ?? 'nothing'} ${event}`,
  tellDatabase: ({ channel, event }) => `${channel}: database away ${event}`,
};

function about(run: RunIdentity): string {
  return `${run.report} ${periodText(run.period)}`;
}

type AnyActivity = (...input: unknown[]) => Promise<unknown>;

/** Each function has the activity's name, and schedules it with its summary. */
function activitiesOf<Class extends ActivityClass>(options: ActivityOptions): ActivitiesOf<Class> {
  const proxies = proxyActivities<Record<string, AnyActivity>>(options);
  const get = (_: object, name: string): AnyActivity => {
    const call: AnyActivity = (...input) =>
      proxies[name]!.executeWithOptions(
        { summary: summaryOf(name, input), priority: priorityOfRun() },
        withAgency(agencyOfRun(), input),
      );
    return Object.defineProperty(call, 'name', { value: name });
  };
  return new Proxy({}, { get }) as ActivitiesOf<Class>;
}

function summaryOf(name: string, input: unknown[]): string {
  const summary = (summaries as Readonly<Record<string, (...input: unknown[]) => string>>)[name];
  return summary?.(...input) ?? name.replaceAll(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
}
