import type { ArtifactPlace, ArtifactRef } from '../domain/artifacts.ts';
import { yearMonth } from '../domain/periods.ts';
import { NameLists } from '../rows/lookAlikeGroups.ts';
import type { UnknownService } from '../domain/publication.ts';
import { createRollup } from '../rows/rollups.ts';
import { categorizedCells } from '../rows/rowFiles.ts';
import { runWarnings } from '../domain/runWarnings.ts';
import { SharedNumbers } from '../rows/sharedNumbers.ts';
import { ColumnSums, UnknownServices } from '../rows/totals.ts';
import { reports } from '../reports/index.ts';
import { encodeTsv } from '../rows/tsv.ts';
import { beatPerRecords } from './parts/heartbeats.ts';
import { readRowBlocks } from '../rows/lines.ts';
import type { Ports } from '../ports.ts';
import type { AggregateMade, CategorizeMade, StepInput } from './contracts.ts';
import { writeArtifact } from './parts/storeFile.ts';

/** Adds up the categorized rows by every dimension of the dashboards. */
export function createAggregate({ artifacts }: Pick<Ports, 'artifacts'>) {
  return async function aggregate({
    run,
    categorize,
  }: StepInput & { categorize: CategorizeMade }): Promise<AggregateMade> {
    const report = reports[run.report];
    const { width, column } = categorizedCells(report);
    const rollup = createRollup(report, column);
    const sums = new ColumnSums(report, column);
    const unknown = new UnknownServices(report, column);
    const names = new NameLists(report, column);
    const numbers = new SharedNumbers(report, column);
    const beat = beatPerRecords('aggregating');
    for await (const lines of readRowBlocks(await artifacts.open(categorize.rows), width)) {
      for (const row of lines) {
        rollup.add(row);
        sums.add(row);
        unknown.add(row);
        names.add(row);
        numbers.add(row);
      }
      await beat(lines.length);
    }
    const warnings = runWarnings({
      members: rollup.members(),
      lookAlikes: names.lookAlikes(),
      ...(report.ownedBy === undefined
        ? {}
        : { shared: { warning: report.ownedBy.warning, rows: numbers.rows } }),
    });
    const services = unknown.list();
    const place = { run, step: 'aggregate' };
    return {
      rollups: await store(artifacts, { ...place, file: 'rollups.tsv' }, rollup.lines(yearMonth(run.period))),
      unknownServices: await store(artifacts, { ...place, file: 'unknown.tsv' }, serviceLines(services)),
      sums: sums.texts(),
      unknownRows: services.reduce((rows, service) => rows + service.rows, 0),
      warnings: warnings.counts,
      namedWarnings: await store(
        artifacts,
        { ...place, file: 'warnings.tsv' },
        warnings.named.map(([warning, count]) => [warning, String(count)]),
      ),
    };
  };
}

function serviceLines(services: readonly UnknownService[]): (string | null)[][] {
  return services.map(({ code, rows, dollars }) => [code, String(rows), dollars]);
}

async function store(
  artifacts: Ports['artifacts'],
  place: ArtifactPlace,
  lines: Iterable<readonly (string | null)[]>,
): Promise<ArtifactRef> {
  const sink = await artifacts.create(place);
  return writeArtifact([sink], async () => {
    let rows = 0;
    for (const cells of lines) {
      await sink.add(encodeTsv(cells));
      rows += 1;
    }
    return sink.commit(rows);
  });
}
