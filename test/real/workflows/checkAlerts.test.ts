import { ScheduleOverlapPolicy } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import type { Notification } from '../../../src/alerts/notifications.ts';
import { agencyNamedIn } from '../../../src/domain/agencyId.ts';
import { taskQueues } from '../../../src/domain/temporalNames.ts';
import { failing, first, goodDay } from './fakes.ts';
import { failureOfRun, untilCancelled, WorkflowWorker } from './workflowWorker.ts';

/** A round of alerts: what is told, what one channel's trouble means for the other, and a database that is away. */
let worker: WorkflowWorker;
beforeAll(async () => {
  worker = await WorkflowWorker.start();
});
afterAll(() => worker.close());
beforeEach(() => worker.use({}));

const toBoth: Notification[] = (['webhook', 'mail'] as const).map((channel) => ({
  channel,
  event: 'began',
  causes: [
    { kind: 'schedule', state: 'paused' },
    { kind: 'login', login: 'reports.bot', failureType: 'PortalLocked' },
  ],
}));
const finding = () => Promise.resolve({ tellings: toBoth });

test('sends each channel what it has not sent yet, and counts the conditions', async () => {
  worker.use({ findAlerts: finding });
  expect(await worker.run('checkAlerts', undefined)).toEqual({ told: 4 });
  expect(worker.steps()).toEqual(['planAlerts', 'findAlerts', 'tellAlert', 'tellAlert']);
  expect(worker.inputsOf('tellAlert')).toEqual(toBoth);
});

test('with nothing to tell sends nothing', async () => {
  expect(await worker.run('checkAlerts', undefined)).toEqual({ told: 0 });
  expect(worker.steps()).toEqual(['planAlerts', 'findAlerts']);
});

test('a channel that takes no message keeps the other from none, and fails the round', async () => {
  worker.use({ findAlerts: finding, tellAlert: first(1, failing('AlertNotSent'), goodDay.tellAlert) });
  const { type, details } = await worker.failureOf('checkAlerts', undefined);
  expect({ type, details }).toEqual({ type: 'AlertNotSent', details: [{}] });
  expect(worker.inputsOf('tellAlert')).toEqual(toBoth);
});

test('any other failure than a database that is away is reported to nobody', async () => {
  worker.use({ findAlerts: failing('InternalError') });
  expect(await worker.failureOf('checkAlerts', undefined)).toMatchObject({ type: 'InternalError' });
  expect(worker.steps()).toEqual(['planAlerts', 'findAlerts']);
});

/** A schedule of rounds; returns what starts the next one and waits for its end. */
async function startRounds(id: string) {
  const { schedule, workflow } = worker.client;
  const rounds = await schedule.create({
    scheduleId: id,
    spec: {},
    policies: { overlap: ScheduleOverlapPolicy.SKIP },
    action: {
      type: 'startWorkflow',
      workflowType: 'checkAlerts',
      workflowId: id,
      taskQueue: taskQueues.pipeline,
      args: [],
    },
  });
  return async () => {
    const before = (await rounds.describe()).info.numActionsTaken;
    await rounds.trigger(ScheduleOverlapPolicy.SKIP);
    await expect.poll(async () => (await rounds.describe()).info.numActionsTaken).toBe(before + 1);
    const { workflowId, firstExecutionRunId } = (await rounds.describe()).info.recentActions.at(-1)!.action
      .workflow;
    const handle = workflow.getHandle(workflowId, firstExecutionRunId);
    await handle.result().catch(() => undefined);
    // Only once the schedule knows of its end does it give the failure to the next round.
    await expect.poll(async () => (await rounds.describe()).info.runningActions).toEqual([]);
    return handle;
  };
}

test('a database that is away is reported once per channel, over all rounds of a schedule, and then taken back', async () => {
  const round = await startRounds('alerts-under-test');
  const began = [
    { channel: 'webhook', event: 'began' },
    { channel: 'mail', event: 'began' },
  ];

  // The mail cannot be sent in the first round: it is told by the second.
  const away = failing('WarehouseUnavailable');
  worker.use({
    findAlerts: away,
    tellDatabase: ({ channel }) =>
      channel === 'mail' ? failing('AlertNotSent')() : goodDay.tellDatabase({ channel, event: 'began' }),
  });
  const { details } = await failureOfRun(await round());
  expect(worker.inputsOf('tellDatabase')).toEqual(began);
  expect(details).toEqual([{ databaseTold: ['webhook'] }]);

  worker.use({ findAlerts: away });
  expect(await failureOfRun(await round())).toMatchObject({
    type: 'WarehouseUnavailable',
    details: [{ databaseTold: ['webhook', 'mail'] }],
  });
  expect(worker.inputsOf('tellDatabase')).toEqual([{ channel: 'mail', event: 'began' }]);

  worker.use({ findAlerts: away });
  await failureOfRun(await round());
  expect(worker.inputsOf('tellDatabase')).toEqual([]);

  worker.use({ findAlerts: finding });
  expect(await (await round()).result()).toEqual({ told: 4 });
  expect(worker.inputsOf('tellDatabase')).toEqual([
    { channel: 'webhook', event: 'over' },
    { channel: 'mail', event: 'over' },
  ]);

  worker.use({});
  await round();
  expect(worker.inputsOf('tellDatabase')).toEqual([]);
});

const soonAgain = () =>
  Promise.reject(ApplicationFailure.create({ type: 'InternalError', nextRetryDelay: 1 }));

test('a database that hangs is reported as one that is away', async () => {
  // The last attempt hangs until its time is over; waiting for that in each of them would take minutes.
  worker.use({ findAlerts: first(5, soonAgain, untilCancelled) });
  expect(await worker.failureOf('checkAlerts', undefined)).toMatchObject({
    type: 'WarehouseUnavailable',
    details: [{ databaseTold: ['webhook', 'mail'] }],
  });
});

test('a channel that was removed while the database was away is not told that it is back', async () => {
  const agencies = ['acme'];
  const round = await startRounds('alerts-of-fewer-channels');
  worker.use({
    planAlerts: () => Promise.resolve({ channels: ['webhook', 'mail'], agencies }),
    findAlerts: failing('WarehouseUnavailable'),
  });
  expect((await failureOfRun(await round())).details).toEqual([
    { databaseTold: ['webhook', 'mail'], agencies: { acme: ['webhook', 'mail'] } },
  ]);
  worker.use({ planAlerts: () => Promise.resolve({ channels: ['mail'], agencies }) });
  expect(await (await round()).result()).toEqual({ told: 0 });
  expect(worker.inputsOf('tellDatabase')).toEqual([
    { channel: 'mail', event: 'over' },
    { channel: 'mail', event: 'over', agency: 'acme' },
  ]);
});

test('every agency with an id is evaluated, and one whose database is away keeps no other back', async () => {
  worker.use({
    planAlerts: () => Promise.resolve({ channels: ['webhook'], agencies: ['acme', 'bolt'] }),
    findAlerts: (...input: unknown[]) =>
      agencyNamedIn(input[0]) === 'acme' ? failing('WarehouseUnavailable')() : finding(),
  });
  const { type, details } = await worker.failureOf('checkAlerts', undefined);
  expect(type).toBe('WarehouseUnavailable');
  expect(details).toEqual([{ databaseTold: [], agencies: { acme: ['webhook'] } }]);
  expect(worker.inputsOf('findAlerts').map(agencyNamedIn)).toEqual([undefined, 'acme', 'bolt']);
  expect(worker.inputsOf('tellDatabase')).toEqual([{ channel: 'webhook', event: 'began', agency: 'acme' }]);
  expect(worker.inputsOf('tellAlert').map(agencyNamedIn)).toEqual([undefined, undefined, 'bolt', 'bolt']);
});
