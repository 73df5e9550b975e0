import { isFault, readDate } from './cells.ts';
import type { ExportLayout } from './contracts.ts';
import { PipelineError } from './failures.ts';
import { periodText, type Period } from './periods.ts';
import type { ExportRecord } from './readRecord.ts';
import type { ReportName } from './reports.ts';

/** The first and last day that a record is about; a note is about one day. */
const dateColumns = {
  utilization: { first: 'start_date', last: 'end_date' },
  notes: { first: 'date_of_service', last: 'date_of_service' },
} as const satisfies Record<ReportName, { first: string; last: string }>;

/**
 * Counts how much of an export lies outside its period: a single record may, and is rejected later; most of
 * the file may not. A record whose dates cannot be read does not count as outside.
 */
export class PeriodCheck {
  readonly #report: ReportName;
  readonly #period: Period;
  readonly #layout: ExportLayout;
  #records = 0;
  #outside = 0;

  constructor(report: ReportName, period: Period, layout: ExportLayout) {
    this.#report = report;
    this.#period = period;
    this.#layout = layout;
  }

  add(record: ExportRecord): void {
    this.#records += 1;
    const columns = dateColumns[this.#report];
    const first = this.#date(record, columns.first);
    const last = this.#date(record, columns.last);
    if (first === undefined || last === undefined) return;
    if (first > this.#period.to || last < this.#period.from) this.#outside += 1;
  }

  get records(): number {
    return this.#records;
  }

  /** @throws PipelineError ExportWrongPeriod when more than half of the records lie outside the period. */
  assertRightPeriod(): void {
    if (this.#outside * 2 <= this.#records) return;
    throw new PipelineError(
      'ExportWrongPeriod',
      `${String(this.#outside)} of ${String(this.#records)} records of the ${this.#report} export lie outside ${periodText(this.#period)}`,
      {
        hint: 'Check the dates that the recipe enters, or that the file handed in is for this period.',
        details: { outside: this.#outside, records: this.#records },
      },
    );
  }

  #date(record: ExportRecord, column: string): string | undefined {
    const reading = readDate((record.cells[this.#layout.positions[column]!] ?? '').trim());
    return reading === null || isFault(reading) ? undefined : reading;
  }
}
