import { writtenDate } from './writtenDates.ts';

/**
 * A service code without the date, or range of two dates, that is appended to it in round or square brackets: `SE
 * (07/01/2026)`, `SE(7/1/26)`, `SE [2026-07-01]` and `SE (07/01/2026 - 06/30/2027)` are all `SE`. Removes only dates
 * that exist; anything else in brackets belongs to the code. Takes text in the form of storedText.ts.
 */
export function plainServiceCode(code: string): string {
  const opening = openingBracket(code);
  if (opening === undefined) return code;
  const inside = code.slice(opening + 1, -1).trim();
  return isDates(inside) ? code.slice(0, opening).trim() : code;
}

/** Whether a code ends in brackets with a digit in them, as a code does whose date was not recognised. */
export function endsInBracketedDigits(code: string): boolean {
  const opening = openingBracket(code);
  return opening !== undefined && /\d/.test(code.slice(opening));
}

/** Two dates of ten characters, the longest word between them, spaces and brackets; longer brackets hold no dates. */
const longestBrackets = 64;

const brackets: Readonly<Record<string, string>> = { ')': '(', ']': '[' };

/** The position of the bracket that the code's last character closes. */
function openingBracket(code: string): number | undefined {
  const opening = brackets[code.at(-1) ?? ''];
  if (opening === undefined) return undefined;
  const from = Math.max(code.length - longestBrackets, 0);
  const found = code.slice(from).lastIndexOf(opening);
  return found === -1 ? undefined : from + found;
}

/** What may be between the two dates of a range, without the spaces around it. */
const rangeWords = ['-', '\u2013', '\u2014', 'to', 'through', 'thru'];

function isDates(text: string): boolean {
  if (writtenDate(text) !== undefined) return true;
  const folded = text.toLowerCase();
  return rangeWords.some((word) => isRange(folded, word));
}

/** Dates contain hyphens too, so every place of the word is tried: 64 characters at most have few. */
function isRange(text: string, word: string): boolean {
  for (let at = text.indexOf(word); at !== -1; at = text.indexOf(word, at + 1)) {
    const [first, last] = [text.slice(0, at).trim(), text.slice(at + word.length).trim()];
    if (writtenDate(first) !== undefined && writtenDate(last) !== undefined) return true;
  }
  return false;
}
