import type { Locator } from 'playwright';
import { shownIn } from './locate.ts';
import type { Target } from './recipeSchema.ts';
import { visibleNow } from './targets.ts';
import { isPattern, matchBounded, parsePattern } from './textPatterns.ts';
import { searchOf, type Walk } from './walk.ts';

/** Only numbers leave the page here: the text around them may hold a name. */

const percentPattern = /(\d{1,3})(?:\.\d+)?\s*%/;
const countPattern = /\d+(?:,\d{3})*/;

/** The percent that the portal shows, 0–100; undefined while it shows none. */
export async function percentShown(target: Target, walk: Walk): Promise<number | undefined> {
  const locator = await visibleNow(target, searchOf(walk));
  const text = locator === undefined ? undefined : await shownIn(locator);
  return text === undefined ? undefined : percentIn(text);
}

export function percentIn(text: string): number | undefined {
  const match = percentPattern.exec(text);
  const percent = match === null ? Number.NaN : Number(match[1]);
  return percent >= 0 && percent <= 100 ? percent : undefined;
}

/** The number that the portal shows right now, if it shows just one such text. */
export async function numberShownAt(target: Target, walk: Walk): Promise<number | undefined> {
  const locator = await visibleNow(target, searchOf(walk));
  return locator === undefined ? undefined : countShown(locator, target);
}

/** The number that the portal shows at the located target, e.g. 1234 of "1,234 records found". */
export async function countShown(locator: Locator, target: Target): Promise<number | undefined> {
  const text = await shownIn(locator);
  return text === undefined ? undefined : countIn(text, target);
}

/** Group 1 of the recipe's pattern if it has one, else the first number. */
export function countIn(text: string, target: Target): number | undefined {
  const pattern = target.flatMap((candidate) =>
    'text' in candidate && isPattern(candidate.text) ? [parsePattern(candidate.text)!] : [],
  )[0];
  const matched = pattern === undefined ? null : matchBounded(pattern, text);
  const number = matched?.[1] ?? countPattern.exec(text)?.[0];
  const digits = number?.replaceAll(',', '') ?? '';
  return /^\d{1,9}$/.test(digits) ? Number(digits) : undefined;
}
