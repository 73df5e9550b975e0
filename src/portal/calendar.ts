import type { Locator } from 'playwright';
import { monthNames, partsOf, type IsoDate } from '../domain/dates.ts';
import { clickOnce, findOne, NotThere, whatOf, whileLooking, type RunningStep } from './locate.ts';
import { formatDate, resolvePlain } from './placeholders.ts';
import type { StepOf } from './recipeSchema.ts';
import { countOf } from './targets.ts';
import { escapePattern, wholeText } from './textPatterns.ts';
import { isTimeout, PortalTrouble } from './trouble.ts';
import { waitUntil, type Wait } from './waiting.ts';

/** How calendars head a month. */
const usualHeadings = ['MMMM YYYY', 'MMM YYYY'];
/** A calendar turns its page at once; one that slides takes a second. */
const turnMilliseconds = 5000;
/** A click on a day that was just seen. */
const clickMilliseconds = 5000;

/** Turns an open calendar to the month of a date, and picks the day. */
export async function pickDate(step: StepOf<'pickDate'>, running: RunningStep): Promise<void> {
  const { values } = running.walk;
  const period = values.report?.period;
  if (period === undefined) throw new Error("The recipe's check let pickDate pass outside of a report.");
  const date = step.pickDate === 'period.start' ? period.from : period.to;
  await turnTo(date, step, running);
  const name = step.day === undefined ? dayName(date) : wholeText(resolvePlain(step.day, values));
  await clickDay({ date, name, step }, running);
}

async function turnTo(date: IsoDate, step: StepOf<'pickDate'>, running: RunningStep): Promise<void> {
  const headings = step.month === undefined ? usualHeadings : [step.month];
  let shown: readonly number[] = [];
  // One that slides shows two months for a moment.
  const shownAway = async () => {
    shown = monthsAway(await textOf(await findOne(step.calendar, running)), date, headings);
    return shown.length === 1 ? shown[0] : undefined;
  };
  let away = await waitUntil(shownAway, running.wait);
  while (away !== undefined && away !== 0) {
    const before = away;
    const target = away < 0 ? step.next : step.previous;
    // A calendar may turn for ever and not show the month.
    const isLate = Date.now() >= running.wait.deadline;
    if (target === undefined || isLate) throw wrongMonth(date, step, running, headings);
    await clickOnce(target, running);
    const turned = async () => {
      const now = await shownAway();
      return now === before ? undefined : now;
    };
    away = await waitUntil(turned, soon(running.wait));
  }
  if (away === undefined) {
    throw shown.length > 1
      ? severalMonths(shown.length, step, running)
      : wrongMonth(date, step, running, headings);
  }
}

function soon(wait: Wait): Wait {
  return { ...wait, deadline: Math.min(wait.deadline, Date.now() + turnMilliseconds) };
}

function wrongMonth(
  date: IsoDate,
  step: StepOf<'pickDate'>,
  running: RunningStep,
  [heading = '']: readonly string[],
): NotThere {
  return new NotThere(
    'PortalLayoutChanged',
    `${whatOf(step.calendar, running)} did not turn to ${JSON.stringify(formatDate(date, heading))}`,
    {
      hint: 'Say with month how the calendar writes its months, and with previous and next what turns it; or choose month and year by steps of their own.',
      details: { lookedFor: [{ what: 'month', matches: 0 }] },
    },
  );
}

/** A day's number would be in each of them. */
function severalMonths(matches: number, step: StepOf<'pickDate'>, running: RunningStep): NotThere {
  return new NotThere(
    'PortalLayoutChanged',
    `${whatOf(step.calendar, running)} shows ${String(matches)} months at once`,
    {
      hint: 'Name with calendar the part of it that shows one month alone; or choose the dates by steps of their own.',
      details: { lookedFor: [{ what: 'month', matches }] },
    },
  );
}

async function textOf(calendar: Locator): Promise<string> {
  try {
    return await calendar.innerText({ timeout: 1000 });
  } catch {
    // Redrawn as it turns: the caller looks again.
    return '';
  }
}

/** By how many months each month that the calendar shows is later than the date's; none twice. */
export function monthsAway(text: string, date: IsoDate, headings: readonly string[]): number[] {
  const { year, month } = partsOf(date);
  const shown = headings.flatMap((heading) => monthsIn(text, heading));
  return [...new Set(shown.map((each) => each.year * 12 + each.month - (year * 12 + month)))];
}

/** A style may write them in capitals. Otherwise `may` in a longer word would be a month. */
function named(names: readonly string[]): string {
  return [...names, ...names.map((name) => name.toUpperCase())].join('|');
}

const headingTokens: Readonly<Record<string, string>> = {
  MMMM: `(?<name>${named(monthNames)})`,
  MMM: `(?<name>${named(monthNames.map((name) => name.slice(0, 3)))})`,
  MM: String.raw`(?<!\d)(?<month>0[1-9]|1[0-2])(?!\d)`,
  M: String.raw`(?<!\d)(?<month>1[0-2]|[1-9])(?!\d)`,
  YYYY: String.raw`(?<!\d)(?<year>\d{4})(?!\d)`,
  YY: String.raw`(?<!\d)(?<year>\d{2})(?!\d)`,
};
const letterRun = /([A-Za-z])\1*/g;

/** What is wrong with the form of a calendar's month, as text, or undefined. */
export function headingMistake(heading: string): string | undefined {
  const runs = heading.match(letterRun) ?? [];
  const [months, years] = [/^M+$/, /^Y+$/].map((kind) => runs.filter((run) => kind.test(run)).length);
  const isKnown = runs.every((run) => Object.hasOwn(headingTokens, run));
  return isKnown && months === 1 && years === 1
    ? undefined
    : 'a month is written with one of MMMM, MMM, MM, M and one of YYYY, YY, as in MMMM YYYY';
}

function monthsIn(text: string, heading: string): { year: number; month: number }[] {
  const parts = heading.split(/(\s+|[A-Za-z]+)/).map((part) => {
    if (/^\s+$/.test(part)) return String.raw`\s*`;
    return headingTokens[part] ?? escapePattern(part);
  });
  return Array.from(text.matchAll(new RegExp(parts.join(''), 'g')), ({ groups = {} }) => {
    const { name = '', month, year = '' } = groups;
    const begins = name.slice(0, 3).toLowerCase();
    const ofName = monthNames.findIndex((each) => each.toLowerCase().startsWith(begins)) + 1;
    return {
      month: month === undefined ? ofName : Number(month),
      year: year.length === 2 ? 2000 + Number(year) : Number(year),
    };
  });
}

/** The number of the day, or a label with the whole date, as calendars give to screen readers. */
export function dayName(date: IsoDate): RegExp {
  const { year, month, day } = partsOf(date);
  const name = monthNames[month - 1]!;
  const months = `(?:${name}|${name.slice(0, 3)})`;
  const numbered = `0?${day}(?:st|nd|rd|th)?`;
  const whole = [`${months} ${numbered},? ${year}`, `${numbered} ${months},? ${year}`, date];
  return new RegExp(String.raw`^\s*0?${day}\s*$|\b(?:${whole.join('|')})\b`, 'i');
}

const dayRoles = ['gridcell', 'button', 'link', 'option', 'cell'] as const;

interface Day {
  readonly date: IsoDate;
  readonly name: RegExp;
  readonly step: StepOf<'pickDate'>;
}

async function clickDay({ date, name, step }: Day, running: RunningStep): Promise<void> {
  let seen = 0;
  const clicked = await waitUntil(async () => {
    const days = await daysIn(await findOne(step.calendar, running), name);
    seen = await countOf(days);
    if (seen === 0 || seen > 2) return undefined;
    return (await clickSoon(dayOfMonth(days, seen, date), running.wait)) ? true : undefined;
  }, running.wait);
  if (clicked === true) return;
  const what = `day ${String(partsOf(date).day)} in ${whatOf(step.calendar, running)}`;
  const details = { lookedFor: [{ what, matches: seen }] };
  throw new NotThere('PortalLayoutChanged', `looked for ${what} (${seen} visible)`, { details });
}

async function daysIn(calendar: Locator, name: RegExp): Promise<Locator> {
  for (const role of dayRoles) {
    const days = calendar.getByRole(role, { name }).filter({ visible: true });
    if ((await countOf(days)) > 0) return days;
  }
  return calendar.getByText(name).filter({ visible: true });
}

/**
 * A calendar shows the last days of the month before and the first of the month after beside those of its own month: of
 * two 28ths the second is the month's own, of two 3rds the first.
 */
function dayOfMonth(days: Locator, count: number, date: IsoDate): Locator {
  if (count === 1) return days;
  return partsOf(date).day > 15 ? days.last() : days.first();
}

async function clickSoon(day: Locator, wait: Wait): Promise<boolean> {
  try {
    await whileLooking(day.click({ timeout: clickMilliseconds }), wait);
    return true;
  } catch (error) {
    if (error instanceof PortalTrouble || !isTimeout(error)) throw error;
    return false;
  }
}
