import { filesOfRun } from '../domain/fileRetention.ts';
import { periodText } from '../domain/periods.ts';
import type { LedgerRun, RecordedDecision, RejectedRow } from '../domain/publication.ts';
import type { Warehouse } from '../warehouse/connect.ts';
import { removalDay, removedByRetention } from '../warehouse/fileRemovals.ts';
import { findLastRun, findRun, listRejects, listVersions, mostVersions } from '../warehouse/ledgerReads.ts';
import { changeWords } from './changeWords.ts';
import { print, type OutputOptions } from './output.ts';
import { table } from './table.ts';
import { periodArgument } from './periodArgument.ts';
import { withWarehouse } from './connections.ts';
import { refused } from './commandErrors.ts';

/** @throws PipelineError InvalidInput if the ledger has no such run. */
export async function knownRun(warehouse: Warehouse, runId: string): Promise<LedgerRun> {
  const found = await findRun(warehouse, runId);
  if (found !== undefined) return found;
  throw refused(`the ledger knows no run ${runId}`, 'Look its id up with: npm run client -- status');
}

/** Which records of a run's export could not be read exactly: where and why, never the cell. */
export async function showRejects(runId: string, options: OutputOptions): Promise<void> {
  const { run, rejects, removedOn } = await withWarehouse(async (warehouse) => {
    const found = await knownRun(warehouse, runId);
    return {
      run: found,
      rejects: await listRejects(warehouse, runId),
      removedOn: await removalDay(warehouse, filesOfRun(found.files).rejects),
    };
  });
  if (removedOn !== undefined) throw removedByRetention('the rejected rows of this run', removedOn);
  print(options, { report: run.run.report, period: run.run.period, rejects }, () =>
    rejectWords(run, rejects),
  );
}

function rejectWords({ run, rowsRejected, outcome }: LedgerRun, rejects: readonly RejectedRow[]): string {
  const about = `${run.report} ${periodText(run.period)}, run ${run.runId} (${outcome})`;
  if (rejects.length > 0) return `${about}\n${rejectTable(rejects)}\n${rerunHint(run.runId)}`;
  return rowsRejected !== null && rowsRejected > 0
    ? `${about}: ${String(rowsRejected)} rows were rejected; they are kept only of runs that were published or held`
    : `${about}: no row was rejected`;
}

export function rejectTable(rejects: readonly RejectedRow[]): string {
  return table(
    ['line', 'column', 'rule', 'reason'],
    rejects.map(({ sourceLine, column, rule, reason }) => [String(sourceLine), column, rule, reason]),
  );
}

function rerunHint(runId: string): string {
  return `After the cause is fixed: npm run client -- rerun ${runId}`;
}

/** The versions of a period, newest first, and why its last run failed or was held. */
export async function showVersions(report: string, period: string, options: OutputOptions): Promise<void> {
  const place = periodArgument(report, period);
  const { versions, last } = await withWarehouse(async (warehouse) => ({
    versions: await listVersions(warehouse, place.report, place.period),
    last: await findLastRun(warehouse, place.report, place.period),
  }));
  if (versions.length === mostVersions) {
    console.error(
      `only the newest ${String(mostVersions)} versions are listed; the table pipeline_run has them all`,
    );
  }
  print(options, versions.map(versionFacts), () => {
    const shown =
      versions.length === 0
        ? `nothing has been published of ${place.report} ${periodText(place.period)}`
        : table(versionHeadings, versions.map(versionCells));
    return [shown, ...(last === undefined ? [] : lastRunLines(last))].join('\n');
  });
}

const versionHeadings = ['published (UTC)', 'run', 'rows', 'rejected', 'preliminary', 'changes', 'why'];

/** Why the last run failed or was held: all that is known of a failure, or the gates that held it. */
function lastRunLines(last: LedgerRun): string[] {
  const { run, outcome, finishedAt, failureType, failureMessage, heldBecause } = last;
  const why =
    outcome === 'held'
      ? heldBecause.map(({ gate, message }) => `held by ${gate}: ${message}`)
      : failureType === null
        ? []
        : [`${failureType}: ${failureMessage ?? 'its message was not noted'}`];
  return why.length === 0
    ? []
    : [`last run ${run.runId} ended as ${outcome} at ${finishedAt.slice(0, 19)} (UTC)`, ...why];
}

function versionFacts(version: LedgerRun) {
  const { run, publishedAt, exportedAt, rowsLoaded, rowsRejected, preliminary, changes, decision } = version;
  return {
    run: run.runId,
    publishedAt,
    exportedAt,
    rowsLoaded,
    rowsRejected,
    preliminary,
    changes,
    decision,
  };
}

/** The name that the person gave, and the identity with which Temporal recorded the start. */
function decisionWords({ kind, by, identity, reason }: RecordedDecision): string {
  const started = identity === null || identity === by ? '' : ` (started by ${identity})`;
  return `${kind} by ${by}${started}: ${reason}`;
}

function versionCells(version: LedgerRun): string[] {
  const { run, publishedAt, rowsLoaded, rowsRejected, preliminary, changes, decision } = version;
  return [
    (publishedAt ?? '').slice(0, 19),
    run.runId,
    String(rowsLoaded ?? '-'),
    String(rowsRejected ?? '-'),
    preliminary === true ? 'yes' : 'no',
    changes === null ? '' : changeWords(changes),
    decision === null ? '' : decisionWords(decision),
  ];
}
