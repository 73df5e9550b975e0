import { configPath, readPipelineConfig } from '../config.ts';
import { dayInZone } from '../domain/dates.ts';
import { PipelineError } from '../domain/failures.ts';
import { periodText } from '../domain/periods.ts';
import { readLines } from '../rows/lines.ts';
import { decodeTsv } from '../rows/tsv.ts';
import type { ArtifactRef, ArtifactStore } from '../domain/artifacts.ts';
import type { Warehouse } from '../warehouse/connect.ts';
import { fillHistory, unfilledRuns, type UnfilledRun } from '../warehouse/historyFill.ts';
import { keptFiles } from '../wiring/openStores.ts';
import { withWarehouse } from './connections.ts';
import { exitCodes } from './exitCodes.ts';
import { print, type OutputOptions } from './output.ts';
import { refused } from './commandErrors.ts';

interface Filled {
  /** Days written from a run's file. */
  readonly written: number;
  /** Runs whose day belongs to another run: a later one of the same day, or one that a rollback left. */
  readonly passed: number;
  /** Runs that stay as they are, each with the reason. */
  readonly failed: readonly { readonly run: string; readonly reason: string }[];
}

/**
 * Writes the history of the runs that were loaded before there was one, from the row files that they kept. Can be
 * stopped anywhere: a second call does what is left.
 */
export async function fillHistoryFromFiles(options: OutputOptions): Promise<void> {
  const { timeZone } = readPipelineConfig(configPath()).organisation;
  const files = keptFiles();
  const filled = await withWarehouse((warehouse) => fillAll(warehouse, { files, timeZone }));
  print(options, filled, () => words(filled));
  if (filled.failed.length > 0) process.exitCode = exitCodes.failed;
}

/** What the ledger knows of a run's files, as far as it is needed here. */
interface LedgerFiles {
  readonly categorize?: { readonly rows: ArtifactRef };
  readonly aggregate?: { readonly sums: Readonly<Record<string, string>> };
}

/** One run after another, oldest first: each is read once, and the database writes most of the time. */
export async function fillAll(
  warehouse: Warehouse,
  { files, timeZone }: { files: ArtifactStore; timeZone: string },
): Promise<Filled> {
  const dayOf = (instant: string) => dayInZone(new Date(instant), timeZone);
  let written = 0;
  let passed = 0;
  const failed: { run: string; reason: string }[] = [];
  for (const unfilled of await unfilledRuns(warehouse)) {
    try {
      if (await fillHistory(warehouse, unfilled, { dayOf, rows: keptRows(unfilled, files) })) written += 1;
      else passed += 1;
    } catch (error) {
      if (!(error instanceof PipelineError) || !leavesOthers(error)) throw error;
      failed.push({ run: runWords(unfilled), reason: `${error.type}: ${error.message}` });
    }
  }
  return { written, passed, failed };
}

/** Without the database or the store no other run would fare better. */
function leavesOthers({ type }: PipelineError): boolean {
  return type !== 'WarehouseUnavailable' && type !== 'ArtifactStoreUnavailable';
}

function keptRows({ run, files }: UnfilledRun, store: ArtifactStore) {
  const { categorize, aggregate }: LedgerFiles = files;
  if (categorize === undefined || aggregate === undefined) {
    const hint = 'Nothing can be filled.';
    throw refused(`run ${run.runId} left no rows`, hint);
  }
  return {
    rows: categorize.rows.rows,
    sums: aggregate.sums,
    lines: async function* lines() {
      for await (const line of readLines(await store.open(categorize.rows))) yield decodeTsv(line);
    },
  };
}

function runWords({ run }: UnfilledRun): string {
  return `${run.report} ${periodText(run.period)}, run ${run.runId}`;
}

function words({ written, passed, failed }: Filled): string {
  return [
    `${String(written)} days written, ${String(passed)} runs whose day belongs to another run`,
    ...failed.map(({ run, reason }) => `not filled: ${run}: ${reason}`),
  ].join('\n');
}
