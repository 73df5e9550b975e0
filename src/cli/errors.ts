import { ApplicationFailure, CancelledFailure } from '@temporalio/common';
import { ConfigError } from '../config.ts';
import { isFailureType, PipelineError } from '../domain/failures.ts';
import { printableJson, printableLines } from '../domain/printable.ts';
import { RunEnded, TemporalUnusable } from './commandErrors.ts';
import { exitCodes, type ExitCode } from './exitCodes.ts';
import { forHere } from './output.ts';

/**
 * Reports on stderr why a command failed, and with --json also on stdout as one JSON document. Returns the exit code.
 */
export function reportError(error: unknown, { json }: { readonly json: boolean }): number {
  const exitCode = exitCodeOfError(error);
  console.error(printableLines(errorWords(error)));
  if (json) console.log(printableJson({ error: errorFacts(error), exitCode }));
  return exitCode;
}

/**
 * The exit code for an error that a command threw: its own refusal or fault, or the failure of the run it waited for.
 */
export function exitCodeOfError(error: unknown): ExitCode {
  if (error instanceof ConfigError) return exitCodes.wrongCall;
  if (error instanceof TemporalUnusable) return exitCodes.noTemporal;
  if (error instanceof RunEnded)
    return error.type === 'CancelledFailure' ? exitCodes.notLoaded : exitCodes.failed;
  // A parent has the type of its first failed period, and its own input was valid.
  if (hasFailedPeriods(error)) return exitCodes.failed;
  // The client refuses an input with a PipelineError, a run with a failure of the same type.
  if (error instanceof Error && 'type' in error && error.type === 'InvalidInput') return exitCodes.wrongCall;
  if (error instanceof PipelineError && error.type === 'WarehouseUnavailable') return exitCodes.noDatabase;
  return error instanceof CancelledFailure ? exitCodes.notLoaded : exitCodes.failed;
}

function hasFailedPeriods(error: unknown): boolean {
  if (!(error instanceof ApplicationFailure)) return false;
  const { failed } = (error.details?.[0] ?? {}) as { failed?: unknown };
  return typeof failed === 'number' && failed > 0;
}

interface ErrorFacts {
  /** A failure type from the list of failures, else the error's class. */
  readonly type: string;
  readonly message: string;
  /** What to do, if the message does not say so. */
  readonly hint?: string;
}

export function errorFacts(error: unknown): ErrorFacts {
  const { type, message, hint } = factsOf(error);
  return { type, message: forHere(message), ...(hint === undefined ? {} : { hint: forHere(hint) }) };
}

function factsOf(error: unknown): ErrorFacts {
  if (error instanceof ConfigError) return { type: 'InvalidInput', message: error.message };
  if (error instanceof PipelineError) {
    return { type: error.type, message: error.message, hint: error.hint };
  }
  if (error instanceof RunEnded) return { type: error.type, message: error.message, hint: error.hint };
  if (error instanceof TemporalUnusable) {
    return { type: error.name, message: error.message, hint: error.hint };
  }
  if (!(error instanceof Error)) return { type: 'unknown', message: 'failed for an unknown reason' };
  const { hint } = error as { hint?: unknown };
  const type = runsOwnType(error);
  // Trouble of the portal, in a command that has no run, has a hint too.
  const has = isFailureType(type ?? '') && typeof hint === 'string' ? { hint } : {};
  return { type: type ?? error.name, message: error.message, ...has };
}

export function errorWords(error: unknown): string {
  const { type, message, hint } = errorFacts(error);
  const head =
    runsOwnType(error) === undefined || error instanceof PipelineError || error instanceof RunEnded
      ? message
      : `${type}: ${message}`;
  return [head, ...(hint === undefined ? [] : [hint]), ...runbookLines(type)].join('\n');
}

/** The type that a run failed with. */
function runsOwnType(error: unknown): string | undefined {
  return error instanceof Error && 'type' in error && typeof error.type === 'string' ? error.type : undefined;
}

/** Where the runbook explains the failure. A refused input needs no more than its message. */
function runbookLines(type: string): string[] {
  return isFailureType(type) && type !== 'InvalidInput' ? [`See docs/runbook.md, section ${type}.`] : [];
}
