import { parseDecisionInput } from '../domain/inputs.ts';
import { keptExportOf } from '../domain/runIdentity.ts';
import { decisionId, runReportId } from '../domain/temporalNames.ts';
import { periodText } from '../domain/periods.ts';
import { thisUser, userName } from '../wiring/thisUser.ts';
import { rejectHeld, unpin } from '../warehouse/personDecisions.ts';
import { fromOptions } from './fromOptions.ts';
import { knownRun } from './runsInLedger.ts';
import { print, type OutputOptions } from './output.ts';
import { periodArgument } from './periodArgument.ts';
import { startAndFollow, type StartOptions } from './startRuns.ts';
import { withWarehouse } from './connections.ts';

export interface DecisionOptions {
  readonly reason: string;
  /** Who decides; by default this machine's user. */
  readonly by?: string;
}

const workflows = {
  approve: { workflowType: 'publishHeld', summary: 'publish what was held' },
  rollback: { workflowType: 'rollback', summary: 'put an earlier version back' },
} as const;

/** Loads what a held run would have loaded. */
export function approve(run: string, options: DecisionOptions & StartOptions): Promise<void> {
  return decide('approve', run, options);
}

/** Puts an earlier version of a period back and pins it. */
export function rollBack(run: string, options: DecisionOptions & StartOptions): Promise<void> {
  return decide('rollback', run, options);
}

async function decide(
  kind: keyof typeof workflows,
  run: string,
  options: DecisionOptions & StartOptions,
): Promise<void> {
  const input = fromOptions(() =>
    parseDecisionInput({ run, reason: options.reason, by: whoDecides(options) }),
  );
  const { workflowType, summary } = workflows[kind];
  await startAndFollow(options, { workflowType, workflowId: decisionId(kind, run), input, summary });
}

/** Closes a held run: it will not be loaded. */
export async function reject(run: string, options: DecisionOptions & OutputOptions): Promise<void> {
  const { reason, by } = fromOptions(() =>
    parseDecisionInput({ run, reason: options.reason, by: whoDecides(options) }),
  );
  const closed = await withWarehouse((warehouse) =>
    rejectHeld(warehouse, run, { actor: thisUser(), by: by!, reason }),
  );
  print(
    options,
    closed,
    () =>
      `run ${run} of ${closed.report} ${periodText(closed.period)} is rejected; the tables stay as they are`,
  );
}

/** Lets later runs of a period that was put back load again. */
export async function releasePin(
  report: string,
  period: string,
  options: OutputOptions & { by?: string },
): Promise<void> {
  const place = periodArgument(report, period);
  const word = { actor: thisUser(), by: whoDecides(options) };
  const unpinned = await withWarehouse((warehouse) => unpin(warehouse, place.report, place.period, word));
  print(options, { unpinned }, () =>
    unpinned
      ? `${place.report} ${periodText(place.period)} is pinned no more; run it again to bring it up to date`
      : `${place.report} ${periodText(place.period)} was not pinned`,
  );
}

/** Runs a period again from the export that an earlier run kept, under the current rules. */
export async function rerun(run: string, options: StartOptions): Promise<void> {
  const { report, period } = (await withWarehouse((warehouse) => knownRun(warehouse, run))).run;
  await startAndFollow(options, {
    workflowType: 'runReport',
    workflowId: runReportId(report, period),
    input: { report, from: period.from, to: period.to, file: keptExportOf(run) },
    summary: `${report} ${periodText(period)} from a kept export`,
  });
}

/** A person's reason and name in the ledger's form. @throws PipelineError InvalidInput. */
export function reasonAndName({ reason, by }: DecisionOptions): { reason: string; by: string } {
  // Checked as a decision about a run, which has to name one.
  const word = fromOptions(() =>
    parseDecisionInput({ run: noRun, reason, by: whoDecides(by === undefined ? {} : { by }) }),
  );
  return { reason: word.reason, by: word.by! };
}

const noRun = '00000000-0000-0000-0000-000000000000';

function whoDecides({ by }: Pick<DecisionOptions, 'by'>): string {
  return by ?? userName();
}
