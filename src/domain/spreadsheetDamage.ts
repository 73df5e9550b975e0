import { writtenDate } from './writtenDates.ts';

/**
 * What a spreadsheet makes of identifiers and names when it opens and saves an export: `1.00234E+11`, `="00123"`, a
 * date, `#REF!`, a row of `#`. The original is lost, so the row cannot be loaded.
 */
export function isDamagedName(text: string): boolean {
  const first = text[0];
  return first === '=' || (first === '#' && (errorValue.test(text) || hashes.test(text)));
}

/** Whether a spreadsheet damaged an authorization number or a service code: neither is a date or a rounded number. */
export function isDamagedCode(text: string): boolean {
  if (isDamagedName(text)) return true;
  if (!mayBeNumberOrDate.test(text) || text.length > longestDamage) return false;
  return rounded.test(text) || isDate(text);
}

const errorValue = /^#(?:REF!|N\/A|NAME\?|VALUE!|DIV\/0!|NULL!|NUM!|SPILL!|CALC!|FIELD!|BLOCKED!|UNKNOWN!)$/i;

/** A column that was too narrow for its number. */
const hashes = /^#{2,}$/;

/** All forms below contain a sign, a point or a slash, which most identifiers do not. */
const mayBeNumberOrDate = /[-+./,]/;

/** `1.23456789012345E+100` and `12/31/2026 12:00:00 AM` are shorter. */
const longestDamage = 24;

/**
 * Scientific notation as spreadsheets write it: one digit, optional decimals, and an exponent. Without a sign of the
 * exponent and without decimals, `1E5` may be an identifier.
 */
const rounded = /^-?\d(?:[.,]\d{1,20}E[-+]?\d{1,3}|E[-+]\d{1,3})$/i;

const month = '(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Sept|Oct|Nov|Dec)';
/** `1-Mar`, `1-Mar-26`, `Mar-26`. */
const namedMonth = new RegExp(`^(?:\\d{1,2}-${month}(?:-\\d{2}|-\\d{4})?|${month}-(?:\\d{2}|\\d{4}))$`, 'i');

/** A spreadsheet shows a time of midnight beside some dates. */
const midnight = / (?:0?0|12):00(?::00)?(?: AM)?$/i;

function isDate(text: string): boolean {
  return writtenDate(text.replace(midnight, '')) !== undefined || namedMonth.test(text);
}
