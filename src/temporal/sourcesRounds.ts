import { WorkflowFailedError, type Client } from '@temporalio/client';
import { ApplicationFailure, WorkflowNotFoundError } from '@temporalio/common';
import { agencyId, type Agency } from '../domain/agencyId.ts';
import { sourcesRoundId } from '../domain/names.ts';

/** The names of the sources that the newest ended round of `collectFiles` could not reach. */
export async function unreachableSources(client: Client, agency?: Agency): Promise<readonly string[]> {
  const roundId = agencyId(agency, sourcesRoundId);
  const endedRounds = `WorkflowId = '${roundId}' AND ExecutionStatus IN ('Completed', 'Failed')`;
  for await (const { runId, status } of client.workflow.list({ query: endedRounds, pageSize: 1 })) {
    if (status.name !== 'FAILED') return [];
    try {
      await client.workflow.getHandle(roundId, runId).result();
    } catch (error) {
      return namedIn(error);
    }
  }
  return [];
}

/** @throws the error if it is not that of a failed round */
function namedIn(error: unknown): string[] {
  // The list may name a round for a while after its history was removed.
  if (error instanceof WorkflowNotFoundError) return [];
  if (!(error instanceof WorkflowFailedError)) throw error;
  const [details] = error.cause instanceof ApplicationFailure ? (error.cause.details ?? []) : [];
  const names = (details as { unreachable?: unknown } | undefined)?.unreachable;
  return Array.isArray(names) ? names.filter((name) => typeof name === 'string') : [];
}
