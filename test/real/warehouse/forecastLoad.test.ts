import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import type { PublishForecast, PublishRequest } from '../../../src/domain/publication.ts';
import { forecastLoad } from '../../../src/warehouse/forecastLoad.ts';
import { publishPeriod } from '../../../src/warehouse/publish.ts';
import { aNote, aPublish, aRun } from './aPublish.ts';
import { aDecision, anExport, authorizations, theFirst, tooFew } from './someExports.ts';
import { failureOf, TestWarehouse } from './testWarehouse.ts';

let tested: TestWarehouse;

beforeAll(async () => {
  tested = await TestWarehouse.start();
});

afterAll(() => tested.stop());

beforeEach(() => tested.empty());

const allTables = async () => [
  ...(await tested.published()),
  await tested.rowsOf('pipeline_run'),
  await tested.rowsOf('rejected_row'),
];

const previewed = (request: PublishRequest) => ({ ...request, run: aRun('utilization') });

test.each<{
  title: string;
  before: (first: PublishRequest) => PublishRequest[];
  request: (first: PublishRequest) => PublishRequest;
  wouldBe: PublishForecast['wouldBe'];
  gates?: string[];
}>([
  {
    title: 'a period that shows nothing would be published',
    before: () => [],
    request: (first) => first,
    wouldBe: 'published',
  },
  {
    title: 'another export would be published',
    before: (first) => [first],
    request: () => aPublish(aRun('utilization'), authorizations(21), anExport(12)),
    wouldBe: 'published',
  },
  {
    title: 'the same would be unchanged',
    before: (first) => [first],
    request: previewed,
    wouldBe: 'unchanged',
  },
  {
    title: 'the same, settled, would be published',
    before: (first) => [{ ...first, preliminary: true }],
    request: previewed,
    wouldBe: 'published',
  },
  {
    title: 'an older export would be superseded',
    before: (first) => [first],
    request: () => aPublish(aRun('utilization'), authorizations(21), anExport(10)),
    wouldBe: 'superseded',
  },
  {
    title: 'too few rows would be held',
    before: (first) => [first],
    request: () => tooFew(12),
    wouldBe: 'held',
    gates: ['too-many-rejects', 'rows-far-from-last-load', 'dollars-far-from-last-load'],
  },
  {
    title: 'a pinned period would be held',
    before: (first) => [
      first,
      { ...previewed(first), decision: aDecision('rollback', { restores: first.run.runId }) },
    ],
    request: () => aPublish(aRun('utilization'), authorizations(21), anExport(12)),
    wouldBe: 'held',
    gates: ['pinned'],
  },
])(
  '$title, says the preview, and the load does so; the preview writes nothing',
  async ({ before, request, wouldBe, gates = [] }) => {
    const first = theFirst();
    for (const earlier of before(first)) await publishPeriod(tested.warehouse, earlier);
    const tables = await allTables();
    const asked = request(first);
    const forecast = await forecastLoad(tested.warehouse, asked);
    expect(await allTables()).toEqual(tables);
    expect(forecast.wouldBe).toBe(wouldBe);
    expect(forecast.reasons.map(({ gate }) => gate)).toEqual(gates);
    const since = before(first).length === 0 ? null : first.run.runId;
    expect(forecast.comparison.changes.since).toBe(since);
    expect((await publishPeriod(tested.warehouse, asked)).kind).toBe(wouldBe);
  },
);

test('a preview waits for no load, and no load for a preview', async () => {
  await publishPeriod(tested.warehouse, theFirst());
  const next = aPublish(aRun('utilization'), authorizations(21), anExport(12));
  const preview = previewed(aPublish(aRun('utilization'), authorizations(22), anExport(13)));
  let forecast: PublishForecast | undefined;
  let loaded: string | undefined;
  // A load with the period locked, a preview beside it, and in the midst of that preview another load.
  const compare: PublishRequest['compare'] = async (before) => {
    forecast = await forecastLoad(tested.warehouse, {
      ...preview,
      compare: async (shown) => {
        const notes = aPublish(aRun('notes'), [aNote(2)]);
        loaded = (await publishPeriod(tested.warehouse, notes)).kind;
        return preview.compare(shown);
      },
    });
    return next.compare(before);
  };
  expect((await publishPeriod(tested.warehouse, { ...next, compare })).kind).toBe('published');
  expect(loaded).toBe('published');
  expect(forecast).toMatchObject({ wouldBe: 'published', comparison: { changes: { same: 20, added: 2 } } });
});

test('a load that commits in the midst of a preview does not mix with what the preview reads', async () => {
  const first = theFirst();
  await publishPeriod(tested.warehouse, first);
  const preview = previewed(aPublish(aRun('utilization'), authorizations(22), anExport(13)));
  const { comparison } = await forecastLoad(tested.warehouse, {
    ...preview,
    compare: async (shown) => {
      const other = authorizations(7, { billed_dollars: '1.00' });
      await publishPeriod(tested.warehouse, aPublish(aRun('utilization'), other, anExport(12)));
      return preview.compare(shown);
    },
  });
  expect(comparison.changes).toMatchObject({ since: first.run.runId, same: 20, added: 2, removed: 0 });
});

test('files that do not add up are refused', async () => {
  const request = theFirst();
  const failure = await failureOf(
    forecastLoad(tested.warehouse, { ...request, expected: { ...request.expected, rows: 19 } }),
  );
  expect(failure).toMatchObject({ type: 'ReconciliationFailed', retry: false });
});
