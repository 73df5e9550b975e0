import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createNameKeys } from '../../../src/domain/nameKeys.ts';
import type { PublishRequest } from '../../../src/domain/publication.ts';
import { reports, reportNames } from '../../../src/reports/index.ts';
import { keyedNames } from '../../../src/warehouse/loadedWith.ts';
import { publishPeriod } from '../../../src/warehouse/publish.ts';
import { rekeyNames, type NamesRekey, type RekeyedPeriod } from '../../../src/warehouse/rekeyNames.ts';
import { anAuthorization, aPublish, aRun, type Row } from './aPublish.ts';
import { anExport } from './someExports.ts';
import { publishFigures, publishRows } from './someFigures.ts';
import { failureOf, TestWarehouse } from './testWarehouse.ts';

let tested: TestWarehouse;

beforeAll(async () => {
  tested = await TestWarehouse.start();
});
afterAll(() => tested.stop());
beforeEach(() => tested.empty());

/** Those of someFigures.ts. */
const formerKeyOf = createNameKeys('a key that only tests have');
const keyOf = createNameKeys('another key that only tests have');
/** `aPublish` has the former. */
const rules = { former: 'a'.repeat(64), now: 'b'.repeat(64) };

async function rekey(change: Partial<NamesRekey> = {}): Promise<RekeyedPeriod['outcome'][]> {
  const outcomes: RekeyedPeriod['outcome'][] = [];
  for await (const { outcome } of rekeyNames(tested.warehouse, { keyOf, rules, ...change })) {
    outcomes.push(outcome);
  }
  return outcomes;
}

/** Which keys the names of each period have: `old`, `new` or, in rows or roll-ups, both. */
async function keysByPeriod(): Promise<Record<string, string>> {
  const found: Record<string, Set<string>> = {};
  for (const report of reportNames) {
    const columns = reports[report].people.map(
      ({ column, key }) => `SELECT period_start, ${column} AS name, ${key} AS k FROM ${report}`,
    );
    const all = [...columns, `SELECT period_start, member, member_key FROM ${report}_summary`];
    for (const { period_start, name, k } of await tested.query(all.join(' UNION ALL '))) {
      if (k === null || k === '') continue;
      const which = [formerKeyOf(String(name)), keyOf(String(name))].indexOf(String(k));
      (found[`${report} ${String(period_start)}`] ??= new Set()).add(['old', 'new'][which] ?? 'neither');
    }
  }
  return Object.fromEntries(Object.entries(found).map(([period, keys]) => [period, [...keys].sort().join()]));
}

/** All that is shown, without keys and what follows from them. */
async function figures() {
  const published = await tested.published();
  const keys = /(_key|^versions|_checksum)$/;
  return published.map((rows) =>
    rows.map((row) => Object.entries(row).filter(([column]) => !keys.test(column))),
  );
}

const periods = ['notes 2026-10-01', 'notes 2026-10-16', 'utilization 2026-09-01', 'utilization 2026-10-01'];
const all = (keys: string) => Object.fromEntries(periods.map((period) => [period, keys]));

test('every name gets its new key, in rows and roll-ups; figures, codes and names stay', async () => {
  await publishFigures(tested.warehouse);
  expect(await keysByPeriod()).toEqual(all('old'));
  const before = await figures();
  expect(await rekey()).toEqual(Array(4).fill('rekeyed'));
  expect(await keysByPeriod()).toEqual(all('new'));
  expect(await figures()).toEqual(before);
  for (const { name, key } of await keyedNames(tested.warehouse)) expect(key).toBe(keyOf(name));
  expect(await rekey()).toEqual(Array(4).fill('already'));
});

test('a stop anywhere leaves each period with one key throughout, and the next call completes', async () => {
  await publishFigures(tested.warehouse);
  const before = await figures();
  let stops = 0;
  for (let allowed = 5; ; allowed += 11) {
    const killed = new AbortController();
    let left = allowed;
    const counting = (name: string) => {
      left -= 1;
      if (left === 0) killed.abort(new Error('killed'));
      return keyOf(name);
    };
    const ended = await rekey({ keyOf: counting, signal: killed.signal }).catch((error: unknown) => {
      if ((error as Error).message !== 'killed') throw error;
      return undefined;
    });
    const keys = Object.values(await keysByPeriod());
    expect(keys.filter((each) => each !== 'old' && each !== 'new')).toEqual([]);
    expect(await figures()).toEqual(before);
    if (ended !== undefined) break;
    stops += 1;
    expect(stops).toBeLessThan(200);
  }
  expect(stops).toBeGreaterThan(4);
  expect(await keysByPeriod()).toEqual(all('new'));
  expect(await rekey()).toEqual(Array(4).fill('already'));
});

function loadWith(row: Row, rulesSha256: string, change: Partial<PublishRequest> = {}) {
  const { versions, ...taken } = anExport(11);
  const rows = [2, 3, 4].map((line) => anAuthorization(line, row));
  const request = aPublish(aRun('utilization'), rows, {
    ...taken,
    versions: { ...versions, rulesSha256 },
    ...change,
  });
  return publishPeriod(tested.warehouse, request);
}

describe('for later runs of the period', () => {
  const people: Row = { client_key: keyOf('LARKSPUR, CLEMENCE'), qp_key: keyOf('YARROW, TAMSIN') };
  const unreadable: Partial<PublishRequest> = {
    reread: () => Promise.resolve({ kind: 'unknown', because: 'the kept export is gone' }),
  };

  test('the same export under the new key changes nothing, and under the former one it is another', async () => {
    await loadWith({}, rules.former);
    expect(await rekey()).toEqual(['rekeyed']);
    expect(await loadWith(people, rules.now)).toMatchObject({ kind: 'unchanged' });
    expect(await loadWith({}, rules.former, unreadable)).toMatchObject({ kind: 'held' });
  });

  test('a period that was made under older rules still is', async () => {
    const older = 'c'.repeat(64);
    await loadWith({}, older);
    expect(await rekey()).toEqual(['rekeyed']);
    expect(await loadWith(people, older)).toMatchObject({ kind: 'unchanged' });
    expect(await loadWith(people, rules.now, unreadable)).toMatchObject({ kind: 'held' });
  });

  test('without the former key the rules stay as they were recorded', async () => {
    await loadWith({}, rules.former);
    expect(await rekey({ rules: { former: undefined, now: rules.now } })).toEqual(['rekeyed']);
    expect(await loadWith(people, rules.now, unreadable)).toMatchObject({ kind: 'held' });
    expect(await rekey({ rules: { former: undefined, now: rules.now } })).toEqual(['already']);
  });
});

test('a period whose rows somebody changed keeps its keys; the others go on', async () => {
  await publishFigures(tested.warehouse);
  await tested.query("UPDATE utilization SET grp = 9 WHERE period_start = '2026-09-01' AND source_line = 2");
  expect(await rekey()).toEqual(['rekeyed', 'rekeyed', 'altered', 'rekeyed']);
  expect(await keysByPeriod()).toEqual({ ...all('new'), 'utilization 2026-09-01': 'old' });
});

test('names that look alike, and more rows than a page has', async () => {
  const names = ['NUNEZ, INES', 'NÚÑEZ, INÉS', 'nunez, ines', 'O\'HARA, \\ "X"', 'YARROW; DROP, ?'];
  const rows = Array.from({ length: 2_300 }, (_, index) => {
    const [client, qp] = [`${names[index % 5]!} ${String(index % 700)}`, names[(index + 1) % 5]!];
    return anAuthorization(index + 2, {
      client,
      client_code: 'AAAAA',
      client_key: formerKeyOf(client),
      qp,
      qp_code: 'BBBBB',
      qp_key: formerKeyOf(qp),
    });
  });
  await publishRows(tested.warehouse, 'utilization', '2026-09-01', rows);
  expect(await rekey()).toEqual(['rekeyed']);
  expect(await keysByPeriod()).toEqual({ 'utilization 2026-09-01': 'new' });
});

test('a key that is no key leaves the period as it was', async () => {
  await publishFigures(tested.warehouse);
  const before = await tested.published();
  expect(await failureOf(rekey({ keyOf: (name) => `${keyOf(name)}f` }))).toBeInstanceOf(Error);
  expect(await tested.published()).toEqual(before);
});
