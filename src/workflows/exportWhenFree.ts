import { setCurrentDetails, sleep, workflowInfo } from '@temporalio/workflow';
import type { ExportMade, RunPlan } from '../activities/contracts.ts';
import { PipelineError } from '../domain/failures.ts';
import { periodText } from '../domain/periods.ts';
import type { RunIdentity } from '../domain/runIdentity.ts';
import { portal } from './activityProxies.ts';
import { agencyOfRun } from './agencyOfRun.ts';
import { describeRun, stepsOf, type RunProgress } from './runProgress.ts';

/** A login that is in use for this long is stuck. */
const mostHours = 6;
/** Time that a run needs to record its failure before the server ends it. */
const minutesToRecord = 10;

interface Export {
  readonly run: RunIdentity;
  readonly plan: RunPlan;
  readonly progress: RunProgress;
}

/**
 * Runs the step loginAndDownload. While the login is in use, the run waits without holding a worker.
 * @throws PipelineError ExportTimedOut if the login stays in use
 */
export async function exportWhenFree({ run, plan, progress }: Export): Promise<ExportMade> {
  const { loginAndDownload } = portal(plan);
  const began = Date.now();
  const end = lastMoment(began);
  for (;;) {
    const exported = await stepsOf(progress)(loginAndDownload, { run });
    if (!('loginInUse' in exported)) return exported;
    if (Date.now() > end) throw stayedInUse(exported.loginInUse, Date.now() - began);
    progress.waitingFor = `the portal login, in use ${exported.loginInUse}`;
    const words = `${aboutRun(run)} waits for ${progress.waitingFor}, since ${minuteOf(began)}. It asks again every ${String(plan.portalRetrySeconds)} s and takes no worker meanwhile.`;
    setCurrentDetails(describeRun(progress, { kind: 'waiting', words }));
    await sleep(plan.portalRetrySeconds * 1000);
  }
}

/** When to stop waiting: a run that the server ends after `runTimeoutHours` could not record its failure. */
function lastMoment(began: number): number {
  const ended = workflowInfo().executionExpirationTime?.getTime() ?? Infinity;
  return Math.min(began + mostHours * 3_600_000, ended - minutesToRecord * 60_000);
}

function aboutRun({ report, period }: RunIdentity): string {
  const agency = agencyOfRun();
  return `${report} ${periodText(period)}${agency === undefined ? '' : ` of ${agency}`}`;
}

/** `2026-11-16 08:30 UTC` */
function minuteOf(milliseconds: number): string {
  return `${new Date(milliseconds).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}

function stayedInUse(by: string, milliseconds: number): PipelineError {
  const hours = (milliseconds / 3_600_000).toFixed(1);
  return new PipelineError(
    'ExportTimedOut',
    `the portal login stayed in use for ${hours} hours, at last ${by}`,
    {
      hint: 'Look what uses it: runs of this login in the Web UI, a person with client portal hold or doctor. Then run the period again.',
    },
  );
}
