/**
 * What the Web UI makes of a run's current details: it renders Markdown, cuts off the last line, and turns the
 * two hyphens of a command into a dash, so that a copied one would not run.
 */

/** Lines of Markdown, and an empty one for the Web UI to cut off. */
export function details(lines: readonly string[]): string {
  return [...lines, '', '\u00a0'].join('\n');
}

/** A failure's message: what to do stands out, and commands can be copied. */
export function messageInDetails(message: string): string {
  return message
    .replaceAll(/npm run client -- (?:--agency [a-z0-9-]+ )?[a-z]+(?: [a-z]+)*(?: \d{4}-\d\d-\d\d)?/g, '`$&`')
    .replaceAll('. What to do: ', '.\n\n**What to do:** ');
}
