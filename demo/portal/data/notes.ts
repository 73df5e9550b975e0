import { addDays, type IsoDate } from '../../../src/domain/dates.ts';
import type { Period } from '../../../src/domain/periods.ts';
import { dateCell, impossibleDateCell, serviceCell, timeStampCell } from './cells.ts';
import { randomFrom, type Random } from './random.ts';
import { weightedServices } from './services.ts';
import type { DataSource, SettledDataSettings } from './source.ts';

export const notesColumns = [
  'Client',
  'Caregiver',
  'Client Supervisor',
  'Service Code',
  'Date of Service',
  'Staff Sign Date',
  'Days to Sign',
] as const;

/** Notes of a day: 11 weekdays and 4 days of weekend in a cycle come to about 480. */
const weekdayNotes = 36;
const weekendNotes = 20;

/** Each note belongs to the day of its service and to no other. Oldest day first. */
export function notesRows(source: DataSource, period: Period): string[][] {
  return daysOf(period, source.settings).flatMap((day) => dayRows(source, day));
}

/** The period's days that the portal holds data of, so that even the longest question has a bound. */
function daysOf(period: Period, { firstDay, lastDay, asOf }: SettledDataSettings): IsoDate[] {
  const latest = [period.to, lastDay, asOf ?? lastDay].toSorted()[0]!;
  const days: IsoDate[] = [];
  for (let day = period.from > firstDay ? period.from : firstDay; day <= latest; day = addDays(day, 1)) {
    days.push(day);
  }
  return days;
}

function dayRows(source: DataSource, day: IsoDate): string[][] {
  const size = randomFrom(source.seed, 'notes', day);
  const count = Math.round((usualNotes(day) + size.between(-4, 4)) * source.settings.scale);
  return Array.from({ length: count }, (_, index) => noteCells(source, day, index));
}

function usualNotes(day: IsoDate): number {
  const weekday = new Date(day).getUTCDay();
  return weekday === 0 || weekday === 6 ? weekendNotes : weekdayNotes;
}

function noteCells({ seed, roster, settings }: DataSource, day: IsoDate, index: number): string[] {
  const random = randomFrom(seed, 'note', day, index);
  const client = random.pick(roster.clients);
  const cells = [
    client.name,
    random.pick(roster.caregivers),
    client.supervisor,
    serviceCell(random.weighted(weightedServices).code, day, random),
    dateCell(day),
    ...signatureCells(day, random, settings.asOf),
  ];
  return random.chance(settings.unreadableRate) ? spoiled(cells, day, random) : cells;
}

/** Staff Sign Date and Days to Sign; both are blank while nobody has signed. */
function signatureCells(day: IsoDate, random: Random, asOf: IsoDate | null): [string, string] {
  const daysToSign = random.weighted([
    [0, 610],
    [1, 220],
    [2, 110],
    [random.between(3, 7), 45],
    [random.between(8, 35), 11],
    [undefined, 4],
  ] as const);
  const minuteOfDay = random.between(0, 24 * 60 - 1);
  const dateOnly = random.chance(0.01);
  if (daysToSign === undefined) return ['', ''];
  const signed = addDays(day, daysToSign);
  if (asOf !== null && signed > asOf) return ['', ''];
  return [dateOnly ? dateCell(signed) : timeStampCell(signed, minuteOfDay), String(daysToSign)];
}

/** One cell that cannot be read exactly: such a row must end in quarantine. */
function spoiled(cells: string[], day: IsoDate, random: Random): string[] {
  const [column, cell] = random.pick([
    ['Date of Service', impossibleDateCell(day)],
    ['Staff Sign Date', `${dateCell(day)} 13:30 PM`],
    ['Days to Sign', '1.5'],
    ['Caregiver', ''],
  ] as const);
  return cells.with(notesColumns.indexOf(column), cell);
}
