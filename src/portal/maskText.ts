/**
 * Evidence must help to mend a recipe and must not show a patient. Letters of words that are not known to be
 * part of the portal's furniture become x, digits 9: the shape of a text stays, the person does not.
 */

export interface Masking {
  /** Replaced wherever they occur, whatever else is shown: user, password, one-time code. */
  readonly secrets: readonly string[];
  /** Lower-case words that the recipe itself uses. */
  readonly vocabulary: ReadonlySet<string>;
  readonly showPatientData: boolean;
}

const secretMark = '[secret]';
/** `SMITH, JOHN` or `O'Neil, Ana`: how the portal writes people, even on a button. */
const personPattern = /\p{L}[\p{L}'’.-]+, ?\p{L}/u;
/** Dates, identifiers, amounts; page numbers and the like may stay. */
const longNumberPattern = /\d[\d/.,-]{2,}/g;

/** Words of at least three letters: shorter ones occur in names as well. */
export function wordsOf(texts: readonly string[]): Set<string> {
  return new Set(texts.flatMap((text) => text.toLowerCase().match(/\p{L}{3,}/gu) ?? []));
}

export function withoutSecrets(text: string, { secrets }: Pick<Masking, 'secrets'>): string {
  return secrets
    .filter((secret) => secret !== '')
    .toSorted((left, right) => right.length - left.length)
    .reduce((masked, secret) => masked.split(secret).join(secretMark), text);
}

/** For what portals write themselves: buttons, tabs, labels, column headers. */
export function maskFurniture(text: string, masking: Masking): string {
  const safe = withoutSecrets(text, masking);
  if (masking.showPatientData) return safe;
  return personPattern.test(safe) ? maskContent(safe, masking) : safe.replaceAll(longNumberPattern, shapeOf);
}

/** For everything else: only words that the recipe uses are left readable. */
export function maskContent(text: string, masking: Masking): string {
  const safe = withoutSecrets(text, masking);
  if (masking.showPatientData) return safe;
  return safe
    .split(secretMark)
    .map((part) =>
      part.replaceAll(/[\p{L}\p{N}\p{M}]+/gu, (word) => (isKnown(word, masking) ? word : shapeOf(word))),
    )
    .join(secretMark);
}

function isKnown(word: string, { vocabulary }: Masking): boolean {
  return vocabulary.has(word.toLowerCase());
}

function shapeOf(text: string): string {
  return text
    .replaceAll(/\p{N}/gu, '9')
    .replaceAll(/\p{Lu}/gu, 'X')
    .replaceAll(/(?![xX])[\p{L}\p{M}]/gu, 'x');
}
