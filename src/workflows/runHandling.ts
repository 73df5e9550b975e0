import { ContinueAsNew, defineQuery, setHandler } from '@temporalio/workflow';
import { agencyNamedIn } from '../domain/agencyId.ts';
import { forAgency } from './agencyOfRun.ts';
import { labelAgency, labelFailure } from './runLabels.ts';
import { workflowFailure } from './runFailure.ts';

const progressQuery = defineQuery<unknown>('progress');

interface Handled {
  /** As the workflow was given it; it may be anything. */
  readonly input: unknown;
  /** What the query `progress` answers. */
  readonly progress: () => unknown;
}

/**
 * What every workflow does around its work: it knows its agency and answers the query `progress`; its failure can
 * be found by its labels, and has the pipeline's own type and words.
 */
export async function withRunHandling<Result>(
  { input, progress }: Handled,
  work: () => Promise<Result>,
): Promise<Result> {
  setHandler(progressQuery, progress);
  const agency = agencyNamedIn(input);
  labelAgency(agency);
  try {
    return await forAgency(agency, work);
  } catch (error) {
    if (error instanceof ContinueAsNew) throw error;
    labelFailure(error, input);
    throw workflowFailure(error, agency);
  }
}
