import { ContinueAsNew, defineQuery, setHandler } from '@temporalio/workflow';
import { agencyNamedIn } from '../domain/agencyId.ts';
import { forAgency } from './agencyOfRun.ts';
import { labelAgency, labelFailure } from './runLabels.ts';
import { workflowFailure } from './runFailure.ts';

const progressQuery = defineQuery<unknown>('progress');

interface Handled {
  /** The workflow's input as given; it may be anything. */
  readonly input: unknown;
  /** What the query `progress` answers. */
  readonly progress: () => unknown;
}

/**
 * Does what workflows share around their work: sets the agency, answers the query `progress`, and gives a failure its
 * labels and the pipeline's own type and words.
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
