import { daysInMonth, pad2, type IsoDate } from '../../../src/domain/dates.ts';
import type { Random } from './random.ts';

/** How the portal writes cells. The inconsistencies are deliberate: real portals write such cells. */

/** `MM/DD/YYYY` */
export function dateCell(date: IsoDate): string {
  return `${date.slice(5, 7)}/${date.slice(8, 10)}/${date.slice(0, 4)}`;
}

/** `MM/DD/YYYY hh:mm AM`, on the 12-hour clock: minute 0 of the day is 12:00 AM. */
export function timeStampCell(date: IsoDate, minuteOfDay: number): string {
  const hour = Math.floor(minuteOfDay / 60);
  const clock = `${pad2(hour % 12 === 0 ? 12 : hour % 12)}:${pad2(minuteOfDay % 60)}`;
  return `${dateCell(date)} ${clock} ${hour < 12 ? 'AM' : 'PM'}`;
}

/** `2,600` or `12.25`, from hundredths of a unit. */
export function unitsCell(hundredths: number): string {
  const rest = Math.abs(hundredths) % 100;
  const decimals = rest === 0 ? '' : `.${pad2(rest)}`.replace(/0$/, '');
  return `${hundredths < 0 ? '-' : ''}${withThousands(Math.floor(Math.abs(hundredths) / 100))}${decimals}`;
}

/** `$1,234.56`; a negative one is `($1,234.56)` or `-$1,234.56`. */
export function dollarsCell(cents: number, negative: 'parentheses' | 'minus'): string {
  const whole = Math.abs(cents);
  const text = `$${withThousands(Math.floor(whole / 100))}.${pad2(whole % 100)}`;
  if (cents >= 0) return text;
  return negative === 'minus' ? `-${text}` : `(${text})`;
}

/** `DS (07/01/2026)`, `DS(07/01/2026)` or plain `DS`. */
export function serviceCell(code: string, effective: IsoDate, random: Random): string {
  const shape = random.weighted([
    [' ', 66],
    ['', 10],
    [undefined, 24],
  ] as const);
  return shape === undefined ? code : `${code}${shape}(${dateCell(effective)})`;
}

/** A date that no calendar has, in the year and month of `date`. */
export function impossibleDateCell(date: IsoDate): string {
  const [year, month] = [Number(date.slice(0, 4)), Number(date.slice(5, 7))];
  return `${pad2(month)}/${daysInMonth(year, month) + 1}/${year}`;
}

function withThousands(whole: number): string {
  return String(whole).replaceAll(/\B(?=(\d{3})+$)/g, ',');
}
