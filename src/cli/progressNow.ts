import { defaultPayloadConverter, QueryNotRegisteredError, type WorkflowHandle } from '@temporalio/client';
import { PendingActivityState } from '../temporal/serverEnums.ts';
import type { PeriodsProgress } from '../workflows/periodsProgress.ts';
import type { RunProgress } from '../workflows/runProgress.ts';

/** A step as the server sees it. */
export interface StepNow {
  /** The current step; undefined between two steps. */
  readonly step?: string;
  /** The current attempt, or the next one while the step waits for it. */
  readonly attempt: number;
  readonly mostAttempts?: number;
  /** Why the last attempt failed: the failure's type and message. */
  readonly lastFailure?: string;
  /** When the next attempt begins, while the step waits for it. */
  readonly nextAttemptAt?: Date;
  /** No worker has taken the attempt yet. */
  readonly isWaiting?: boolean;
  readonly isCancelling?: boolean;
  /** When a worker last reported from this attempt. */
  readonly beatAt?: Date;
  /** The step's own report: what it waits for, or what it does. */
  readonly doing?: string;
  /** The percent that the portal shows while it prepares the export. */
  readonly percent?: number;
  /** Rows done in this step; undefined if not known. */
  readonly rows?: number;
}

/** One run of one period. */
export interface RunNow extends StepNow {
  readonly id: string;
  readonly startedAt: Date;
  readonly allRows?: number;
}

/** The progress of a daily run or a backfill. */
export interface PeriodsNow {
  /** Undefined before it has planned them, or while no worker answers. */
  readonly progress?: Pick<PeriodsProgress, 'total' | 'done' | 'failed' | 'notAttempted'>;
  readonly running: readonly RunNow[];
  /** A step of the parent itself, such as writing the dashboards. */
  readonly own: StepNow;
}

export type ProgressNow = (
  | { readonly kind: 'run'; readonly run: RunNow }
  | { readonly kind: 'periods'; readonly periods: PeriodsNow }
) & {
  /** Whether a worker answered for the run that is followed. */
  readonly answered: boolean;
};

const parents: ReadonlySet<string> = new Set(['dailyRun', 'backfill']);

/** Asks the server, and for counts a worker. */
export async function progressNow(handle: WorkflowHandle): Promise<ProgressNow> {
  const description = await handle.describe();
  if (!parents.has(description.type)) {
    const { run, answered } = await runNow(handle, description);
    return { kind: 'run', run, answered };
  }
  const children = (description.raw.pendingChildren ?? []).flatMap(({ workflowId }) => workflowId ?? []);
  const [{ progress, answered }, ...running] = await Promise.all([
    asked(handle),
    ...children.map(async (id) => (await runNow(handle.client.getHandle(id))).run),
  ]);
  const known = progress === undefined ? {} : { progress };
  return { kind: 'periods', periods: { running, own: stepOf(description), ...known }, answered };
}

type Description = Awaited<ReturnType<WorkflowHandle['describe']>>;

async function runNow(
  handle: WorkflowHandle,
  known?: Description,
): Promise<{ run: RunNow; answered: boolean }> {
  const [description, { progress, answered }] = await Promise.all([
    known ?? handle.describe(),
    asked(handle),
  ]);
  const allRows = progress?.made?.export?.file.rows;
  const run = {
    id: handle.workflowId,
    startedAt: description.startTime,
    ...(progress?.waitingFor === undefined ? {} : { step: progress.step, doing: progress.waitingFor }),
    ...stepOf(description),
    ...(allRows === undefined ? {} : { allRows }),
  };
  return { run, answered };
}

/** A busy worker answers late; the display must not stop for it. */
const answerMilliseconds = 3_000;

/** A run's own report; undefined if no worker answers at the moment, or if it makes none. */
async function asked(
  handle: WorkflowHandle,
): Promise<{ progress?: RunProgress & PeriodsProgress; answered: boolean }> {
  try {
    const progress = await handle.client.withDeadline(Date.now() + answerMilliseconds, () =>
      handle.query<(RunProgress & PeriodsProgress) | undefined>('progress'),
    );
    return { ...(progress === undefined ? {} : { progress }), answered: true };
  } catch (error) {
    return { answered: error instanceof QueryNotRegisteredError };
  }
}

type PendingActivity = NonNullable<Description['raw']['pendingActivities']>[number];

/** From what the server knows of the run's first pending activity. */
function stepOf({ raw }: Pick<Description, 'raw'>): StepNow {
  const pending = raw.pendingActivities?.[0];
  if (pending === undefined) return { attempt: 1 };
  const step = pending.activityType?.name;
  return {
    ...(typeof step === 'string' ? { step } : {}),
    attempt: pending.attempt ?? 1,
    ...attemptFacts(pending),
    ...beatOf(pending),
  };
}

function attemptFacts(pending: PendingActivity): Omit<StepNow, 'step' | 'attempt'> {
  const { maximumAttempts, lastFailure, nextAttemptScheduleTime } = pending;
  const { state } = pending;
  const nextAttemptAt = dateOf(nextAttemptScheduleTime);
  const why = [lastFailure?.applicationFailureInfo?.type, lastFailure?.message].filter(
    (part) => typeof part === 'string' && part !== '',
  );
  return {
    // 0 stands for no bound.
    ...(maximumAttempts ? { mostAttempts: maximumAttempts } : {}),
    ...(why.length === 0 ? {} : { lastFailure: why.join(': ') }),
    ...(nextAttemptAt === undefined ? {} : { nextAttemptAt }),
    ...(state === PendingActivityState.PENDING_ACTIVITY_STATE_SCHEDULED && nextAttemptAt === undefined
      ? { isWaiting: true }
      : {}),
    ...(state === PendingActivityState.PENDING_ACTIVITY_STATE_CANCEL_REQUESTED ? { isCancelling: true } : {}),
  };
}

/** What the current attempt reported; the server keeps the last report of the attempt before it. */
function beatOf(pending: PendingActivity): Pick<StepNow, 'beatAt' | 'doing' | 'percent' | 'rows'> {
  const beatAt = dateOf(pending.lastHeartbeatTime);
  const startedAt = dateOf(pending.lastStartedTime);
  if (beatAt === undefined || startedAt === undefined || beatAt < startedAt) return {};
  if (pending.state === PendingActivityState.PENDING_ACTIVITY_STATE_SCHEDULED) return {};
  const beat = pending.heartbeatDetails?.payloads?.[0];
  const isOfThisAttempt = beatAt > startedAt;
  return {
    beatAt,
    ...(beat === undefined || !isOfThisAttempt ? {} : beatFacts(defaultPayloadConverter.fromPayload(beat))),
  };
}

function dateOf(time: PendingActivity['scheduledTime']): Date | undefined {
  if (!time?.seconds) return undefined;
  return new Date(Number(time.seconds) * 1000 + Math.floor((time.nanos ?? 0) / 1_000_000));
}

/**
 * Heartbeats of the portal say what it is waiting for; those of the other steps say what they do and how many rows are
 * done.
 */
export function beatFacts(beat: unknown): Pick<StepNow, 'doing' | 'percent' | 'rows'> {
  const { waitingFor, doing, records } = (typeof beat === 'object' ? (beat ?? {}) : {}) as Record<
    string,
    unknown
  >;
  if (typeof waitingFor === 'string') {
    const [, words, percent] = /^(.*): (\d{1,3}) %$/s.exec(waitingFor) ?? [];
    if (words === undefined) return { doing: waitingFor };
    return { doing: words, percent: Number(percent) };
  }
  return {
    ...(typeof doing === 'string' ? { doing } : {}),
    ...(typeof records === 'number' ? { rows: records } : {}),
  };
}
