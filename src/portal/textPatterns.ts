import { runInNewContext } from 'node:vm';
import { PortalTrouble } from './trouble.ts';

/**
 * How a recipe's text is compared with a page's. Case and runs of white space never matter. A text between slashes
 * (`/records? found/`) is used as a regular expression.
 */
const slashed = /^\/(.+)\/([a-z]*)$/s;

export function isPattern(text: string): boolean {
  return slashed.test(text);
}

/** Undefined if `text` is not written as a pattern or is no valid regular expression. */
export function parsePattern(text: string): RegExp | undefined {
  const match = slashed.exec(text);
  if (match === null) return undefined;
  try {
    return new RegExp(match[1]!, match[2]);
  } catch {
    // An invalid expression is the author's mistake; the recipe's check reports it with its line.
    return undefined;
  }
}

/**
 * Matches a label or name as a whole, so that "Export" does not match "Export settings". Colons and asterisks at the
 * end are form decoration ("Start Date:*") and are ignored.
 */
export function wholeText(text: string): RegExp {
  return parsePattern(text) ?? new RegExp(`^\\s*${spaced(text)}[\\s:*]*$`, 'i');
}

/** Matches part of a longer text, as a person looks for a phrase on a page. */
export function partOfText(text: string): RegExp {
  return parsePattern(text) ?? new RegExp(spaced(text), 'i');
}

function spaced(text: string): string {
  return text.trim().split(/\s+/).map(escapePattern).join('\\s+');
}

export function escapePattern(text: string): string {
  return text.replaceAll(/[.*+?^${}()|[\]\\/]/g, String.raw`\$&`);
}

const patternMilliseconds = 1000;

/**
 * Runs a recipe's pattern on a text from the portal, for at most one second: a pattern such as `/(a+)+$/` could take
 * years and block the whole process. (In a page, Playwright's own time limits bound it.)
 *
 * @throws PortalTrouble if the pattern takes longer.
 */
export function matchBounded(pattern: RegExp, text: string): RegExpExecArray | null {
  return bounded('pattern.exec(text)', { pattern, text }) as RegExpExecArray | null;
}

/** The index of the first text that matches, or -1; at most one second in total. @throws as `matchBounded` does. */
export function findMatch(pattern: RegExp, texts: readonly string[]): number {
  return bounded('texts.findIndex((text) => pattern.test(text))', { pattern, texts }) as number;
}

function bounded(
  code: string,
  given: { readonly pattern: RegExp } & Readonly<Record<string, unknown>>,
): unknown {
  try {
    return runInNewContext(code, { ...given }, { timeout: patternMilliseconds });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ERR_SCRIPT_EXECUTION_TIMEOUT') throw error;
    throw new PortalTrouble(
      'PortalLayoutChanged',
      `the pattern ${given.pattern.source.slice(0, 60)} takes more than ${String(patternMilliseconds / 1000)} s on the portal's text`,
      {
        hint: 'Write this pattern of the recipe without a repetition inside a repetition, such as (a+)+.',
        retry: false,
      },
    );
  }
}
