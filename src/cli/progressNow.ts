import { defaultPayloadConverter, type WorkflowHandle } from '@temporalio/client';
import type { PeriodsProgress } from '../workflows/periodsProgress.ts';
import type { RunProgress } from '../workflows/runProgress.ts';

/** The server's view of one run of one period. */
export interface RunNow {
  readonly id: string;
  readonly startedAt: Date;
  /** The current step; undefined between two steps. */
  readonly step?: string;
  readonly attempt: number;
  /** The step's own report: what it waits for, or what it does. */
  readonly doing?: string;
  /** The percent that the portal shows while it prepares the export. */
  readonly percent?: number;
  /** Rows done in this step; undefined if not known. */
  readonly rows?: number;
  readonly allRows?: number;
}

/** The progress of a daily run or a backfill. */
export interface PeriodsNow {
  /** Undefined before it has planned them, or while no worker answers. */
  readonly progress?: Pick<PeriodsProgress, 'total' | 'done' | 'failed' | 'notAttempted'>;
  readonly running: readonly RunNow[];
  /** A step of the parent itself, such as writing the dashboards. */
  readonly step?: string;
}

export type ProgressNow =
  | { readonly kind: 'run'; readonly run: RunNow }
  | { readonly kind: 'periods'; readonly periods: PeriodsNow };

const parents: ReadonlySet<string> = new Set(['dailyRun', 'backfill']);

/** Asks the server, and for counts a worker. */
export async function progressNow(handle: WorkflowHandle): Promise<ProgressNow> {
  const description = await handle.describe();
  if (!parents.has(description.type)) return { kind: 'run', run: await runNow(handle, description) };
  const children = (description.raw.pendingChildren ?? []).flatMap(({ workflowId }) => workflowId ?? []);
  const [progress, ...running] = await Promise.all([
    asked<PeriodsProgress>(handle),
    ...children.map((id) => runNow(handle.client.getHandle(id))),
  ]);
  const { step } = stepOf(description);
  return {
    kind: 'periods',
    periods: {
      running,
      ...(progress === undefined ? {} : { progress }),
      ...(step === undefined ? {} : { step }),
    },
  };
}

type Description = Awaited<ReturnType<WorkflowHandle['describe']>>;

async function runNow(handle: WorkflowHandle, known?: Description): Promise<RunNow> {
  const [description, progress] = await Promise.all([known ?? handle.describe(), asked<RunProgress>(handle)]);
  const allRows = progress?.made.export?.file.rows;
  return {
    id: handle.workflowId,
    startedAt: description.startTime,
    ...(progress?.waitingFor === undefined ? {} : { step: progress.step, doing: progress.waitingFor }),
    ...stepOf(description),
    ...(allRows === undefined ? {} : { allRows }),
  };
}

/** A busy worker answers late; the display must not stop for it. */
const answerMilliseconds = 3_000;

/** A run's own report; undefined if no worker answers at the moment. */
async function asked<Progress>(handle: WorkflowHandle): Promise<Progress | undefined> {
  try {
    return await handle.client.withDeadline(Date.now() + answerMilliseconds, () =>
      handle.query<Progress | undefined>('progress'),
    );
  } catch {
    return undefined;
  }
}

function stepOf({ raw }: Description): Omit<RunNow, 'id' | 'startedAt' | 'allRows'> {
  const pending = raw.pendingActivities?.[0];
  if (pending === undefined) return { attempt: 1 };
  const step = pending.activityType?.name;
  const beat = pending.heartbeatDetails?.payloads?.[0];
  return {
    attempt: pending.attempt ?? 1,
    ...(typeof step === 'string' ? { step } : {}),
    ...(beat === undefined ? {} : beatFacts(defaultPayloadConverter.fromPayload(beat))),
  };
}

/**
 * Heartbeats of the portal say what it is waiting for; those of the other steps say what they do and how many rows are
 * done.
 */
export function beatFacts(beat: unknown): Pick<RunNow, 'doing' | 'percent' | 'rows'> {
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
