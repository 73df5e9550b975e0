import { dayInZone, type IsoDate } from '../domain/dates.ts';
import { PipelineError } from '../domain/failures.ts';
import { dailyPeriods } from '../domain/periods.ts';
import type { Ports, Settings } from '../ports.ts';
import { reportNames, type ReportName } from '../reports/index.ts';
import type { DailyPlan } from './contracts.ts';

export interface DailyPlanInput {
  /** The requested day, if any. */
  readonly day?: IsoDate | undefined;
  readonly reports?: readonly ReportName[] | undefined;
  /** The scheduled time, or the run's start; ISO 8601. */
  readonly instant: string;
}

/** Plans the periods of a daily run: for each report the one that is due on the day, and the recent ones around it. */
export function createPlanDailyRun({ settings, clock }: Pick<Ports, 'settings' | 'clock'>) {
  return async function planDailyRun(input: DailyPlanInput): Promise<DailyPlan> {
    const today = dayInZone(clock(), settings.timeZone);
    const day = dayOf(input, settings.timeZone);
    if (day > today) {
      throw new PipelineError('InvalidInput', `day: ${day} is in the future; today is ${today}`, {
        hint: 'Give a day that has come, or none for today.',
      });
    }
    const reports = input.reports ?? settings.reportsInUse ?? reportNames;
    const periods = reports.flatMap((report) =>
      dailyPeriods(report, day, settings).map((period) => ({
        report,
        period,
        login: loginOf(report, settings),
      })),
    );
    const { periodConcurrency: concurrency, runTimeoutHours } = settings;
    return { day, periods, concurrency, runTimeoutHours };
  };
}

function loginOf(report: ReportName, { portalLogins = [] }: Settings): number | undefined {
  return portalLogins.length > 1 ? portalLogins.findIndex((reports) => reports.includes(report)) : undefined;
}

function dayOf(input: DailyPlanInput, timeZone: string): IsoDate {
  return input.day ?? dayInZone(new Date(input.instant), timeZone);
}
