import type { RowDataPacket } from 'mysql2/promise';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { accountRights } from '../../../src/warehouse/accounts.ts';
import { acceptRules } from '../../../src/warehouse/acceptedRules.ts';
import { alertLedger } from '../../../src/warehouse/alertLedger.ts';
import { recordAuditEventAlone } from '../../../src/warehouse/recordAuditEvent.ts';
import { listAuditEvents, verifyAuditTrail } from '../../../src/warehouse/auditTrail.ts';
import { openWarehouse, type Warehouse } from '../../../src/warehouse/connect.ts';
import { readDashboardRows } from '../../../src/warehouse/dashboardRows.ts';
import { readClock } from '../../../src/warehouse/instants.ts';
import { findRun, listRejects, readStatus } from '../../../src/warehouse/ledgerReads.ts';
import { recordOutcome } from '../../../src/warehouse/ledgerWrites.ts';
import { checkVersion } from '../../../src/warehouse/migrate.ts';
import { acquireNamedLock } from '../../../src/warehouse/namedLock.ts';
import { rejectHeld, unpin } from '../../../src/warehouse/personDecisions.ts';
import {
  afterSubmit,
  beforeSubmit,
  listPortalLogins,
  loginNames,
  unblockPortalLogins,
} from '../../../src/warehouse/portalLogins.ts';
import { publishPeriod } from '../../../src/warehouse/publish.ts';
import { readerGrants } from '../../../src/warehouse/readers.ts';
import { tableRights } from '../../../src/warehouse/rights.ts';
import { recordServices } from '../../../src/warehouse/serviceSettings.ts';
import { namesInTables } from '../../../src/warehouse/tableNames.ts';
import { aPublish, aRun } from './aPublish.ts';
import { aDecision, anExport, authorizations, theFirst, tooFew } from './someExports.ts';
import { publishFigures } from './someFigures.ts';
import { failureOf, TestWarehouse } from './testWarehouse.ts';

/** The product with the rights that `client grants` prints, and no others. */
let tested: TestWarehouse;
const accounts = { worker: 'ehr_worker', operator: 'ehr_operator' } as const;
const opened = new Map<string, Warehouse>();
const names: string[] = [];

beforeAll(async () => {
  tested = await TestWarehouse.start();
  const { pipelineAccounts } = await readerGrants(tested.warehouse);
  for (const [kind, printed] of Object.entries(accounts)) {
    // Names of their own: the server may be shared.
    const name = `${kind}_${tested.warehouse.database.slice(-12)}`;
    names.push(name);
    const { admin } = tested.server;
    await admin.query(`CREATE USER '${name}'@'%' IDENTIFIED BY '${name}'`);
    // What an account of earlier versions had.
    await admin.query(
      `GRANT SELECT, INSERT, UPDATE, DELETE ON ${tested.warehouse.database}.* TO '${name}'@'%'`,
    );
    for (const statement of pipelineAccounts.filter((each) => each.includes(`'${printed}'@'%'`))) {
      await admin.query(statement.replace(`'${printed}'@'%'`, `'${name}'@'%'`));
    }
    opened.set(kind, await openWarehouse({ url: addressOf(name) }));
  }
});

afterAll(async () => {
  for (const warehouse of opened.values()) await warehouse.close();
  for (const name of names) await tested.server.admin.query(`DROP USER '${name}'@'%'`);
  await tested.stop();
});

function addressOf(name: string): string {
  const url = new URL(tested.url);
  url.username = name;
  url.password = name;
  return url.href;
}

const actor = { name: 'ann@desk', proof: 'claimed' } as const;
const login = loginNames(
  { url: 'https://portal.example', user: 'reports', password: 'one', recipe: 'a recipe' },
  { loginKey: 'key of the login', nameKey: 'key of the names' },
);

/** All days of the periods that are loaded. */
const allDays = (all: readonly { from: string; to: string }[]) => ({
  months: { from: all[0]!.from, to: all.at(-1)!.to },
  recentNotes: null,
  runs: { from: '2020-01-01', to: '2030-01-01' },
});

test('every table is in the list of both accounts', async () => {
  const [rows] = await tested.warehouse.pool.query<RowDataPacket[]>(
    "SELECT table_name AS name FROM information_schema.tables WHERE table_schema = DATABASE() AND table_type = 'BASE TABLE'",
  );
  const tables = rows.map((row) => row['name'] as string).toSorted();
  expect(Object.keys(accountRights.worker).toSorted()).toEqual(tables);
  expect(Object.keys(accountRights.operator).toSorted()).toEqual(tables);
});

describe("the workers' account", () => {
  test.each(['local-infile', 'inserts'] as const)(
    'loads, holds, decides and restores by %s',
    async (bulk) => {
      await tested.empty();
      const warehouse = { ...opened.get('worker')!, bulk };
      await checkVersion(warehouse);
      await publishFigures(warehouse);
      await tested.query("DELETE FROM published_period WHERE report = 'utilization'");
      const first = theFirst();
      expect(await publishPeriod(warehouse, first)).toMatchObject({ kind: 'published' });
      const held = tooFew(12);
      expect(await publishPeriod(warehouse, held)).toMatchObject({ kind: 'held' });
      expect(await listRejects(warehouse, held.run.runId)).not.toEqual([]);
      const approved = { ...held, decision: { ...aDecision('approve'), actor } };
      expect(await publishPeriod(warehouse, approved)).toMatchObject({ kind: 'published' });
      const back = {
        ...first,
        run: aRun('utilization', { source: 'rollback' }),
        decision: { ...aDecision('rollback', { restores: first.run.runId }), actor },
      } as const;
      expect(await publishPeriod(warehouse, back)).toMatchObject({ kind: 'published' });
      const same = { ...first, run: aRun('utilization'), exportedAt: anExport(13).exportedAt };
      expect(await publishPeriod(warehouse, same)).toMatchObject({ kind: 'unchanged' });
      const failed = { run: aRun('notes'), outcome: 'failed', failureType: 'InvalidInput' } as const;
      await recordOutcome(warehouse, failed);
      expect(await findRun(warehouse, failed.run.runId)).toMatchObject({ outcome: 'failed' });
      expect(await verifyAuditTrail(warehouse)).toMatchObject({ head: { sequence: 2 }, broken: null });
    },
  );

  test('does all else that workers do: services, alerts, the portal login, dashboards, locks', async () => {
    const warehouse = opened.get('worker')!;
    await recordServices(warehouse, [{ code: 'RCI', respite: true }]);
    await recordServices(warehouse, []);
    await readClock(warehouse);
    const alerts = alertLedger(warehouse);
    await alerts.facts();
    const condition = { kind: 'schedule-paused' } as never;
    for (let nth = 0; nth < 2; nth += 1) await alerts.noteNotified('webhook', [{ key: 'k', condition }]);
    expect(await alerts.notified()).toHaveLength(1);
    await alerts.forget('webhook', ['k']);
    for (let nth = 0; nth < 2; nth += 1) await alerts.noteCheck();
    await beforeSubmit(warehouse, login);
    await afterSubmit(warehouse, login, { rejected: 'PortalLoginRejected' });
    expect(await failureOf(beforeSubmit(warehouse, login))).toMatchObject({ type: 'PortalLoginRejected' });
    expect(
      await readDashboardRows(warehouse, {
        names: true,
        figuresAre: 'authorization',
        days: allDays as never,
      }),
    ).toBeDefined();
    const lock = await acquireNamedLock(warehouse, 'a lock', { timeoutSeconds: 10 });
    await lock.release();
    await recordAuditEventAlone(warehouse, { action: 'show-names', actor });
  });
});

describe('the account of people', () => {
  test('decides, unblocks, looks up and verifies', async () => {
    await tested.empty();
    const warehouse = opened.get('operator')!;
    const first = theFirst();
    await publishPeriod(tested.warehouse, first);
    const held = tooFew(12);
    await publishPeriod(tested.warehouse, held);
    await rejectHeld(warehouse, held.run.runId, { actor, by: 'ann', reason: 'half a file' });
    await tested.query("UPDATE published_period SET pinned_at = UTC_TIMESTAMP(3), pinned_by = 'x'");
    const { report, period } = first.run;
    expect(await unpin(warehouse, report, period, { actor, by: 'ann' })).toBe(true);
    await acceptRules(warehouse, { rulesSha256: '1'.repeat(64), actor, by: 'ann', reason: 'checked' });
    await beforeSubmit(tested.warehouse, login).catch(() => undefined);
    await afterSubmit(tested.warehouse, login, { rejected: 'PortalLoginRejected' });
    expect(await unblockPortalLogins(warehouse, actor)).toBe(1);
    expect(await listPortalLogins(warehouse)).toMatchObject([{ state: 'open' }]);
    expect(await readStatus(warehouse)).toHaveLength(1);
    await namesInTables(warehouse, report, { from: '1900-01-01', to: '2100-12-31' } as never);
    expect(await listAuditEvents(warehouse, { limit: 10 })).toHaveLength(4);
    expect(await verifyAuditTrail(warehouse)).toMatchObject({ broken: null });
  });

  test('loads nothing', async () => {
    const request = aPublish(aRun('utilization'), authorizations(19), anExport(14));
    expect(await failureOf(publishPeriod(opened.get('operator')!, request))).toMatchObject({
      type: 'WarehouseUnavailable',
      retry: false,
    });
  });
});

describe.each(['worker', 'operator'])('the account %s', (kind) => {
  test.each([
    'UPDATE audit_event SET actor = 1',
    'DELETE FROM audit_event',
    'TRUNCATE TABLE audit_event',
    'DROP TABLE audit_event',
    'ALTER TABLE audit_event ADD mine int',
    'CREATE TABLE mine (id int)',
    'REPLACE INTO audit_event SELECT * FROM audit_event',
    'INSERT INTO audit_event SELECT * FROM audit_event ON DUPLICATE KEY UPDATE actor = 1',
    'DELETE FROM audit_head',
  ])('may not %s', async (sql) => {
    const refusal = await opened
      .get(kind)!
      .pool.query(sql)
      .then(
        () => undefined,
        (error: unknown) => (error as { errno: number }).errno,
      );
    expect([1142, 1044, 1227]).toContain(refusal);
  });
});

describe('what doctor asks', () => {
  test('finds nothing lacking and nothing too much with the printed rights', async () => {
    expect(await tableRights(opened.get('worker')!)).toEqual({ lacking: [], excess: [] });
  });

  test('finds what the account of people lacks for loads', async () => {
    const { lacking, excess } = await tableRights(opened.get('operator')!);
    expect(lacking).toContainEqual({ table: 'utilization', right: 'DELETE' });
    expect(lacking).not.toContainEqual({ table: 'audit_event', right: 'INSERT' });
    expect(excess).toEqual([]);
  });

  test('finds what an administrator may do besides, and changes nothing', async () => {
    const before = await tested.rowsOf('audit_event');
    const { lacking, excess } = await tableRights(tested.warehouse);
    expect(lacking).toEqual([]);
    expect(excess).toEqual(
      expect.arrayContaining(['UPDATE on audit_event', 'DELETE on audit_event', 'GRANT OPTION']),
    );
    expect(await tested.rowsOf('audit_event')).toEqual(before);
  });
});
