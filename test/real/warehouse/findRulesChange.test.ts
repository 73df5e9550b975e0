import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { PublishRequest } from '../../../src/domain/publication.ts';
import type { Reread } from '../../../src/domain/rulesChange.ts';
import { splitRows } from '../../../src/rows/rowLines.ts';
import { encodeTsv } from '../../../src/rows/tsv.ts';
import { acceptRules, heldByRules, rulesShown } from '../../../src/warehouse/acceptedRules.ts';
import { forecastLoad } from '../../../src/warehouse/forecastLoad.ts';
import { publishPeriod } from '../../../src/warehouse/publish.ts';
import { periodsToReload } from '../../../src/warehouse/reloading.ts';
import { aPublish, aRun, type Row } from './aPublish.ts';
import { aDecision, anExport, authorizations, theFirst } from './someExports.ts';
import { TestWarehouse } from './testWarehouse.ts';
import { reports } from '../../../src/reports/index.ts';

let tested: TestWarehouse;

beforeAll(async () => {
  tested = await TestWarehouse.start();
});

afterAll(() => tested.stop());

beforeEach(() => tested.empty());

const [older, newer, newest] = ['a', 'b', 'c'].map((letter) => letter.repeat(64)) as [string, string, string];

/** The shown export read again, with the rows that it gives then. */
function reread(rows: readonly Row[], loaded = '20002.00'): () => Promise<Reread> {
  const lines = rows.map((row) =>
    encodeTsv(reports.utilization.rowColumns.map((column) => row[column] ?? null)),
  );
  const file = Buffer.from(lines.join(''));
  const account = { read: loaded, loaded, excluded: '0.00', rejected: '0.00', unreadable: 0 };
  return () =>
    Promise.resolve({
      kind: 'read',
      rows: () => Promise.resolve(blocks(file)),
      dollars: { authorized_dollars: account },
    });
}

// eslint-disable-next-line @typescript-eslint/require-await -- as a file is read
async function* blocks(file: Buffer) {
  yield splitRows(file, reports.utilization.rowColumns.length);
}

/** The export of the 12th under other rules than the first one's; what those make of the first one's export. */
function underOtherRules(
  change: Partial<PublishRequest> & Pick<PublishRequest, 'reread'>,
  rulesSha256 = newer,
): PublishRequest {
  const { versions, exportedAt } = anExport(12);
  return aPublish(aRun('utilization'), authorizations(21), {
    versions: { ...versions, rulesSha256 },
    exportedAt,
    ...change,
  });
}

const otherName = authorizations(20).with(3, {
  ...authorizations(20)[3]!,
  client: 'LARKSPUR, CLÉMENCE',
  client_key: '00000000deadbeef',
});

const accept = (rulesSha256: string) =>
  acceptRules(tested.warehouse, {
    rulesSha256,
    by: 'ada',
    actor: { name: 'ops@host', proof: 'claimed' },
    reason: 'checked',
  });

const gone = () => Promise.resolve({ kind: 'unknown', because: 'the kept export is gone' } as const);

test('the acceptance of a change of rules is an audit event', async () => {
  await accept(newer);
  expect(await tested.rowsOf('audit_event')).toMatchObject([
    {
      action: 'accept-rules',
      actor: 'ops@host',
      on_behalf_of: 'ada',
      reason: 'checked',
      details: JSON.stringify({ rulesSha256: newer }),
    },
  ]);
});

describe('a run under other rules than the period was made under', () => {
  beforeEach(async () => {
    await publishPeriod(tested.warehouse, theFirst());
  });

  test('is loaded where the rules change nothing of the period', async () => {
    const request = underOtherRules({ reread: reread(authorizations(20)) });
    expect(await publishPeriod(tested.warehouse, request)).toMatchObject({ kind: 'published', rows: 21 });
    expect(await rulesShown(tested.warehouse)).toMatchObject([{ rulesSha256: newer }]);
  });

  test('is held where they change a key: nothing changes, and the reason says how much would', async () => {
    const before = await tested.published();
    const request = underOtherRules({ reread: reread(otherName, '20002.01') });
    const result = await publishPeriod(tested.warehouse, request);
    expect(result).toMatchObject({ kind: 'held', reasons: [{ gate: 'rules-changed' }] });
    const [reason] = (result as Extract<typeof result, { kind: 'held' }>).reasons;
    expect(reason?.message).toContain('of the 20 rows of the same export 1 change (1 with another name key)');
    expect(reason?.message).toContain('authorized_dollars 20002.00 → 20002.01');
    expect(reason?.message).not.toContain('LARKSPUR');
    expect(await tested.published()).toEqual(before);
  });

  test('is held where nobody can say what they change', async () => {
    const result = await publishPeriod(tested.warehouse, underOtherRules({ reread: gone }));
    expect(result).toMatchObject({ kind: 'held', reasons: [{ gate: 'rules-changed' }] });
  });

  test('is the last that the daily run makes of the period: held, it keeps what is shown from going stale', async () => {
    await tested.warehouse.pool.query("UPDATE published_period SET stale_at = '2026-11-21 20:00:00.000'");
    await publishPeriod(
      tested.warehouse,
      underOtherRules({ reread: gone, staleAt: '2026-11-13T20:00:00.000Z' }),
    );
    expect(await tested.rowsOf('published_period')).toMatchObject([{ stale_at: '2026-11-21 20:00:00.000' }]);
    await publishPeriod(tested.warehouse, underOtherRules({ reread: gone, staleAt: null }));
    expect(await tested.rowsOf('published_period')).toMatchObject([{ stale_at: null }]);
  });

  test('would be held, says a preview', async () => {
    const forecast = await forecastLoad(tested.warehouse, underOtherRules({ reread: reread(otherName) }));
    expect(forecast).toMatchObject({ wouldBe: 'held', reasons: [{ gate: 'rules-changed' }] });
  });

  test('is distinguished from a run with new data under the same rules, which asks for no second reading', async () => {
    const request = aPublish(aRun('utilization'), authorizations(21), anExport(12));
    expect(await publishPeriod(tested.warehouse, request)).toMatchObject({ kind: 'published' });
  });

  test('reads the kept export of the run that is shown', async () => {
    const asked: (string | undefined)[] = [];
    const shownRun = (await tested.rowsOf('published_period'))[0]!['run_id'] as string;
    await publishPeriod(
      tested.warehouse,
      underOtherRules({
        reread: (shown) => {
          asked.push(shown?.run.runId);
          return reread(otherName)();
        },
      }),
    );
    expect(new Set(asked)).toEqual(new Set([shownRun]));
  });

  test('is loaded once the rules were accepted, for all periods, and until they change again', async () => {
    const changed = reread(otherName);
    await publishPeriod(tested.warehouse, underOtherRules({ reread: changed }));
    expect(await heldByRules(tested.warehouse)).toEqual([
      { rulesSha256: newer, report: 'utilization', periods: 1, from: '2026-09-01', to: '2026-09-30' },
    ]);
    await accept(newer);
    expect(await publishPeriod(tested.warehouse, underOtherRules({ reread: changed }))).toMatchObject({
      kind: 'published',
    });
    expect(await heldByRules(tested.warehouse)).toEqual([]);
    const next = { ...underOtherRules({ reread: changed }, newest), exportedAt: '2026-11-13T08:00:00.000Z' };
    expect(await publishPeriod(tested.warehouse, next)).toMatchObject({ kind: 'held' });
  });

  test('is held on the way back to rules that were accepted earlier: that is a change too', async () => {
    await accept(older);
    await accept(newer);
    await publishPeriod(tested.warehouse, underOtherRules({ reread: reread(otherName) }));
    const back = {
      ...underOtherRules({ reread: reread(authorizations(20)) }, older),
      exportedAt: '2026-11-13T08:00:00.000Z',
    };
    expect(await publishPeriod(tested.warehouse, back)).toMatchObject({ kind: 'held' });
  });

  test('is held on the way back to accepted rules, though those between were asked about with nobody', async () => {
    await accept(older);
    await publishPeriod(tested.warehouse, underOtherRules({ reread: reread(authorizations(20)) }));
    const back = {
      ...underOtherRules({ reread: reread(otherName) }, older),
      exportedAt: '2026-11-13T08:00:00.000Z',
    };
    expect(await publishPeriod(tested.warehouse, back)).toMatchObject({
      kind: 'held',
      reasons: [{ gate: 'rules-changed' }],
    });
  });

  test('loads the kept export of the shown run, though a later run has confirmed it', async () => {
    const { versions } = theFirst();
    const confirming = aPublish(aRun('utilization'), authorizations(20), {
      versions,
      exportedAt: '2026-11-12T08:00:00.000Z',
    });
    expect(await publishPeriod(tested.warehouse, confirming)).toMatchObject({ kind: 'unchanged' });
    await accept(newer);
    const again = aPublish(aRun('utilization'), otherName, {
      versions: { ...versions, rulesSha256: newer },
      exportedAt: theFirst().exportedAt,
      reread: reread(otherName),
    });
    expect(await publishPeriod(tested.warehouse, again)).toMatchObject({ kind: 'published' });
    expect(await rulesShown(tested.warehouse)).toMatchObject([{ rulesSha256: newer }]);
    // The figures are as of the export that came last.
    expect(await tested.rowsOf('published_period')).toMatchObject([
      { exported_at: '2026-11-12 08:00:00.000' },
    ]);
  });

  test('is loaded where a person has approved that very run', async () => {
    const held = underOtherRules({ reread: reread(otherName) });
    await publishPeriod(tested.warehouse, held);
    const approved = { ...held, decision: aDecision('approve') };
    expect(await publishPeriod(tested.warehouse, approved)).toMatchObject({ kind: 'published' });
  });

  test('is what a reload takes, since its export is newer than the one that is shown', async () => {
    const range = theFirst().run.period;
    const [shown] = await periodsToReload(tested.warehouse, 'utilization', range);
    expect(shown).toMatchObject({ exportOf: shown!.shown, rulesSha256: older, pinned: false });
    const held = underOtherRules({ reread: reread(otherName) });
    await publishPeriod(tested.warehouse, held);
    const [waiting] = await periodsToReload(tested.warehouse, 'utilization', range);
    expect(waiting).toMatchObject({ shown: shown!.shown, exportOf: held.run.runId });
  });
});

const never = () => Promise.reject(new Error('nothing is there to be read again'));

test('a period that shows nothing is loaded under whatever rules', async () => {
  const request = underOtherRules({ reread: never });
  expect(await publishPeriod(tested.warehouse, request)).toMatchObject({ kind: 'published' });
});
