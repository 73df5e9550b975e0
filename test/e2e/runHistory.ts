import { defaultPayloadConverter } from '@temporalio/common';
import type { Client, WorkflowHandle } from '@temporalio/client';

type History = Awaited<ReturnType<WorkflowHandle['fetchHistory']>>;
type HistoryEvent = NonNullable<History['events']>[number];
type FailedAttributes = NonNullable<HistoryEvent['activityTaskFailedEventAttributes']>;
export type Failure = NonNullable<FailedAttributes['failure']>;

export async function eventsOf(client: Client, workflowId: string, runId?: string): Promise<HistoryEvent[]> {
  const { events } = await client.workflow.getHandle(workflowId, runId).fetchHistory();
  return events ?? [];
}

/** The last attempt of the activity that failed: what Temporal was told, and how often it had been tried. */
export interface FailedActivity {
  readonly activity: string;
  readonly attempts: number;
  readonly failure: Failure;
}

export function failedActivities(events: readonly HistoryEvent[]): FailedActivity[] {
  const byId = new Map(events.map((event) => [String(event.eventId), event]));
  return events.flatMap(({ activityTaskFailedEventAttributes: failed }) => {
    if (!failed?.failure) return [];
    const scheduled = byId.get(String(failed.scheduledEventId))?.activityTaskScheduledEventAttributes;
    const started = byId.get(String(failed.startedEventId))?.activityTaskStartedEventAttributes;
    const activity = scheduled?.activityType?.name ?? '';
    return [{ activity, attempts: started?.attempt ?? 0, failure: failed.failure }];
  });
}

/** The summary that the Web UI shows beside each activity, by activity, in the order of the run. */
export function activitySummaries(events: readonly HistoryEvent[]): (readonly [string, string])[] {
  return events.flatMap(({ activityTaskScheduledEventAttributes: scheduled, userMetadata }) => {
    if (!scheduled) return [];
    const payload = userMetadata?.summary;
    const summary = payload ? defaultPayloadConverter.fromPayload<string>(payload) : '';
    return [[scheduled.activityType?.name ?? '', summary] as const];
  });
}

/** How the run ended, where it failed. */
export function runFailure(events: readonly HistoryEvent[]): Failure | undefined {
  return events.at(-1)?.workflowExecutionFailedEventAttributes?.failure ?? undefined;
}

/** The failure and what it was caused by, outermost first. */
export function openConditions(failure: Failure): Failure[] {
  const chain: Failure[] = [];
  for (let each: Failure | null | undefined = failure; each; each = each.cause) chain.push(each);
  return chain;
}

/** The Markdown at the head of a run in the Web UI; a worker answers for it, also after the end. */
export async function currentDetails(client: Client, workflowId: string, runId?: string): Promise<string> {
  const metadata = await client.workflow
    .getHandle(workflowId, runId)
    .query<{ currentDetails?: string }>('__temporal_workflow_metadata');
  return metadata.currentDetails ?? '';
}
