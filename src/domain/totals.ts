import type { Authorization, CategorizedRows, Note } from './categorize.ts';
import { decimalText, scales, type Scale } from './decimals.ts';
import type { UnknownService } from './publication.ts';
import type { ReportName } from './reports.ts';
import { unknownGroup } from './rules.ts';
import type { summedColumns } from './tables.ts';

type Figure<Row> = readonly [scale: Scale, of: (row: Row) => bigint | null];

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
  days_to_sign: [scales.days, (row) => (row.daysToSign === null ? null : BigInt(row.daysToSign))],
};

const figures: {
  [Report in ReportName]: Readonly<Record<string, Figure<CategorizedRows[Report]>>>;
} = { utilization: authorizationFigures, notes: noteFigures };

/** Totals of a report's figures over all rows of a file, to be held against the same totals in the database. */
export class ColumnSums<Report extends ReportName> {
  readonly #figures: readonly (readonly [string, Figure<CategorizedRows[Report]>])[];
  readonly #sums: bigint[];

  constructor(report: Report) {
    this.#figures = Object.entries(figures[report]);
    this.#sums = this.#figures.map(() => 0n);
  }

  add(row: CategorizedRows[Report]): void {
    this.#figures.forEach(([, [, of]], index) => {
      this.#sums[index]! += of(row) ?? 0n;
    });
  }

  /** Decimal texts by column. */
  texts(): Record<string, string> {
    return Object.fromEntries(
      this.#figures.map(([column, [scale]], index) => [column, decimalText(this.#sums[index]!, scale)]),
    );
  }
}

/** Services that no group names, with how many rows and authorised dollars they stand for. */
export class UnknownServices {
  readonly #services = new Map<string, { rows: number; cents: bigint | null }>();

  add(row: Authorization | Note): void {
    if (row.group !== unknownGroup) return;
    const known = this.#services.get(row.serviceCode) ?? { rows: 0, cents: null };
    known.rows += 1;
    if ('authorizedCents' in row) known.cents = (known.cents ?? 0n) + (row.authorizedCents ?? 0n);
    this.#services.set(row.serviceCode, known);
  }

  list(): UnknownService[] {
    return Array.from(this.#services, ([code, { rows, cents }]) => ({
      code,
      rows,
      dollars: cents === null ? null : decimalText(cents, scales.dollars),
    }));
  }
}
