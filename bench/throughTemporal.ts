import { randomUUID } from 'node:crypto';
import type { Client } from '@temporalio/client';
import { taskQueues } from '../src/domain/temporalNames.ts';
import type { RunReportResult } from '../src/workflows/runResult.ts';

export interface TemporalRun {
  /** From the start of the workflow to the result at its caller. */
  readonly seconds: number;
  /** From the start of each step to its end, as Temporal's history has it. */
  readonly steps: Readonly<Record<string, number>>;
  /** What the run took beyond its steps, in milliseconds. */
  readonly overheadMilliseconds: number;
  readonly historyEvents: number;
}

/** Runs one period as an operator would start it. @throws where it does not end as published */
export async function runThroughTemporal(
  client: Client,
  input: { readonly report: string; readonly from: string; readonly to: string; readonly file: string },
): Promise<TemporalRun> {
  const begun = performance.now();
  const handle = await client.workflow.start('runReport', {
    taskQueue: taskQueues.pipeline,
    workflowId: `bench-${randomUUID()}`,
    args: [input],
  });
  const { outcome } = (await handle.result()) as RunReportResult;
  const seconds = (performance.now() - begun) / 1000;
  if (outcome !== 'published') throw new Error(`the run ended as ${outcome}, so it is no measure`);
  const { events = [] } = await handle.fetchHistory();
  const steps = stepSeconds(events ?? []);
  const busy = Object.values(steps).reduce((sum, step) => sum + step, 0);
  return {
    seconds,
    steps,
    overheadMilliseconds: (seconds - busy) * 1000,
    historyEvents: events?.length ?? 0,
  };
}

type History = Awaited<ReturnType<Awaited<ReturnType<Client['workflow']['start']>>['fetchHistory']>>;
type Events = NonNullable<History['events']>;

function stepSeconds(events: Events): Record<string, number> {
  const seconds: Record<string, number> = {};
  const byId = new Map(events.map((event) => [String(event.eventId), event]));
  for (const event of events) {
    const completed = event.activityTaskCompletedEventAttributes;
    if (completed === null || completed === undefined) continue;
    const scheduled = byId.get(String(completed.scheduledEventId));
    const started = byId.get(String(completed.startedEventId));
    const name = scheduled?.activityTaskScheduledEventAttributes?.activityType?.name ?? 'unknown';
    seconds[name] = (seconds[name] ?? 0) + secondsOf(event) - secondsOf(started);
  }
  return seconds;
}

function secondsOf(event: Events[number] | undefined): number {
  return Number(event?.eventTime?.seconds ?? 0) + (event?.eventTime?.nanos ?? 0) / 1e9;
}
