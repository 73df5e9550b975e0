/** One typing mistake in three characters still resembles the intended word; more would be a guess. */
const charactersPerMistake = 3;

/** None of our words is longer, and the comparison takes quadratic time. */
const longestWord = 80;

/** The known word that a misspelt one probably stands for, ignoring case; undefined if none is close. */
export function nearestWord(word: string, known: readonly string[]): string | undefined {
  if (word.length > longestWord) return undefined;
  const ranked = known
    .map((candidate) => ({ candidate, mistakes: editDistance(word.toLowerCase(), candidate.toLowerCase()) }))
    .filter(
      ({ candidate, mistakes }) => mistakes <= Math.max(word.length, candidate.length) / charactersPerMistake,
    )
    .sort((one, other) => one.mistakes - other.mistakes);
  return ranked[0]?.candidate;
}

/** `did you mean "click"? `, for the first of the words that resembles a known one; otherwise nothing. */
export function didYouMean(words: readonly string[], known: readonly string[]): string {
  const [near] = words
    .filter((word) => !known.includes(word))
    .flatMap((word) => nearestWord(word, known) ?? []);
  return near === undefined ? '' : `did you mean "${near}"? `;
}

/** Levenshtein distance: letters to insert, delete or replace to turn one word into the other. */
function editDistance(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, column) => column);
  for (const [index, letter] of from.split('').entries()) {
    const next = [index + 1];
    for (let column = 1; column <= to.length; column += 1) {
      const replaced = row[column - 1]! + (letter === to[column - 1] ? 0 : 1);
      next.push(Math.min(replaced, row[column]! + 1, next[column - 1]! + 1));
    }
    row = next;
  }
  return row.at(-1)!;
}
