import { isoDate, type IsoDate } from './dates.ts';

/**
 * Dates in the forms that people and spreadsheets write into codes: `7/1/2026`, `07/01/26`, `7-1-2026`, `07.01.2026`,
 * `2026-07-01`, `2026/7/1`. Two digits make a year only after slashes: `10-12-34` is an identifier. A cell of a date
 * column has one form only; see cells.ts.
 */
const monthFirst = /^(\d{1,2})(?:([/.-])(\d{1,2})\2(\d{4})|\/(\d{1,2})\/(\d{2}))$/;
const yearFirst = /^(\d{4})([/-])(\d{1,2})\2(\d{1,2})$/;

/** The longest form has ten characters. */
const longestDate = 10;

/** The date in a text of one of these forms; undefined if there is none, or the day does not exist. */
export function writtenDate(text: string): IsoDate | undefined {
  if (text.length > longestDate) return undefined;
  const ofMonth = monthFirst.exec(text);
  if (ofMonth !== null) return dayOf((ofMonth[4] ?? ofMonth[6])!, ofMonth[1]!, (ofMonth[3] ?? ofMonth[5])!);
  const ofYear = yearFirst.exec(text);
  return ofYear === null ? undefined : dayOf(ofYear[1]!, ofYear[3]!, ofYear[4]!);
}

function dayOf(year: string, month: string, day: string): IsoDate | undefined {
  return isoDate(year.length === 2 ? 2000 + Number(year) : Number(year), Number(month), Number(day));
}
