import { z } from 'zod';
import { storedText } from '../../domain/storedText.ts';
import { nearestWord } from '../../domain/nearestWord.ts';

/** A mapping with these keys and no others. */
export function section<Shape extends z.ZodRawShape>(shape: Shape) {
  return z.strictObject(shape, { error: `a mapping with the keys ${Object.keys(shape).join(', ')}` });
}

/** `most` catches typing mistakes: no real setting is larger. */
export function wholeNumber(least: number, most: number, unit: string) {
  const error = `a whole number of ${unit} from ${least} to ${most}`;
  return z.int({ error }).min(least, { error }).max(most, { error });
}

export function text(error: string, most = 100) {
  return z.string({ error }).trim().min(1, { error }).max(most, { error });
}

/** Names, codes and words that are compared with cells, and headings: in the form in which cells are read. */
export function exportText(error: string, most = 100) {
  return text(error, most).overwrite(storedText);
}

export const yesNo = z.boolean({ error: 'true or false' });

/** IANA zone names are case-sensitive: this machine ignores that, the Temporal server does not. */
export const timeZone = z
  .string({ error: wantedZone })
  .refine(isTimeZone, { error: wantedZone })
  .describe('IANA name of the zone whose calendar days count, such as America/New_York.');

/** Whether it is an IANA name, written as this machine lists it; an alias such as US/Eastern is one too. */
export function isTimeZone(name: string): boolean {
  if (!/^[A-Z][\w+-]*(\/[A-Z][\w+-]*)*$/.test(name)) return false;
  const known = knownZone(name);
  return known !== undefined && (known === name || known.toLowerCase() !== name.toLowerCase());
}

/** The name under which this machine lists the zone; for an alias such as US/Eastern it differs. */
function knownZone(name: string): string | undefined {
  try {
    return new Intl.DateTimeFormat('en-CA', { timeZone: name }).resolvedOptions().timeZone;
  } catch {
    return undefined;
  }
}

function wantedZone({ input }: { readonly input?: unknown }): string {
  const near = typeof input === 'string' ? nearestWord(input, Intl.supportedValuesOf('timeZone')) : undefined;
  const wanted = 'an IANA time zone such as America/New_York';
  return near === undefined ? wanted : `${wanted}; did you mean ${near}?`;
}

export function percent(most: number) {
  return wholeNumber(0, most, 'percent');
}

export function oneOf<const Word extends string>(words: readonly Word[]) {
  const list = words.map((word) => `"${word}"`);
  return z.enum(words, { error: `${list.slice(0, -1).join(', ')} or ${list.at(-1)!}` });
}

export function keysOf<Key extends string>(table: Readonly<Record<Key, unknown>>): Key[] {
  return Object.keys(table) as Key[];
}

/** One address and nothing around it; the mail server knows whether it exists. */
const mailAddress = /^[^\s@<>,;]+@[^\s@<>,;]+$/;
const wantedAddress = 'one mail address such as ops@example.org';

export function address() {
  return z
    .string({ error: wantedAddress })
    .max(320, { error: wantedAddress })
    .regex(mailAddress, { error: wantedAddress });
}
