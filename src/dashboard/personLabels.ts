import type { PersonLabel } from './pageData.ts';

/** A person as the tables know them; the name only where names were asked for. */
interface Person {
  readonly key: string;
  readonly code: string;
  readonly name: string | null;
}

/** Four tell sixty-five thousand people of one code apart; where they do not, all sixteen do. */
const shortDigits = 4;

/**
 * What pages call people. A code that several share gets the first digits of each one's key, which stay the same from
 * page to page: two people with one code stay two.
 */
export function personLabels(people: readonly Person[]): PersonLabel[] {
  const shown = people.map(({ key, code, name }) => ({
    key,
    text: name ?? (code === '' ? '(no letters)' : code),
  }));
  const times = countsOf(shown.map(({ text }) => text));
  const short = shown.map(({ key, text }) => `${text} ${key.slice(0, shortDigits)}`);
  const shortTimes = countsOf(short);
  return shown.map(({ key, text }, place) => {
    if (times.get(text) === 1) return { key, label: text };
    return { key, label: shortTimes.get(short[place]!) === 1 ? short[place]! : `${text} ${key}` };
  });
}

function countsOf(texts: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const text of texts) counts.set(text, (counts.get(text) ?? 0) + 1);
  return counts;
}
