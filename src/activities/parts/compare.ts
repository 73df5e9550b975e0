import type { Readable } from 'node:stream';
import { Context } from '@temporalio/activity';
import type { LineCells } from '../../domain/rowCells.ts';
import type { ArtifactRef } from '../../domain/artifacts.ts';
import { encodeChange } from '../../rows/changeFiles.ts';
import {
  addToPartition,
  differingRows,
  partitionsFor,
  type ChangeCounts,
  type RowBlockGenerator,
} from '../../rows/differingRows.ts';
import type { Changes, Comparison, ShownRows } from '../../domain/publication.ts';
import type { RunIdentity } from '../../domain/runIdentity.ts';
import { reports, type ReportName } from '../../reports/index.ts';
import { RepeatedRows } from '../../rows/repeatedRows.ts';
import { duplicatesIn } from '../../rows/rowChanges.ts';
import { lineText, splitRows } from '../../rows/rowLines.ts';
import { readRowBlocks } from '../../rows/lines.ts';
import { openPartitions } from '../../rows/partitions.ts';
import type { Ports } from '../../ports.ts';
import type { Made } from '../contracts.ts';
import { writeArtifact } from './storeFile.ts';

type ComparePorts = Pick<Ports, 'artifacts' | 'scratch'>;

/** Compares a run's rows with what the period shows, and keeps the differing rows in a file. */
export function createCompare(
  ports: ComparePorts,
  { run, made }: { readonly run: RunIdentity; readonly made: Made },
) {
  return async function compare(before: ShownRows | null): Promise<Comparison> {
    const { rows } = made.categorize;
    const repeated = new RepeatedRows(run.report, rows.rows);
    const found =
      before === null
        ? await allAdded(ports, run.report, rows, repeated)
        : await differences(ports, run, { before, rows, repeated });
    const dollars = dollarChanges(run.report, before, made);
    return {
      changes: { since: before?.runId ?? null, ...found.counts, dollars, details: found.details },
      duplicates: await duplicates(ports, run.report, rows, repeated),
    };
  };
}

interface Found {
  readonly counts: ChangeCounts;
  readonly details: ArtifactRef;
}

/** If the period showed nothing, the file of the rows already contains every change. */
async function allAdded(
  { artifacts }: ComparePorts,
  report: ReportName,
  rows: ArtifactRef,
  repeated: RepeatedRows,
): Promise<Found> {
  for await (const lines of rowBlocks(report, await artifacts.open(rows))) {
    for (const line of lines) repeated.add(line);
  }
  return { counts: { added: rows.rows, removed: 0, changed: 0, same: 0 }, details: rows };
}

interface Sides {
  readonly before: ShownRows;
  readonly rows: ArtifactRef;
  /** Gets every row. */
  readonly repeated: RepeatedRows;
}

async function differences(
  { artifacts, scratch }: ComparePorts,
  run: RunIdentity,
  { before, rows, repeated }: Sides,
): Promise<Found> {
  const { report } = run;
  const sink = await artifacts.create({ run, step: 'load', file: 'changes.tsv' });
  return writeArtifact([sink], async () => {
    const loads = {
      before: shownBlocks(report, before),
      after: rowBlocks(report, await artifacts.open(rows), (row) => repeated.add(row)),
      rows: Math.max(rows.rows, before.rows),
    };
    const counts = await differingRows(report, loads, scratch, (change) => sink.add(encodeChange(change)));
    return { counts, details: await sink.commit(counts.added + counts.removed + counts.changed) };
  });
}

/** How many rows of the file equal an earlier one; reads the file again only if some may. */
async function duplicates(
  { artifacts, scratch }: ComparePorts,
  report: ReportName,
  rows: ArtifactRef,
  repeated: RepeatedRows,
): Promise<number> {
  const suspects = repeated.finder();
  if (suspects.rows === 0) return 0;
  const partitions = await openPartitions(partitionsFor(suspects.rows), scratch);
  try {
    for await (const lines of rowBlocks(report, await artifacts.open(rows))) {
      for (const line of lines.filter(suspects.mayRepeat)) {
        await addToPartition(partitions, report, 'after', lineText(line, reports[report].rowColumns.length));
      }
    }
    let found = 0;
    for (let index = 0; index < partitions.count; index += 1) {
      found += duplicatesIn(report, await partitions.read('after', index));
    }
    return found;
  } finally {
    await partitions.remove();
  }
}

/** The rows of a file; each is also passed to an observer. */
async function* rowBlocks(
  report: ReportName,
  file: Readable,
  look: (row: LineCells) => void = () => undefined,
): RowBlockGenerator {
  const { cancellationSignal } = Context.current();
  for await (const lines of readRowBlocks(file, reports[report].rowColumns.length)) {
    cancellationSignal.throwIfAborted();
    for (const line of lines) look(line);
    yield lines;
  }
}

async function* shownBlocks(report: ReportName, { pages }: ShownRows): RowBlockGenerator {
  for await (const lines of pages) yield splitRows(lines, reports[report].rowColumns.length);
}

function dollarChanges(report: ReportName, before: ShownRows | null, made: Made): Changes['dollars'] {
  return Object.fromEntries(
    reports[report].moneyColumns.map((column) => [
      column,
      { before: before?.sums[column] ?? '0.00', after: made.aggregate.sums[column] ?? '0.00' },
    ]),
  );
}
