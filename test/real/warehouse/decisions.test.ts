import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { PublishRequest } from '../../../src/domain/publication.ts';
import type { Warehouse } from '../../../src/warehouse/connect.ts';
import { rejectHeld, unpin } from '../../../src/warehouse/personDecisions.ts';
import { findRun, listRejects, listVersions, readStatus } from '../../../src/warehouse/ledgerReads.ts';
import { recordOutcome } from '../../../src/warehouse/ledgerWrites.ts';
import { verifyAuditTrail } from '../../../src/warehouse/auditTrail.ts';
import { publishPeriod } from '../../../src/warehouse/publish.ts';
import { aPublish, aRun } from './aPublish.ts';
import {
  aDecision,
  anExport,
  authorizations,
  rejects,
  theFirst,
  tooFew,
  withHeldRun,
} from './someExports.ts';
import { failureOf, TestWarehouse } from './testWarehouse.ts';

let tested: TestWarehouse;
let warehouse: Warehouse;

beforeAll(async () => {
  tested = await TestWarehouse.start();
  warehouse = tested.warehouse;
});

afterAll(() => tested.stop());

beforeEach(() => tested.empty());

const actor = { name: 'ops@desk', proof: 'claimed' } as const;

const outcomeOf = async ({ run }: PublishRequest) => (await findRun(warehouse, run.runId))?.outcome;
const approved = (request: PublishRequest) => ({ ...request, decision: aDecision('approve') });
const shownRun = async () => (await tested.rowsOf('published_period'))[0]?.['run_id'] as string;
const rejectedLines = async ({ run }: PublishRequest) =>
  (await listRejects(warehouse, run.runId)).map(({ sourceLine }) => sourceLine);

/** Puts the figures of a published run back, as a run of its own. */
function rollbackTo(restored: PublishRequest): PublishRequest {
  return {
    ...restored,
    run: aRun('utilization', { source: 'rollback' }),
    decision: aDecision('rollback', { restores: restored.run.runId }),
  };
}

describe('a run that a gate objects to', () => {
  test('is held: the old figures stay, the ledger has why, what differs, its files and its rejects', async () => {
    const first = theFirst();
    await publishPeriod(warehouse, first);
    const before = await tested.published();
    const held = tooFew(12);
    const result = await publishPeriod(warehouse, held);
    expect(result.kind).toBe('held');
    expect(await tested.published()).toEqual(before);
    const entry = await findRun(warehouse, held.run.runId);
    expect(entry).toMatchObject({
      run: held.run,
      outcome: 'held',
      publishedAt: null,
      exportedAt: '2026-11-12 08:00:00.000',
      preliminary: false,
      rowsLoaded: 5,
      rowsRejected: 2,
      decision: null,
      changes: { since: first.run.runId, added: 5, removed: 20, same: 0 },
      files: { made: held.run.runId },
    });
    expect(result).toEqual({ kind: 'held', reasons: entry?.heldBecause });
    expect(entry?.heldBecause.map(({ gate }) => gate)).toEqual([
      'too-many-rejects',
      'rows-far-from-last-load',
      'dollars-far-from-last-load',
    ]);
    expect(await listRejects(warehouse, held.run.runId)).toEqual(rejects);
    expect((await readStatus(warehouse))[0]).toMatchObject({
      published: { runId: first.run.runId, rows: 20, preliminary: false },
      pinned: null,
      held: [held.run.runId],
      lastRun: { runId: held.run.runId, outcome: 'held' },
    });
  });

  test('gets the same answer when it asks again, and leaves one entry and each reject once', async () => {
    const { held, result } = await withHeldRun(warehouse);
    expect(await publishPeriod(warehouse, held)).toEqual(result);
    expect(await tested.rowsOf('pipeline_run')).toHaveLength(2);
    expect(await rejectedLines(held)).toEqual([50, 51]);
  });

  test('stays held when its workflow notes another end', async () => {
    const { held } = await withHeldRun(warehouse);
    await recordOutcome(warehouse, { run: held.run, outcome: 'cancelled' });
    expect(await outcomeOf(held)).toBe('held');
  });

  test('is held by the median of the periods before that had ended, not of those that had not or came later', async () => {
    const months = ['05', '06', '07'];
    for (const month of months) {
      const period = { from: `2026-${month}-01`, to: `2026-${month}-28` } as never;
      const rows = authorizations(20, { ym: `2026-${month}` });
      await publishPeriod(warehouse, aPublish(aRun('utilization', { period }), rows, anExport(10)));
    }
    // Of a few rows each, they would pull the median down to the run's own size.
    const others = [
      { month: '08', change: { ...anExport(10), exportedAt: '2026-08-20T08:00:00.000Z' } },
      { month: '10', change: anExport(10) },
    ];
    for (const { month, change } of others) {
      const period = { from: `2026-${month}-01`, to: `2026-${month}-31` } as never;
      await publishPeriod(warehouse, aPublish(aRun('utilization', { period }), authorizations(5), change));
    }
    const run = tooFew(12);
    const result = await publishPeriod(warehouse, run);
    expect(result).toMatchObject({
      kind: 'held',
      reasons: [
        { gate: 'too-many-rejects' },
        { gate: 'rows-far-from-median' },
        { gate: 'dollars-far-from-median' },
      ],
    });
    expect(await tested.query("SELECT * FROM utilization WHERE period_start = '2026-09-01'")).toEqual([]);
  });

  test('counts the rows that are there twice among its warnings', async () => {
    const request = theFirst();
    const twice = { ...request, compare: withDuplicates(request, 3) };
    await publishPeriod(warehouse, { ...twice, counts: { ...twice.counts, warnings: { other: 1 } } });
    const [entry] = await tested.rowsOf('pipeline_run');
    expect(JSON.parse(entry?.['warnings'] as string)).toEqual({ other: 1, 'duplicate-row': 3 });
  });
});

function withDuplicates(request: PublishRequest, duplicates: number): PublishRequest['compare'] {
  return async (before) => ({ ...(await request.compare(before)), duplicates });
}

describe('approving', () => {
  test('publishes exactly what was held, with who and why, and why it was held', async () => {
    const { first, held, result } = await withHeldRun(warehouse);
    expect(await publishPeriod(warehouse, approved(held))).toEqual({
      kind: 'published',
      rows: 5,
      replacedRows: 20,
    });
    expect(await shownRun()).toBe(held.run.runId);
    const rows = await tested.rowsOf('utilization');
    expect(new Set(rows.map((row) => row['run_id'] as string))).toEqual(new Set([held.run.runId]));
    expect(rows.map((row) => row['billed_dollars'] as string)).toEqual(Array(5).fill('7.00'));
    const entry = await findRun(warehouse, held.run.runId);
    expect(entry).toMatchObject({
      outcome: 'published',
      decision: { ...aDecision('approve'), at: entry?.publishedAt },
      changes: { since: first.run.runId, removed: 20 },
    });
    expect(result).toEqual({ kind: 'held', reasons: entry?.heldBecause });
    expect(await rejectedLines(held)).toEqual([50, 51]);
    expect((await readStatus(warehouse))[0]?.held).toEqual([]);
  });

  test('twice is once: the second answer is the first one, and nothing is read again', async () => {
    const { held } = await withHeldRun(warehouse);
    const answer = await publishPeriod(warehouse, approved(held));
    const before = await tested.published();
    const again = { ...approved(held), openRows: readAgain, compare: readAgain };
    expect(await publishPeriod(warehouse, again)).toEqual(answer);
    expect(await tested.published()).toEqual(before);
    expect(await listVersions(warehouse, 'utilization', held.run.period)).toHaveLength(2);
  });

  test('by two at once is once; the second caller learns who did it', async () => {
    const { held } = await withHeldRun(warehouse);
    const ends = await Promise.allSettled(
      ['ann', 'bob'].map((by) =>
        publishPeriod(warehouse, { ...held, decision: aDecision('approve', { by }) }),
      ),
    );
    expect(ends.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected']);
    const refused = ends.find((end) => end.status === 'rejected');
    expect(refused?.reason).toMatchObject({
      type: 'InvalidInput',
      message: expect.stringMatching(/published already, approved by (ann|bob)/) as string,
    });
    expect(await listVersions(warehouse, 'utilization', held.run.period)).toHaveLength(2);
  });

  test.each<{ title: string; meanwhile: (held: PublishRequest) => Promise<unknown>; naming: RegExp }>([
    {
      title: 'a run that was superseded',
      meanwhile: () =>
        publishPeriod(warehouse, aPublish(aRun('utilization'), authorizations(19), anExport(13))),
      naming: /was superseded by run [0-9a-f-]{36}/,
    },
    {
      title: 'a run that was rejected',
      meanwhile: ({ run }) => rejectHeld(warehouse, run.runId, { actor, by: 'ann', reason: 'half a file' }),
      naming: /was rejected by ann/,
    },
    {
      title: 'a run that another person approved',
      meanwhile: (held) =>
        publishPeriod(warehouse, { ...held, decision: aDecision('approve', { by: 'ann' }) }),
      naming: /is published already, approved by ann/,
    },
    {
      title: 'a run that the ledger does not know',
      meanwhile: () => tested.query("DELETE FROM pipeline_run WHERE outcome = 'held'"),
      naming: /knows no such run/,
    },
    {
      title: 'a run that failed',
      meanwhile: () => tested.query("UPDATE pipeline_run SET outcome = 'failed' WHERE outcome = 'held'"),
      naming: /ended as failed/,
    },
    {
      title: 'a run that was held with other files',
      meanwhile: () =>
        tested.query("UPDATE pipeline_run SET export_sha256 = REPEAT('9', 64) WHERE outcome = 'held'"),
      naming: /was held with another export, rules or code/,
    },
  ])('$title is invalid, and changes nothing', async ({ meanwhile, naming }) => {
    const { held } = await withHeldRun(warehouse);
    await meanwhile(held);
    const before = [...(await tested.published()), await tested.rowsOf('pipeline_run')];
    const failure = await failureOf(publishPeriod(warehouse, approved(held)));
    expect(failure).toMatchObject({ type: 'InvalidInput', retry: false });
    expect(failure.message).toMatch(naming);
    expect([...(await tested.published()), await tested.rowsOf('pipeline_run')]).toEqual(before);
  });

  test('does not stop at the reconciliation: what does not equal the file stays held', async () => {
    const { first, held } = await withHeldRun(warehouse);
    const wrong = { ...held.expected, sums: { ...held.expected.sums, billed_units: '61.2501' } };
    const failure = await failureOf(publishPeriod(warehouse, { ...approved(held), expected: wrong }));
    expect(failure.type).toBe('ReconciliationFailed');
    expect(await outcomeOf(held)).toBe('held');
    expect(await shownRun()).toBe(first.run.runId);
    expect((await publishPeriod(warehouse, approved(held))).kind).toBe('published');
  });
});

function readAgain(): never {
  throw new Error('nothing may be read again');
}

describe('rejecting', () => {
  test('closes the run with who and why; its rejects stay on record and the tables as they are', async () => {
    const { first, held, result } = await withHeldRun(warehouse);
    const word = { by: 'ann', reason: 'half a file' };
    const rejecting = () => rejectHeld(warehouse, held.run.runId, { actor, ...word });
    expect(await rejecting()).toEqual(held.run);
    expect(await findRun(warehouse, held.run.runId)).toMatchObject({
      outcome: 'rejected',
      decision: { kind: 'reject', ...word },
    });
    expect(await rejectedLines(held)).toEqual([50, 51]);
    expect(await shownRun()).toBe(first.run.runId);
    // The run's own load, its answer lost, still ends as held; the same word again changes nothing.
    expect(await publishPeriod(warehouse, held)).toEqual(result);
    expect(await rejecting()).toEqual(held.run);
    expect(await outcomeOf(held)).toBe('rejected');
  });

  test.each<{ title: string; meanwhile: (held: PublishRequest) => Promise<unknown>; naming: RegExp }>([
    {
      title: 'a run that was approved',
      meanwhile: (held) => publishPeriod(warehouse, approved(held)),
      naming: /published already, approved by ops/,
    },
    {
      title: 'a run that someone else rejected',
      meanwhile: ({ run }) => rejectHeld(warehouse, run.runId, { actor, by: 'ann', reason: 'half a file' }),
      naming: /rejected by ann/,
    },
    {
      title: 'a run that was superseded',
      meanwhile: () => publishPeriod(warehouse, tooFew(13)),
      naming: /superseded by run/,
    },
    {
      title: 'a run that the ledger does not know',
      meanwhile: () => tested.query("DELETE FROM pipeline_run WHERE outcome = 'held'"),
      naming: /knows no such run/,
    },
  ])('$title is invalid', async ({ meanwhile, naming }) => {
    const { held } = await withHeldRun(warehouse);
    await meanwhile(held);
    const before = await tested.rowsOf('pipeline_run');
    const failure = await failureOf(
      rejectHeld(warehouse, held.run.runId, { actor, by: 'bob', reason: 'no' }),
    );
    expect(failure).toMatchObject({ type: 'InvalidInput', retry: false });
    expect(failure.message).toMatch(naming);
    expect(await tested.rowsOf('pipeline_run')).toEqual(before);
  });

  test('while an approval is loading waits for it, and then finds it published', async () => {
    const { held } = await withHeldRun(warehouse);
    let rejecting: Promise<unknown> | undefined;
    const compare: PublishRequest['compare'] = (before) => {
      rejecting = failureOf(rejectHeld(warehouse, held.run.runId, { actor, by: 'bob', reason: 'no' }));
      return held.compare(before);
    };
    expect((await publishPeriod(warehouse, { ...approved(held), compare })).kind).toBe('published');
    expect(await rejecting).toMatchObject({ type: 'InvalidInput' });
    expect(await outcomeOf(held)).toBe('published');
  });
});

const events = () =>
  tested.rowsOf(
    'audit_event',
    'action, actor, proof, on_behalf_of, event_key, report, period_start, run_id, reason, details',
  );

describe('the audit events of decisions', () => {
  test('are one for each that was carried out, however often it was asked for', async () => {
    const { first, held } = await withHeldRun(warehouse);
    const decision = { ...aDecision('approve'), actor: { name: 'ops@desk', proof: 'token' } } as const;
    await publishPeriod(warehouse, { ...held, decision });
    await publishPeriod(warehouse, { ...held, decision });
    const back = rollbackTo(first);
    await publishPeriod(warehouse, back);
    await publishPeriod(warehouse, back);
    const { report, period } = first.run;
    await unpin(warehouse, report, period, { actor, by: 'bob' });
    await unpin(warehouse, report, period, { actor, by: 'bob' });
    const next = tooFew(13);
    await publishPeriod(warehouse, next);
    const word = { actor, by: 'ops', reason: 'half a file' };
    await rejectHeld(warehouse, next.run.runId, word);
    await rejectHeld(warehouse, next.run.runId, word);
    const place = { report: 'utilization', period_start: '2026-09-01' };
    expect(await events()).toMatchObject([
      {
        ...place,
        action: 'approve',
        actor: 'ops@desk',
        proof: 'token',
        on_behalf_of: null,
        event_key: `approve:${held.run.runId}`,
        run_id: held.run.runId,
        reason: 'checked with billing',
        details: '{"outcome":"published"}',
      },
      {
        ...place,
        action: 'rollback',
        actor: 'unknown',
        proof: 'claimed',
        on_behalf_of: 'ops',
        event_key: `rollback:${back.run.runId}`,
        run_id: back.run.runId,
        details: `{"outcome":"published","restores":"${first.run.runId}"}`,
      },
      { ...place, action: 'unpin', actor: 'ops@desk', on_behalf_of: 'bob', run_id: null },
      { ...place, action: 'reject', run_id: next.run.runId, on_behalf_of: null, reason: 'half a file' },
    ]);
    expect(await verifyAuditTrail(warehouse)).toMatchObject({ broken: null });
  });

  test('are none for what was refused or rolled back, nor for runs without a decision', async () => {
    const { held } = await withHeldRun(warehouse);
    const wrong = { ...held.expected, sums: { ...held.expected.sums, billed_units: '61.2501' } };
    await failureOf(publishPeriod(warehouse, { ...approved(held), expected: wrong }));
    await failureOf(rejectHeld(warehouse, 'no such run', { actor, by: 'bob', reason: 'no' }));
    expect(await events()).toEqual([]);
  });
});

describe('what waits for a decision', () => {
  test.each<{ title: string; newer: (first: PublishRequest) => PublishRequest; kind: string }>([
    {
      title: 'that is published',
      newer: () => aPublish(aRun('utilization'), authorizations(19), anExport(13)),
      kind: 'published',
    },
    {
      title: 'that finds the period unchanged',
      newer: (first) => ({ ...first, run: aRun('utilization'), exportedAt: anExport(13).exportedAt }),
      kind: 'unchanged',
    },
    { title: 'that is held itself', newer: () => tooFew(13), kind: 'held' },
    {
      title: 'of the same kept export, under mended rules',
      newer: () => aPublish(aRun('utilization'), authorizations(20), anExport(12)),
      kind: 'published',
    },
    {
      title: 'that puts an earlier version back',
      newer: (first) => ({ ...rollbackTo(first), versions: anExport(10).versions }),
      kind: 'published',
    },
  ])('is superseded by a newer run $title', async ({ newer, kind }) => {
    const { first, held } = await withHeldRun(warehouse);
    const next = newer(first);
    expect((await publishPeriod(warehouse, next)).kind).toBe(kind);
    expect(await outcomeOf(held)).toBe('superseded');
    expect(await publishPeriod(warehouse, held)).toEqual({ kind: 'superseded', by: next.run.runId });
    expect((await readStatus(warehouse))[0]?.held).toEqual(kind === 'held' ? [next.run.runId] : []);
  });

  test('is not superseded by a slow run with an older export', async () => {
    const first = theFirst();
    await publishPeriod(warehouse, first);
    const held = tooFew(14);
    await publishPeriod(warehouse, held);
    const slow = aPublish(aRun('utilization'), authorizations(20), anExport(13));
    expect((await publishPeriod(warehouse, slow)).kind).toBe('published');
    expect(await outcomeOf(held)).toBe('held');
    expect((await publishPeriod(warehouse, approved(held))).kind).toBe('published');
  });

  test('of another period stays', async () => {
    const { held } = await withHeldRun(warehouse);
    const period = { from: '2026-08-01', to: '2026-08-31' } as never;
    await publishPeriod(
      warehouse,
      aPublish(aRun('utilization', { period }), authorizations(3), anExport(13)),
    );
    expect(await outcomeOf(held)).toBe('held');
  });
});

describe('a run with an older export than the one that is shown', () => {
  test('is superseded and changes nothing', async () => {
    const newest = aPublish(aRun('utilization'), authorizations(20), anExport(13));
    await publishPeriod(warehouse, newest);
    const before = await tested.published();
    const slow = aPublish(aRun('utilization'), authorizations(19), { ...anExport(12), rejects });
    const result = { kind: 'superseded', by: newest.run.runId };
    expect(await publishPeriod(warehouse, slow)).toEqual(result);
    expect(await publishPeriod(warehouse, slow)).toEqual(result);
    expect(await tested.published()).toEqual(before);
    expect(await findRun(warehouse, slow.run.runId)).toMatchObject({
      outcome: 'superseded',
      rowsRejected: 2,
    });
    expect(await rejectedLines(slow)).toEqual([]);
  });

  test('is superseded also where a still newer export only confirmed the figures', async () => {
    const first = theFirst();
    await publishPeriod(warehouse, first);
    await publishPeriod(warehouse, {
      ...first,
      run: aRun('utilization'),
      exportedAt: anExport(13).exportedAt,
    });
    const slow = aPublish(aRun('utilization'), authorizations(19), anExport(12));
    expect(await publishPeriod(warehouse, slow)).toEqual({ kind: 'superseded', by: first.run.runId });
  });

  test('of the very same moment is loaded: a kept export under mended rules', async () => {
    await publishPeriod(warehouse, theFirst());
    const again = aPublish(aRun('utilization'), authorizations(21), anExport(11));
    expect((await publishPeriod(warehouse, again)).kind).toBe('published');
  });
});

describe('putting an earlier version back', () => {
  test('publishes it as a run of its own, and pins the period', async () => {
    const first = theFirst();
    await publishPeriod(warehouse, first);
    const figures = await tested.rowsOf('utilization', 'period_start, source_line, billed_dollars, util');
    const second = aPublish(aRun('utilization'), authorizations(19), anExport(12));
    await publishPeriod(warehouse, second);
    const back = rollbackTo(first);
    const answer = await publishPeriod(warehouse, back);
    expect(answer).toEqual({ kind: 'published', rows: 20, replacedRows: 19 });
    expect(await publishPeriod(warehouse, back)).toEqual(answer);
    expect(await tested.rowsOf('utilization', 'period_start, source_line, billed_dollars, util')).toEqual(
      figures,
    );
    const versions = await listVersions(warehouse, 'utilization', first.run.period);
    expect(versions.map(({ run }) => run.runId)).toEqual([back, second, first].map(({ run }) => run.runId));
    expect(versions[0]).toMatchObject({
      run: { source: 'rollback' },
      decision: { kind: 'rollback', by: 'ops', reason: 'checked with billing', restores: first.run.runId },
      changes: { since: second.run.runId },
    });
    expect((await readStatus(warehouse))[0]?.pinned).toMatchObject({
      by: 'ops',
      reason: 'checked with billing',
    });
  });

  test('goes past the gates, and what they would have said is on record', async () => {
    const few = aPublish(aRun('utilization'), authorizations(5), anExport(11));
    await publishPeriod(warehouse, few);
    await publishPeriod(warehouse, aPublish(aRun('utilization'), authorizations(20), anExport(12)));
    const back = { ...rollbackTo(few), gates: tooFew(11).gates };
    expect((await publishPeriod(warehouse, back)).kind).toBe('published');
    const entry = await findRun(warehouse, back.run.runId);
    expect(entry?.heldBecause.map(({ gate }) => gate)).toContain('rows-far-from-last-load');
  });

  test('of the version that is shown only pins it', async () => {
    const first = theFirst();
    await publishPeriod(warehouse, first);
    const back = rollbackTo(first);
    const answer = { kind: 'unchanged', publishedRunId: first.run.runId };
    expect(await publishPeriod(warehouse, back)).toEqual(answer);
    expect(await publishPeriod(warehouse, tooFew(13))).toMatchObject({ kind: 'held' });
    expect((await readStatus(warehouse))[0]?.pinned).not.toBeNull();
  });

  test('of other figures that were made from the same versions publishes that very run', async () => {
    const first = theFirst();
    await publishPeriod(warehouse, first);
    await publishPeriod(warehouse, aPublish(aRun('utilization'), authorizations(19), anExport(12)));
    await publishPeriod(warehouse, {
      ...first,
      run: aRun('utilization'),
      exportedAt: anExport(13).exportedAt,
    });
    expect((await publishPeriod(warehouse, rollbackTo(first))).kind).toBe('published');
  });

  test('holds later runs by the pin until someone unpins; then they load', async () => {
    const first = theFirst();
    await publishPeriod(warehouse, first);
    await publishPeriod(warehouse, aPublish(aRun('utilization'), authorizations(19), anExport(12)));
    await publishPeriod(warehouse, rollbackTo(first));
    const later = aPublish(aRun('utilization'), authorizations(21), anExport(13));
    expect(await publishPeriod(warehouse, later)).toMatchObject({
      kind: 'held',
      reasons: [{ gate: 'pinned' }],
    });
    const { period } = first.run;
    expect(await unpin(warehouse, 'utilization', period, { actor, by: 'ann' })).toBe(true);
    expect(await unpin(warehouse, 'utilization', period, { actor, by: 'ann' })).toBe(false);
    expect((await tested.rowsOf('published_period'))[0]).toMatchObject({
      pinned_at: null,
      unpinned_by: 'ann',
    });
    const next = aPublish(aRun('utilization'), authorizations(21), anExport(14));
    expect((await publishPeriod(warehouse, next)).kind).toBe('published');
    expect(await outcomeOf(later)).toBe('superseded');
  });

  test('leaves the pin when a person approves a later run', async () => {
    const first = theFirst();
    await publishPeriod(warehouse, first);
    await publishPeriod(warehouse, rollbackTo(first));
    const later = aPublish(aRun('utilization'), authorizations(21), anExport(13));
    await publishPeriod(warehouse, later);
    expect((await publishPeriod(warehouse, approved(later))).kind).toBe('published');
    const next = aPublish(aRun('utilization'), authorizations(22), anExport(14));
    expect((await publishPeriod(warehouse, next)).kind).toBe('held');
  });
});

/** How the period and its roll-ups are marked. */
async function marks() {
  const [period] = await tested.rowsOf('published_period');
  const rows = await tested.rowsOf('utilization_summary');
  return {
    period: period?.['preliminary'] as number,
    rollups: [...new Set(rows.map((row) => row['preliminary'] as number))],
  };
}

describe('preliminary figures', () => {
  test('are marked in the ledger and in every roll-up, and settle even when the export is the same', async () => {
    const early = { ...theFirst(), preliminary: true };
    await publishPeriod(warehouse, early);
    expect(await marks()).toEqual({ period: 1, rollups: [1] });
    expect(await findRun(warehouse, early.run.runId)).toMatchObject({ preliminary: true });
    expect((await readStatus(warehouse))[0]?.published?.preliminary).toBe(true);
    const again = { ...early, run: aRun('utilization') };
    expect((await publishPeriod(warehouse, again)).kind).toBe('unchanged');
    const late = { ...early, run: aRun('utilization'), preliminary: false };
    expect((await publishPeriod(warehouse, late)).kind).toBe('published');
    expect(await marks()).toEqual({ period: 0, rollups: [0] });
    expect(await findRun(warehouse, late.run.runId)).toMatchObject({ preliminary: false });
  });

  test('settle without a gate: the same figures were let through before, by a person or by the gates', async () => {
    const held = tooFew(12, { preliminary: true });
    await publishPeriod(warehouse, held);
    await publishPeriod(warehouse, approved(held));
    const late = { ...held, run: aRun('utilization'), preliminary: false };
    expect((await publishPeriod(warehouse, late)).kind).toBe('published');
  });
});

describe('a run that ended without a load', () => {
  test('keeps its files and the time of its export, so that it can be done again', async () => {
    const run = aRun('notes');
    await recordOutcome(warehouse, {
      run,
      outcome: 'failed',
      failureType: 'SchemaDrift',
      exportedAt: '2026-11-12T08:00:00.000Z',
      files: { export: { uri: 'artifact:x' } },
    });
    expect(await findRun(warehouse, run.runId)).toMatchObject({
      run,
      outcome: 'failed',
      exportedAt: '2026-11-12 08:00:00.000',
      files: { export: { uri: 'artifact:x' } },
      preliminary: null,
      heldBecause: [],
    });
    expect(await findRun(warehouse, aRun('notes').runId)).toBeUndefined();
    expect(await listVersions(warehouse, 'notes', run.period)).toEqual([]);
  });
});
