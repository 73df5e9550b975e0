import type { Connection } from '@temporalio/client';
import { NamespaceNotFoundError } from '@temporalio/common';
import { failureText, PipelineError } from '../domain/failures.ts';
import { attributeState } from './searchAttributes.ts';

/** How long to wait for an answer: the callers of a probe wait ten seconds at most. */
const answerSeconds = 3;

/**
 * Rejects if the server does not answer within seconds, does not know the namespace, or has lost the search attributes:
 * a run that sets one hangs.
 */
export async function assertTemporalUsable(connection: Connection, namespace: string): Promise<void> {
  const { missing, wrongType } = await connection
    .withDeadline(Date.now() + answerSeconds * 1000, () => attributeState(connection, namespace))
    .catch((error: unknown) => {
      throw error instanceof NamespaceNotFoundError ? noNamespace(namespace) : error;
    });
  const lacking = [...missing, ...wrongType];
  if (lacking.length === 0) return;
  throw new PipelineError('InternalError', `Temporal lacks the search attributes ${lacking.join(', ')}`, {
    hint: 'The worker registers them again within a minute; npm run client -- doctor says what else is missing.',
  });
}

function noNamespace(namespace: string): PipelineError {
  return new PipelineError('InternalError', `Temporal has no namespace ${namespace}`, {
    hint: `Create it: temporal operator namespace create --namespace ${namespace} --retention 720h`,
  });
}

/** Why one of the SDK's workers failed, as text. */
export async function whyBroken(connection: Connection, namespace: string): Promise<string> {
  try {
    await assertTemporalUsable(connection, namespace);
    return 'Temporal no longer gives this worker any work, though it answers: the line "Worker failed" says why';
  } catch (error) {
    if (error instanceof PipelineError) return failureText(error);
    return 'Temporal no longer gives this worker any work: the line "Worker failed" says why';
  }
}
