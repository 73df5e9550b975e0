import type { LineCells } from './rowCells.ts';
import type { MoneyAccount } from './accounting.ts';
import { reports, type ReportName } from '../reports/index.ts';

/**
 * What other rules make of the export that a period shows: the effect of the rules alone, without what a new export
 * would change too. Counts and totals; nothing of a row.
 */
export type RulesChange =
  | ({ readonly kind: 'compared'; readonly dollars: DollarChanges } & RereadCounts)
  /** `because` completes "is unknown, since". */
  | { readonly kind: 'unknown'; readonly because: string };

export interface RereadCounts {
  /** Rows that the period shows. */
  readonly shown: number;
  /** Records that gave no row before. */
  readonly added: number;
  /** Rows that are now rejected or left out. */
  readonly removed: number;
  readonly changed: number;
  /** Changed rows with another name key. */
  readonly rekeyed: number;
}

/** Loaded totals of the money columns that differ, as decimal texts. */
export type DollarChanges = Readonly<Record<string, { readonly before: string; readonly after: string }>>;

/** A kept export read again under the current rules, or why it cannot be. */
export type Reread =
  | {
      readonly kind: 'read';
      readonly rows: () => Promise<RowBlocks>;
      /** Per money column. */
      readonly dollars: Readonly<Record<string, MoneyAccount>>;
    }
  | Extract<RulesChange, { kind: 'unknown' }>;

/** Rows of a row file, ascending by source line. */
export type RowBlocks = AsyncIterable<readonly LineCells[]>;

/** Whether keys and figures stay as they are. */
export function changesNothing(change: RulesChange): boolean {
  return change.kind === 'compared' && change.added + change.removed + change.changed === 0;
}

/** In words for the person who decides. */
export function rulesChangeText(change: RulesChange): string {
  const remedy = 'to accept the rules of today for all periods: npm run client -- approve-rules --reason "…"';
  if (change.kind === 'unknown') {
    return `the rules have changed since the period was loaded, and what they change is unknown, since ${change.because}; ${remedy}`;
  }
  const { shown, added, removed, changed, rekeyed, dollars } = change;
  const keys = rekeyed === 0 ? '' : ` (${String(rekeyed)} with another name key)`;
  const totals = Object.entries(dollars).map(
    ([column, { before, after }]) => `, ${column} ${before} → ${after}`,
  );
  return (
    `the rules have changed since the period was loaded: of the ${String(shown)} rows of the same export ` +
    `${String(changed)} change${keys}, ${String(removed)} go and ${String(added)} come${totals.join('')}; ${remedy}`
  );
}

/** The totals that differ for the same export under two rules. */
export function dollarChanges(
  shownSums: Readonly<Record<string, string>>,
  reread: Readonly<Record<string, MoneyAccount>>,
): DollarChanges {
  return Object.fromEntries(
    Object.entries(reread).flatMap(([column, { loaded }]) => {
      const before = shownSums[column];
      return before === undefined || before === loaded ? [] : [[column, { before, after: loaded }]];
    }),
  );
}

/** Both sides come from the same export, so the source line identifies matching rows. */
export async function compareReread(
  report: ReportName,
  sides: { readonly shown: RowBlocks; readonly reread: RowBlocks },
): Promise<RereadCounts> {
  const counts = { shown: 0, added: 0, removed: 0, changed: 0, rekeyed: 0 };
  const alike = comparerOf(report);
  const shown = new RowCursor(sides.shown);
  const reread = new RowCursor(sides.reread);
  try {
    await Promise.all([shown.next(), reread.next()]);
    while (shown.row !== undefined || reread.row !== undefined) {
      const side = shown.line - reread.line;
      if (side <= 0) counts.shown += 1;
      if (side < 0) counts.removed += 1;
      else if (side > 0) counts.added += 1;
      else {
        const { same, sameKeys } = alike(shown.row!, reread.row!);
        if (!same) counts.changed += 1;
        if (!sameKeys) counts.rekeyed += 1;
      }
      if (side <= 0) await shown.next();
      if (side >= 0) await reread.next();
    }
    return counts;
  } finally {
    await shown.close();
    await reread.close();
  }
}

/** One row after the other; after the last one, `line` is beyond any. */
class RowCursor {
  readonly #blocks: AsyncIterator<readonly LineCells[]>;
  #block: readonly LineCells[] = [];
  #at = -1;
  row: LineCells | undefined;
  line = Number.MAX_SAFE_INTEGER;

  constructor(blocks: RowBlocks) {
    this.#blocks = blocks[Symbol.asyncIterator]();
  }

  async next(): Promise<void> {
    this.#at += 1;
    while (this.#at >= this.#block.length) {
      const { value, done } = await this.#blocks.next();
      if (done === true) {
        this.row = undefined;
        this.line = Number.MAX_SAFE_INTEGER;
        return;
      }
      this.#block = value;
      this.#at = 0;
    }
    this.row = this.#block[this.#at]!;
    const { bytes, starts, first } = this.row;
    this.line = Number(bytes.toString('latin1', starts[first], starts[first + 1]! - 1));
  }

  async close(): Promise<void> {
    await this.#blocks.return?.();
  }
}

function comparerOf(report: ReportName) {
  const { rowColumns: columns, people } = reports[report];
  const keys = people.map(({ key }) => columns.indexOf(key));
  return (one: LineCells, other: LineCells) => {
    const same = sameCells(one, other, 0, columns.length);
    return { same, sameKeys: same || keys.every((key) => sameCells(one, other, key, key + 1)) };
  };
}

/** Compares a range of cells as written, `to` exclusive: equal values are written alike. */
function sameCells(one: LineCells, other: LineCells, from: number, to: number): boolean {
  return (
    one.bytes.compare(
      other.bytes,
      other.starts[other.first + from],
      other.starts[other.first + to]! - 1,
      one.starts[one.first + from],
      one.starts[one.first + to]! - 1,
    ) === 0
  );
}
