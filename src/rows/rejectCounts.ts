import type { RejectCounts } from '../domain/rejects.ts';
import { rowFaults } from '../domain/cells.ts';
import type { Classification } from './classifyRecord.ts';
import type { ReportDefinition, Statuses } from '../reports/report.ts';

/** Bounded, since the history keeps them; there are few columns and rules. */
const mostKinds = 20;

interface StatusCounts {
  loaded: number;
  sure: number;
  possible: number;
}

/** Counts rejects by kind, and the statuses that the rejected rows could have, as far as their cells can be read. */
export class RejectTally {
  readonly #kinds = new Map<string, { column: string; rule: string; rows: number }>();
  readonly #statuses: Statuses | undefined;
  readonly #counts: ReadonlyMap<string, StatusCounts>;

  constructor({ statuses }: Pick<ReportDefinition, 'statuses'>) {
    this.#statuses = statuses;
    this.#counts = new Map(
      statuses?.all.map((status): [string, StatusCounts] => [status, { loaded: 0, sure: 0, possible: 0 }]),
    );
  }

  add({ verdict, readings }: Classification): void {
    if (verdict.kind === 'rejected') this.#addKind(verdict.column, verdict.rule);
    if (this.#statuses === undefined) return;
    if (verdict.kind === 'kept') this.#counts.get(this.#statuses.of(verdict.values))!.loaded += 1;
    // A row of another period has no status in this one.
    if (verdict.kind === 'rejected' && verdict.rule !== rowFaults.outsidePeriod.rule) {
      this.#addPossible([...this.#statuses.possible(readings)]);
    }
  }

  counts(): RejectCounts {
    const kinds = [...this.#kinds.values()].sort((one, other) => other.rows - one.rows).slice(0, mostKinds);
    const statuses = Array.from(this.#counts, ([status, counts]) => ({ status, ...counts }));
    return { kinds, statuses };
  }

  #addKind(column: string, rule: string): void {
    const key = `${column}/${rule}`;
    const kind = this.#kinds.get(key);
    if (kind === undefined) this.#kinds.set(key, { column, rule, rows: 1 });
    else kind.rows += 1;
  }

  #addPossible(possible: readonly string[]): void {
    for (const status of possible) {
      const counts = this.#counts.get(status)!;
      counts.possible += 1;
      if (possible.length === 1) counts.sure += 1;
    }
  }
}
