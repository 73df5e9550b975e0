import { readFile, writeFile } from 'node:fs/promises';
import { fleetTables } from './fleet/tables.ts';
import { grouped, table } from './markdown.ts';
import { median, quartiles } from './median.ts';
import type { BackfillResult } from './orchestrationSuite.ts';
import { isMariaDb, type BenchResults } from './results.ts';
import type { RowsResult, WayRuns } from './rowsSuite.ts';
import type { Use } from './use.ts';

/**
 * Writes the tables into the page, each between two marks `<!-- bench:NAME -->` and `<!-- /bench:NAME -->`. What has
 * not been measured this time stays as it is.
 */
export async function writePage(file: string, results: BenchResults): Promise<void> {
  let page = await readFile(file, 'utf8');
  for (const [name, text] of Object.entries(tables(results))) {
    if (text !== undefined) page = between(page, name, text);
  }
  await writeFile(file, page);
}

/** @throws Error where the page lacks the marks */
function between(page: string, name: string, text: string): string {
  const [open, close] = [`<!-- bench:${name} -->`, `<!-- /bench:${name} -->`];
  const [from, to] = [page.indexOf(open), page.indexOf(close)];
  if (from === -1 || to < from) throw new Error(`the page lacks ${open} … ${close}`);
  return `${page.slice(0, from + open.length)}\n\n${text}\n\n${page.slice(to)}`;
}

function tables(results: BenchResults): Record<string, string | undefined> {
  const { rows, portal, orchestration, backfills, scale, fleet } = results;
  const onMySql = isMariaDb(results) ? '' : '-mysql';
  return {
    [`rows${onMySql}`]:
      rows === undefined ? undefined : [measuredBy(results), ...rows.map(rowsTable)].join('\n\n'),
    [`steps${onMySql}`]: rows === undefined ? undefined : stepsTable(rows),
    [`cpu${onMySql}`]: rows === undefined ? undefined : [measuredBy(results), cpuTable(rows)].join('\n\n'),
    portal: portal === undefined ? undefined : [measuredBy(results), backfillTable(portal)].join('\n\n'),
    orchestration:
      orchestration === undefined
        ? undefined
        : `${measuredBy(results)}\n\nOne run beyond its steps: ${String(orchestration.overheadMilliseconds)} ms after a pause, ${String(orchestration.overheadInARowMilliseconds)} ms at the heels of another one (medians of ${String(orchestration.runs)}), ${String(orchestration.historyEventsPerRun)} events in its history.\n\n${backfillTable(backfills ?? [])}`,
    scale:
      scale === undefined
        ? undefined
        : `${measuredBy(results)}\n\n${table(
            ['workers', 'runs', 'rows each', 's', 'rows/s', '× one worker'],
            scale.map((each) => [
              String(each.workers),
              String(each.runs),
              grouped(each.rowsPerRun),
              each.seconds.toFixed(1),
              grouped(each.rowsPerSecond),
              (each.rowsPerSecond / scale[0]!.rowsPerSecond).toFixed(2),
            ]),
          )}`,
    fleet: fleet === undefined ? undefined : [measuredBy(results), fleetTables(fleet)].join('\n\n'),
  };
}

function measuredBy(results: BenchResults): string {
  const { command, machine, loadBefore } = results;
  const database = isMariaDb(results) ? machine.database : `MySQL ${machine.database}`;
  return `\`${command}\` on ${String(machine.cores)} cores (${machine.cpu}), ${String(machine.memoryGib)} GiB, Node ${machine.node}, ${database}; load average before: ${loadBefore.toFixed(1)}.`;
}

function rowsTable({ rows, exportBytes, ways }: RowsResult): string {
  const bare = ways.find(({ way }) => way === 'bare load')!;
  const lines = ways.map((way) => [
    names[way.way],
    seconds(way.first),
    ratio(way.first, bare.first),
    grouped(Math.round(rows / median(way.first))),
    seconds(way.reload),
    ratio(way.reload, bare.reload),
    way.peakMemoryMib === undefined ? '' : String(way.peakMemoryMib),
  ]);
  const title = `**${grouped(rows)} rows**, ${(exportBytes / 1e6).toFixed(0)} MB, medians of ${String(bare.first.length)}, in brackets the middle half`;
  const heads = ['', 'first load s', '× bare', 'rows/s', 'reload s', '× bare', 'peak MiB'];
  return `${title}\n\n${table(heads, lines)}`;
}

const names: Readonly<Record<WayRuns['way'], string>> = {
  'bare load': 'bare `LOAD DATA LOCAL INFILE` of ready rows',
  steps: 'the steps alone, one after the other',
  'sealed steps': 'the same with a data key, which seals every file',
  temporal: '**the pipeline, through Temporal, warm worker**',
  'fresh worker': 'the first run of a fresh worker',
  pandas: 'the old way (pandas, `to_sql`, appends)',
};

/** Wall seconds of the last run of each size through Temporal, first load and reload. */
function stepsTable(sizes: readonly RowsResult[]): string {
  const runs = sizes.flatMap(({ rows, ways }) => {
    const { steps, first, reload } = ways.find(({ way }) => way === 'temporal')!;
    return [
      { title: `${grouped(rows)} first`, steps: steps?.first ?? {}, whole: first.at(-1)! },
      { title: `${grouped(rows)} reload`, steps: steps?.reload ?? {}, whole: reload.at(-1)! },
    ];
  });
  const lines = Object.keys(runs[0]!.steps).map((step) =>
    [`\`${step}\``].concat(runs.map(({ steps }) => (steps[step] ?? 0).toFixed(2))),
  );
  const beyond = runs.map(({ steps, whole }) => {
    const busy = Object.values(steps).reduce((sum, each) => sum + each, 0);
    return (whole - busy).toFixed(2);
  });
  return table(['seconds', ...runs.map(({ title }) => title)], [...lines, ['beyond the steps', ...beyond]]);
}

/** The fixed cost is that of the smallest size; the last column is what each further row takes. */
function cpuTable(sizes: readonly RowsResult[]): string {
  const heads = ['CPU seconds', 'worker', 'database', 'Temporal', 'statements', 'µs a further row'];
  const lines = sizes.flatMap((size) =>
    (['first', 'reload'] as const).flatMap((load) => cpuLines(size, load)),
  );
  return table(heads, lines);

  function cpuLines({ rows, ways }: RowsResult, load: 'first' | 'reload'): string[][] {
    const [smallest] = sizes;
    const more = rows - smallest!.rows;
    return ways.flatMap(({ way, use }) => {
      const least = smallest!.ways.find((each) => each.way === way)?.use;
      if (use === undefined || least === undefined) return [];
      const { worker, database, temporal, statements } = use[load];
      const cells = [worker, database, temporal].map((used) => used?.toFixed(2) ?? '');
      const perRow = more === 0 ? '' : (((cpuOf(use[load]) - cpuOf(least[load])) / more) * 1e6).toFixed(1);
      const title = `${grouped(rows)} rows, ${load === 'first' ? 'first load' : 'reload'}: ${names[way]}`;
      return [[title].concat(cells, String(statements), perRow)];
    });
  }
}

function cpuOf({ worker, database = 0, temporal = 0 }: Use): number {
  return worker + database + temporal;
}

function backfillTable(backfills: readonly BackfillResult[]): string {
  return table(
    ['backfill', 'periods', 's', 's per period after the first', 'worker peak MiB'],
    backfills.map((each) => [
      each.report,
      String(each.periods),
      each.seconds.toFixed(1),
      each.secondsPerPeriodAfterFirst.toFixed(2),
      each.peakMemoryMib === undefined ? '' : String(each.peakMemoryMib),
    ]),
  );
}

/** The median, and the middle half of all runs. */
function seconds(runs: readonly number[]): string {
  if (runs.length === 0) return '';
  const [from, to] = quartiles(runs);
  return `${median(runs).toFixed(2)} (${from.toFixed(2)}–${to.toFixed(2)})`;
}

function ratio(runs: readonly number[], bare: readonly number[]): string {
  return runs.length === 0 || bare.length === 0 ? '' : (median(runs) / median(bare)).toFixed(2);
}
