import type { LineCells } from '../domain/rowCells.ts';
import type { Scratch } from '../domain/artifacts.ts';
import { reports, type ReportName } from '../reports/index.ts';
import { openPartitions, type Partitions } from './partitions.ts';
import { RowAlignment, type Side } from './rowAlignment.ts';
import { matchRows, partitionOf, type RowChange } from './rowChanges.ts';
import { lineText } from './rowLines.ts';

/**
 * Rows of one side that are matched in memory at a time, about 10 MB of text. More rows are partitioned by key, so that
 * memory stays bounded at any size and rows that could match are in the same part.
 */
const rowsPerPart = 25_000;

export type RowBlockGenerator = AsyncGenerator<readonly LineCells[]>;

/** Two loads of a period, each read from its start. */
export interface TwoLoads {
  readonly before: RowBlockGenerator;
  readonly after: RowBlockGenerator;
  /** Rows of the larger one. */
  readonly rows: number;
}

export type ChangeCounts = Record<RowChange['kind'] | 'same', number>;

/**
 * Passes on each row that differs between two loads, and counts; `matchRows` says how rows are matched.
 * @param scratch where rows wait if there are too many for the memory
 */
export async function differingRows(
  report: ReportName,
  { before, after, rows }: TwoLoads,
  scratch: () => Promise<Scratch>,
  onChange: (change: RowChange) => Promise<void> | void,
): Promise<ChangeCounts> {
  const partitions = await openPartitions(partitionsFor(rows), scratch);
  try {
    const same = await leaveOverInto(partitions, report, { before, after });
    const counts: ChangeCounts = { added: 0, removed: 0, changed: 0, same };
    for (let index = 0; index < partitions.count; index += 1) {
      const matched = matchRows(
        report,
        await partitions.read('before', index),
        await partitions.read('after', index),
      );
      counts.same += matched.same;
      for (const change of matched.changes) {
        counts[change.kind] += 1;
        await onChange(change);
      }
    }
    return counts;
  } finally {
    await partitions.remove();
  }
}

/** In how many partitions so many rows are matched. */
export function partitionsFor(rows: number): number {
  return Math.max(1, Math.ceil(rows / rowsPerPart));
}

/**
 * Puts all rows without an equal row in step on the other side into the partitions; returns the number of pairs of equal
 * ones.
 */
async function leaveOverInto(
  partitions: Partitions,
  report: ReportName,
  sides: Readonly<Record<Side, RowBlockGenerator>>,
): Promise<number> {
  let leftOver: [Side, string][] = [];
  const width = reports[report].rowColumns.length;
  const alignment = new RowAlignment(width, (side, row) => leftOver.push([side, lineText(row, width)]));
  try {
    for (let side = alignment.wanted; side !== undefined; side = alignment.wanted) {
      const next = await sides[side].next();
      if (next.done === true) alignment.end(side);
      else alignment.add(side, next.value);
      for (const [of, line] of leftOver) await addToPartition(partitions, report, of, line);
      leftOver = [];
    }
    return alignment.same;
  } finally {
    await sides.before.return(undefined);
    await sides.after.return(undefined);
  }
}

/** Puts a row into the part to which all rows belong that could match it. */
export async function addToPartition(
  partitions: Partitions,
  report: ReportName,
  side: Side,
  line: string,
): Promise<void> {
  await partitions.add(side, partitions.count === 1 ? 0 : partitionOf(report, line, partitions.count), line);
}
