import { mkdtemp, rm, utimes } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { createFolderPlace, createFolderStore } from '../../../src/artifacts/folderStore.ts';
import { dataKey } from '../../../src/artifacts/seal.ts';
import type { ArtifactRef, ArtifactStore } from '../../../src/domain/artifacts.ts';
import type { PublishRequest } from '../../../src/domain/publication.ts';
import {
  filesOfRun,
  type LooseFiles,
  type Retention,
  type Tidied,
} from '../../../src/domain/fileRetention.ts';
import type { RunIdentity } from '../../../src/domain/runIdentity.ts';
import type { Warehouse } from '../../../src/warehouse/connect.ts';
import { findRun } from '../../../src/warehouse/ledgerReads.ts';
import { recordOutcome } from '../../../src/warehouse/ledgerWrites.ts';
import { publishPeriod } from '../../../src/warehouse/publish.ts';
import {
  noteRemovals,
  pendingRemovals,
  removalDay,
  retentionTerms,
} from '../../../src/warehouse/fileRemovals.ts';
import { removeFiles } from '../../../src/warehouse/removeFiles.ts';
import { removeOnRecord } from '../../../src/wiring/tidyFiles.ts';
import { resealAll } from '../../../src/wiring/resealAll.ts';
import { aPublish, aRun } from './aPublish.ts';
import { aDecision, anExport, authorizations, rejects, tooFew } from './someExports.ts';
import { failureOf, TestWarehouse } from './testWarehouse.ts';

let tested: TestWarehouse;
let warehouse: Warehouse;
let folder: string;
let files: ArtifactStore;

beforeAll(async () => {
  tested = await TestWarehouse.start();
  warehouse = tested.warehouse;
});
afterAll(() => tested.stop());
beforeEach(async () => {
  await tested.empty();
  folder = await mkdtemp(path.join(tmpdir(), 'ehr-retention-'));
  files = createFolderStore(folder);
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const rule = { days: 30, versions: 1 };
const retention: Retention = {
  exports: rule,
  intermediates: rule,
  rejects: rule,
  ledgerDetail: rule,
  refused: { days: 7 },
};

async function write(run: RunIdentity, step: string, file: string): Promise<ArtifactRef> {
  const sink = await files.create({ run, step, file });
  await sink.add(`${file} of ${run.runId}`);
  return sink.commit(1);
}

/** What the steps of a run leave. */
async function filesFor(run: RunIdentity) {
  return {
    export: { file: await write(run, 'takeFile', 'export.csv') },
    clean: {
      rows: await write(run, 'clean', 'rows.tsv'),
      rejected: await write(run, 'clean', 'rejected.tsv'),
      excluded: await write(run, 'clean', 'excluded.tsv'),
    },
    categorize: { rows: await write(run, 'categorize', 'rows.tsv') },
    aggregate: {
      rollups: await write(run, 'aggregate', 'rollups.tsv'),
      unknownServices: await write(run, 'aggregate', 'unknown.tsv'),
    },
  };
}

/** Loads it, with files. */
async function loaded(request: PublishRequest): Promise<PublishRequest> {
  const kept = { ...withChanges(request), files: await filesFor(request.run) };
  await publishPeriod(warehouse, kept);
  return kept;
}

/** With a file of the rows that differ, as the step makes one. */
function withChanges(request: PublishRequest): PublishRequest {
  return {
    ...request,
    compare: async (before) => {
      const comparison = await request.compare(before);
      const details = await write(request.run, 'load', 'changes.tsv');
      return { ...comparison, changes: { ...comparison.changes, details } };
    },
  };
}

/** The files of these runs in the store. */
async function filesOf(...requests: readonly { readonly run: RunIdentity }[]): Promise<string[]> {
  const all = await stored();
  return all.filter((uri) => requests.some(({ run }) => uri.includes(`/${run.runId}/`)));
}

function exportOf(day: number): PublishRequest {
  const rows = authorizations(20, { billed_dollars: `${String(day)}.00` });
  return aPublish(aRun('utilization'), rows, { ...anExport(day), rejects });
}

/** As if all this had been a hundred days ago. */
async function passDays(): Promise<void> {
  const hundredDays = ['finished_at', 'published_at'].map((at) => `${at} = ${at} - INTERVAL 100 DAY`);
  await tested.query(`UPDATE pipeline_run SET ${hundredDays.join(', ')}`);
  const then = new Date(Date.now() - 100 * 86_400_000);
  for (const uri of await stored()) await utimes(path.join(folder, uri.replace('artifact:', '')), then, then);
}

async function stored(): Promise<string[]> {
  const uris: string[] = [];
  for await (const page of files.list()) uris.push(...page.map(({ uri }) => uri));
  return uris.sort();
}

const tidyNow = async (store: Pick<ArtifactStore, 'list' | 'remove'> = files, dryRun = false) =>
  (await removeFiles(warehouse, { files: store, retention, dryRun })).tidied;

/** What readers and later loads rely on. */
async function everyFigure() {
  const tables = ['utilization', 'utilization_summary', 'authorization_history', 'pipeline_run'];
  const shown = await tested.query('SELECT * FROM published_period WHERE run_id IS NOT NULL');
  return [shown, ...(await Promise.all(tables.map((table) => tested.rowsOf(table))))];
}

const rejectedRuns = async () =>
  (await tested.query('SELECT DISTINCT run_id FROM rejected_row')).map((row) => row['run_id'] as string);

/** Two replaced versions, one that confirmed the second, the shown one, and one that waits; and two periods. */
async function aLongTime() {
  const first = await loaded(exportOf(11));
  const second = await loaded(exportOf(12));
  const { exportedAt, exportedOn } = anExport(13);
  const same = await loaded({ ...second, run: aRun('utilization'), exportedAt, exportedOn });
  const shown = await loaded(exportOf(14));
  const held = await loaded(tooFew(15));
  const period = { from: '2026-08-01', to: '2026-08-31' } as RunIdentity['period'];
  const august = aRun('utilization', { period });
  const failed = { run: august, files: await filesFor(august) };
  await recordOutcome(warehouse, { ...failed, outcome: 'failed', failureType: 'PortalUnavailable' });
  const stray = await write(aRun('utilization'), 'loginAndDownload', 'refused.csv');
  await passDays();
  const stays = await filesOf(shown, held);
  const goes = (await stored()).filter((uri) => !stays.includes(uri));
  expect(goes).toContain(stray.uri);
  expect(goes.length).toBeGreaterThan(4 * 7);
  return { first, second, same, shown, held, goes, stays };
}

function total(tidied: Tidied): number {
  return Object.values(tidied).reduce((sum, { files: count }) => sum + count, 0);
}

test('what is neither shown nor held nor new goes; the rest and all figures stay', async () => {
  const { first, second, shown, held, goes, stays } = await aLongTime();
  const figures = await everyFigure();
  expect(await stored()).toEqual([...goes, ...stays].sort());

  const planned = await tidyNow(files, true);
  expect(total(planned)).toBe(goes.length);
  expect(await stored()).toEqual([...goes, ...stays].sort());
  expect(await tidyNow()).toEqual(planned);
  expect(await stored()).toEqual(stays);
  expect(await everyFigure()).toEqual(figures);
  expect((await rejectedRuns()).sort()).toEqual([shown, held].map(({ run }) => run.runId).sort());
  const noted = await tested.query('SELECT uri FROM removed_file WHERE removed_at IS NOT NULL ORDER BY uri');
  expect(noted.map((row) => row['uri'] as string)).toEqual(goes);
  expect(await removalDay(warehouse, filesOfRun(first.files).exports)).toMatch(/^\d{4}-\d\d-\d\d$/);
  expect(await removalDay(warehouse, filesOfRun(shown.files).exports)).toBeUndefined();
  expect(await findRun(warehouse, second.run.runId)).toMatchObject({ outcome: 'published' });
  expect(await tidyNow()).toEqual({});
});

test('a stop after any removal loses nothing that is kept, and further calls complete', async () => {
  const { goes, stays } = await aLongTime();
  let stops = 0;
  for (let allowed = 0; ; allowed += 1) {
    let left = allowed;
    const stopping = {
      list: () => files.list(),
      remove: async (uri: string) => {
        if (left === 0) throw new Error('stopped');
        left -= 1;
        await files.remove(uri);
      },
    };
    const ended = await tidyNow(stopping).catch(() => undefined);
    const there = await stored();
    expect(stays.filter((uri) => !there.includes(uri))).toEqual([]);
    // Whatever has gone is noted.
    const noted = new Set(
      (await tested.query('SELECT uri FROM removed_file')).map((row) => row['uri'] as string),
    );
    expect(goes.filter((uri) => !there.includes(uri) && !noted.has(uri))).toEqual([]);
    if (ended !== undefined) break;
    stops += 1;
    expect(stops).toBeLessThan(100);
  }
  expect(stops).toBeGreaterThan(5);
  expect(await stored()).toEqual(stays);
  expect(await pendingRemovals(warehouse)).toEqual([]);
});

test('files that cannot be removed keep no others, are told with their number, and go once they can', async () => {
  const { goes, stays } = await aLongTime();
  const underHold = [goes[1]!, goes.at(-1)!];
  const store = {
    list: () => files.list(),
    remove: async (uri: string) => {
      if (underHold.includes(uri)) throw new Error('under legal hold');
      await files.remove(uri);
    },
  };
  const left = [...stays, ...underHold].sort();
  for (const _ of ['noted', 'still noted']) {
    await expect(tidyNow(store)).rejects.toThrow(/2 files .* not be removed.*under legal hold/);
    expect(await stored()).toEqual(left);
    expect((await pendingRemovals(warehouse)).sort()).toEqual([...underHold].sort());
  }
  await tidyNow();
  expect(await stored()).toEqual(stays);
  expect(await pendingRemovals(warehouse)).toEqual([]);
});

test('more files than one batch that cannot be removed hide no pending one behind them', async () => {
  await aLongTime();
  const held = Array.from({ length: 201 }, (_, nth) => `artifact:a-${String(nth).padStart(3, '0')}`);
  const values = [...held, 'artifact:b'].map(
    (uri) => `('${uri}', 'utilization', '2026-09-01', 'r', 'exports', 1, UTC_TIMESTAMP(3))`,
  );
  await tested.query(
    `INSERT INTO removed_file (uri, report, period_start, run_id, class, bytes, noted_at) VALUES ${values.join(', ')}`,
  );
  const store = {
    list: () => files.list(),
    remove: (uri: string) =>
      held.includes(uri) ? Promise.reject(new Error('under legal hold')) : Promise.resolve(),
  };
  await expect(tidyNow(store)).rejects.toThrow(/201 files/);
  const pending = await tested.query('SELECT uri FROM removed_file WHERE removed_at IS NULL');
  expect(pending).toHaveLength(201);
});

test('once a file is noted no load uses it, though it is still there; the period stays as it is', async () => {
  const first = await loaded(exportOf(11));
  await loaded(exportOf(12));
  await passDays();
  const before = await stored();
  const stopped = { list: () => files.list(), remove: () => Promise.reject(new Error('stopped')) };
  await expect(tidyNow(stopped)).rejects.toThrow('stopped');
  expect(await stored()).toEqual(before);
  const figures = await tested.published();
  const back = {
    ...first,
    run: aRun('utilization', { source: 'rollback' as const }),
    decision: aDecision('rollback', { restores: first.run.runId }),
  };
  expect(await failureOf(publishPeriod(warehouse, back))).toMatchObject({
    type: 'InvalidInput',
    message: expect.stringMatching(/were removed on \d{4}-\d\d-\d\d by retention/) as string,
  });
  expect(await tested.published()).toEqual(figures);
});

test('a version that was put back keeps the files of the run that made it', async () => {
  const first = await loaded(exportOf(11));
  const second = await loaded(exportOf(12));
  const back = {
    ...first,
    run: aRun('utilization', { source: 'rollback' }),
    decision: aDecision('rollback', { restores: first.run.runId }),
  };
  await publishPeriod(warehouse, withChanges(back));
  await passDays();
  const shares = await filesOf(first, back);
  await tidyNow();
  // The version's own file of changes is not the rollback's.
  const left = await stored();
  expect(shares.filter((uri) => !left.includes(uri))).toEqual([
    expect.stringMatching(`${first.run.runId}/load-.*-changes.tsv`),
  ]);
  expect(await filesOf(second)).toEqual([]);
  expect(await removalDay(warehouse, filesOfRun(second.files).exports)).toBeDefined();
});

test('row files stay until the history has their days', async () => {
  const first = await loaded(exportOf(11));
  await loaded(exportOf(12));
  await passDays();
  await tested.query(`UPDATE pipeline_run SET history_day = NULL WHERE run_id = '${first.run.runId}'`);
  await tidyNow();
  const { intermediates, exports } = filesOfRun(first.files);
  const there = await stored();
  expect(intermediates.every(({ uri }) => there.includes(uri))).toBe(true);
  expect(exports.some(({ uri }) => there.includes(uri))).toBe(false);
});

test('files of a run that is under way are young, and stay', async () => {
  await loaded(exportOf(11));
  await passDays();
  const underWay = await filesFor(aRun('utilization'));
  await tidyNow();
  expect(await stored()).toEqual(
    expect.arrayContaining(Object.values(filesOfRun(underWay)).flatMap((refs) => refs.map(({ uri }) => uri))),
  );
});

test('a file that retention has noted does not come back with a new data key', async () => {
  const old = await loaded(exportOf(11));
  await loaded(exportOf(12));
  await passDays();
  const terms = retentionTerms(retention, new Date().toISOString());
  const noted = await noteRemovals(warehouse, old.run, terms);
  const before = await stored();
  expect(noted.length).toBeGreaterThan(0);

  const places = [createFolderPlace(folder, path.join(folder, 'inbox'))];
  const done = await resealAll(warehouse, { places, files, keys: [dataKey(Buffer.alloc(32, 7))] });
  expect(done).toMatchObject({ resealed: before.length, notOpened: [] });
  const gone = new Set(noted.map(({ uri }) => uri));
  expect(await stored()).toEqual(before.filter((uri) => !gone.has(uri)));
});

test('what is too much for one call is left for the next ones', async () => {
  const { goes, stays } = await aLongTime();
  let calls = 0;
  for (let more = true; more; calls += 1) {
    const before = (await stored()).length;
    const done = await removeFiles(warehouse, { files, retention, dryRun: false, most: 3 });
    ({ more } = done);
    expect(total(done.tidied)).toBe(before - (await stored()).length);
  }
  expect(calls).toBeGreaterThan(1);
  expect(await stored()).toEqual(stays);
  expect(goes.length).toBeGreaterThan(3);
});

test('a call that is told to stop stops, and the next one completes', async () => {
  const { stays } = await aLongTime();
  const stopped = AbortSignal.abort(new Error('cancelled'));
  const request = { files, retention, dryRun: false, beat: () => stopped.throwIfAborted() };
  await expect(removeFiles(warehouse, request)).rejects.toThrow('cancelled');
  await tidyNow();
  expect(await stored()).toEqual(stays);
});

test('files beside those of runs go by the days of their class, and the audit has the counts', async () => {
  const left = ['evidence', 'leftovers'] as const;
  const gone: string[] = [];
  const loose = left.map((name): LooseFiles => ({
    class: name,
    async *old({ days }) {
      await Promise.resolve();
      yield [{ bytes: days, remove: () => Promise.resolve(void gone.push(name)) }];
    },
  }));
  const kept = await removeFiles(warehouse, { files, loose, retention, dryRun: true });
  expect(kept.tidied).toEqual({ leftovers: { files: 1, bytes: 1 } });
  expect(gone).toEqual([]);

  const request = { files, loose, retention: { ...retention, evidence: { days: 9 } } };
  const { tidied } = await removeOnRecord(warehouse, request, {
    actor: { name: 'a worker', proof: 'claimed' },
    runId: aRun('utilization').runId,
  });
  expect(tidied).toEqual({ evidence: { files: 1, bytes: 9 }, leftovers: { files: 1, bytes: 1 } });
  expect(gone).toEqual([...left]);
  const events = await tested.query(
    "SELECT details FROM audit_event WHERE action = 'retention' ORDER BY sequence",
  );
  expect(events.slice(-2).map(({ details }) => JSON.parse(details as string) as unknown)).toEqual([
    { stage: 'begun' },
    { stage: 'done', evidence: 1, leftovers: 1 },
  ]);
});
