import { grouped, table } from '../markdown.ts';
import type { FleetResult } from './result.ts';
import type { Spread } from './scheduledRuns.ts';

export function fleetTables(result: FleetResult): string {
  const { scheduled, waiting } = result;
  return [
    `**${grouped(result.agencies)} agencies that take a file of ${grouped(result.rows)} rows, ${String(result.browsers)} that run their day through the stand-in portal (${String(scheduled.browserRuns)} runs), ${String(result.workers)} worker${result.workers === 1 ? '' : 's'}**, Temporal ${result.temporalVersion} with 512 history shards`,
    table(
      ['seconds', 'median', '95 %', 'most'],
      [
        ['a schedule starts after its time', ...cells(scheduled.lateSeconds)],
        ["start of an agency's round to its file published", ...cells(scheduled.publishedSeconds)],
        ...(scheduled.daySeconds === undefined
          ? []
          : [['a day through the portal, from its start to its end', ...cells(scheduled.daySeconds)]]),
      ],
    ),
    table(
      ['process', 'CPU s per run', 'CPU s', 'MiB at the end', 'MiB at most'],
      result.processes.map(({ name, cpuSeconds, memoryMib, peakMib }) => [
        name,
        (cpuSeconds / result.runs).toFixed(2),
        grouped(Math.round(cpuSeconds)),
        grouped(memoryMib),
        grouped(peakMib),
      ]),
    ),
    table(
      ['figure', ''],
      [
        ['first start to last start', `${grouped(scheduled.startsOverSeconds)} s`],
        ['first start to last end', `${grouped(scheduled.wholeSeconds)} s`],
        [
          'history of a round (three workflows)',
          `${String(scheduled.historyEvents)} events, ${grouped(scheduled.historyBytes)} bytes`,
        ],
        ["connections to the agencies' database, at most", String(result.connections.warehouses)],
        ["connections to Temporal's database, at most", String(result.connections.temporal)],
        ["Temporal's database afterwards", `${grouped(result.temporalMegabytes)} MB`],
      ],
    ),
    ...(waiting.length === 0
      ? []
      : [
          `One agency starts ${String(waiting[0]!.backlog)} runs at once; three seconds later five others start one each, of the same priority:`,
          table(
            ['`matching.enableFairness`', 'small run s, median', 'most', 'all of the large agency s'],
            waiting.map(({ fairness, smallSeconds, backlogSeconds }) => [
              String(fairness),
              smallSeconds.median.toFixed(1),
              smallSeconds.most.toFixed(1),
              backlogSeconds.toFixed(1),
            ]),
          ),
        ]),
  ].join('\n\n');
}

function cells({ median, p95, most }: Spread): string[] {
  return [median, p95, most].map((value) => value.toFixed(1));
}
