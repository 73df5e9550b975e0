import { Worker } from '@temporalio/worker';
import { DeterminismViolationError } from '@temporalio/workflow';
import { describe, expect, inject, test } from 'vitest';
import * as workflows from '../../src/workflows/index.ts';
import { recordedHistories, replayable, wayOf, type RecordedEvent } from '../histories/histories.ts';
import './quietRuntime.ts';

const histories = recordedHistories();

/** Every way that must have been recorded: a workflow type without histories is not covered at all. */
const ways: Readonly<Record<keyof typeof workflows, readonly string[]>> = {
  runReport: [
    'portal',
    'file',
    'unchanged',
    'again',
    'held',
    'retried',
    'lost-file',
    'failed',
    'refused',
    'cancelled',
  ],
  publishHeld: ['published', 'refused'],
  rollback: ['published', 'refused'],
  preview: ['held', 'refused'],
  dailyRun: [
    'published',
    'failed',
    'dashboards',
    'dashboards-failed',
    // Recorded before a daily run wrote dashboards, and before it removed old files: runs that were under way then
    // still end.
    'without-dashboards',
    'without-tidy',
  ],
  backfill: ['continued', 'last', 'cancelled'],
  collectFiles: ['taken', 'refused', 'scheduled'],
  checkAlerts: ['quiet', 'told', 'not-sent', 'database-away', 'database-back'],
};

/** The error that replaying a history ends with, or none. */
async function replay(events: readonly RecordedEvent[]): Promise<Error | undefined> {
  const options = { workflowBundle: { codePath: inject('workflowBundle') } };
  // A round of the sources goes by its own id.
  const { workflowId } = events[0]!['workflowExecutionStartedEventAttributes'] as { workflowId: string };
  const results = Worker.runReplayHistories(options, [{ workflowId, history: replayable(events) }]);
  for await (const { error } of results) return error;
  throw new Error('nothing was replayed');
}

/** The same history with the names of two activities exchanged, as code in another order would have made it. */
function exchanged(events: readonly RecordedEvent[], one: string, other: string): RecordedEvent[] {
  const names = new Map([
    [one, other],
    [other, one],
  ]);
  return events.map((event) => {
    const scheduled = event['activityTaskScheduledEventAttributes'] as
      | { activityType: { name: string } }
      | undefined;
    const name = names.get(scheduled?.activityType.name ?? '');
    if (name === undefined) return event;
    return { ...event, activityTaskScheduledEventAttributes: { ...scheduled, activityType: { name } } };
  });
}

describe('workflows that are under way go on under the code as it is now', () => {
  test.each(histories)('$name', async ({ events }) => {
    expect(await replay(events)).toBeUndefined();
  });
});

describe('the recorded histories', () => {
  test.each(Object.entries(ways))('show %s in every way it can go', (workflowType, wanted) => {
    const recorded = histories.filter((history) => history.workflowType === workflowType);
    expect(recorded.map(wayOf).sort()).toEqual([...wanted].sort());
  });

  test('are of the workflows that a worker registers, and of no others', () => {
    const recorded = new Set(histories.map(({ workflowType }) => workflowType));
    expect([...recorded].sort()).toEqual(Object.keys(workflows).sort());
  });
});

describe('a change of order is caught', () => {
  const orders = [
    { name: 'runReport-file', one: 'clean', other: 'categorize' },
    { name: 'runReport-portal', one: 'planRun', other: 'loginAndDownload' },
    { name: 'runReport-failed', one: 'loginAndDownload', other: 'recordOutcome' },
    { name: 'publishHeld-published', one: 'takeDecision', other: 'load' },
    { name: 'rollback-published', one: 'takeDecision', other: 'load' },
    { name: 'preview-held', one: 'aggregate', other: 'assess' },
    { name: 'dailyRun-published', one: 'planDailyRun', other: 'planBackfill' },
    { name: 'checkAlerts-told', one: 'findAlerts', other: 'tellAlert' },
    { name: 'collectFiles-taken', one: 'claimFiles', other: 'settleFile' },
    { name: 'backfill-continued', one: 'planBackfill', other: 'planDailyRun' },
  ];

  test.each(orders)('$one and $other exchanged in $name', async ({ name, one, other }) => {
    const { events } = histories.find((history) => history.name === name)!;
    expect(await replay(exchanged(events, one, other))).toBeInstanceOf(DeterminismViolationError);
  });
});
