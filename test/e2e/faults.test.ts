import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { cancelBackfills } from '../faults/cancel.ts';
import { clockJumps } from '../faults/clocks.ts';
import { contentsDiffer } from '../faults/contents.ts';
import { databaseAway } from '../faults/databaseAway.ts';
import { diskFull, mayMount } from '../faults/diskFull.ts';
import { targets } from '../faults/killPlan.ts';
import { killAndCompare } from '../faults/kills.ts';
import { outOfMemory } from '../faults/outOfMemory.ts';
import { databases, programsOfTests, Site } from '../faults/site.ts';
import { plannedPeriods, replaceOnce, setStage, type ScenarioReport } from '../faults/stage.ts';

/**
 * The short version of `npm run faults`: the same scenarios, on servers of their own, since they are killed.
 */
const databaseServer = process.env['TEST_DATABASE_SERVER'];
if (databaseServer === undefined) {
  console.log('SKIPPED: faults, since the database is a running one, which may not be killed');
}
if (!mayMount()) console.log('SKIPPED: a full artifacts folder, since this user may not mount one');

let folder: string;
let site: Site;

function expectClean({ differences, reader }: Pick<ScenarioReport, 'differences' | 'reader'>): void {
  expect(differences).toEqual([]);
  expect(reader.violations).toEqual([]);
  expect(reader.polls).toBeGreaterThan(10);
}

describe.skipIf(databaseServer === undefined)('whatever is killed or missing, figures are whole', () => {
  beforeAll(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'ehr-faults-'));
    site = await Site.start({
      programs: programsOfTests(),
      folder,
      config: [
        [['portal', 'idleSeconds'], 2],
        [['portal', 'attempts'], 6],
      ],
    });
    // What the cases compare with, loaded once.
    await setStage(site, { reports: ['utilization', 'notes'], periods: 3, portalPeriods: 3 });
  });
  beforeEach(() => site.renew());
  afterAll(async () => {
    await site.stop();
    await rm(folder, { recursive: true, force: true });
  });

  test('a reader and a comparison see half a period, a mixed one and a lost one', async () => {
    const stage = await setStage(site, { reports: ['utilization'], periods: 3, portalPeriods: 0 });
    const worker = await site.startWorker(databases.disturbed);
    await Promise.all(stage.works.map((work) => replaceOnce(stage, work)));
    await worker.stop();
    expect(stage.tally.differences).toEqual([]);
    const periods = plannedPeriods(stage);
    const starts = periods.map(({ period }) => period.from);
    const spoil = (sql: string, values: unknown[]) => site.query(databases.disturbed, sql, values);
    await spoil('DELETE FROM utilization WHERE period_start = ? AND source_line % 2 = 0', [starts[0]]);
    await spoil('UPDATE utilization SET run_id = ? WHERE period_start = ? AND source_line < 9', [
      'another',
      starts[1],
    ]);
    await spoil('UPDATE utilization_summary SET row_count = row_count + 1 WHERE period_start = ?', [
      starts[2],
    ]);

    stage.reader.start();
    await expect.poll(() => stage.reader.violations.length).toBeGreaterThan(5);
    await stage.reader.stop();
    expect(stage.reader.violations).toEqual(
      expect.arrayContaining([
        expect.stringMatching(/2024-01-01.*: shows \d+ rows where \d+ are published/),
        expect.stringMatching(/2024-01-01.*: shows neither version of its export/),
        expect.stringMatching(/2024-02-01.*: shows rows of another run than the published one/),
        expect.stringMatching(/2024-03-01.*: the roll-up's row_count is not that of the rows/),
      ]),
    );
    const differing = await Promise.all(
      periods.map((planned) => contentsDiffer(site, planned, stage.expected.A)),
    );
    // Who brought a row is no part of its content.
    expect(differing.map((texts) => texts.length)).toEqual([1, 0, 1]);
  });

  test('a worker that finds no Temporal server ends, so that it can be started again', async () => {
    const begun = performance.now();
    // Nobody listens on the port for discarded things.
    const nowhere = site.startWorker(databases.disturbed, { TEMPORAL_ADDRESS: '127.0.0.1:9' });
    await expect(nowhere).rejects.toThrow(/ConnectionRefused/);
    expect(performance.now() - begun).toBeLessThan(300_000);
  });

  test('kills of workers, browsers, database and Temporal', async () => {
    const report = await killAndCompare(site, {
      kills: 8,
      minutes: 4,
      seed: 'short',
      targets,
      reports: ['utilization', 'notes'],
      periods: 2,
      portalPeriods: 2,
      workers: 2,
      killsPerRound: 8,
      onRound: () => undefined,
    });
    expectClean(report);
    expect(report.killsInAll).toBe(8);
    expect([...new Set(report.kills.map(({ target }) => target))].sort()).toEqual([...targets].sort());
    // The table and one period of each lane, twice at least: with kills and at rest.
    expect(report.replaced).toBeGreaterThanOrEqual(2 * 6);
  });

  test('a database that is away for 20 s in the middle of a load', async () => {
    const report = await databaseAway(site, {
      reports: ['utilization', 'notes'],
      periods: 2,
      portalPeriods: 2,
      awaySeconds: 20,
    });
    expectClean(report);
    // Nothing had to be started again.
    expect(report.figures).toMatchObject({
      'runs that gave up, by type': '{}',
      'workers that ended alone': 0,
    });
    expect(report.reader.away).toBeGreaterThan(0);
  });

  test.skipIf(!mayMount())('an artifacts folder that is full', async () => {
    const report = await diskFull(site);
    expectClean(report);
    expect(report.figures).toMatchObject({
      'step that failed with ArtifactStoreUnavailable': expect.stringMatching(
        /^(clean|categorize)$/,
      ) as string,
      'runs that gave up, by type': '{}',
    });
  });

  test('a backfill that is cancelled in the middle of its load', async () => {
    const report = await cancelBackfills(site, ['load: amid the rows', 'load: commit not answered']);
    expectClean(report);
    expect(report.figures).toMatchObject({ 'backfills cancelled': 2 });
    expect(report.figures['seconds until all had ended, at most']).toBeLessThan(300);
  });

  test('another time zone, and a clock that jumps between the steps', async () => {
    const report = await clockJumps(site, 'short');
    expectClean(report);
    expect(report.figures['jumps of the second one']).toBeGreaterThan(20);
  });

  test('a worker that runs out of memory in the middle of a step', async () => {
    const report = await outOfMemory(site);
    expectClean(report);
    expect(report.figures).toMatchObject({ 'the worker ended with': 'SIGABRT, heap out of memory' });
  });
});
