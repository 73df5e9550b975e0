/** One typing mistake in three letters still looks like the word that was meant; more would be a guess. */
const lettersPerMistake = 3;

/** No word of ours is longer, and the comparison takes time by its square. */
const longestWord = 80;

/** The known word that a misspelt one was most likely meant to be, case ignored; undefined where none is near. */
export function nearestWord(word: string, known: readonly string[]): string | undefined {
  if (word.length > longestWord) return undefined;
  const ranked = known
    .map((candidate) => ({ candidate, mistakes: editDistance(word.toLowerCase(), candidate.toLowerCase()) }))
    .filter(
      ({ candidate, mistakes }) => mistakes <= Math.max(word.length, candidate.length) / lettersPerMistake,
    )
    .sort((one, other) => one.mistakes - other.mistakes);
  return ranked[0]?.candidate;
}

/** Levenshtein's: letters to insert, delete or replace to get from one word to the other. */
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
