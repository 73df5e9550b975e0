import type { IsoDate } from '../../domain/dates.ts';
import { PipelineError } from '../../domain/failures.ts';
import { periodText, type Period } from '../../domain/periods.ts';

/**
 * A period that has begun may be requested; one that has not holds nothing yet.
 * @throws PipelineError InvalidInput
 */
export function assertBegun(period: Period, today: IsoDate): void {
  if (period.from <= today) return;
  throw new PipelineError(
    'InvalidInput',
    `from: ${periodText(period)} lies in the future; today is ${today}`,
    {
      hint: 'Ask for a period that has begun.',
    },
  );
}
