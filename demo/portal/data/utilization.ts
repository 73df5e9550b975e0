import {
  addDays,
  daysBetween,
  daysInMonth,
  isoDate,
  partsOf,
  type IsoDate,
} from '../../../src/domain/dates.ts';
import type { Period } from '../../../src/domain/periods.ts';
import { dateCell, dollarsCell, impossibleDateCell, serviceCell, unitsCell } from './cells.ts';
import type { Client } from './people.ts';
import { randomFrom, type Random } from './random.ts';
import { weightedServices } from './services.ts';
import type { DataSource, SettledDataSettings } from './source.ts';

export const utilizationColumns = [
  'Client',
  'QP',
  'Authorizing Payer',
  'Service Code',
  'Authorization Number',
  'Start Date',
  'End Date',
  'Authorized Units',
  'In Process Units',
  'Billed Units',
  'Authorized Dollars',
  'In Process Dollars',
  'Billed Dollars',
  'Variance Billed',
] as const;

/** Authorizations run for at most this many months, so a period need look no further back than that. */
const longestMonths = 4;

/** 165 that end in their month, and 25 a month that run for 2 to 4: about 240 touch any one month. */
const shortPerMonth = 165;
const longPerMonth = 25;

/** A service is billed this many days after it was given; until then its units are in process. */
const billingLagDays = 14;

interface Authorization {
  readonly client: Client;
  readonly start: IsoDate;
  readonly end: IsoDate;
  readonly centsPerUnit: number;
  /** Hundredths of a unit. */
  readonly authorized: number;
  /** Hundredths of a unit given by the end, and how many of those are never billed. */
  readonly used: number;
  readonly neverBilled: number;
  /** The smallest part of a unit that this service counts: 100 hundredths, or 25. */
  readonly grain: number;
  readonly random: Random;
  readonly serviceCode: string;
  readonly number: string;
}

/** The rows whose start–end overlaps the period, oldest authorization first. */
export function utilizationRows(source: DataSource, period: Period): string[][] {
  const { settings } = source;
  return monthsTouching(period)
    .flatMap((month) => authorizationsOf(source, month))
    .filter(({ start, end }) => start <= period.to && end >= period.from)
    .filter(({ start }) => settings.asOf === null || start <= settings.asOf)
    .map((authorization) => cellsOf(authorization, settings));
}

function monthsTouching(period: Period): IsoDate[] {
  const last = firstOfMonth(period.to, 0);
  const months = [firstOfMonth(period.from, 1 - longestMonths)];
  while (months.at(-1)! < last) months.push(firstOfMonth(months.at(-1)!, 1));
  return months;
}

function firstOfMonth(date: IsoDate, monthsLater: number): IsoDate {
  const { year, month } = partsOf(date);
  const count = year * 12 + (month - 1) + monthsLater;
  return isoDate(Math.floor(count / 12), (count % 12) + 1, 1)!;
}

function authorizationsOf(source: DataSource, month: IsoDate): Authorization[] {
  const { seed, settings } = source;
  if (month < firstOfMonth(settings.firstDay, 0) || month > settings.lastDay) return [];
  const size = randomFrom(seed, 'authorizations', month);
  const short = Math.round((shortPerMonth + size.between(-5, 5)) * settings.scale);
  const long = Math.round(longPerMonth * settings.scale);
  return Array.from({ length: short + long }, (_, index) =>
    anAuthorization(source, { month, index, runs: index < short ? 'one month' : 'several months' }),
  );
}

function anAuthorization(
  { seed, roster }: DataSource,
  { month, index, runs }: { month: IsoDate; index: number; runs: 'one month' | 'several months' },
): Authorization {
  const random = randomFrom(seed, 'authorization', month, index);
  const client = random.pick(roster.clients);
  const service = random.weighted(weightedServices);
  const { start, end } = term(month, runs === 'one month' ? 1 : random.between(2, longestMonths), random);
  const grain = random.chance(0.1) ? 25 : 100;
  const granted = random.between(service.unitsLow * 100, service.unitsHigh * 100);
  const authorized = random.chance(0.015) ? 0 : roundDown(granted, grain);
  const used = roundDown((authorized * usedPercent(random)) / 100, grain);
  const neverBilled = random.chance(0.4) ? roundDown((used * random.between(1, 40)) / 100, grain) : 0;
  return {
    client,
    start,
    end,
    centsPerUnit: service.centsPerUnit,
    authorized,
    used,
    neverBilled,
    grain,
    random,
    serviceCode: serviceCell(service.code, start, random),
    number: authorizationNumber(month, index, random),
  };
}

/** Most begin with the month and end with one; the rest anywhere in it. */
function term(month: IsoDate, months: number, random: Random): { start: IsoDate; end: IsoDate } {
  const days = daysInMonth(partsOf(month).year, partsOf(month).month);
  const start = random.chance(0.83) ? month : addDays(month, random.between(0, days - 1));
  const lastDay = addDays(firstOfMonth(month, months), -1);
  const room = Math.min(daysBetween(start, lastDay), 27);
  return { start, end: random.chance(0.86) ? lastDay : addDays(lastDay, -random.between(0, room)) };
}

function roundDown(hundredths: number, grain: number): number {
  return Math.floor(hundredths / grain) * grain;
}

function usedPercent(random: Random): number {
  return random.weighted([
    [0, 10],
    [100, 12],
    [random.between(1, 35), 20],
    [random.between(36, 99), 50],
    [random.between(101, 125), 8],
  ] as const);
}

/** Unique by month and index (fewer than 100,000 a month); two in five carry leading zeros, which must survive. */
function authorizationNumber(month: IsoDate, index: number, random: Random): string {
  const { year, month: monthNumber } = partsOf(month);
  const serial = (year - 2000) * 12 + monthNumber;
  const number = String(serial * 100_000 + index);
  return random.chance(0.4) ? number.padStart(10, '0') : number;
}

function cellsOf(authorization: Authorization, settings: SettledDataSettings): string[] {
  const { client, start, end, authorized, random } = authorization;
  const { billed, inProcess } = unitsAsOf(authorization, settings.asOf);
  const dollars = (units: number) => Math.round((units * authorization.centsPerUnit) / 100);
  const variance = dollars(billed) + dollars(inProcess) - dollars(authorized);
  const negative = random.chance(0.25) ? 'minus' : 'parentheses';
  const blankInProcess = random.chance(0.05) && inProcess === 0;
  const cells = [
    client.name,
    client.qp,
    client.payer,
    authorization.serviceCode,
    authorization.number,
    dateCell(start),
    dateCell(end),
    unitsCell(authorized),
    blankInProcess ? '' : unitsCell(inProcess),
    unitsCell(billed),
    random.chance(0.004) ? '' : dollarsCell(dollars(authorized), negative),
    blankInProcess ? '' : dollarsCell(dollars(inProcess), negative),
    dollarsCell(dollars(billed), negative),
    dollarsCell(variance, negative),
  ];
  return random.chance(settings.unreadableRate) ? spoiled(cells, start, random) : cells;
}

/** What the portal would have shown on `asOf`: days to come are not given yet, the last days not billed yet. */
function unitsAsOf(
  { start, end, used, neverBilled, grain }: Authorization,
  asOf: IsoDate | null,
): { billed: number; inProcess: number } {
  const days = daysBetween(start, end) + 1;
  const share = (units: number, until: IsoDate) => {
    const passed = Math.min(Math.max(daysBetween(start, until) + 1, 0), days);
    return passed === days ? units : roundDown((units * passed) / days, grain);
  };
  if (asOf === null) return { billed: used - neverBilled, inProcess: neverBilled };
  const given = share(used, asOf);
  const billed = Math.min(share(used - neverBilled, addDays(asOf, -billingLagDays)), given);
  return { billed, inProcess: given - billed };
}

/** One cell that cannot be read exactly: such a row must end in quarantine. */
function spoiled(cells: string[], start: IsoDate, random: Random): string[] {
  const [column, cell] = random.pick([
    ['Billed Dollars', 'N/A'],
    ['Authorized Dollars', '$1.234'],
    ['Authorized Units', '1e3'],
    ['End Date', impossibleDateCell(start)],
    ['Authorization Number', ''],
  ] as const);
  return cells.with(utilizationColumns.indexOf(column), cell);
}
