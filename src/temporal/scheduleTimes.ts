import type { ScheduleDescription, ScheduleOptions } from '@temporalio/client';

/** When a schedule runs, in words that are the same for what is wanted and for what the server has. */

type ListedSpec = ScheduleDescription['spec'];
type ListedCalendar = NonNullable<ListedSpec['calendars']>[number];

export function wantedTimes({ calendars = [], intervals = [], timezone }: ScheduleOptions['spec']): string {
  return inWords(
    calendars.map(({ hour, minute }) => clock(Number(hour), Number(minute))),
    // As schedules.ts writes them: `15 min`.
    intervals.map(({ every }) => Number.parseInt(String(every), 10)),
    timezone,
  );
}

/** The times of a schedule as the server lists it, in words; `spec` is undefined if the server does not say. */
export function listedTimes(spec: ListedSpec | undefined): string {
  if (spec === undefined) return 'at times that are not known';
  const { calendars = [], intervals = [], timezone } = spec;
  return inWords(
    calendars.map(listedClock),
    intervals.map(({ every }) => every / 60_000),
    timezone,
  );
}

function inWords(
  clocks: readonly string[],
  minutes: readonly number[],
  timeZone: string | undefined,
): string {
  const times = [...clocks, ...minutes.map((each) => `every ${String(each)} min`)];
  // An interval is the same in every zone.
  const zone = clocks.length === 0 ? '' : ` in ${timeZone ?? 'UTC'}`;
  return `${times.join(' and ') || 'never'}${zone}`;
}

function clock(hour: number, minute: number): string {
  return `${String(hour).padStart(2, '0')}:${String(minute).padStart(2, '0')}`;
}

const daysInWeek = 7;
const daysInMonth = 31;

function listedClock({ hour, minute, dayOfWeek, dayOfMonth }: ListedCalendar): string {
  const [atHour, atMinute] = [onlyIn(hour), onlyIn(minute)];
  const everyDay = spanOf(dayOfWeek) >= daysInWeek && spanOf(dayOfMonth) >= daysInMonth;
  return atHour === undefined || atMinute === undefined || !everyDay
    ? 'other times or days'
    : clock(atHour, atMinute);
}

type NumberRange = { readonly start: number; readonly end: number };

function onlyIn(ranges: readonly NumberRange[]): number | undefined {
  const [first] = ranges;
  return ranges.length === 1 && first!.start === first!.end ? first!.start : undefined;
}

/** How many values a single range covers, or 0. Days of the week come by name. */
function spanOf(ranges: readonly { readonly start: unknown; readonly end: unknown }[]): number {
  const [first] = ranges;
  if (ranges.length !== 1) return 0;
  const { start, end } = first!;
  if (typeof start === 'number' && typeof end === 'number') return end - start + 1;
  return start === 'SUNDAY' && end === 'SATURDAY' ? daysInWeek : 0;
}
