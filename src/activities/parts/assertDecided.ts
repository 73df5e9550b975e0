import { isDeepStrictEqual } from 'node:util';
import type { ArtifactRef } from '../../domain/artifacts.ts';
import { PipelineError } from '../../domain/failures.ts';
import { periodText } from '../../domain/periods.ts';
import { isDecidable, type LedgerRun } from '../../domain/publication.ts';
import type { RunIdentity } from '../../domain/runIdentity.ts';
import type { Ports } from '../../ports.ts';
import type { LoadInput, Made } from '../contracts.ts';

/**
 * A person's decision replaces the gates, but an input only claims that there was one: the ledger must know the run to
 * load, with exactly these files.
 */
export async function assertDecided(
  { run, made, decision }: LoadInput,
  warehouse: Pick<Ports['warehouse'], 'findRun'>,
): Promise<void> {
  if (decision === undefined) return;
  const restores = decision.kind === 'rollback' ? decision.restores : undefined;
  if (decision.kind === 'rollback' && restores === undefined) {
    throw refused('it names no run that it puts back', run.runId);
  }
  if (decision.kind === 'approve' && decision.restores !== undefined) {
    throw refused('an approval puts no other run back', run.runId);
  }
  const decided = restores ?? run.runId;
  const entry = await warehouse.findRun(decided);
  if (entry === undefined) throw refused('the ledger knows no such run', decided);
  assertSamePeriod(entry, run, decided);
  if (!isDecidable(entry, decision.kind)) throw refused(`it is ${entry.outcome}`, decided);
  if (!isDeepStrictEqual(entry.files, made)) {
    throw refused('its files are not those that the ledger has', decided);
  }
}

function assertSamePeriod({ run }: LedgerRun, asked: LoadInput['run'], decided: string): void {
  const same = run.report === asked.report && periodText(run.period) === periodText(asked.period);
  if (!same) throw refused(`it was for ${run.report} ${periodText(run.period)}`, decided);
}

function refused(why: string, runId: string): PipelineError {
  return new PipelineError('InvalidInput', `no decision allows the load of run ${runId}: ${why}`, {
    hint: 'Decide with npm run client -- approve or rollback; see which runs wait with: npm run client -- status',
    details: { runId },
  });
}

/** A run's files are in the folder of its report and period, so this prevents loading another period's rows. */
export function assertOwnFiles({ run, made }: Pick<LoadInput, 'run' | 'made'>): void {
  const stranger = filesOf(made).find(([, file]) => !isOwnFile(run, file));
  if (stranger === undefined) return;
  throw new PipelineError(
    'InvalidInput',
    `made.${stranger[0]}: the file is not one of ${run.report} ${periodText(run.period)}`,
    { hint: 'Start the run again.' },
  );
}

/** Whether the file is in the folder of the run's report and period. */
export function isOwnFile(
  { report, period }: Pick<RunIdentity, 'report' | 'period'>,
  { uri }: ArtifactRef,
): boolean {
  return uri.slice(uri.indexOf(':')).startsWith(`:${report}/${periodText(period)}/`);
}

function filesOf({ clean, categorize, aggregate, ...rest }: Made) {
  return [
    ['export', rest.export.file],
    ['clean.rows', clean.rows],
    ['clean.rejected', clean.rejected],
    ['clean.excluded', clean.excluded],
    ['categorize.rows', categorize.rows],
    ['aggregate.rollups', aggregate.rollups],
    ['aggregate.unknownServices', aggregate.unknownServices],
    ...(aggregate.namedWarnings === undefined
      ? []
      : ([['aggregate.namedWarnings', aggregate.namedWarnings]] as const)),
  ] as const;
}
