import { WorkflowExecutionAlreadyStartedError, type Client } from '@temporalio/client';
import { agencyHere } from '../config.ts';
import { agencyId } from '../domain/agencyId.ts';
import { parseBackfillInput } from '../domain/inputs.ts';
import { keptExportOf } from '../domain/runIdentity.ts';
import { previewId, runReportId } from '../domain/temporalNames.ts';
import { periodText, type Period } from '../domain/periods.ts';
import type { ReportName } from '../reports/index.ts';
import { periodsToReload, type PeriodToReload } from '../warehouse/reloading.ts';
import type { PreviewResult } from '../workflows/preview.ts';
import type { RunReportResult } from '../workflows/runResult.ts';
import { changeWords, dollarWords } from './changeWords.ts';
import { exitCodeOfAll } from './exitCodes.ts';
import { forHere, print, type OutputOptions } from './output.ts';
import { rulesHere } from './approveRules.ts';
import { withWarehouse } from './connections.ts';
import { withTemporal } from './temporalClient.ts';
import { resultOf } from './watch.ts';
import { refused } from './commandErrors.ts';
import { fromOptions } from './fromOptions.ts';
import { startWorkflow, type Start } from './startRuns.ts';

/** Runs read files and share a database with everything else; more at a time would not end sooner. */
const atATime = 2;

export interface ReloadOptions extends OutputOptions {
  readonly from: string;
  readonly to: string;
  /** Only report what would change. */
  readonly dryRun?: boolean;
}

/** The result for one period. */
interface Reloaded {
  readonly from: string;
  readonly to: string;
  /** How its run ended or would end, `failed`, or `left` if there was nothing to do. */
  readonly outcome: string;
  readonly words: string;
}

/**
 * Reads a range's kept exports again under the current rules, without the portal, newest period first. Continues after
 * a failed period; a second call does what is left.
 */
export async function reload(report: string, options: ReloadOptions): Promise<void> {
  const { report: name, range } = fromOptions(() =>
    parseBackfillInput({ report, from: options.from, to: options.to }),
  );
  const inForce = rulesHere();
  const periods = await withWarehouse((warehouse) => periodsToReload(warehouse, name, range));
  const printDone = (done: Reloaded) => {
    if (options.json !== true) console.error(forHere(`${name} ${done.from}..${done.to}: ${done.words}`));
  };
  const reloaded = await withTemporal((client) =>
    eachOf(periods, async (period) => {
      const done = await reloadOne(client, { name, period, inForce, dryRun: options.dryRun === true });
      printDone(done);
      return done;
    }),
  );
  print(options, { report: name, periods: reloaded }, () => summaryWords(name, range, reloaded));
  process.exitCode = exitCodeOfAll(reloaded);
}

interface One {
  readonly name: ReportName;
  readonly period: PeriodToReload;
  readonly inForce: string | undefined;
  readonly dryRun: boolean;
}

async function reloadOne(client: Client, one: One): Promise<Reloaded> {
  const { period, inForce, name } = one;
  const { from, to } = period.period;
  const left = whyLeft(period, inForce);
  if (left !== undefined) return { from, to, outcome: 'left', words: left };
  const input = { report: name, from, to, file: keptExportOf(period.exportOf) };
  try {
    const end = one.dryRun
      ? previewed((await ended(client, 'preview', previewId(name, period.period), input)) as PreviewResult)
      : loaded(
          (await ended(client, 'runReport', runReportId(name, period.period), input)) as RunReportResult,
        );
    return { from, to, ...end };
  } catch (error) {
    if (!(error instanceof Error) || !('type' in error)) throw error;
    // Failure types and messages come from this program's own list and hold no patient data.
    return { from, to, outcome: 'failed', words: `failed, ${String(error.type)}: ${error.message}` };
  }
}

/** Why a period is left as it is; undefined if it is to be read again. */
export function whyLeft(
  { rulesSha256, pinned, exportOf, shown }: PeriodToReload,
  inForce: string | undefined,
): string | undefined {
  if (pinned) return 'pinned, left as it is';
  const waiting = exportOf !== shown;
  return !waiting && inForce !== undefined && rulesSha256 === inForce ? 'made under these rules' : undefined;
}

function loaded({ outcome, heldBecause = [] }: RunReportResult): Pick<Reloaded, 'outcome' | 'words'> {
  return { outcome, words: [outcome, ...heldBecause.map(({ message }) => message)].join(', ') };
}

function previewed({ assessment }: PreviewResult): Pick<Reloaded, 'outcome' | 'words'> {
  const { changes, wouldBe } = assessment;
  const words = [changeWords(changes), ...dollarWords(changes), `would be ${wouldBe}`].join('; ');
  return { outcome: wouldBe, words };
}

/** Daily runs and backfills are rare, so no call meets one each time. */
const mostStarts = 5;

/** The workflow's result. If one of the same id is running, waits for that first. */
async function ended(
  client: Client,
  workflowType: string,
  id: string,
  input: Start['input'],
): Promise<unknown> {
  const workflowId = agencyId(agencyHere(), id);
  const start = { workflowType, workflowId: id, input, summary: `${workflowId} from a kept export` };
  for (let starts = 1; ; starts += 1) {
    try {
      return await resultOf(await startWorkflow(client, start));
    } catch (error) {
      if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
      if (starts === mostStarts) {
        throw refused(
          `${workflowId} is running again each time this checks`,
          'Wait for the backfill or daily run that loads it, then reload again.',
        );
      }
    }
    // However it ends: the period is then read again.
    await client.workflow
      .getHandle(workflowId)
      .result()
      .catch(() => undefined);
  }
}

/** In order, a few at a time. */
async function eachOf<Item, Result>(
  items: readonly Item[],
  work: (item: Item) => Promise<Result>,
): Promise<Result[]> {
  const results: Result[] = [];
  const queue = items.entries();
  const lane = async () => {
    for (const [index, item] of queue) results[index] = await work(item);
  };
  await Promise.all(Array.from({ length: atATime }, lane));
  return results;
}

function summaryWords(report: ReportName, range: Period, reloaded: readonly Reloaded[]): string {
  if (reloaded.length === 0) return `no period of ${report} ${periodText(range)} shows anything`;
  const outcomes = [...new Set(reloaded.map(({ outcome }) => outcome))];
  const counts = outcomes.map(
    (outcome) => `${String(reloaded.filter((each) => each.outcome === outcome).length)} ${outcome}`,
  );
  return `${String(reloaded.length)} periods of ${report}: ${counts.join(', ')}`;
}
