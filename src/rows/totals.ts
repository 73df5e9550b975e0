import { decimalText, scales, type Scale } from '../domain/decimals.ts';
import type { UnknownService } from '../domain/publication.ts';
import type { ColumnsOf } from './rollups.ts';
import { unknownGroup } from '../domain/rules.ts';
import { figureTypeOf, groupColumn, type Cell, type ReportDefinition } from '../reports/report.ts';
import { ExactSum } from './exactSum.ts';
import { ownText } from './remembering.ts';

interface SummedColumn<Row> {
  readonly name: string;
  readonly scale: Scale;
  readonly of: (row: Row) => Cell;
  readonly sum: ExactSum;
}

/** Totals of a report's figures over all rows of a file, to be compared with the same totals in the database. */
export class ColumnSums<Row> {
  readonly #columns: readonly SummedColumn<Row>[];

  constructor(report: ReportDefinition, columnsOf: ColumnsOf<Row>) {
    this.#columns = report.summedColumns.map((name) => ({
      name,
      scale: figureTypeOf(report, name).scale,
      of: columnsOf(name),
      sum: new ExactSum(),
    }));
  }

  add(row: Row): void {
    for (const { of, sum } of this.#columns) {
      const figure = of(row);
      if (typeof figure === 'number') sum.add(figure);
    }
  }

  /** Decimal texts by column. */
  texts(): Record<string, string> {
    return Object.fromEntries(
      this.#columns.map(({ name, scale, sum }) => [name, decimalText(sum.total, scale)]),
    );
  }
}

/** Services that no group names, with their rows and dollars. */
export class UnknownServices<Row> {
  readonly #services = new Map<string, { rows: number; readonly cents: ExactSum | null }>();
  readonly #serviceOf: ((row: Row) => Cell) | undefined;
  readonly #groupOf: (row: Row) => Cell;
  readonly #centsOf: ((row: Row) => Cell) | undefined;

  constructor({ service, gateOn, rowColumns }: ReportDefinition, columnsOf: ColumnsOf<Row>) {
    const isGrouped = service !== null && rowColumns.includes(groupColumn);
    this.#serviceOf = isGrouped ? columnsOf(service) : undefined;
    this.#groupOf = isGrouped ? columnsOf(groupColumn) : () => null;
    this.#centsOf = gateOn === null ? undefined : columnsOf(gateOn);
  }

  add(row: Row): void {
    if (this.#serviceOf === undefined || this.#groupOf(row) !== unknownGroup) return;
    const code = String(this.#serviceOf(row) ?? '');
    const known = this.#services.get(code) ?? {
      rows: 0,
      cents: this.#centsOf === undefined ? null : new ExactSum(),
    };
    known.rows += 1;
    known.cents?.add((this.#centsOf?.(row) ?? 0) as number);
    this.#services.set(ownText(code), known);
  }

  list(): UnknownService[] {
    return Array.from(this.#services, ([code, { rows, cents }]) => ({
      code,
      rows,
      dollars: cents === null ? null : decimalText(cents.total, scales.dollars),
    }));
  }
}
