import { setTimeout as sleep } from 'node:timers/promises';
import {
  ServiceError,
  WorkflowExecutionAlreadyStartedError,
  WorkflowFailedError,
  type WorkflowHandle,
} from '@temporalio/client';
import { ApplicationFailure, type TemporalFailure } from '@temporalio/common';
import { taskQueues } from '../../src/domain/temporalNames.ts';
import type { Site } from './site.ts';

/** How a workflow ended. */
export type Ending =
  | { readonly kind: 'completed'; readonly outcome: string }
  | { readonly kind: 'failed'; readonly type: string; readonly message: string };

/**
 * A run hit by several kills waits for one heartbeat timeout of 30 s after the other, with growing pauses. One that
 * has not ended after this is stuck.
 */
const runPatienceMinutes = 20;

export interface Start {
  readonly workflowType: 'runReport' | 'backfill' | 'dailyRun';
  readonly workflowId: string;
  readonly input: object;
}

/** Starts a workflow, however often it takes while Temporal is away, and waits for its end. */
export async function runToEnd(site: Site, start: Start, patienceMinutes = runPatienceMinutes) {
  const deadline = Date.now() + patienceMinutes * 60_000;
  const handle = await patiently(deadline, () => startRun(site, start));
  return patiently(deadline, () => ending(handle));
}

export async function startRun(site: Site, start: Start): Promise<WorkflowHandle> {
  try {
    return await site.client.workflow.start(start.workflowType, {
      workflowId: start.workflowId,
      taskQueue: taskQueues.pipeline,
      args: [start.input],
    });
  } catch (error) {
    // The server took it and was killed before it could say so.
    if (error instanceof WorkflowExecutionAlreadyStartedError) {
      return site.client.workflow.getHandle(start.workflowId);
    }
    throw error;
  }
}

async function ending(handle: WorkflowHandle): Promise<Ending> {
  try {
    const result = (await handle.result()) as { outcome?: string } | undefined;
    return { kind: 'completed', outcome: result?.outcome ?? '' };
  } catch (error) {
    if (!(error instanceof WorkflowFailedError)) throw error;
    return { kind: 'failed', ...lastWord(error) };
  }
}

function lastWord(error: WorkflowFailedError): { type: string; message: string } {
  const cause = error.cause as TemporalFailure | undefined;
  const type = cause instanceof ApplicationFailure ? (cause.type ?? '') : (cause?.name ?? '');
  return { type, message: cause?.message ?? '' };
}

/** Again and again while the server is away, until the deadline. */
async function patiently<Result>(deadline: number, ask: () => Promise<Result>): Promise<Result> {
  for (;;) {
    // The server may hang instead of refusing: its answer is not waited for beyond the deadline.
    const late = new AbortController();
    const timer = sleep(deadline - Date.now(), undefined, { signal: late.signal }).then(
      () => {
        throw new Error('a run did not end in time: it is stuck');
      },
      () => new Promise<never>(() => undefined),
    );
    try {
      return await Promise.race([ask(), timer]);
    } catch (error) {
      if (!(error instanceof ServiceError) || Date.now() > deadline) throw error;
      await sleep(200);
    } finally {
      late.abort();
    }
  }
}
