/**
 * The label that dashboards show instead of a name: 3 letters of the first name, then 2 of the last, upper case,
 * letters only, accents folded. A label is no identity: two people can share one.
 */
export function nameCode(name: string): string {
  const { first, last } = namesOf(name);
  return letters(first, 3) + letters(last, 2);
}

/** `LAST, FIRST`; without a comma the first word is the first name and the rest the last. */
function namesOf(name: string): { first: string; last: string } {
  const comma = name.indexOf(',');
  if (comma >= 0) return { first: name.slice(comma + 1), last: name.slice(0, comma) };
  const [first = '', ...rest] = name.trim().split(/\s+/);
  return { first, last: rest.join('') };
}

// Letters with case or of scripts without case; modifier letters such as a typographic apostrophe do not count.
const notALetter = /[^\p{Lu}\p{Ll}\p{Lt}\p{Lo}]/gu;

function letters(text: string, count: number): string {
  const plain = text.normalize('NFD').replace(notALetter, '').toUpperCase();
  return Array.from(plain).slice(0, count).join('');
}
