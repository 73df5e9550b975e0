import { setTimeout as sleep } from 'node:timers/promises';
import { defaultPayloadConverter, type WorkflowFailedError, type WorkflowHandle } from '@temporalio/client';
import { CancelledFailure, TerminatedFailure, TimeoutFailure } from '@temporalio/common';
import { parseIsoDate } from '../domain/dates.ts';
import type { Period } from '../domain/periods.ts';
import type { LedgerRun } from '../domain/publication.ts';
import { isReportName, type ReportName } from '../reports/index.ts';
import { findRun, listVersions } from '../warehouse/ledgerReads.ts';
import type { Warehouse } from '../warehouse/connect.ts';
import { RunEnded } from './commandErrors.ts';
import { withWarehouse } from './connections.ts';

export type Description = Awaited<ReturnType<WorkflowHandle['describe']>>;

/**
 * The run that continues a reset run; undefined if the run was not reset. A reset terminates a run and begins one with
 * the same id in the same chain.
 */
export async function resetOf(
  handle: WorkflowHandle,
  { error, before }: { readonly error: WorkflowFailedError; readonly before: Description },
): Promise<{ handle: WorkflowHandle; runId: string } | undefined> {
  if (!(error.cause instanceof TerminatedFailure)) return undefined;
  const now = await handle.describe();
  if (now.status.name === 'TERMINATED' || chainOf(now) !== chainOf(before)) return undefined;
  return { handle: handle.client.getHandle(handle.workflowId, now.runId), runId: now.runId };
}

function chainOf({ raw, runId }: Description): string {
  const { firstRunId } = raw.workflowExecutionInfo ?? {};
  return firstRunId === undefined || firstRunId === null || firstRunId === '' ? runId : firstRunId;
}

/** How a run was ended from outside, as text; undefined if it failed by itself. */
export async function endedFromOutside(
  handle: WorkflowHandle,
  { error, before }: { readonly error: WorkflowFailedError; readonly before: Description },
): Promise<RunEnded | undefined> {
  const how = howEnded(error.cause);
  if (how === undefined) return undefined;
  const now = await handle.describe();
  // Another run of that id may have started since.
  const ended = chainOf(now) === chainOf(before) ? now : before;
  const figures = await figuresAfter(ended, handle);
  return new RunEnded(`${handle.workflowId} ${how}; ${figures}`, {
    type: error.cause?.name ?? error.name,
    hint: 'If it is still wanted, start it again.',
    cause: error,
  });
}

function howEnded(cause: Error | undefined): string | undefined {
  if (cause instanceof TerminatedFailure) return `was terminated in Temporal: ${plainText(cause.message)}`;
  if (cause instanceof TimeoutFailure) return 'ran out of the time that it had as a whole';
  return cause instanceof CancelledFailure ? 'was cancelled' : undefined;
}

/** The reason of a termination is free text. */
function plainText(text: string): string {
  const plain = text
    .replaceAll(/\p{C}+/gu, ' ')
    .trim()
    .slice(0, 200);
  return plain === '' ? 'no reason was given' : plain;
}

const parents: ReadonlySet<string> = new Set(['dailyRun', 'backfill']);
const loading: ReadonlySet<string> = new Set(['runReport', 'publishHeld', 'rollback']);

async function figuresAfter(ended: Description, handle: WorkflowHandle): Promise<string> {
  if (parents.has(ended.type)) {
    return 'periods that it had published stay published, those under way were asked to stop: npm run client -- status';
  }
  if (!loading.has(ended.type)) return 'nothing was loaded';
  try {
    const { events } = await handle.client.getHandle(handle.workflowId, ended.runId).fetchHistory();
    const run = { runId: ended.runId, events: events ?? [] };
    return await withWarehouse((warehouse) => figuresInLedger(warehouse, run));
  } catch {
    // The command has a result without it, and this program's account may have no database.
    return 'whether it had loaded is unknown here: npm run client -- versions, or status, with access to the database';
  }
}

/** A load in progress when its run ends is rolled back within seconds, unless it was about to commit. */
const loadEndsSeconds = 20;
const pollMilliseconds = 500;

type Events = NonNullable<Awaited<ReturnType<WorkflowHandle['fetchHistory']>>['events']>;

interface EndedRun {
  readonly runId: string;
  readonly events: Events;
}

async function figuresInLedger(warehouse: Warehouse, run: EndedRun): Promise<string> {
  const wasLoading = isInLoad(run.events);
  const entry = await entryWithin(wasLoading ? loadEndsSeconds : 0, warehouse, run.runId);
  if (entry?.outcome === 'published') return 'it had published before that: the period shows its figures';
  const nothing =
    wasLoading && entry === undefined
      ? `its load was under way and has not come through within ${String(loadEndsSeconds)} s (versions shows it, should it still)`
      : 'nothing was loaded';
  return `${nothing}, ${await earlierFigures(warehouse, run)}`;
}

/** The run's ledger entry, once there is one. */
async function entryWithin(
  seconds: number,
  warehouse: Warehouse,
  runId: string,
): Promise<LedgerRun | undefined> {
  const deadline = Date.now() + seconds * 1000;
  for (;;) {
    const entry = await findRun(warehouse, runId);
    if (entry !== undefined || Date.now() >= deadline) return entry;
    await sleep(pollMilliseconds);
  }
}

async function earlierFigures(warehouse: Warehouse, run: EndedRun): Promise<string> {
  const wanted = await periodOf(warehouse, run);
  if (wanted === undefined) return 'and any earlier figures stay';
  const earlier = await listVersions(warehouse, wanted.report, wanted.period);
  return earlier.length > 0 ? 'the earlier figures stay' : 'and the period shows no figures yet';
}

/** From the run's input: a run that no worker has taken has not reported a period yet. */
async function periodOf(
  warehouse: Warehouse,
  { events }: EndedRun,
): Promise<{ report: ReportName; period: Period } | undefined> {
  const input = startedWith(events);
  // A decision names the run that it is about.
  if (typeof input['run'] === 'string') return (await findRun(warehouse, input['run']))?.run;
  const [from, to] = [input['from'], input['to']].map((day) =>
    typeof day === 'string' ? parseIsoDate(day) : undefined,
  );
  const { report } = input;
  return isReportName(report) && from !== undefined && to !== undefined
    ? { report, period: { from, to } }
    : undefined;
}

function startedWith(events: Events): Readonly<Record<string, unknown>> {
  const [payload] = events[0]?.workflowExecutionStartedEventAttributes?.input?.payloads ?? [];
  if (payload === undefined) return {};
  const input: unknown = defaultPayloadConverter.fromPayload(payload);
  return typeof input === 'object' && input !== null ? { ...input } : {};
}

/** Whether the load step had begun and not ended. */
function isInLoad(events: Events): boolean {
  const begun = new Set<string>();
  for (const event of events) {
    const scheduled = event.activityTaskScheduledEventAttributes;
    if (scheduled?.activityType?.name === 'load') begun.add(String(event.eventId));
    const done = event.activityTaskCompletedEventAttributes ?? event.activityTaskFailedEventAttributes;
    if (done?.scheduledEventId !== undefined) begun.delete(String(done.scheduledEventId));
  }
  return begun.size > 0;
}
