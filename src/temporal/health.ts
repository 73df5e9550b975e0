import type { Connection } from '@temporalio/client';
import { PipelineError } from '../domain/failures.ts';
import { attributeStanding } from './searchAttributes.ts';

/** A probe waits for as long as its asker does, which is ten seconds at most. */
const answerSeconds = 3;

/**
 * Rejects where the server does not answer within seconds, and where it has lost the search attributes: a run that sets
 * one hangs.
 */
export async function assertTemporalUsable(connection: Connection, namespace: string): Promise<void> {
  const { missing, wrongType } = await connection.withDeadline(Date.now() + answerSeconds * 1000, () =>
    attributeStanding(connection, namespace),
  );
  const lacking = [...missing, ...wrongType];
  if (lacking.length === 0) return;
  throw new PipelineError('InternalError', `Temporal lacks the search attributes ${lacking.join(', ')}`, {
    hint: 'The worker registers them again within a minute; npm run client -- doctor says what else is missing.',
  });
}
