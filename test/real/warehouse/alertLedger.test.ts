import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import type { AlertCondition } from '../../../src/domain/alertConditions.ts';
import type { FailureType } from '../../../src/domain/failures.ts';
import type { Period } from '../../../src/domain/periods.ts';
import { alertLedger, readLastCheck } from '../../../src/warehouse/alertLedger.ts';
import { TestWarehouse } from './testWarehouse.ts';

let db: TestWarehouse;

beforeAll(async () => {
  db = await TestWarehouse.start();
});
afterAll(() => db.stop());
beforeEach(async () => {
  await db.empty();
  await db.query('DELETE FROM open_alert');
  await db.query('DELETE FROM alert_look');
  await db.query('DELETE FROM portal_login');
});

const ledger = () => alertLedger(db.warehouse);
const paused: AlertCondition = { kind: 'schedule', state: 'paused' };
const absent: AlertCondition = { kind: 'schedule', state: 'absent' };

test('what a channel was sent is kept until it is over, and of each condition once', async () => {
  await ledger().noteNotified('webhook', [{ key: 'schedule', condition: paused }]);
  const [first] = await ledger().notified();
  expect(first).toMatchObject({ channel: 'webhook', condition: paused });

  // Told again, as a reminder or since it has changed: since when it stands stays.
  await ledger().noteNotified('webhook', [{ key: 'schedule', condition: absent }]);
  await ledger().noteNotified('mail', [{ key: 'schedule', condition: absent }]);
  const told = await ledger().notified();
  expect(told.map(({ channel, condition }) => [channel, condition])).toEqual(
    expect.arrayContaining([
      ['webhook', absent],
      ['mail', absent],
    ]),
  );
  const again = told.find(({ channel }) => channel === 'webhook')!;
  expect(again.since).toBe(first!.since);
  expect(again.notifiedAt >= first!.notifiedAt).toBe(true);

  await ledger().forget('webhook', ['schedule', 'one that was never told']);
  expect((await ledger().notified()).map(({ channel }) => channel)).toEqual(['mail']);
});

test('a failure type of another version counts as an internal error', async () => {
  const about = { workflowId: 'w1', runId: 'r1', report: 'notes' } as const;
  const period = { from: '2026-10-16', to: '2026-10-31' } as Period;
  const failed = { kind: 'failed', ...about, period } as const;
  const later = 'FromALaterVersion' as FailureType;
  await ledger().noteNotified('mail', [
    { key: 'failed', condition: { ...failed, failureType: later } },
    { key: 'known', condition: { ...failed, failureType: 'SchemaDrift' } },
    { key: 'login', condition: { kind: 'login', login: 'l', failureType: later } },
    { key: 'unknown', condition: { kind: 'login', login: 'l', failureType: null } },
  ]);
  const told = (await ledger().notified()).map(({ condition }) => condition);
  expect(told).toHaveLength(4);
  expect(told).toEqual(
    expect.arrayContaining([
      { ...failed, failureType: 'InternalError' },
      { ...failed, failureType: 'SchemaDrift' },
      { kind: 'login', login: 'l', failureType: 'InternalError' },
      { kind: 'login', login: 'l', failureType: null },
    ]),
  );
});

test('only one at a time sends anything', async () => {
  const seen: string[] = [];
  const tell = (name: string) =>
    ledger().alone(async () => {
      seen.push(`${name} begins`);
      await db.query('SELECT SLEEP(0.2)');
      seen.push(`${name} ends`);
    });
  await Promise.all(['one', 'two', 'three'].map(tell));
  expect(seen.map((each) => each.split(' ')[1])).toEqual([
    'begins',
    'ends',
    'begins',
    'ends',
    'begins',
    'ends',
  ]);
});

test('a look is noted by the database’s clock', async () => {
  expect(await readLastCheck(db.warehouse)).toBeNull();
  await ledger().noteCheck();
  await ledger().noteCheck();
  const [{ now } = { now: '' }] = await db.query('SELECT UTC_TIMESTAMP(3) AS now');
  const apart =
    Date.parse(`${String(now).replace(' ', 'T')}Z`) - Date.parse((await readLastCheck(db.warehouse))!);
  expect(Math.abs(apart)).toBeLessThan(10_000);
});

test('of the ledger it takes last runs, held runs with their gates, and blocked logins', async () => {
  await db.query(
    `INSERT INTO pipeline_run (run_id, workflow_id, report, period_start, period_end, source, outcome, started_at,
       finished_at, failure_type, held_because) VALUES
     ('r1', 'w1', 'notes', '2026-10-16', '2026-10-31', 'portal', 'failed', '2026-11-01 08:00:00.000',
       '2026-11-01 08:01:00.000', 'SchemaDrift', NULL),
     ('r2', 'w2', 'notes', '2026-10-16', '2026-10-31', 'portal', 'held', '2026-11-02 08:00:00.000',
       '2026-11-02 08:01:00.000', NULL,
       '[{"gate":"too-many-rejected","message":"m"},{"gate":"empty","message":"m"},{"gate":"empty","message":"m"}]'),
     ('r3', 'w3', 'utilization', '2026-09-01', '2026-09-30', 'portal', 'failed', '2026-11-02 08:00:00.000',
       '2026-11-02 08:02:00.000', 'FromALaterVersion', NULL)`,
  );
  await db.query(
    `INSERT INTO portal_login (login_key, credential_hash, state, failure_type, blocked_at, unresolved_submissions,
       updated_at) VALUES
     ('blocked', 'c', 'blocked', NULL, '2026-11-02 08:00:00.000', 0, '2026-11-02 08:00:00.000'),
     ('open', 'c', 'open', NULL, NULL, 0, '2026-11-02 08:00:00.000')`,
  );
  const october = { from: '2026-10-16', to: '2026-10-31' };
  expect(await ledger().facts()).toEqual({
    lastRuns: [
      {
        report: 'utilization',
        period: { from: '2026-09-01', to: '2026-09-30' },
        outcome: 'failed',
        finishedAt: '2026-11-02T08:02:00.000Z',
        failureType: null,
        workflowId: 'w3',
        runId: 'r3',
      },
      {
        report: 'notes',
        period: october,
        outcome: 'held',
        finishedAt: '2026-11-02T08:01:00.000Z',
        failureType: null,
        workflowId: 'w2',
        runId: 'r2',
      },
    ],
    held: [
      {
        report: 'notes',
        period: october,
        gates: ['empty', 'too-many-rejected'],
        workflowId: 'w2',
        runId: 'r2',
      },
    ],
    blockedLogins: [{ login: 'blocked', failureType: null }],
  });
});
