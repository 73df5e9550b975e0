import type { Readable } from 'node:stream';
import { Context } from '@temporalio/activity';
import type { ArtifactRef } from '../domain/artifacts.ts';
import { encodeChange } from '../rows/changeFiles.ts';
import type { Changes, Comparison, ShownRows } from '../domain/publication.ts';
import type { RunIdentity } from '../domain/runIdentity.ts';
import { reports, type ReportName } from '../reports/index.ts';
import { RepeatedRows } from '../rows/repeatedRows.ts';
import { RowAlignment, type Side } from '../rows/rowAlignment.ts';
import { duplicatesIn, matchRows, partitionOf } from '../rows/rowChanges.ts';
import { lineText, splitRows, type LineCells } from '../rows/rowLines.ts';
import { readRowBlocks } from '../rows/lines.ts';
import { openParts, type Parts } from '../rows/parts.ts';
import type { Ports } from '../ports.ts';
import type { Made } from './contracts.ts';
import { writeArtifact } from './storeFile.ts';

/**
 * Rows of one side that are matched in memory at a time, about 10 MB of text. More rows are partitioned by key, so that
 * memory stays bounded at any size and rows that could match are in the same part.
 */
const rowsPerPart = 25_000;

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

type ChangeCounts = Record<'added' | 'removed' | 'changed' | 'same', number>;

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
  const parts = await openParts(partsFor(Math.max(rows.rows, before.rows)), scratch);
  try {
    const after = rowBlocks(report, await artifacts.open(rows), (row) => repeated.add(row));
    const same = await leaveOverInto(parts, report, { before: shownBlocks(report, before), after });
    const found = await writeChanges(parts, run, artifacts);
    return { ...found, counts: { ...found.counts, same: same + found.counts.same } };
  } finally {
    await parts.remove();
  }
}

function partsFor(rows: number): number {
  return Math.max(1, Math.ceil(rows / rowsPerPart));
}

type Blocks = AsyncGenerator<readonly LineCells[]>;

/**
 * Puts all rows without an equal row in step on the other side into the parts; returns the number of pairs of equal
 * ones.
 */
async function leaveOverInto(
  parts: Parts,
  report: ReportName,
  sides: Readonly<Record<Side, Blocks>>,
): Promise<number> {
  let leftOver: [Side, string][] = [];
  const width = reports[report].rowColumns.length;
  const alignment = new RowAlignment(width, (side, row) => leftOver.push([side, lineText(row, width)]));
  try {
    for (let side = alignment.wanted; side !== undefined; side = alignment.wanted) {
      const next = await sides[side].next();
      if (next.done === true) alignment.end(side);
      else alignment.add(side, next.value);
      for (const [of, line] of leftOver) await addTo(parts, report, of, line);
      leftOver = [];
    }
    return alignment.same;
  } finally {
    await sides.before.return(undefined);
    await sides.after.return(undefined);
  }
}

async function addTo(parts: Parts, report: ReportName, side: Side, line: string): Promise<void> {
  await parts.add(side, parts.count === 1 ? 0 : partitionOf(report, line, parts.count), line);
}

async function writeChanges(parts: Parts, run: RunIdentity, artifacts: Ports['artifacts']): Promise<Found> {
  const sink = await artifacts.create({ run, step: 'load', file: 'changes.tsv' });
  return writeArtifact([sink], async () => {
    const counts: ChangeCounts = { added: 0, removed: 0, changed: 0, same: 0 };
    for (let index = 0; index < parts.count; index += 1) {
      const matched = matchRows(
        run.report,
        await parts.read('before', index),
        await parts.read('after', index),
      );
      counts.same += matched.same;
      for (const change of matched.changes) {
        counts[change.kind] += 1;
        await sink.add(encodeChange(change));
      }
    }
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
  const parts = await openParts(partsFor(suspects.rows), scratch);
  try {
    for await (const lines of rowBlocks(report, await artifacts.open(rows))) {
      for (const line of lines.filter(suspects.mayRepeat)) {
        await addTo(parts, report, 'after', lineText(line, reports[report].rowColumns.length));
      }
    }
    let found = 0;
    for (let index = 0; index < parts.count; index += 1) {
      found += duplicatesIn(report, await parts.read('after', index));
    }
    return found;
  } finally {
    await parts.remove();
  }
}

/** The rows of a file; each is also passed to an observer. */
async function* rowBlocks(
  report: ReportName,
  file: Readable,
  look: (row: LineCells) => void = () => undefined,
): Blocks {
  const { cancellationSignal } = Context.current();
  for await (const lines of readRowBlocks(file, reports[report].rowColumns.length)) {
    cancellationSignal.throwIfAborted();
    for (const line of lines) look(line);
    yield lines;
  }
}

async function* shownBlocks(report: ReportName, { pages }: ShownRows): Blocks {
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
