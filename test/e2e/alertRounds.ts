import { setTimeout as sleep } from 'node:timers/promises';
import { ScheduleOverlapPolicy } from '@temporalio/client';
import { alertScheduleId } from '../../src/domain/temporalNames.ts';
import type { AlertRound } from '../../src/workflows/checkAlerts.ts';
import type { System } from './system.ts';

/** A round takes a second; one whose channel does not answer at once, a few more. */
const startPatienceSeconds = 600;

const hourMilliseconds = 3_600_000;

/**
 * Has the schedule's own round come half an hour from now instead of at the full hour: at any moment of a test it would
 * tell what the test's next round is to tell.
 */
export async function putOffOwnRound(system: System): Promise<void> {
  const offset = (Date.now() + hourMilliseconds / 2) % hourMilliseconds;
  await system.client.schedule
    .getHandle(alertScheduleId)
    .update((schedule) => ({ ...schedule, spec: { intervals: [{ every: '1 hour', offset }] } }));
}

/** Lets the schedule start a round, and waits for its end. Throws as the round does. */
export async function round(system: System): Promise<AlertRound> {
  const schedule = system.client.schedule.getHandle(alertScheduleId);
  const before = (await schedule.describe()).info.numActionsTaken;
  // As the schedule does by itself: only so is a round given the failure of the one before.
  await schedule.trigger(ScheduleOverlapPolicy.SKIP);
  for (const until = Date.now() + startPatienceSeconds * 1000; ; await sleep(100)) {
    const { info } = await schedule.describe();
    const last = info.recentActions.at(-1);
    if (info.numActionsTaken > before && last !== undefined) {
      const { workflowId, firstExecutionRunId } = last.action.workflow;
      return (await system.client.workflow.getHandle(workflowId, firstExecutionRunId).result()) as AlertRound;
    }
    if (Date.now() > until) throw new Error('the schedule started no round');
  }
}
