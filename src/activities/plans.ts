import { z } from 'zod';
import { dayInZone, parseIsoDate, type IsoDate } from '../domain/dates.ts';
import { PipelineError } from '../domain/failures.ts';
import { daySchema, exactly, reportSchema } from '../domain/inputs.ts';
import { periodContaining, periodText, recentPeriods, type Period } from '../domain/periods.ts';
import { reportNames, type ReportName } from '../reports/index.ts';
import type { Ports } from '../ports.ts';
import { instant } from './inputSchemas.ts';
import type { BackfillPlan, DailyPlan, RunPlan, StepInput } from './contracts.ts';

type PlanPorts = Pick<Ports, 'settings' | 'clock'>;

/** Configuration, clock and time zones stay out of the workflows: what they need of them is planned here. */
export function createPlanRun({ settings, clock }: PlanPorts) {
  return async function planRun({ run }: StepInput): Promise<RunPlan> {
    const today = dayInZone(clock(), settings.timeZone);
    assertNotFuture(run.period, today);
    return {
      portalAttempts: settings.portalAttempts,
      portalRetrySeconds: settings.portalRetrySeconds,
      ended: run.period.to < today,
    };
  };
}

export interface DailyPlanInput {
  /** `YYYY-MM-DD`, where someone asked for a day. */
  readonly day?: string | undefined;
  readonly reports?: readonly ReportName[] | undefined;
  /** The instant that the schedule meant, or the run's start; ISO 8601. */
  readonly instant: string;
}

export const dailyPlanInput = exactly<DailyPlanInput>()({
  day: daySchema.optional(),
  reports: z.array(reportSchema).min(1).max(reportNames.length).optional(),
  instant,
});

export function createPlanDailyRun({ settings, clock }: PlanPorts) {
  return async function planDailyRun(input: DailyPlanInput): Promise<DailyPlan> {
    const today = dayInZone(clock(), settings.timeZone);
    const day = dayOf(input, settings.timeZone);
    if (day > today) {
      throw new PipelineError('InvalidInput', `day: ${day} is in the future; today is ${today}`, {
        hint: 'Give a day that has come, or none for today.',
      });
    }
    const reports = input.reports ?? reportNames;
    const periods = reports.flatMap((report) =>
      recentPeriods(report, day, settings.refreshPeriods[report]).map((period) => ({ report, period })),
    );
    const { backfillConcurrency: concurrency, runTimeoutHours } = settings;
    return { day, periods, concurrency, runTimeoutHours };
  };
}

function dayOf(input: DailyPlanInput, timeZone: string): IsoDate {
  const day = input.day === undefined ? undefined : parseIsoDate(input.day);
  return day ?? dayInZone(new Date(input.instant), timeZone);
}

export function createPlanBackfill({ settings, clock }: PlanPorts) {
  return async function planBackfill(input: { report: ReportName; range: Period }): Promise<BackfillPlan> {
    const newest = periodContaining(input.report, input.range.to);
    assertNotFuture(newest, dayInZone(clock(), settings.timeZone));
    return {
      concurrency: settings.backfillConcurrency,
      runTimeoutHours: settings.runTimeoutHours,
      periodsPerRun: settings.backfillPeriodsPerRun,
    };
  };
}

/** A period that has begun may be asked for by name; one that has not holds nothing yet. */
function assertNotFuture(period: Period, today: IsoDate): void {
  if (period.from <= today) return;
  throw new PipelineError(
    'InvalidInput',
    `from: ${periodText(period)} lies in the future; today is ${today}`,
    {
      hint: 'Ask for a period that has begun.',
    },
  );
}
