/**
 * Records the histories of rounds of alerts that the replay test runs against `checkAlerts` as it is now: one of every
 * way that a round can go. To be run again when that workflow is changed on purpose, as record.ts says for the others.
 */
import { rm } from 'node:fs/promises';
import { alertScheduleId } from '../../src/domain/temporalNames.ts';
import { startWebhookReceiver } from '../alerts/webhookReceiver.ts';
import { round } from '../e2e/alertRounds.ts';
import { System } from '../e2e/system.ts';
import { DatabaseProxy } from '../faults/databaseProxy.ts';
import { bundleForRecording, Recorder } from './recorder.ts';

const workflowBundle = await bundleForRecording();
const webhook = await startWebhookReceiver();
const system = await System.start({
  workflowBundle,
  config: [
    [['alerts', 'webhook'], 'slack'],
    [['alerts', 'everyMinutes'], 60],
  ],
  environment: { EHR_ALERT_WEBHOOK_URL: webhook.url },
});
const database = new URL(system.environment['DATABASE_URL']!);
const databasePort = Number(database.port);
let proxy = await DatabaseProxy.start(databasePort);
const { port } = proxy;
database.port = String(port);

/** A round as the schedule starts it, whatever becomes of it. */
async function record(name: string): Promise<void> {
  await round(system).catch(() => undefined);
  const { info } = await system.client.schedule.getHandle(alertScheduleId).describe();
  const { workflowId, firstExecutionRunId } = info.recentActions.at(-1)!.action.workflow;
  await new Recorder(system).keep(`checkAlerts-${name}`, workflowId, firstExecutionRunId);
}

try {
  await system.startWorker({ DATABASE_URL: database.href });
  await system.run('schedule', 'apply');
  await record('quiet');
  await system.run('schedule', 'pause', '--reason', 'recorded for the replay test');
  webhook.next.push({ status: 404 });
  await record('not-sent');
  await record('told');
  await proxy.close();
  await record('database-away');
  proxy = await DatabaseProxy.start(databasePort, port);
  await record('database-back');
} finally {
  await system.stop();
  await proxy.close();
  await webhook.close();
  await rm(workflowBundle, { force: true });
}
