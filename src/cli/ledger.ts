import { PipelineError } from '../domain/failures.ts';
import { periodText } from '../domain/periods.ts';
import type { LedgerRun, RejectedRow } from '../domain/publication.ts';
import type { Warehouse } from '../warehouse/connect.ts';
import { findRun, listRejects, listVersions } from '../warehouse/ledger.ts';
import { changeWords } from './changeWords.ts';
import { print, table, type OutputOptions } from './output.ts';
import { periodArgument } from './periodArgument.ts';
import { withWarehouse } from './session.ts';

/** @throws PipelineError InvalidInput where the ledger has no such run. */
export async function knownRun(warehouse: Warehouse, runId: string): Promise<LedgerRun> {
  const found = await findRun(warehouse, runId);
  if (found !== undefined) return found;
  throw new PipelineError('InvalidInput', `the ledger knows no run ${runId}`, {
    hint: 'Look its id up with: npm run client -- status',
  });
}

/** Which records of a run's export could not be read exactly: where and why, never the cell. */
export async function showRejects(runId: string, options: OutputOptions): Promise<void> {
  const { run, rejects } = await withWarehouse(async (warehouse) => ({
    run: await knownRun(warehouse, runId),
    rejects: await listRejects(warehouse, runId),
  }));
  print(options, { report: run.run.report, period: run.run.period, rejects }, () =>
    rejectWords(run, rejects),
  );
}

function rejectWords({ run, rowsRejected, outcome }: LedgerRun, rejects: readonly RejectedRow[]): string {
  const about = `${run.report} ${periodText(run.period)}, run ${run.runId} (${outcome})`;
  if (rejects.length > 0) return `${about}\n${rejectTable(rejects)}\n${mendHint(run.runId)}`;
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

function mendHint(runId: string): string {
  return `After the cause is mended: npm run client -- rerun ${runId}`;
}

/** What a period has shown, newest first. */
export async function showVersions(report: string, period: string, options: OutputOptions): Promise<void> {
  const place = periodArgument(report, period);
  const versions = await withWarehouse((warehouse) => listVersions(warehouse, place.report, place.period));
  const shown = versions.map(versionFacts);
  print(options, shown, () =>
    versions.length === 0
      ? `nothing has been published of ${place.report} ${periodText(place.period)}`
      : table(
          ['published (UTC)', 'run', 'rows', 'rejected', 'preliminary', 'changes', 'why'],
          versions.map(versionCells),
        ),
  );
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

function versionCells(version: LedgerRun): string[] {
  const { run, publishedAt, rowsLoaded, rowsRejected, preliminary, changes, decision } = version;
  return [
    (publishedAt ?? '').slice(0, 19),
    run.runId,
    String(rowsLoaded ?? '-'),
    String(rowsRejected ?? '-'),
    preliminary === true ? 'yes' : 'no',
    changes === null ? '' : changeWords(changes),
    decision === null ? '' : `${decision.kind} by ${decision.by}: ${decision.reason}`,
  ];
}
