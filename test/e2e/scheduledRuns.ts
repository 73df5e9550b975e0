import { setTimeout as sleep } from 'node:timers/promises';
import { WorkflowNotFoundError } from '@temporalio/client';
import type { DailyRunResult } from '../../src/workflows/dailyRun.ts';
import type { System } from './system.ts';

// The server starts one when the run before has ended; a daily run of a few small periods takes seconds.
const startPatienceSeconds = 600;

/** What a schedule's run returned that was meant for this instant; waits until it is there and has ended. */
export async function scheduledRun(system: System, meantFor: string): Promise<DailyRunResult> {
  const run = system.client.workflow.getHandle(`daily-${meantFor}`);
  const until = Date.now() + startPatienceSeconds * 1000;
  for (;;) {
    try {
      return (await run.result()) as DailyRunResult;
    } catch (error) {
      if (!(error instanceof WorkflowNotFoundError) || Date.now() > until) throw error;
      await sleep(250);
    }
  }
}
