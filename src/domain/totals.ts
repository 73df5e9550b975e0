import type { Authorization, CategorizedRows, Note } from './categorize.ts';
import { decimalText, scales, type Scale } from './decimals.ts';
import { ExactSum } from '../rows/exactSum.ts';
import type { UnknownService } from './publication.ts';
import { ownText } from '../rows/remembering.ts';
import type { ReportName } from './reports.ts';
import { unknownGroup } from './rules.ts';
import type { summedColumns } from './tables.ts';

type Figure<Row> = readonly [scale: Scale, of: (row: Row) => number | null];

type Figures<Report extends ReportName> = Readonly<
  Record<(typeof summedColumns)[Report][number], Figure<CategorizedRows[Report]>>
>;

const authorizationFigures: Figures<'utilization'> = {
  authorized_units: [scales.units, (row) => row.authorizedUnits],
  in_process_units: [scales.units, (row) => row.inProcessUnits],
  billed_units: [scales.units, (row) => row.billedUnits],
  authorized_dollars: [scales.dollars, (row) => row.authorizedCents],
  in_process_dollars: [scales.dollars, (row) => row.inProcessCents],
  billed_dollars: [scales.dollars, (row) => row.billedCents],
  variance_billed: [scales.dollars, (row) => row.varianceBilledCents],
  variance: [scales.dollars, (row) => row.varianceCents],
};

const noteFigures: Figures<'notes'> = {
  days_to_sign: [scales.days, (row) => row.daysToSign],
};

const figures: {
  [Report in ReportName]: Readonly<Record<string, Figure<CategorizedRows[Report]>>>;
} = { utilization: authorizationFigures, notes: noteFigures };

/** Totals of a report's figures over all rows of a file, to be held against the same totals in the database. */
export class ColumnSums<Report extends ReportName> {
  readonly #figures: readonly (readonly [string, Figure<CategorizedRows[Report]>])[];
  readonly #sums: readonly ExactSum[];

  constructor(report: Report) {
    this.#figures = Object.entries(figures[report]);
    this.#sums = this.#figures.map(() => new ExactSum());
  }

  add(row: CategorizedRows[Report]): void {
    for (let index = 0; index < this.#figures.length; index += 1) {
      const figure = this.#figures[index]![1][1](row);
      if (figure !== null) this.#sums[index]!.add(figure);
    }
  }

  /** Decimal texts by column. */
  texts(): Record<string, string> {
    return Object.fromEntries(
      this.#figures.map(([column, [scale]], index) => [column, decimalText(this.#sums[index]!.total, scale)]),
    );
  }
}

/** Services that no group names, with how many rows and authorised dollars they stand for. */
export class UnknownServices {
  readonly #services = new Map<string, { rows: number; cents: ExactSum | null }>();

  add(row: Authorization | Note): void {
    if (row.group !== unknownGroup) return;
    const known = this.#services.get(row.serviceCode) ?? { rows: 0, cents: null };
    known.rows += 1;
    if ('authorizedCents' in row) {
      known.cents ??= new ExactSum();
      known.cents.add(row.authorizedCents ?? 0);
    }
    this.#services.set(ownText(row.serviceCode), known);
  }

  list(): UnknownService[] {
    return Array.from(this.#services, ([code, { rows, cents }]) => ({
      code,
      rows,
      dollars: cents === null ? null : decimalText(cents.total, scales.dollars),
    }));
  }
}
