import type { Client, WorkflowHandle } from '@temporalio/client';
import pTimeout from 'p-timeout';
import { agencyHere } from '../config.ts';
import { agencyOfId } from '../domain/agencyId.ts';
import { onBehalfOf } from '../domain/auditEvents.ts';
import { hintFor } from '../domain/failures.ts';
import { searchAttributeNames, taskQueues } from '../domain/temporalNames.ts';
import { printable } from '../domain/printable.ts';
import { recordAuditEventAlone } from '../warehouse/recordAuditEvent.ts';
import { thisUser } from '../wiring/thisUser.ts';
import type * as workflows from '../workflows/index.ts';
import { refused, RunEnded } from './commandErrors.ts';
import { withWarehouse } from './connections.ts';
import { reasonAndName, type DecisionOptions } from './decisions.ts';
import type { Description } from './endedRuns.ts';
import { print } from './output.ts';
import type { StartOptions } from './startRuns.ts';
import { withTemporal } from './temporalClient.ts';
import { described, resultOf, resultWords } from './watch.ts';

/** A run ends within seconds of its cancellation; a load that is about to commit may take longer. */
const endSeconds = 60;

/** Asks a run to end, records who did and why, and says what happened to the figures. */
export async function cancel(id: string, options: DecisionOptions & StartOptions): Promise<void> {
  const word = reasonAndName(options);
  await withTemporal(async (client) => {
    const run = await describedRun(client, id);
    assertOurs(run);
    assertUnderWay(run);
    await recordCancel(run, word);
    const handle = handleOf(client, run);
    await handle.cancel();
    const end = options.wait ? await endOf(handle) : stillUnderWay(id);
    const facts = { workflowId: id, ...end, ...parentOf(run) };
    print(options, facts, () => [end.words, ...parentWords(run)].join('\n'));
  });
}

async function describedRun(client: Client, id: string): Promise<Description> {
  return described(client.workflow.getHandle(id));
}

/** A handle for this run with its resets and continuations, never for a later run under the same id. */
function handleOf(client: Client, { workflowId, runId, raw }: Description): WorkflowHandle {
  const first = raw.workflowExecutionInfo?.firstRunId;
  return client.workflow.getHandle(workflowId, undefined, {
    firstExecutionRunId: first === undefined || first === null || first === '' ? runId : first,
  });
}

const ours: Readonly<Record<keyof typeof workflows, true>> = {
  backfill: true,
  checkAlerts: true,
  collectFiles: true,
  dailyRun: true,
  preview: true,
  publishHeld: true,
  rollback: true,
  runReport: true,
};

/** @throws PipelineError InvalidInput for a workflow of another program or another agency */
export function assertOurs(run: Description): void {
  const id = printable(run.workflowId);
  if (!Object.hasOwn(ours, run.type) || run.taskQueue !== taskQueues.pipeline) {
    throw refused(`${id} is no run of this pipeline`, 'npm run client -- status shows its periods.');
  }
  const agency = agencyOf(run);
  if (agency === agencyHere()) return;
  throw refused(
    agency === undefined ? `${id} is no run of this agency` : `${id} is a run of the agency ${agency}`,
    agency === undefined
      ? 'Cancel it without --agency and EHR_AGENCY.'
      : hintFor(agency, `npm run client -- cancel ${id} --reason "…"`),
  );
}

/** An id of its own, as `tctl` may give, does not begin with the agency: the run's label names it too. */
function agencyOf({ workflowId, searchAttributes }: Description): string | undefined {
  const [labelled] = (searchAttributes[searchAttributeNames.agency] ?? []) as readonly unknown[];
  return typeof labelled === 'string' ? labelled : agencyOfId(workflowId);
}

function assertUnderWay({ workflowId, status }: Description): void {
  if (status.name === 'RUNNING') return;
  throw refused(
    `${printable(workflowId)} has ended already: ${status.name.toLowerCase()}`,
    'What it loaded stays. To take a load back: npm run client -- rollback <run> --reason "…"',
  );
}

/** Recorded first: no run is cancelled without it. */
async function recordCancel(run: Description, { reason, by }: { reason: string; by: string }): Promise<void> {
  const actor = thisUser();
  await withWarehouse((warehouse) =>
    recordAuditEventAlone(warehouse, {
      action: 'cancel',
      actor,
      onBehalfOf: onBehalfOf(by, actor),
      runId: run.runId,
      reason,
      details: { workflowId: printable(run.workflowId), workflowType: run.type },
    }),
  );
}

interface End {
  /** False if it is still under way, or ended by itself before it heard of it. */
  readonly cancelled: boolean;
  readonly words: string;
}

async function endOf(handle: WorkflowHandle): Promise<End> {
  const id = handle.workflowId;
  try {
    const result = await pTimeout(resultOf(handle), {
      milliseconds: endSeconds * 1000,
      fallback: () => notEnded,
    });
    if (result === notEnded) return stillUnderWay(id);
    return { cancelled: false, words: `${id} had ended before that: ${resultWords(result)}` };
  } catch (error) {
    if (!(error instanceof RunEnded) || error.type !== 'CancelledFailure') throw error;
    return { cancelled: true, words: error.message };
  }
}

const notEnded = Symbol('not ended');

function stillUnderWay(id: string): End {
  return {
    cancelled: false,
    words: `${id} is asked to end; see what becomes of it: npm run client -- watch ${id}`,
  };
}

function parentOf({ raw }: Description): { parent?: string } {
  const parent = raw.workflowExecutionInfo?.parentExecution?.workflowId;
  return typeof parent === 'string' && parent !== '' ? { parent } : {};
}

function parentWords(run: Description): string[] {
  const { parent } = parentOf(run);
  return parent === undefined
    ? []
    : [`It was a period of ${parent}, which goes on with the others and counts this one as failed.`];
}
