import { PipelineError } from '../domain/failures.ts';
import type { Outcome, PublishRequest, PublishResult } from '../domain/publication.ts';
import type { Entry } from './ledgerWrites.ts';
import { reasonsOf } from './ledgerReads.ts';
import { notHeld } from './notHeld.ts';
import type { CurrentPeriod } from './periodRow.ts';

/** The ledger's answer to a request; undefined if it has to be worked out. */
type Replay = (entry: Entry, current: CurrentPeriod) => PublishResult | undefined;

const published: Replay = ({ rowsLoaded, rowsReplaced }) => ({
  kind: 'published',
  rows: rowsLoaded ?? 0,
  replacedRows: rowsReplaced ?? 0,
});

const unchanged: Replay = (_entry, { runId }) =>
  runId === null ? undefined : { kind: 'unchanged', publishedRunId: runId };

/** This run's result is `held`, even if it was rejected since; the ledger says that. */
const held: Replay = (entry) => ({ kind: 'held', reasons: reasonsOf(entry) });

const superseded: Replay = ({ supersededBy }, { runId }) => ({
  kind: 'superseded',
  by: supersededBy ?? runId ?? 'unknown',
});

/** The result for a run that has committed once and asks again. A run that ended before its load continues. */
const replays: Readonly<Partial<Record<Outcome, Replay>>> = {
  published,
  unchanged,
  held,
  rejected: held,
  superseded,
};

/**
 * The result of a run that asks again after a commit whose answer was lost, so that nothing is loaded twice; undefined
 * if the load is still to be done.
 */
export function replayedResult(
  request: PublishRequest,
  entry: Entry | undefined,
  current: CurrentPeriod,
): PublishResult | undefined {
  if (entry === undefined) return undefined;
  if (request.decision?.kind === 'approve' && !isCarriedOut(request.decision, entry)) return undefined;
  return replays[entry.outcome as Outcome]?.(entry, current);
}

/** Whether exactly this decision has been carried out. */
function isCarriedOut({ kind, by, reason }: NonNullable<PublishRequest['decision']>, entry: Entry): boolean {
  return (
    entry.outcome === 'published' &&
    entry.decisionKind === kind &&
    entry.decidedBy === by &&
    entry.decisionReason === reason
  );
}

/** An approval loads exactly what was held, and only while no later run or decision has replaced it. */
export function assertStillHeld({ run, versions }: PublishRequest, entry: Entry | undefined): void {
  if (entry?.outcome !== 'held') throw notHeld(run.runId, entry);
  const { exportSha256, rulesSha256, codeVersion } = versions;
  const same =
    entry.exportSha256 === exportSha256 &&
    entry.rulesSha256 === rulesSha256 &&
    entry.codeVersion === codeVersion;
  if (same) return;
  throw new PipelineError('InvalidInput', `Run ${run.runId} was held with another export, rules or code.`, {
    hint: 'Nothing was changed. Run the period again, and decide about that run.',
  });
}
