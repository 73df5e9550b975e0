import { ActivityCancellationType, proxyActivities } from '@temporalio/workflow';
import type { PipelineActivities, PortalActivities } from '../activities/index.ts';
import type { DashboardActivities } from '../dashboard/activity.ts';
import type { DailyPlanInput } from '../activities/plans.ts';
import type { DecisionInput } from '../activities/takeDecision.ts';
import type { CategorizeMade, CleanMade, ExportMade, LoadInput, RunPlan } from '../activities/contracts.ts';
import { taskQueues } from '../domain/names.ts';
import { periodText, type Period } from '../domain/periods.ts';
import type { FinishedRun } from '../domain/publication.ts';
import type { RunIdentity } from '../domain/runIdentity.ts';
import type { ReportName } from '../domain/reports.ts';

/**
 * The steps as the workflows call them: each class of activity has its own time limits and its own patience, and
 * each call a line that says in the Web UI what it is about.
 */

const cancellationType = ActivityCancellationType.WAIT_CANCELLATION_COMPLETED;

/** Reads configuration, clock or one row of the ledger: seconds at most. */
const quick = proxyActivities<
  Pick<PipelineActivities, 'planRun' | 'planDailyRun' | 'planBackfill' | 'takeDecision'>
>({
  taskQueue: taskQueues.pipeline,
  startToCloseTimeout: '30 s',
  scheduleToCloseTimeout: '1 h',
  retry: { initialInterval: '1 s', maximumInterval: '30 s', maximumAttempts: 5 },
  cancellationType,
});

/** Streams over one file: a million rows take a minute, so half an hour is a hang. */
const transform = proxyActivities<
  Pick<PipelineActivities, 'takeFile' | 'clean' | 'categorize' | 'aggregate'>
>({
  taskQueue: taskQueues.pipeline,
  startToCloseTimeout: '30 min',
  heartbeatTimeout: '30 s',
  // A full disk or a lost share comes back within minutes, if someone looks after it.
  retry: { initialInterval: '2 s', backoffCoefficient: 3, maximumInterval: '2 min', maximumAttempts: 8 },
  cancellationType,
});

/** The database may be away for a while: ten attempts span about a quarter of an hour. */
const warehouse = proxyActivities<Pick<PipelineActivities, 'load' | 'assess'>>({
  taskQueue: taskQueues.pipeline,
  startToCloseTimeout: '30 min',
  heartbeatTimeout: '30 s',
  retry: { initialInterval: '2 s', backoffCoefficient: 2, maximumInterval: '2 min', maximumAttempts: 14 },
  cancellationType,
});

/** Good to have, but a run must not hang on it when the database is away. */
const bookkeeping = proxyActivities<Pick<PipelineActivities, 'recordOutcome'>>({
  taskQueue: taskQueues.pipeline,
  startToCloseTimeout: '30 s',
  scheduleToCloseTimeout: '2 min',
  retry: { initialInterval: '1 s', maximumInterval: '20 s', maximumAttempts: 5 },
});

const waiting = proxyActivities<Pick<PipelineActivities, 'awaitRun'>>({
  taskQueue: taskQueues.pipeline,
  // As long as a run may take.
  startToCloseTimeout: '6 h',
  heartbeatTimeout: '30 s',
  retry: { initialInterval: '5 s', maximumAttempts: 20 },
  cancellationType,
});

/**
 * A PDF for each of fifty QPs takes a few minutes. The files of the day before stay until the new ones are there, so a
 * minute's trouble is waited out and no more.
 */
const dashboards = proxyActivities<DashboardActivities>({
  taskQueue: taskQueues.pipeline,
  startToCloseTimeout: '15 min',
  scheduleToCloseTimeout: '1 h',
  heartbeatTimeout: '30 s',
  retry: { initialInterval: '5 s', backoffCoefficient: 3, maximumInterval: '2 min', maximumAttempts: 4 },
  cancellationType,
});

/** How often the portal is tried comes from the configuration, by way of the plan. */
function portal(plan: RunPlan) {
  return proxyActivities<PortalActivities>({
    taskQueue: taskQueues.portal,
    // Waiting for the login counts here and may take hours; the export's own patience is in the recipe.
    startToCloseTimeout: '6 h',
    heartbeatTimeout: '30 s',
    retry: {
      initialInterval: plan.portalRetrySeconds * 1000,
      backoffCoefficient: 2,
      maximumInterval: '30 min',
      maximumAttempts: plan.portalAttempts,
    },
    cancellationType,
  });
}

function about(run: RunIdentity): string {
  return `${run.report} ${periodText(run.period)}`;
}

export function planRun(run: RunIdentity) {
  return quick.planRun.executeWithOptions({ summary: `plan ${about(run)}` }, [{ run }]);
}

export function planDailyRun(input: DailyPlanInput) {
  return quick.planDailyRun.executeWithOptions({ summary: 'which periods are due' }, [input]);
}

export function planBackfill(report: ReportName, range: Period) {
  const summary = `plan the backfill of ${report} ${periodText(range)}`;
  return quick.planBackfill.executeWithOptions({ summary }, [{ report, range }]);
}

export function loginAndDownload(run: RunIdentity, plan: RunPlan) {
  return portal(plan).loginAndDownload.executeWithOptions({ summary: `export ${about(run)}` }, [{ run }]);
}

export function takeFile(run: RunIdentity, file: string) {
  return transform.takeFile.executeWithOptions({ summary: `take the file for ${about(run)}` }, [
    { run, file },
  ]);
}

export function clean(run: RunIdentity, made: ExportMade) {
  const summary = `read ${String(made.file.rows)} records exactly`;
  return transform.clean.executeWithOptions({ summary }, [{ run, export: made.file }]);
}

export function categorize(run: RunIdentity, made: CleanMade) {
  const summary = `categorize ${String(made.rows.rows)} rows`;
  return transform.categorize.executeWithOptions({ summary }, [{ run, clean: made }]);
}

export function aggregate(run: RunIdentity, made: CategorizeMade) {
  const summary = `roll up ${String(made.rows.rows)} rows`;
  return transform.aggregate.executeWithOptions({ summary }, [{ run, categorize: made }]);
}

export function load(input: LoadInput) {
  const summary = `load ${String(input.made.categorize.rows.rows)} rows of ${about(input.run)} if the gates allow`;
  return warehouse.load.executeWithOptions({ summary }, [input]);
}

export function assess(input: LoadInput) {
  const summary = `compare ${about(input.run)} with what is published`;
  return warehouse.assess.executeWithOptions({ summary }, [input]);
}

export function takeDecision(input: DecisionInput) {
  const summary = `${input.kind} run ${input.run}`;
  return quick.takeDecision.executeWithOptions({ summary }, [input]);
}

export function recordOutcome(finished: FinishedRun) {
  const summary = `write down: ${finished.outcome}`;
  return bookkeeping.recordOutcome.executeWithOptions({ summary }, [finished]);
}

export function writeDashboards() {
  return dashboards.writeDashboards.executeWithOptions(
    { summary: 'write the dashboards if they are wanted' },
    [],
  );
}

export function awaitRun(workflowId: string) {
  return waiting.awaitRun.executeWithOptions({ summary: `wait for the other ${workflowId}` }, [
    { workflowId },
  ]);
}
