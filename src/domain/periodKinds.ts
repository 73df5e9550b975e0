import { daysInMonth, pad2, partsOf, type IsoDate } from './dates.ts';

/** Days from `from` to `to`, inclusive. */
export interface Period {
  readonly from: IsoDate;
  readonly to: IsoDate;
}

/** How a report's days are divided into periods: every day belongs to exactly one. */
export interface PeriodKind {
  /** In the plural, for messages. */
  readonly words: string;
  /** The period that a day belongs to. */
  readonly containing: (date: IsoDate) => Period;
}

export const calendarMonths: PeriodKind = {
  words: 'calendar months',
  containing: (date) => daysOfMonth(date, 1, lastDayOf(date)),
};

/** The day of the month on which the first billing cycle ends. */
export const firstCycleEnd = 15;

/** Days 1–15 and 16–end of month. */
export const billingCycles: PeriodKind = {
  words: 'billing cycles (days 1–15 and 16–end of month)',
  containing: (date) =>
    partsOf(date).day <= firstCycleEnd
      ? daysOfMonth(date, 1, firstCycleEnd)
      : daysOfMonth(date, firstCycleEnd + 1, lastDayOf(date)),
};

function lastDayOf(date: IsoDate): number {
  const { year, month } = partsOf(date);
  return daysInMonth(year, month);
}

function daysOfMonth(date: IsoDate, first: number, last: number): Period {
  const { year, month } = partsOf(date);
  const on = (day: number) => `${String(year)}-${pad2(month)}-${pad2(day)}` as IsoDate;
  return { from: on(first), to: on(last) };
}
