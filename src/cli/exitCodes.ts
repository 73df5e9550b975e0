import type { Outcome } from '../domain/publication.ts';

/** The exit codes, for scripts that do not read the words. */
export const exitCodes = {
  fine: 0,
  failed: 1,
  wrongCall: 2,
  held: 3,
  notLoaded: 4,
  noTemporal: 5,
  noDatabase: 6,
  outOfDate: 7,
  unfit: 8,
} as const;

export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];

/** The wording of `--help` and docs/client.md. */
export const exitMeanings: Readonly<Record<keyof typeof exitCodes, string>> = {
  fine: 'done; a run that was waited for has published, or found nothing to change',
  failed: 'a run failed, was terminated or ran out of time; or this program has a defect',
  wrongCall: 'wrong input, a refused decision, or a wrong setting: nothing was changed',
  held: 'a run is held, or would be (preview): nothing was loaded, and a person has to approve or reject it',
  notLoaded:
    'a run ended, or would end (preview), without a load and without a failure: cancelled, rejected, or superseded by a newer export',
  noTemporal: 'Temporal cannot be reached, or refuses this user; runs in progress continue',
  noDatabase: 'the database cannot be reached or used by this command',
  outOfDate:
    'only of status --check: nothing is loaded, a period between loaded ones and today is not, or one is not as fresh as the daily run makes it; or the alert rounds do not run',
  unfit:
    'only of doctor: it found a problem, and said how to fix it; and of audit verify: the chain of events is broken',
};

const byOutcome: Readonly<Record<Outcome, ExitCode>> = {
  published: exitCodes.fine,
  unchanged: exitCodes.fine,
  held: exitCodes.held,
  rejected: exitCodes.notLoaded,
  superseded: exitCodes.notLoaded,
  cancelled: exitCodes.notLoaded,
  failed: exitCodes.failed,
};

/** The exit code for the result of a run, a daily run or a backfill; those that fail throw instead. */
export function exitCodeOfResult(result: unknown): ExitCode {
  const { outcome, held } = (result ?? {}) as { outcome?: string; held?: readonly unknown[] };
  if (outcome !== undefined && Object.hasOwn(byOutcome, outcome)) return byOutcome[outcome as Outcome];
  return held !== undefined && held.length > 0 ? exitCodes.held : exitCodes.fine;
}

/** The exit code for several results: that of the outcome that a person has to look at first. */
export function exitCodeOfAll(results: readonly { readonly outcome: string }[]): ExitCode {
  const codes = new Set(results.map(exitCodeOfResult));
  return (
    [exitCodes.failed, exitCodes.held, exitCodes.notLoaded].find((code) => codes.has(code)) ?? exitCodes.fine
  );
}

/** The table for `--help`. */
export function exitCodeHelp(): string {
  const lines = Object.entries(exitMeanings).map(
    ([name, meaning]) => `  ${String(exitCodes[name as keyof typeof exitCodes])}  ${meaning}`,
  );
  return ['', 'Exit codes of every command:', ...lines].join('\n');
}
