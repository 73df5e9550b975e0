import { parseIsoDate } from '../domain/dates.ts';
import { periodContaining, periodText, type Period } from '../domain/periods.ts';
import { isReportName, reportNames, type ReportName } from '../reports/index.ts';
import { refused } from './commandErrors.ts';

/**
 * Parses a report and one of its periods: `2026-10-16..2026-10-31`, or any day of it.
 * @throws PipelineError InvalidInput.
 */
export function periodArgument(name: string, text: string): { report: ReportName; period: Period } {
  const report = reportArgument(name);
  const day = parseIsoDate(text.slice(0, 10));
  const period = day === undefined ? undefined : periodContaining(report, day);
  if (period !== undefined && [day, periodText(period)].includes(text)) return { report, period };
  throw refused(
    `period: is no period of ${report}`,
    'Give a day within it, such as 2026-10-16, or the whole period, such as 2026-10-16..2026-10-31.',
  );
}

/** @throws PipelineError InvalidInput. */
export function reportArgument(report: string): ReportName {
  if (isReportName(report)) return report;
  throw refused('report: there is no such report', `Give one of ${reportNames.join(', ')}.`);
}
