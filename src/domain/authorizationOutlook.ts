import { addDays, daysBetween, type IsoDate } from './dates.ts';
import { quotientFitsColumn, ratio, scales } from './decimals.ts';
import type { FiguresAre } from './figuresAre.ts';
import type { Period } from './periods.ts';

/** An authorization as one load shows it, and as earlier loads had it. Dollars are cents. */
export interface AuthorizationFacts {
  readonly startDate: IsoDate;
  readonly endDate: IsoDate;
  /** The period that lists it. */
  readonly period: Period;
  /** The day on which the export was taken that the figures are of. */
  readonly asOf: IsoDate;
  /** Null where the export leaves it blank. */
  readonly authorizedCents: bigint | null;
  readonly usedCents: bigint;
  /** One for each day up to `asOf` on which an export listed it, oldest first. */
  readonly loads: readonly LoadedFigures[];
}

export interface LoadedFigures {
  readonly day: IsoDate;
  readonly authorizedCents: bigint | null;
  readonly usedCents: bigint;
}

/** What was used in so many days, which end with `asOf`. */
interface Pace {
  readonly days: number;
  readonly cents: bigint;
}

/** What a projection goes on from: the pace of the last weeks if it is known, else that since the start. */
export type ProjectedFrom = '4 weeks' | '8 weeks' | 'start';

/**
 * Where an authorization stands on `asOf` and where it will at its end, if it goes on as it did. Shares are millionths.
 * The view `v_authorization_outlook` has the same, and a test checks that the two are equal.
 */
export interface AuthorizationOutlook {
  /** The days that the dollars are of: the authorization's, or those of them that are in the period. */
  readonly figureDays: Period;
  /** How many those are, and how many of them are gone with `asOf`. */
  readonly days: number;
  readonly daysGone: number;
  /** From the day after `asOf` to the end of the authorization. */
  readonly daysLeft: number;
  readonly timeGone: bigint | null;
  readonly shareUsed: bigint | null;
  /** What a straight line from the start to the end has by now. */
  readonly targetCents: bigint | null;
  /** Used less target: below zero is behind. */
  readonly offTargetCents: bigint | null;
  /** Used per week, and over how many days that was measured. Below zero if figures went back. */
  readonly perWeekOf4: Rate | null;
  readonly perWeekOf8: Rate | null;
  readonly projectedFrom: ProjectedFrom | null;
  readonly projectedUseCents: bigint | null;
  /** Authorized less projected use: below zero is too much. */
  readonly projectedUnspentCents: bigint | null;
  /** The first day on which all of it is used, up to the end; `asOf` or the end if it is used already. */
  readonly projectedExhaustion: IsoDate | null;
  /** The last load whose figures differ from those of the load before it. */
  readonly lastChange: IsoDate | null;
}

interface Rate {
  readonly cents: bigint;
  readonly days: number;
}

export function authorizationOutlook(
  facts: AuthorizationFacts,
  figuresAre: FiguresAre,
): AuthorizationOutlook {
  const { endDate, asOf, authorizedCents, usedCents } = facts;
  const figureDays = daysOfFigures(facts, figuresAre);
  const days = Math.max(daysBetween(figureDays.from, figureDays.to) + 1, 0);
  const gone = Math.min(Math.max(daysBetween(figureDays.from, asOf) + 1, 0), days);
  const targetCents =
    days === 0 || authorizedCents === null
      ? null
      : ratio(authorizedCents * BigInt(gone), BigInt(days), scales.days);
  const paces = {
    '4 weeks': paceOf(facts, figureDays.from, 4),
    '8 weeks': paceOf(facts, figureDays.from, 8),
    start: paceSinceStart(facts, figureDays.from),
  };
  return {
    figureDays,
    days,
    daysGone: gone,
    daysLeft: Math.max(daysBetween(asOf, endDate), 0),
    timeGone: days === 0 ? null : ratio(BigInt(gone), BigInt(days), scales.ratio),
    shareUsed: shareOf(usedCents, authorizedCents),
    targetCents,
    offTargetCents: targetCents === null ? null : usedCents - targetCents,
    perWeekOf4: perWeek(paces['4 weeks']),
    perWeekOf8: perWeek(paces['8 weeks']),
    ...projection(facts, { paces, lastDay: figureDays.to, daysToGo: days - gone }),
    lastChange: lastChangeOf(facts.loads),
  };
}

function daysOfFigures({ startDate, endDate, period }: AuthorizationFacts, figuresAre: FiguresAre): Period {
  if (figuresAre === 'authorization') return { from: startDate, to: endDate };
  return {
    from: startDate > period.from ? startDate : period.from,
    to: endDate < period.to ? endDate : period.to,
  };
}

function shareOf(used: bigint, authorized: bigint | null): bigint | null {
  if (authorized === null || authorized === 0n) return null;
  const share = ratio(used, authorized, scales.ratio);
  return quotientFitsColumn(share) ? share : null;
}

/** A load counts as that of four weeks ago if it is at most so many days older. */
const toleratedDays = 7;

/** From the newest known figures of so many weeks ago until now. On the day before the start nothing was used. */
function paceOf({ asOf, usedCents, loads }: AuthorizationFacts, from: IsoDate, weeks: number): Pace | null {
  if (asOf < from) return null;
  const newest = addDays(asOf, -7 * weeks);
  const oldest = addDays(newest, -toleratedDays);
  const beforeStart = addDays(from, -1);
  const base = loads.findLast(({ day }) => day <= newest && day >= oldest && day >= from);
  if (base !== undefined) return { days: daysBetween(base.day, asOf), cents: usedCents - base.usedCents };
  return beforeStart >= oldest ? { days: daysBetween(beforeStart, asOf), cents: usedCents } : null;
}

function paceSinceStart({ asOf, usedCents }: AuthorizationFacts, from: IsoDate): Pace | null {
  return asOf < from ? null : { days: daysBetween(from, asOf) + 1, cents: usedCents };
}

function perWeek(pace: Pace | null): Rate | null {
  if (pace === null) return null;
  return { cents: ratio(pace.cents * 7n, BigInt(pace.days), scales.days), days: pace.days };
}

interface Course {
  readonly paces: Readonly<Record<ProjectedFrom, Pace | null>>;
  readonly lastDay: IsoDate;
  readonly daysToGo: number;
}

type Projection = Pick<
  AuthorizationOutlook,
  'projectedFrom' | 'projectedUseCents' | 'projectedUnspentCents' | 'projectedExhaustion'
>;

function projection(facts: AuthorizationFacts, course: Course): Projection {
  const { authorizedCents, usedCents } = facts;
  const { paces, daysToGo } = course;
  const from = (['4 weeks', '8 weeks', 'start'] as const).find((each) => paces[each] !== null);
  const pace = from === undefined ? null : paces[from];
  // What was taken back will not go on being taken back.
  const onward = pace === null || pace.cents > 0n ? pace : { ...pace, cents: 0n };
  const projectedUseCents =
    onward === null
      ? null
      : usedCents + ratio(onward.cents * BigInt(daysToGo), BigInt(onward.days), scales.days);
  return {
    projectedFrom: from ?? null,
    projectedUseCents,
    projectedUnspentCents:
      authorizedCents === null || projectedUseCents === null ? null : authorizedCents - projectedUseCents,
    projectedExhaustion: exhaustionOf(facts, onward, course),
  };
}

function exhaustionOf(
  { asOf, authorizedCents, usedCents }: AuthorizationFacts,
  pace: Pace | null,
  { lastDay, daysToGo }: Course,
): IsoDate | null {
  if (authorizedCents === null || authorizedCents <= 0n) return null;
  if (usedCents >= authorizedCents) return asOf < lastDay ? asOf : lastDay;
  if (pace === null || pace.cents === 0n) return null;
  // Whole days, the last one begun.
  const needed = ((authorizedCents - usedCents) * BigInt(pace.days) + pace.cents - 1n) / pace.cents;
  return needed <= BigInt(daysToGo) ? addDays(asOf, Number(needed)) : null;
}

function lastChangeOf(loads: readonly LoadedFigures[]): IsoDate | null {
  const changed = loads.findLast((load, place) => {
    const before = loads[place - 1];
    return (
      before !== undefined &&
      (before.usedCents !== load.usedCents || before.authorizedCents !== load.authorizedCents)
    );
  });
  return changed?.day ?? null;
}
