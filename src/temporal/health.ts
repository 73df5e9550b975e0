import type { Connection } from '@temporalio/client';

/** A probe waits for as long as its asker does, which is ten seconds at most. */
const answerSeconds = 3;

/** Rejects where the server does not answer within seconds. */
export async function pingTemporal(connection: Connection): Promise<void> {
  await connection.withDeadline(Date.now() + answerSeconds * 1000, () =>
    connection.workflowService.getSystemInfo({}),
  );
}
