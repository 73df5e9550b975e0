import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { emptyChain, type AuditHead, type NewAuditEvent } from '../../../src/domain/auditEvents.ts';
import { recordAuditEvent, recordAuditEventAlone } from '../../../src/warehouse/recordAuditEvent.ts';
import { listAuditEvents, readAuditHead, verifyAuditTrail } from '../../../src/warehouse/auditTrail.ts';
import { openWarehouse } from '../../../src/warehouse/connect.ts';
import { inTransaction } from '../../../src/warehouse/transaction.ts';
import { failureOf, TestWarehouse } from './testWarehouse.ts';

let tested: TestWarehouse;
beforeAll(async () => {
  tested = await TestWarehouse.start();
});
afterAll(() => tested.stop());
beforeEach(() => tested.empty());

const period = { from: '2026-10-16', to: '2026-10-31' } as NonNullable<NewAuditEvent['period']>;
const runId = '0197f3c2-5a1e-7c44-9d2b-6f0a1b2c3d4e';

function anEvent(change: Partial<NewAuditEvent> = {}): NewAuditEvent {
  return { action: 'show-names', actor: { name: 'ann@desk', proof: 'claimed' }, ...change };
}

async function recordThree(): Promise<AuditHead[]> {
  const heads: AuditHead[] = [];
  for (const action of ['reject', 'unpin', 'approve'] as const) {
    heads.push(await recordAuditEventAlone(tested.warehouse, anEvent({ action })));
  }
  return heads;
}

const brokenAt = async (keptHash?: string) => (await verifyAuditTrail(tested.warehouse, keptHash)).broken;

describe('an audit event', () => {
  test('keeps who, for whom, what and why, at the time of the database', async () => {
    const event = anEvent({
      action: 'reject',
      onBehalfOf: 'Bo Ñandú',
      report: 'notes',
      period,
      runId,
      reason: 'half a file',
      details: { uri: 'artifact:notes/x', files: 2 },
    });
    const [[before]] = (await tested.warehouse.pool.query('SELECT UTC_TIMESTAMP(3) AS at')) as never as [
      [{ at: string }],
    ];
    const head = await recordAuditEventAlone(tested.warehouse, event);
    const [listed] = await listAuditEvents(tested.warehouse, { limit: 10 });
    expect(listed).toMatchObject({
      sequence: 1,
      action: 'reject',
      actor: 'ann@desk',
      proof: 'claimed',
      onBehalfOf: 'Bo Ñandú',
      report: 'notes',
      periodStart: '2026-10-16',
      periodEnd: '2026-10-31',
      runId,
      reason: 'half a file',
      details: '{"uri":"artifact:notes/x","files":2}',
      previousHash: emptyChain.hash,
      hash: head.hash,
    });
    expect(listed!.at >= before.at).toBe(true);
    expect(await readAuditHead(tested.warehouse)).toEqual(head);
    expect(await brokenAt()).toBeNull();
  });

  test.each([
    { title: 'text of many kinds', reason: 'a "quote", a \\, ümlaut, 😀, \n and \u0000, ends in spaces  ' },
    { title: 'half a character', reason: `${'x'.repeat(3)}\ud83d` },
    { title: 'text beyond the column', reason: '😀'.repeat(251) },
  ])('with $title reads back as it was hashed', async ({ reason }) => {
    await recordAuditEventAlone(
      tested.warehouse,
      anEvent({ reason, onBehalfOf: 'n'.repeat(400), details: { reason } }),
    );
    expect(await brokenAt()).toBeNull();
  });

  test('of the same key is recorded once', async () => {
    const first = await recordAuditEventAlone(tested.warehouse, anEvent({ key: 'approve:1' }));
    await recordAuditEventAlone(tested.warehouse, anEvent());
    const again = anEvent({ key: 'approve:1', reason: 'other words' });
    expect(await recordAuditEventAlone(tested.warehouse, again)).toEqual(first);
    expect(await tested.rowsOf('audit_event')).toHaveLength(2);
  });

  test('ends with its transaction: what is rolled back leaves none, and no gap', async () => {
    await recordThree();
    const undone = inTransaction(tested.warehouse, undefined, async ({ db }) => {
      await recordAuditEvent(db, anEvent({ action: 'rollback' }));
      throw new Error('undone');
    });
    await expect(undone).rejects.toThrow('undone');
    const next = await recordAuditEventAlone(tested.warehouse, anEvent());
    expect(next.sequence).toBe(4);
    expect(await brokenAt()).toBeNull();
  });

  test('of eight connections at once make one chain', async () => {
    const clients = await Promise.all(
      Array.from({ length: 8 }, () => openWarehouse({ url: tested.url, poolSize: 1 })),
    );
    try {
      await Promise.all(
        clients.map(async (client) => {
          for (let nth = 0; nth < 10; nth += 1) await recordAuditEventAlone(client, anEvent());
        }),
      );
    } finally {
      await Promise.all(clients.map((client) => client.close()));
    }
    const events = await tested.rowsOf('audit_event');
    expect(events.map(({ sequence }) => Number(sequence))).toEqual(
      Array.from({ length: 80 }, (_, at) => at + 1),
    );
    const times = events.map(({ at }) => at as string);
    expect(times).toEqual(times.toSorted());
    expect(await brokenAt()).toBeNull();
  });

  test('cannot be recorded without the row of audit_head', async () => {
    await tested.query('DELETE FROM audit_head');
    try {
      const failure = await failureOf(recordAuditEventAlone(tested.warehouse, anEvent()));
      expect(failure).toMatchObject({ type: 'WarehouseUnavailable', retry: false });
      expect(failure.message).toContain('audit_head');
      expect(await brokenAt()).toContain('audit_head is empty');
    } finally {
      await tested.query("INSERT INTO audit_head VALUES (1, 0, REPEAT('0', 64))");
    }
  });
});

describe('the check of the chain', () => {
  test('finds an empty one whole, and one with events', async () => {
    expect(await verifyAuditTrail(tested.warehouse)).toEqual({ head: emptyChain, broken: null });
    const heads = await recordThree();
    expect(await verifyAuditTrail(tested.warehouse)).toEqual({ head: heads[2], broken: null });
  });

  test('reads more than one page', async () => {
    await recordThree();
    await tested.query(
      `INSERT INTO audit_event (sequence, at, action, actor, proof, event_key, previous_hash, hash)
       WITH RECURSIVE later AS (SELECT 4 AS n UNION ALL SELECT n + 1 FROM later WHERE n < 1002)
       SELECT n, UTC_TIMESTAMP(3), 'unpin', 'ann', 'claimed', UUID(), REPEAT('0', 64), REPEAT('0', 64) FROM later`,
    );
    expect(await verifyAuditTrail(tested.warehouse)).toMatchObject({
      head: { sequence: 1002 },
      broken: 'event 4 was changed',
    });
  });

  test.each([
    { column: 'at', value: "'2020-01-01 00:00:00.000'" },
    { column: 'action', value: "'approve'" },
    { column: 'actor', value: "'someone else'" },
    { column: 'proof', value: "'token'" },
    { column: 'on_behalf_of', value: "''" },
    { column: 'event_key', value: "CONCAT(event_key, '!')" },
    { column: 'report', value: "'notes'" },
    { column: 'period_start', value: "'2026-10-01'" },
    { column: 'period_end', value: "'2026-10-01'" },
    { column: 'run_id', value: `'${runId}'` },
    { column: 'reason', value: "'none'" },
    { column: 'details', value: "'{}'" },
    { column: 'previous_hash', value: "REPEAT('1', 64)" },
    { column: 'hash', value: "REPEAT('1', 64)" },
  ])('names the first event whose $column was changed', async ({ column, value }) => {
    await recordThree();
    await tested.query(`UPDATE audit_event SET ${column} = ${value} WHERE sequence >= 2`);
    expect(await brokenAt()).toBe('event 2 was changed');
  });

  test.each([
    {
      title: 'a removed first one',
      change: ['DELETE FROM audit_event WHERE sequence = 1'],
      broken: 'event 1 is missing',
    },
    {
      title: 'a removed one',
      change: ['DELETE FROM audit_event WHERE sequence = 2'],
      broken: 'event 2 is missing',
    },
    {
      title: 'a removed tail',
      change: ['DELETE FROM audit_event WHERE sequence >= 2'],
      broken: 'events 2 to 3 are missing',
    },
    {
      title: 'two that changed places',
      change: [
        'UPDATE audit_event SET sequence = 9 WHERE sequence = 2',
        'UPDATE audit_event SET sequence = 2 WHERE sequence = 3',
        'UPDATE audit_event SET sequence = 3 WHERE sequence = 9',
      ],
      broken: 'event 2 was changed',
    },
    {
      title: 'one in the place of a removed one',
      change: [
        'DELETE FROM audit_event WHERE sequence = 2',
        'UPDATE audit_event SET sequence = 2 WHERE sequence = 3',
      ],
      broken: 'event 2 was changed',
    },
    {
      title: 'one before the first',
      change: ['UPDATE audit_event SET sequence = 0 WHERE sequence = 3'],
      broken: 'event 0 was added',
    },
    {
      title: 'a head that was set back',
      change: ['UPDATE audit_head SET sequence = 2'],
      broken: 'event 3 is beyond the last one that audit_head names, 2',
    },
    {
      title: 'another head',
      change: ["UPDATE audit_head SET hash = REPEAT('1', 64)"],
      broken: 'event 3 was replaced',
    },
  ])('notices $title', async ({ change, broken }) => {
    await recordThree();
    for (const statement of change) await tested.query(statement);
    expect(await brokenAt()).toBe(broken);
  });

  test('notices with a kept hash a tail that was cut off together with the head', async () => {
    const [, second, third] = await recordThree();
    expect(await brokenAt(third!.hash)).toBeNull();
    expect(await brokenAt(second!.hash)).toBeNull();
    await tested.query('DELETE FROM audit_event WHERE sequence = 3');
    await tested.query(`UPDATE audit_head SET sequence = 2, hash = '${second!.hash}'`);
    expect(await brokenAt()).toBeNull();
    expect(await brokenAt(second!.hash)).toBeNull();
    expect(await brokenAt(third!.hash)).toBe(
      `the event with the hash ${third!.hash} is not there: the chain was cut off or replaced`,
    );
    // A new event in its place is another one.
    await recordAuditEventAlone(tested.warehouse, anEvent({ action: 'approve' }));
    expect(await brokenAt()).toBeNull();
    expect(await brokenAt(third!.hash)).toContain('cut off or replaced');
  });

  test('notices a chain that was computed anew from some event on', async () => {
    const heads = await recordThree();
    await tested.query('DELETE FROM audit_event WHERE sequence >= 2');
    await tested.query(`UPDATE audit_head SET sequence = 1, hash = '${heads[0]!.hash}'`);
    await recordAuditEventAlone(tested.warehouse, anEvent({ action: 'unpin' }));
    await recordAuditEventAlone(tested.warehouse, anEvent({ action: 'approve' }));
    expect(await brokenAt()).toBeNull();
    expect(await brokenAt(heads[2]!.hash)).toContain('cut off or replaced');
  });
});

describe('the list of events', () => {
  test('filters by action, report, period and time, newest first', async () => {
    const october = { report: 'notes', period } as const;
    await recordAuditEventAlone(tested.warehouse, anEvent({ action: 'unpin', ...october }));
    await recordAuditEventAlone(tested.warehouse, anEvent({ action: 'reject', ...october }));
    await recordAuditEventAlone(tested.warehouse, anEvent({ action: 'reject', report: 'utilization' }));
    await recordAuditEventAlone(tested.warehouse, anEvent());
    const listed = async (filter: Partial<Parameters<typeof listAuditEvents>[1]>) =>
      (await listAuditEvents(tested.warehouse, { limit: 10, ...filter })).map(({ sequence }) => sequence);
    expect(await listed({})).toEqual([4, 3, 2, 1]);
    expect(await listed({ limit: 2 })).toEqual([4, 3]);
    expect(await listed({ action: 'reject' })).toEqual([3, 2]);
    expect(await listed({ report: 'notes' })).toEqual([2, 1]);
    const day = { from: '2026-10-20', to: '2026-10-20' } as typeof period;
    expect(await listed({ period: day })).toEqual([2, 1]);
    expect(await listed({ period: { from: '2026-11-01', to: '2026-11-15' } as typeof period })).toEqual([]);
    expect(await listed({ since: '2020-01-01 00:00:00.000' })).toHaveLength(4);
    expect(await listed({ since: '2999-01-01 00:00:00.000' })).toEqual([]);
  });
});
