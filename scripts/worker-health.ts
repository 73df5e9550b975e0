// The container's health check: has Temporal seen this machine's worker ask for work lately?

import { loadClientConnectConfig } from '@temporalio/envconfig';
import os from 'node:os';
import { taskQueues } from '../src/domain/temporalNames.ts';
import { connectTo } from '../src/temporal/connection.ts';

/** An idle worker asks again at least once a minute, when its long poll ends. */
const freshSeconds = 120;

const { connectionOptions, namespace = 'default' } = loadClientConnectConfig();
const connection = await connectTo(connectionOptions);
const { pollers } = await connection.workflowService.describeTaskQueue({
  namespace,
  taskQueue: { name: taskQueues.pipeline },
});
await connection.close();

const since = Date.now() / 1000 - freshSeconds;
// The SDK calls a worker `<process id>@<host name>`, and a container has a host name of its own.
const fresh = (pollers ?? []).some(
  (poller) =>
    poller.identity?.endsWith(`@${os.hostname()}`) && Number(poller.lastAccessTime?.seconds ?? 0) > since,
);
if (!fresh) {
  console.error(
    `No worker on ${os.hostname()} asked for work on ${taskQueues.pipeline} in the last ${String(freshSeconds)} s.`,
  );
  process.exit(1);
}
