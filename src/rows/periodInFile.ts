import { PipelineError } from '../domain/failures.ts';
import { periodContaining, periodText, type Period } from '../domain/periods.ts';
import { reports, type ReportName } from '../reports/index.ts';
import type { ExportLayout } from './exportHeader.ts';
import type { ExportRecord } from './exportRecord.ts';
import { dayReader, type DayReader } from './exportChecks.ts';
import type { ReadingTerms } from './readRecord.ts';

/** Finds the one period that the rows of an export belong to, for a file whose name does not say it. */
export class PeriodInFile {
  readonly #report: ReportName;
  readonly #day: DayReader;
  readonly #periods = new Map<string, Period>();

  constructor(report: ReportName, layout: ExportLayout, terms: ReadingTerms) {
    this.#report = report;
    const { dates, columns } = reports[report];
    const column = columns.find(({ name }) => name === dates.first)!;
    this.#day = dayReader(column, layout.positions[column.name]!, terms);
  }

  add(record: ExportRecord): void {
    const day = this.#day.of(record);
    if (day === undefined) return;
    const period = periodContaining(this.#report, day);
    // Two are as wrong as a thousand.
    if (this.#periods.size < 2) this.#periods.set(period.from, period);
  }

  /** @throws PipelineError ExportWrongPeriod unless all dates that can be read are in one period, and there is one. */
  period(): Period {
    const [first, second] = this.#periods.values();
    if (first !== undefined && second === undefined) return first;
    const what =
      first === undefined
        ? `no row of the file has a ${reports[this.#report].dates.first} that can be read`
        : `the rows of the file are of several periods, such as ${periodText(first)} and ${periodText(second!)}`;
    throw new PipelineError('ExportWrongPeriod', what, {
      hint: 'Put a day of the period into the name of the file, and its placeholder into the pattern in pipeline.yaml; or leave one file for each period.',
      retry: false,
    });
  }
}
