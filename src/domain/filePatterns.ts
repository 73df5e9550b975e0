import { isoDate, type IsoDate } from './dates.ts';

/**
 * Patterns for the names of files that others leave: plain text, `*` for any characters, and at most one placeholder
 * for a day of the period. Not regular expressions, so that no pattern can take long and none has a hidden meaning.
 */
export interface FilePattern {
  readonly parts: readonly PatternPart[];
}

type PatternPart = { readonly kind: 'text'; readonly text: string } | { readonly kind: 'any' } | DatePart;

interface DatePart {
  readonly kind: 'date';
  readonly form: DateForm;
}

/** What a placeholder stands for, letter by letter: Y, M and D are digits, anything else is itself. */
const dateForms = ['YYYY-MM-DD', 'YYYYMMDD', 'MM-DD-YYYY', 'YYYY-MM', 'YYYYMM'] as const;

type DateForm = (typeof dateForms)[number];

/** Each star multiplies the ways to read a name; nobody needs more. */
const mostStars = 5;
/** So long a name, with an id before it and an ending behind it, is still one that every file system takes. */
const longestNameBytes = 200;

/** A pattern, or what is wrong with its text: words that follow "a name …". */
export function parsePattern(text: string): FilePattern | string {
  const mistake = nameMistake(text);
  if (mistake !== undefined) return mistake;
  const pieces = text.split(/(\*|\{[^{}]*\})/).filter((piece) => piece !== '');
  const parts: PatternPart[] = [];
  for (const piece of pieces) {
    const part = partOf(piece);
    if (part === undefined) return `whose placeholders are among ${placeholders}`;
    if (part.kind !== 'any' || parts.at(-1)?.kind !== 'any') parts.push(part);
  }
  if (parts.filter(({ kind }) => kind === 'any').length > mostStars) return `with at most ${mostStars} *`;
  if (parts.filter(({ kind }) => kind === 'date').length > 1)
    return 'with one placeholder for a date at most';
  return { parts };
}

const placeholders = dateForms.map((form) => `{${form}}`).join(', ');

function nameMistake(text: string): string | undefined {
  if (/[/\\]/.test(text)) return 'without a folder: no / and no \\';
  if (isPassedOver(text))
    return 'that neither begins with a dot nor ends like an unfinished file (.part, .tmp)';
  return isTooLong(text) ? `of at most ${longestNameBytes} bytes` : undefined;
}

function partOf(piece: string): PatternPart | undefined {
  if (piece === '*') return { kind: 'any' };
  const form = dateForms.find((each) => piece === `{${each}}`);
  if (form !== undefined) return { kind: 'date', form };
  return /[{}]/.test(piece) ? undefined : { kind: 'text', text: folded(piece) };
}

export function dateFormOf({ parts }: FilePattern): DateForm | undefined {
  return parts.find((part) => part.kind === 'date')?.form;
}

/** Names of files that are hidden or still being written. */
export function isPassedOver(name: string): boolean {
  return name.startsWith('.') || /\.(part|tmp|filepart|crdownload)$/i.test(name);
}

export type NameReading =
  | { readonly kind: 'matches'; readonly day: IsoDate | undefined }
  /** The name can be read with different dates. */
  | { readonly kind: 'unclear' };

/** How a name fits a pattern, ignoring case; undefined if it does not. */
export function readName(pattern: FilePattern, name: string): NameReading | undefined {
  if (isTooLong(name)) return undefined;
  const days = daysOfName(pattern.parts, folded(name));
  if (days.size === 0) return undefined;
  return days.size === 1 ? { kind: 'matches', day: [...days][0] } : { kind: 'unclear' };
}

function isTooLong(name: string): boolean {
  return Buffer.byteLength(name) > longestNameBytes;
}

/** macOS decomposes letters with accents, and Windows ignores case. */
function folded(text: string): string {
  return text.normalize('NFC').toLowerCase();
}

/** Where a reading of the beginning of the name has come to, and the date it has met. */
interface Place {
  readonly at: number;
  readonly day: IsoDate | undefined;
}

/** Follows all ways to read the name at once. They are few: a place in the name, and a date in it. */
function daysOfName(parts: readonly PatternPart[], name: string): Set<IsoDate | undefined> {
  let places: Place[] = [{ at: 0, day: undefined }];
  for (const [index, part] of parts.entries()) {
    const afterAny = parts[index - 1]?.kind === 'any';
    const beforeAny = parts[index + 1]?.kind === 'any';
    places = distinct(places.flatMap((place) => placesAfter(part, name, place, { afterAny, beforeAny })));
  }
  return new Set(places.filter(({ at }) => at === name.length).map(({ day }) => day));
}

function placesAfter(
  part: PatternPart,
  name: string,
  { at, day }: Place,
  beside: { afterAny: boolean; beforeAny: boolean },
): Place[] {
  switch (part.kind) {
    case 'text':
      return name.startsWith(part.text, at) ? [{ at: at + part.text.length, day }] : [];
    case 'any':
      return Array.from({ length: name.length - at + 1 }, (_, more) => ({ at: at + more, day }));
    case 'date': {
      const end = at + part.form.length;
      // A date is not cut out of a longer number.
      if (beside.afterAny && isDigit(name[at - 1])) return [];
      if (beside.beforeAny && isDigit(name[end])) return [];
      const found = dateIn(name.slice(at, end), part.form);
      return found === undefined ? [] : [{ at: end, day: found }];
    }
  }
}

function isDigit(character: string | undefined): boolean {
  return character !== undefined && character >= '0' && character <= '9';
}

/** The day, for a month its first; undefined if the text has another form or the day does not exist. */
function dateIn(text: string, form: DateForm): IsoDate | undefined {
  const fits = Array.from(form, (letter, index) =>
    letter === '-' ? text[index] === '-' : isDigit(text[index]),
  );
  if (!fits.every(Boolean)) return undefined;
  const number = (letters: string) => {
    const start = form.indexOf(letters);
    return start === -1 ? 1 : Number(text.slice(start, start + letters.length));
  };
  return isoDate(number('YYYY'), number('MM'), number('DD'));
}

function distinct(places: readonly Place[]): Place[] {
  return [...new Map(places.map((place) => [`${String(place.at)} ${place.day ?? ''}`, place])).values()];
}
