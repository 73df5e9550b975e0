/**
 * The most characters of a configuration file or a recipe. Both have a few hundred lines, and a YAML parser takes
 * quadratic time.
 */
const mostCharacters = 100_000;

/** What is wrong with the size of a YAML text, in words; undefined if nothing is. */
export function yamlTooLarge(text: string): string | undefined {
  if (text.length <= mostCharacters) return undefined;
  return `${String(text.length)} characters, wanted at most ${String(mostCharacters)}`;
}
