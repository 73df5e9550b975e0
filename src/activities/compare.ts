import { Context } from '@temporalio/activity';
import type { ArtifactRef } from '../domain/artifacts.ts';
import { encodeChange } from '../domain/changeFiles.ts';
import type { Changes, Comparison, RunIdentity, ShownRows } from '../domain/publication.ts';
import type { ReportName } from '../domain/reports.ts';
import { duplicatesIn, matchRows, partitionOf } from '../domain/rowChanges.ts';
import { moneyColumns } from '../domain/tables.ts';
import { readLineBlocks } from './lines.ts';
import { openParts, type Parts } from './parts.ts';
import type { Ports } from './ports.ts';
import type { Made } from './steps.ts';
import { writeArtifact } from './storeFile.ts';

/**
 * Rows of one side that are compared in memory at a time, about 10 MB of text. A larger period is parted by its
 * rows' keys, so that memory stays the same at any size and rows that could match meet in one part.
 */
const rowsPerPart = 25_000;

/** Compares what a run made with what the period shows, and keeps the differing rows in a file. */
export function createCompare(
  { artifacts, scratch }: Pick<Ports, 'artifacts' | 'scratch'>,
  { run, made }: { readonly run: RunIdentity; readonly made: Made },
) {
  return async function compare(before: ShownRows | null): Promise<Comparison> {
    const { rows } = made.categorize;
    const count = Math.max(1, Math.ceil(Math.max(rows.rows, before?.rows ?? 0) / rowsPerPart));
    const parts = await openParts(count, scratch);
    try {
      if (before !== null) await fill(parts, 'before', run.report, before.pages);
      await fill(parts, 'after', run.report, readLineBlocks(await artifacts.open(rows)));
      const found =
        before === null ? await allAdded(parts, run.report, made) : await writeChanges(parts, run, artifacts);
      const dollars = dollarChanges(run.report, before, made);
      return {
        changes: { since: before?.runId ?? null, ...found.counts, dollars, details: found.details },
        duplicates: found.duplicates,
      };
    } finally {
      await parts.remove();
    }
  };
}

async function fill(
  parts: Parts,
  side: 'before' | 'after',
  report: ReportName,
  blocks: AsyncIterable<readonly string[]>,
): Promise<void> {
  const { cancellationSignal } = Context.current();
  for await (const lines of blocks) {
    cancellationSignal.throwIfAborted();
    for (const line of lines) {
      const part = parts.count === 1 ? 0 : partitionOf(report, line, parts.count);
      const behind = parts.add(side, part, line);
      if (behind !== undefined) await behind;
    }
  }
}

type ChangeCounts = Record<'added' | 'removed' | 'changed' | 'same', number>;

interface Found {
  readonly counts: ChangeCounts;
  readonly duplicates: number;
  readonly details: ArtifactRef;
}

/** Of a period that showed nothing the file of the rows says it all. */
async function allAdded(parts: Parts, report: ReportName, { categorize: { rows } }: Made): Promise<Found> {
  let duplicates = 0;
  for (let index = 0; index < parts.count; index += 1) {
    duplicates += duplicatesIn(report, await parts.read('after', index));
  }
  return { counts: { added: rows.rows, removed: 0, changed: 0, same: 0 }, duplicates, details: rows };
}

async function writeChanges(parts: Parts, run: RunIdentity, artifacts: Ports['artifacts']): Promise<Found> {
  const sink = await artifacts.create({ run, step: 'load', file: 'changes.tsv' });
  return writeArtifact([sink], async () => {
    const counts: ChangeCounts = { added: 0, removed: 0, changed: 0, same: 0 };
    let duplicates = 0;
    for (let index = 0; index < parts.count; index += 1) {
      const matched = matchRows(
        run.report,
        await parts.read('before', index),
        await parts.read('after', index),
      );
      counts.same += matched.same;
      duplicates += matched.duplicates;
      for (const change of matched.changes) {
        counts[change.kind] += 1;
        await sink.add(encodeChange(change));
      }
    }
    return { counts, duplicates, details: await sink.commit(counts.added + counts.removed + counts.changed) };
  });
}

function dollarChanges(report: ReportName, before: ShownRows | null, made: Made): Changes['dollars'] {
  const columns: readonly string[] = moneyColumns[report];
  return Object.fromEntries(
    columns.map((column) => [
      column,
      { before: before?.sums[column] ?? '0.00', after: made.aggregate.sums[column] ?? '0.00' },
    ]),
  );
}
