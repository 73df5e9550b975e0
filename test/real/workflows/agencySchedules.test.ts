import { randomUUID } from 'node:crypto';
import { Client, type Connection, ScheduleNotFoundError, ScheduleOverlapPolicy } from '@temporalio/client';
import { afterAll, beforeAll, beforeEach, describe, expect, inject, test, vi } from 'vitest';
import type { Agency } from '../../../src/domain/agencyId.ts';
import { agencyScheduleVerdicts } from '../../../src/cli/doctor/temporal.ts';
import {
  createAgencySchedules,
  listAgencySchedules,
  pauseNote,
  type ScheduleChange,
} from '../../../src/temporal/agencySchedules.ts';
import {
  applySchedule,
  applySourcesSchedule,
  type ScheduleSettings,
} from '../../../src/temporal/schedules.ts';
import { ensureSearchAttributes } from '../../../src/temporal/searchAttributes.ts';
import { connectTo } from '../../../src/temporal/connection.ts';
import { createUpkeep } from '../../../src/temporal/upkeep.ts';

let connection: Connection;
let client: Client;

beforeAll(async () => {
  connection = await connectTo({ address: inject('workflowTests').address });
});
afterAll(() => connection.close());

/** A namespace is as empty as a new server. */
async function useNewNamespace(): Promise<void> {
  const namespace = `schedules-${randomUUID()}`;
  await connection.workflowService.registerNamespace({
    namespace,
    workflowExecutionRetentionPeriod: { seconds: 86_400 as never },
  });
  await ensureSearchAttributes(connection, namespace);
  client = new Client({ connection, namespace });
}

function settings(at: string, timeZone: string, everyMinutes = 15): ScheduleSettings {
  return {
    organisation: { timeZone },
    schedule: { at, executionTimeoutHours: 12, overlap: ScheduleOverlapPolicy.BUFFER_ONE, catchUpDays: 3 },
    alerts: { webhook: 'none', mail: { from: '', to: [] }, everyMinutes: 5 } as never,
    sources: { everyMinutes, places: [{}] },
  };
}

const acme = settings('03:30', 'America/New_York');
const bolt = settings('04:00', 'America/Chicago');

/** What the folders say now, and what was recorded. */
let folders: Map<string, ScheduleSettings | undefined> | undefined;
let recorded: ({ agency: Agency } & ScheduleChange)[];

function partsOf(record: () => Promise<void> = () => Promise.resolve()) {
  return {
    // Of the namespace that is in use then.
    client: new Proxy({} as Client, { get: (_, key: keyof Client) => client[key] }),
    registry: {
      read: () => Promise.resolve(folders),
      record: async (agency: Agency, change: ScheduleChange) => {
        await record();
        recorded.push({ agency, ...change });
      },
    },
  };
}

function aWorker(record?: () => Promise<void>) {
  return createAgencySchedules(partsOf(record));
}

beforeEach(async () => {
  await useNewNamespace();
  folders = new Map([
    ['acme', acme],
    ['bolt', bolt],
  ]);
  recorded = [];
  for (const [id, config] of [
    ['acme', acme],
    ['bolt', bolt],
  ] as const) {
    await applySchedule(client, config, id);
    await applySourcesSchedule(client, config, id);
  }
  // Another's, in the same namespace.
  await applySchedule(client, acme);
  await vi.waitUntil(async () => (await listAgencySchedules(client)).length === 4, { timeout: 60_000 });
});

const described = (id: string) => client.schedule.getHandle(id).describe();

async function rounds(worker: () => Promise<void>, count: number): Promise<void> {
  for (let round = 0; round < count; round += 1) await worker();
}

describe('the schedules of agencies', () => {
  test('that are as the settings say stay as they are', async () => {
    await rounds(aWorker(), 2);
    expect(recorded).toEqual([]);
    expect((await described('acme:ehr-daily')).state.paused).toBe(false);
  });

  test('get another hour, zone and interval, stay paused, and no others change', async () => {
    await client.schedule.getHandle('acme:ehr-daily').pause('the portal moves house');
    folders!.set('acme', settings('05:10', 'America/Denver', 30));
    const worker = aWorker();
    await rounds(worker, 2);
    const { spec, state } = await described('acme:ehr-daily');
    expect(spec).toMatchObject({
      timezone: 'America/Denver',
      calendars: [{ hour: [{ start: 5 }], minute: [{ start: 10 }] }],
    });
    expect(state).toMatchObject({ paused: true, note: 'the portal moves house' });
    expect((await described('acme:ehr-sources')).spec.intervals).toMatchObject([{ every: 1_800_000 }]);
    expect(recorded.toSorted((one, other) => one.schedule.localeCompare(other.schedule))).toEqual([
      {
        agency: 'acme',
        schedule: 'acme:ehr-daily',
        change: 'update',
        details: '03:30 in America/New_York becomes 05:10 in America/Denver',
      },
      {
        agency: 'acme',
        schedule: 'acme:ehr-sources',
        change: 'update',
        details: 'every 15 min becomes every 30 min',
      },
    ]);
  });

  test('are set once by each worker for the same settings: two with different folders do not fight', async () => {
    const [one, other] = [aWorker(), aWorker()];
    const [older, newer] = [settings('03:30', 'America/Boise'), settings('04:30', 'America/Boise')];
    for (let round = 0; round < 3; round += 1) {
      folders!.set('acme', older);
      await one();
      folders!.set('acme', newer);
      await other();
      await vi.waitFor(
        async () => {
          const { spec } = await described('acme:ehr-daily');
          const listed = (await listAgencySchedules(client)).find(({ id }) => id === 'acme:ehr-daily');
          expect(listed?.times).toBe(
            spec.calendars?.[0]?.hour[0]?.start === 4 ? '04:30 in America/Boise' : '03:30 in America/Boise',
          );
        },
        { timeout: 60_000 },
      );
    }
    expect(recorded.map(({ details }) => details)).toEqual([
      '03:30 in America/New_York becomes 03:30 in America/Boise',
      '03:30 in America/Boise becomes 04:30 in America/Boise',
    ]);
  });

  test('without a folder are paused with a note after some rounds, are never deleted, and go on with it', async () => {
    folders!.delete('bolt');
    const worker = aWorker();
    await rounds(worker, 4);
    expect(recorded).toEqual([]);
    await rounds(worker, 2);
    expect((await described('bolt:ehr-daily')).state).toMatchObject({
      paused: true,
      note: pauseNote('bolt'),
    });
    expect((await described('bolt:ehr-sources')).state).toMatchObject({
      paused: true,
      note: pauseNote('bolt'),
    });
    expect((await described('acme:ehr-daily')).state.paused).toBe(false);
    expect((await described('ehr-daily')).state.paused).toBe(false);
    folders!.set('bolt', undefined);
    await vi.waitFor(
      async () => {
        await worker();
        expect((await described('bolt:ehr-daily')).state.paused).toBe(false);
        expect((await described('bolt:ehr-sources')).state.paused).toBe(false);
      },
      { timeout: 60_000 },
    );
    expect(new Set(recorded.map(({ change, schedule }) => `${change} ${schedule}`))).toEqual(
      new Set([
        'pause bolt:ehr-daily',
        'pause bolt:ehr-sources',
        'resume bolt:ehr-daily',
        'resume bolt:ehr-sources',
      ]),
    );
  });

  test('stay as they are while no folder can be seen, or the change cannot be recorded', async () => {
    folders = undefined;
    await rounds(aWorker(), 6);
    folders = new Map([['acme', settings('05:10', 'America/Denver')]]);
    await rounds(
      aWorker(() => Promise.reject(new Error('no database'))),
      6,
    );
    expect((await described('acme:ehr-daily')).spec.timezone).toBe('America/New_York');
    expect((await described('bolt:ehr-daily')).state.paused).toBe(false);
  });

  test('come back to a server that has lost them, paused if they were', async () => {
    const worker = aWorker();
    await client.schedule.getHandle('bolt:ehr-daily').pause('until the audit is over');
    await vi.waitFor(
      async () => {
        await worker();
        expect((await listAgencySchedules(client)).filter(({ paused }) => paused)).toHaveLength(1);
      },
      { timeout: 60_000 },
    );
    await worker();
    await useNewNamespace();
    await worker();
    expect((await described('acme:ehr-daily')).spec.timezone).toBe('America/New_York');
    expect((await described('bolt:ehr-daily')).state).toMatchObject({
      paused: true,
      note: 'until the audit is over',
    });
    expect((await described('acme:ehr-sources')).state.paused).toBe(false);
  });

  test('differ for doctor, which says what to do', async () => {
    const listed = await listAgencySchedules(client);
    const settingsOf = (id: string) => folders!.get(id);
    expect(agencyScheduleVerdicts(listed, ['acme', 'bolt'], settingsOf)).toEqual([
      { state: 'ok', what: 'the schedules of 2 agencies are as their settings say' },
    ]);
    folders!.set('acme', settings('05:10', 'America/Denver'));
    expect(agencyScheduleVerdicts(listed, ['acme', 'cove'], settingsOf)).toMatchObject([
      {
        state: 'problem',
        what: expect.stringMatching(/no folder bolt, which the schedule bolt:ehr-(daily|sources)/) as string,
      },
      { state: 'problem', what: expect.stringContaining('bolt:ehr-') as string },
      {
        state: 'problem',
        what: 'the schedule acme:ehr-daily runs 03:30 in America/New_York, and pipeline.yaml says 05:10 in America/Denver',
        remedy: 'npm run client -- --agency acme schedule apply',
      },
      {
        state: 'problem',
        what: expect.stringContaining('no schedule cove:ehr-daily') as string,
        remedy: 'npm run client -- agencies add cove',
      },
    ]);
  });
});

test('those of the agency without an id come back too, each once its event is recorded', async () => {
  folders = undefined;
  let isAway = false;
  const record = () => (isAway ? Promise.reject(new Error('no database')) : Promise.resolve());
  const upkeep = createUpkeep({
    ...partsOf(record),
    config: acme,
    deploy: undefined,
    alertsWereOn: () => Promise.resolve(false),
  });
  await applySourcesSchedule(client, acme);
  await client.schedule.getHandle('ehr-daily').pause('until the audit is over');
  await upkeep.round();
  await useNewNamespace();
  isAway = true;
  await upkeep.round();
  await expect(described('ehr-daily')).rejects.toThrow(ScheduleNotFoundError);
  isAway = false;
  await rounds(() => upkeep.round(), 2);
  expect(recorded).toEqual([
    { agency: undefined, change: 'restore', schedule: 'ehr-daily' },
    { agency: undefined, change: 'restore', schedule: 'ehr-sources' },
  ]);
  expect((await described('ehr-daily')).state).toMatchObject({
    paused: true,
    note: 'until the audit is over',
  });
  expect((await described('ehr-sources')).state.paused).toBe(false);
});
