/** Of a configuration file or a recipe; both have a few hundred lines, and a parser of YAML slows with their square. */
const mostCharacters = 100_000;

/** What is wrong with the size of a text in YAML, in words; undefined where nothing is. */
export function yamlTooLarge(text: string): string | undefined {
  if (text.length <= mostCharacters) return undefined;
  return `${String(text.length)} characters, wanted at most ${String(mostCharacters)}`;
}
