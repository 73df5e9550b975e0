import { parseIsoDate } from '../domain/dates.ts';
import { PipelineError } from '../domain/failures.ts';
import { periodContaining, periodText, type Period } from '../domain/periods.ts';
import { isReportName, reportNames, type ReportName } from '../reports/index.ts';

/**
 * Parses a report and one of its periods: `2026-10-16..2026-10-31`, or any day of it.
 * @throws PipelineError InvalidInput.
 */
export function periodArgument(report: string, text: string): { report: ReportName; period: Period } {
  if (!isReportName(report)) {
    throw new PipelineError('InvalidInput', 'report: there is no such report', {
      hint: `Give one of ${reportNames.join(', ')}.`,
    });
  }
  const day = parseIsoDate(text.slice(0, 10));
  const period = day === undefined ? undefined : periodContaining(report, day);
  if (period !== undefined && [day, periodText(period)].includes(text)) return { report, period };
  throw new PipelineError('InvalidInput', `period: is no period of ${report}`, {
    hint: 'Give a day within it, such as 2026-10-16, or the whole period, such as 2026-10-16..2026-10-31.',
  });
}
