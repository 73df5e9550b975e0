import { unknownGroup } from './rules.ts';

/**
 * Free text in the service column may be a person's name. Pages and views without names show the code itself only if a
 * group of pipeline.yaml has it or it looks like a code: at most 12 letters, digits, blanks, `-`, `&` and `/`, a letter
 * or digit first, and at most 4 letters. Codes are short or mostly digits (`H2015 HI`); first and last names together
 * have more letters. The views have the same rule, and a test checks that the two are equal.
 */
const mostCharacters = 12;
const mostLetters = 4;

export function looksLikeCode(text: string): boolean {
  return (
    text.length <= mostCharacters &&
    /^[A-Za-z0-9]/.test(text) &&
    !/[^A-Za-z0-9 &/-]/.test(text) &&
    text.replace(/[^A-Za-z]/g, '').length <= mostLetters
  );
}

/** The service as shown without names; text that does not look like a code becomes `(text, 17 characters)`. */
export function serviceLabel(code: string, group: number): string {
  if (group !== unknownGroup || looksLikeCode(code)) return code;
  return `(text, ${String(Array.from(code).length)} characters)`;
}
