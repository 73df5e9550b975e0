import { PipelineError } from '../domain/failures.ts';
import { isDecidable, type Decision, type LedgerRun, type Outcome } from '../domain/publication.ts';
import type { RunIdentity } from '../domain/runIdentity.ts';
import { isWholly, madeBy } from './parts/ledgerFiles.ts';
import type { Ports } from '../ports.ts';
import type { LoadInput } from './contracts.ts';

export interface TakeDecisionInput {
  readonly kind: Decision['kind'];
  /** The run in the ledger that the decision is about. */
  readonly run: string;
  readonly reason: string;
  /** Who decides; default: the workflow's starter. */
  readonly by?: string | undefined;
  /** The workflow that carries the decision out. */
  readonly workflow: { readonly workflowId: string; readonly runId: string; readonly startedAt: string };
}

/** The outcome that a run must have for each decision, and the command that lists such runs. */
const wanted: Readonly<
  Record<
    Decision['kind'],
    { outcome: Outcome; lookUp: (run: Pick<RunIdentity, 'report' | 'period'>) => string }
  >
> = {
  approve: { outcome: 'held', lookUp: () => 'status' },
  rollback: { outcome: 'published', lookUp: ({ report, period }) => `versions ${report} ${period.from}` },
};

/** Finds in the ledger what a person wants to load: a held run, or an earlier version of a period. */
export function createTakeDecision({ warehouse, runs }: Pick<Ports, 'warehouse' | 'runs'>) {
  return async function takeDecision(input: TakeDecisionInput): Promise<LoadInput> {
    const found = assertDecidable(await warehouse.findRun(input.run), input);
    const made = madeBy(found);
    if (!isWholly(made)) {
      throw new PipelineError('InvalidInput', `run: ${input.run} left no files that could be loaded`, {
        hint: 'Run the period again.',
      });
    }
    await warehouse.refuseRemoved(made);
    const by = input.by ?? (await runs.startedBy(input.workflow)).name;
    return {
      run: input.kind === 'approve' ? found.run : rollbackOf(found.run, input),
      made,
      decision: {
        kind: input.kind,
        by,
        reason: input.reason,
        ...(input.kind === 'rollback' ? { restores: input.run } : {}),
      },
    };
  };
}

function assertDecidable(found: LedgerRun | undefined, { kind, run }: TakeDecisionInput): LedgerRun {
  const { outcome, lookUp } = wanted[kind];
  if (found === undefined) {
    throw new PipelineError('InvalidInput', `run: the ledger knows no run ${run}`, {
      hint: 'Look its id up with: npm run client -- status',
    });
  }
  if (isDecidable(found, kind)) return found;
  throw new PipelineError('InvalidInput', `run: ${run} is ${found.outcome}, not ${outcome}`, {
    hint: `Look at the period with: npm run client -- ${lookUp(found.run)}`,
    details: { outcome: found.outcome },
  });
}

/** A rollback is a run of its own, for the same report and period. */
function rollbackOf(restored: RunIdentity, { workflow }: TakeDecisionInput): RunIdentity {
  const { report, period } = restored;
  return { ...workflow, report, period, source: 'rollback' };
}
