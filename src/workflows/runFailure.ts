import {
  ActivityFailure,
  ApplicationFailure,
  ChildWorkflowFailure,
  isCancellation,
  TerminatedFailure,
  TimeoutFailure,
} from '@temporalio/workflow';
import type { Agency } from '../domain/agencyId.ts';
import { failureText, hintFor, isFailureType, PipelineError, type FailureType } from '../domain/failures.ts';
import { withoutMachine } from '../domain/stackFrames.ts';

/** A failure in the pipeline's own words, whatever Temporal wrapped around it. */
export interface KnownFailure {
  readonly type: FailureType;
  readonly message: string;
  /** The step that failed; undefined if no step did. */
  readonly step: string | undefined;
  readonly details: Readonly<Record<string, unknown>>;
}

/** The result of a step whose failure must not end the daily run. */
export type FailedStep = { readonly kind: 'failed' } & Pick<KnownFailure, 'type' | 'message'>;

/** Returns what the step makes, or its failure in the pipeline's words. @throws only if the run is cancelled */
export async function orFailed<Result>(step: Promise<Result>): Promise<Result | FailedStep> {
  try {
    return await step;
  } catch (error) {
    if (isCancellation(error)) throw error;
    const { type, message } = knownFailure(error);
    return { kind: 'failed', type, message };
  }
}

/** The failure type of a step that ran out of time: its worker died or hung more often than the retries allow. */
const timeoutTypes: Readonly<Record<string, FailureType>> = {
  loginAndDownload: 'ExportTimedOut',
  load: 'WarehouseUnavailable',
  findAlerts: 'WarehouseUnavailable',
  writeDashboards: 'DashboardsNotWritten',
  claimFiles: 'SourceUnavailable',
  settleFile: 'SourceUnavailable',
};

export function knownFailure(error: unknown): KnownFailure {
  const step = error instanceof ActivityFailure ? error.activityType : undefined;
  const inner =
    error instanceof ActivityFailure || error instanceof ChildWorkflowFailure ? error.cause : error;
  if (inner instanceof PipelineError) {
    return { type: inner.type, message: failureText(inner), step, details: inner.details };
  }
  if (inner instanceof ApplicationFailure && isFailureType(inner.type)) {
    const details = (inner.details?.[0] ?? {}) as Record<string, unknown>;
    return { type: inner.type, message: inner.message, step, details };
  }
  if (inner instanceof TerminatedFailure) return { ...terminated, step, details: {} };
  if (inner instanceof TimeoutFailure) {
    const message = `${step ?? 'the run'} ran out of time (${inner.timeoutType}). What to do: look whether workers are running and reach the portal, the files and the database`;
    return { type: timeoutTypes[step ?? ''] ?? 'InternalError', message, step, details: {} };
  }
  const name = inner instanceof Error ? inner.name : 'unknown';
  return {
    type: 'InternalError',
    message: `${step ?? 'the run'} failed in a way it does not know (${name})`,
    step,
    details: {},
  };
}

/** The failure of a run that someone terminated. It leaves out their reason, which may be any text. */
const terminated = {
  type: 'InvalidInput',
  message:
    'the run was terminated in Temporal; unless it had published before, nothing was loaded and the earlier figures stay. What to do: if the period is still wanted, start it again',
} as const;

/** The failure with which a workflow ends: the step's own type and message, not retryable as a whole. */
export function workflowFailure(error: unknown, agency?: Agency): unknown {
  if (isCancellation(error)) return error;
  const { type, message, step, details } = knownFailure(error);
  const failure = ApplicationFailure.create({
    type,
    message: hintFor(agency, step === undefined ? message : `${step}${gaveUp(error)}: ${message}`),
    nonRetryable: true,
    details: [details],
    ...(error instanceof Error && !(error instanceof PipelineError) ? { cause: error } : {}),
  });
  failure.stack = stackWithoutMachine(type, error);
  return failure;
}

function gaveUp(error: unknown): string {
  const retriesEnded = error instanceof ActivityFailure && error.retryState === 'MAXIMUM_ATTEMPTS_REACHED';
  return retriesEnded ? ' gave up after its last attempt' : '';
}

/** The stack frames of what was thrown, without the project's folder on the machine that bundled the workflows. */
function stackWithoutMachine(heading: string, error: unknown): string {
  const stack = error instanceof Error ? (error.stack ?? '') : '';
  const frames = stack.split('\n').filter((line) => /^ +at /.test(line));
  return [heading, ...frames.map(withoutMachine)].join('\n');
}

/** Failures after which the login can export no other period until a person acts. */
const loginBlockers: ReadonlySet<FailureType> = new Set([
  'PortalLoginRejected',
  'PortalLocked',
  'PortalMfaRequired',
  'PortalOriginRefused',
]);

/** Whether a failure blocks the login: by its type or, as for an unknown page after the login, by its details. */
export function blocksLogin({ type, details }: Pick<KnownFailure, 'type' | 'details'>): boolean {
  return loginBlockers.has(type) || details['loginBlocked'] === true;
}
