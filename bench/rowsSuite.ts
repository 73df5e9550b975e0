import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { withoutOwnSettings } from '../test/e2e/system.ts';
import { bareLoad, emptyTables } from './bareLoad.ts';
import { benchPeriod, writeExport } from './exports.ts';
import type { BenchOptions } from './options.ts';
import { peakMemoryMib } from './peakMemory.ts';
import type { Site } from './site.ts';
import type { StepsRequest, StepsResult } from './steps.ts';
import { meanUse, usedBySteps, usedByWorker, type Use } from './use.ts';
import { runThroughTemporal, type TemporalRun } from './throughTemporal.ts';

/** What is timed of one way: the first load of a period, and the load that replaces it by another version. */
export interface WayRuns {
  readonly way: 'bare load' | 'steps' | 'sealed steps' | 'fresh worker' | 'temporal' | 'pandas';
  readonly first: readonly number[];
  /** The old way appends, and a worker is fresh once: they have no second load. */
  readonly reload: readonly number[];
  /** Of the process that does the work, the most over all runs. */
  readonly peakMemoryMib?: number;
  /** Of the last run, wall seconds by step. */
  readonly steps?: { readonly first: Record<string, number>; readonly reload: Record<string, number> };
  /** The mean over all runs. */
  readonly use?: { readonly first: Use; readonly reload: Use };
}

/** One way while it is measured. */
interface Timed {
  readonly first: number[];
  readonly reload: number[];
  readonly uses: { readonly first: Use[]; readonly reload: Use[] };
  peak: number;
  steps?: WayRuns['steps'];
}

function untimed(): Timed {
  return { first: [], reload: [], uses: { first: [], reload: [] }, peak: 0 };
}

export interface RowsResult {
  readonly rows: number;
  readonly exportBytes: number;
  readonly ways: readonly WayRuns[];
}

/** Every size by every way, in turn within each run, so that a machine that slows down slows all of them. */
export async function measureRows(site: Site, options: BenchOptions): Promise<RowsResult[]> {
  const results: RowsResult[] = [];
  for (const rows of options.rows) results.push(await measureSize(site, rows, options));
  return results;
}

interface Exports {
  readonly first: string;
  readonly second: string;
  readonly bytes: number;
}

async function measureSize(site: Site, rows: number, options: BenchOptions): Promise<RowsResult> {
  const exports = await makeExports(site, rows);
  const ready = await readyRows(site, exports);
  const fresh = await freshWorkers(site, exports, options.runs);
  const worker = await site.startWorker();
  await warmUp(site);
  const ways: Record<WayRuns['way'], Timed> = {
    'bare load': untimed(),
    steps: untimed(),
    'sealed steps': untimed(),
    'fresh worker': fresh,
    temporal: untimed(),
    pandas: untimed(),
  };
  const profiling = options.profile === undefined ? [] : profiled(options.profile, rows);
  for (let run = 1; run <= options.runs; run += 1) {
    await emptyTables(site.databaseUrl);
    ways['bare load'].first.push(await bareLoad(site.databaseUrl, ready.first, { replacing: false }));
    ways['bare load'].reload.push(await bareLoad(site.databaseUrl, ready.second, { replacing: true }));

    await noteSteps(site, exports, ways.steps, { profiling });
    await noteSteps(site, exports, ways['sealed steps'], { environment: { EHR_DATA_KEY: dataKey } });

    await emptyTables(site.databaseUrl);
    const { pid } = worker;
    const first = await usedByWorker(site, pid, () => temporalRun(site, exports.first));
    const reload = await usedByWorker(site, pid, () => temporalRun(site, exports.second));
    await forgetFiles(site);
    ways.temporal.first.push(first.result.seconds);
    ways.temporal.reload.push(reload.result.seconds);
    ways.temporal.uses.first.push(first.use);
    ways.temporal.uses.reload.push(reload.use);
    ways.temporal.steps = { first: { ...first.result.steps }, reload: { ...reload.result.steps } };

    if (options.python !== undefined && rows <= options.pythonRows) {
      const old = await oldWay(options.python, exports.first, site.databaseUrl);
      ways.pandas.first.push(old.seconds);
      ways.pandas.peak = Math.max(ways.pandas.peak, old.peakMemoryMib);
    }
    console.log(`${String(rows)} rows, run ${String(run)} of ${String(options.runs)}: ${lastOf(ways)}`);
  }
  ways.temporal.peak = (await peakMemoryMib(worker.pid)) ?? 0;
  await worker.stop();
  await Promise.all([exports.first, exports.second, ready.first, ready.second].map((file) => rm(file)));
  return { rows, exportBytes: exports.bytes, ways: namedWays(ways) };
}

/** The first run of each of so many workers. */
async function freshWorkers(site: Site, exports: Exports, runs: number): Promise<Timed> {
  const fresh = untimed();
  for (let run = 1; run <= runs; run += 1) {
    await emptyTables(site.databaseUrl);
    const worker = await site.startWorker();
    fresh.first.push((await temporalRun(site, exports.first)).seconds);
    fresh.peak = Math.max(fresh.peak, (await peakMemoryMib(worker.pid)) ?? 0);
    await worker.stop();
    await forgetFiles(site);
  }
  return fresh;
}

const warmUpRuns = 10;

/** Runs of the everyday size, each of another year: until then V8 has not compiled what it compiles for good. */
async function warmUp(site: Site): Promise<void> {
  const file = path.join(site.folder, 'exports', 'warm-up.csv');
  for (let year = 2000; year < 2000 + warmUpRuns; year += 1) {
    await writeExport(file, { rows: 10_000, version: 1, year });
    await runThroughTemporal(site.client, { report: 'utilization', ...benchPeriod(year), file });
  }
  await rm(file);
  await forgetFiles(site);
}

const dataKey = randomBytes(32).toString('base64');

async function noteSteps(site: Site, exports: Exports, way: Timed, process: StepsProcess): Promise<void> {
  await emptyTables(site.databaseUrl);
  const { result: first, use } = await usedBySteps(site, () => stepsAlone(site, exports.first, process));
  const { result: reload, use: reloadUse } = await usedBySteps(site, () =>
    stepsAlone(site, exports.second, process),
  );
  await forgetFiles(site);
  way.first.push(sum(first.seconds));
  way.reload.push(sum(reload.seconds));
  way.uses.first.push(use);
  way.uses.reload.push(reloadUse);
  way.steps = { first: { ...first.seconds }, reload: { ...reload.seconds } };
  way.peak = Math.max(way.peak, first.peakMemoryMib, reload.peakMemoryMib);
}

function sum(seconds: Readonly<Record<string, number>>): number {
  return Object.values(seconds).reduce((total, each) => total + each, 0);
}

function namedWays(ways: Record<WayRuns['way'], Timed>): WayRuns[] {
  return Object.entries(ways).flatMap(([way, { first, reload, uses, peak, steps }]) => {
    const [firstUse, reloadUse] = [meanUse(uses.first), meanUse(uses.reload)];
    return first.length === 0
      ? []
      : [
          {
            way: way as WayRuns['way'],
            first,
            reload,
            ...(peak === 0 ? {} : { peakMemoryMib: Math.round(peak) }),
            ...(steps === undefined ? {} : { steps }),
            ...(firstUse === undefined || reloadUse === undefined
              ? {}
              : { use: { first: firstUse, reload: reloadUse } }),
          },
        ];
  });
}

function lastOf(ways: Record<string, Timed>): string {
  return Object.entries(ways)
    .filter(([way, { first }]) => way !== 'fresh worker' && first.length > 0)
    .map(([way, { first, reload }]) => `${way} ${told(first)} / ${told(reload)}`)
    .join(', ');
}

function told(seconds: readonly number[]): string {
  const last = seconds.at(-1);
  return last === undefined ? '–' : `${last.toFixed(2)} s`;
}

async function makeExports(site: Site, rows: number): Promise<Exports> {
  const folder = path.join(site.folder, 'exports');
  await mkdir(folder, { recursive: true });
  const [first, second] = [1, 2].map((version) =>
    path.join(folder, `${String(rows)}-v${String(version)}.csv`),
  ) as [string, string];
  await writeExport(first, { rows, version: 1 });
  await writeExport(second, { rows, version: 2 });
  return { first, second, bytes: (await readFile(first)).length };
}

/** The row files that the steps make of both versions, for the bare load: ready, and in key order. */
async function readyRows(site: Site, exports: Exports): Promise<{ first: string; second: string }> {
  await emptyTables(site.databaseUrl);
  const made = [];
  for (const file of [exports.first, exports.second]) {
    const { rowsFile } = await stepsAlone(site, file, {});
    const kept = `${file}.tsv`;
    await writeFile(kept, await readFile(rowsFile));
    made.push(kept);
  }
  await forgetFiles(site);
  return { first: made[0]!, second: made[1]! };
}

const stepsProgram = fileURLToPath(new URL('stepsProgram.ts', import.meta.url));
const pandasProgram = fileURLToPath(new URL('pandas_way.py', import.meta.url));

interface StepsProcess {
  readonly environment?: Readonly<Record<string, string>>;
  /** Options of Node. */
  readonly profiling?: readonly string[];
}

function profiled(folder: string, rows: number): string[] {
  return ['--cpu-prof', `--cpu-prof-dir=${path.join(folder, String(rows))}`];
}

/** In a process of its own, so that its memory is its own. */
async function stepsAlone(
  site: Site,
  file: string,
  { environment = {}, profiling = [] }: StepsProcess,
): Promise<StepsResult> {
  const request: StepsRequest = {
    databaseUrl: site.databaseUrl,
    artifacts: path.join(site.folder, 'artifacts'),
    config: site.configFile,
    file,
    period: benchPeriod() as StepsRequest['period'],
  };
  const { stdout } = await promisify(execFile)(
    process.execPath,
    [...profiling, '--import', 'tsx', stepsProgram, JSON.stringify(request)],
    { env: { ...withoutOwnSettings(process.env), ...environment } },
  );
  return JSON.parse(stdout) as StepsResult;
}

async function temporalRun(site: Site, file: string): Promise<TemporalRun> {
  return runThroughTemporal(site.client, { report: 'utilization', ...benchPeriod(), file });
}

async function oldWay(
  python: string,
  file: string,
  databaseUrl: string,
): Promise<{ seconds: number; peakMemoryMib: number }> {
  const { stdout } = await promisify(execFile)(python, [pandasProgram, file, databaseUrl]);
  return JSON.parse(stdout) as { seconds: number; peakMemoryMib: number };
}

async function forgetFiles(site: Site): Promise<void> {
  await rm(path.join(site.folder, 'artifacts', 'utilization'), { recursive: true, force: true });
}
