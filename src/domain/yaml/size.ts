/**
 * The most characters of a configuration file or a recipe. Both have a few hundred lines, and a YAML parser takes
 * quadratic time.
 */
const mostCharacters = 100_000;

/** Says what is wrong with the size of a YAML text; undefined if nothing is. */
export function yamlTooLarge(text: string): string | undefined {
  if (text.length <= mostCharacters) return undefined;
  return `${String(text.length)} characters, wanted at most ${String(mostCharacters)}`;
}
