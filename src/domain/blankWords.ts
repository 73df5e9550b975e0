/** Words that mean blank, unless pipeline.yaml lists others: `reports.<name>.blankWords`. */
export const defaultBlankWords = ['N/A', 'NA', 'NULL', 'None', '--', '-', '\u2013', '\u2014'];

/** Words are compared whole and ignoring case. */
export function foldBlankWord(word: string): string {
  return word.toUpperCase();
}

/** The longest word that pipeline.yaml allows. */
export const longestBlankWord = 100;

/** Whether a cell contains only one of these words. Takes text in the form of storedText.ts. */
export function isBlankWord(text: string, blankWords: ReadonlySet<string>): boolean {
  return text.length <= longestBlankWord && blankWords.has(foldBlankWord(text));
}
