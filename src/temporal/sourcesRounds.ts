import type { Client } from '@temporalio/client';
import { agencyId, type Agency } from '../domain/agencyId.ts';
import { sourcesRoundId } from '../domain/temporalNames.ts';
import { endOfRun } from './endOfRun.ts';

/** The names of the sources that the newest ended round of `collectFiles` could not reach. */
export async function unreachableSources(client: Client, agency?: Agency): Promise<readonly string[]> {
  const roundId = agencyId(agency, sourcesRoundId);
  const endedRounds = `WorkflowId = '${roundId}' AND ExecutionStatus IN ('Completed', 'Failed')`;
  for await (const { runId, status } of client.workflow.list({ query: endedRounds, pageSize: 1 })) {
    if (status.name !== 'FAILED') return [];
    const { details } = await endOfRun(client, { workflowId: roundId, runId });
    const names = (details as { unreachable?: unknown } | undefined)?.unreachable;
    return Array.isArray(names) ? names.filter((name) => typeof name === 'string') : [];
  }
  return [];
}
