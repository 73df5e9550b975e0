import { ApplicationFailure, CancelledFailure } from '@temporalio/common';
import type { Agency } from '../../domain/agencyId.ts';
import { failureText, hintFor, isFailureType, PipelineError } from '../../domain/failures.ts';
import { withoutMachine } from '../../domain/stackFrames.ts';

/**
 * Converts an activity's error for Temporal: the type from the one list, a message that ends with what to do, and a
 * cause without the text of drivers, parsers and pages, which may quote a patient's row. The cancellation of a
 * cancelled activity passes unchanged.
 */
export function asActivityFailure(
  error: unknown,
  { activity, agency, cancelled }: { activity: string; agency?: Agency | undefined; cancelled: boolean },
): unknown {
  if (cancelled && isCancellation(error)) return error;
  if (error instanceof ApplicationFailure && isFailureType(error.type)) return error;
  const known = error instanceof PipelineError ? error : defect(error, activity);
  const failure = ApplicationFailure.create({
    type: known.type,
    message: hintFor(agency, failureText(known)),
    nonRetryable: !known.retry,
    details: [known.details],
    cause: sanitizedCause(known.cause ?? known),
  });
  // The original place, instead of the line above that created this failure.
  failure.stack = stackOf(known.type, framesOf(known));
  return failure;
}

function isCancellation(error: unknown): boolean {
  return (
    error instanceof CancelledFailure ||
    (error instanceof Error && (error.name === 'AbortError' || error.name === 'CancelledFailure'))
  );
}

function defect(error: unknown, activity: string): PipelineError {
  const what = error instanceof Error ? error.name : typeof error;
  return new PipelineError('InternalError', `${activity} met an error it does not know (${what})`, {
    hint: 'This is a defect: hand the stack below to an engineer.',
    cause: error,
  });
}

// Enough to find the place; a deep driver stack adds nothing.
const keptFrames = 12;

/** Class, code, errno and place; never the message. Only in this form do class and code show in Temporal. */
function sanitizedCause(error: unknown): ApplicationFailure {
  const known = error instanceof Error ? error : undefined;
  const fields: Record<string, unknown> = Object.fromEntries(Object.entries(known ?? {}));
  const marks = ['code', 'errno', 'sqlState']
    .filter((field) => typeof fields[field] === 'string' || typeof fields[field] === 'number')
    .map((field) => `${field} ${String(fields[field])}`);
  const type = known?.name ?? typeof error;
  const cause = ApplicationFailure.create({ type, message: marks.join(', ') || 'no code' });
  cause.stack = stackOf(`${type}: ${cause.message}`, framesOf(known));
  return cause;
}

function stackOf(heading: string, frames: readonly string[]): string {
  return [heading, ...frames].join('\n');
}

/** Works both from source and in a build. */
const projectRoot = new URL('../../../', import.meta.url);

/** Stack frames without the message above them, and without the project's path on the machine. */
function framesOf(error: Error | undefined): string[] {
  return (error?.stack ?? '')
    .replace(error?.message ?? '', '')
    .split('\n')
    .filter((line) => /^ {4}at /.test(line))
    .slice(0, keptFrames)
    .map((line) =>
      withoutMachine(line.replaceAll(projectRoot.href, '').replaceAll(projectRoot.pathname, '')),
    );
}
