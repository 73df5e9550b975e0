import { longestAddress, maskAddress } from './maskAddress.ts';
import { comparable } from './knownTexts.ts';
import { lengthLimit, shapeOf } from './textShape.ts';
import { secretHider, type HideSecrets } from './secretForms.ts';

/**
 * Evidence must help to fix a recipe and must not show a patient. A text is readable only if all of it is known: named
 * by the recipe or one of the interface texts. Of any other text only the shape is kept.
 */

export interface Masking {
  readonly hideSecrets: HideSecrets;
  /** Texts that may be shown as a whole, in the form that `comparable` returns. */
  readonly known: ReadonlySet<string>;
  /** Parts of addresses that may be shown, in lower case. */
  readonly knownInAddresses: ReadonlySet<string>;
  readonly showPatientData: boolean;
}

export function newMasking(parts: {
  /** User, password, one-time code and its secret. */
  readonly secrets: readonly string[];
  readonly known: ReadonlySet<string>;
  readonly knownInAddresses: ReadonlySet<string>;
  readonly showPatientData: boolean;
}): Masking {
  const { secrets, ...others } = parts;
  return { ...others, hideSecrets: secretHider(secrets) };
}

/** Characters shown of a text with patient data; no secret is longer. */
export const shownCharacters = 1000;

/** What may be shown of a page's texts, in page order: a secret may continue from one text into the next. */
export function maskTexts(texts: readonly string[], masking: Masking): string[] {
  return masking.hideSecrets(texts).map((safe, index) => {
    const text = texts[index]!;
    if (masking.showPatientData) return oneLine(safe.slice(0, shownCharacters));
    // A text that holds a secret stays hidden even if it looks like a known text.
    return safe === text && isKnown(text, masking) ? oneLine(text) : shapeOf(safe);
  });
}

export function maskText(text: string, masking: Masking): string {
  return maskTexts([text], masking)[0]!;
}

export function isKnown(text: string, { known }: Pick<Masking, 'known'>): boolean {
  return text.length <= lengthLimit && known.has(comparable(text));
}

export function maskUrl(url: string, masking: Masking): string {
  // Cut after the secrets are hidden, so that no secret is cut and half shown.
  const [hidden = ''] = masking.hideSecrets([url.slice(0, 2 * longestAddress)]);
  const safe = hidden.length > longestAddress ? `${hidden.slice(0, longestAddress)}…` : hidden;
  return masking.showPatientData ? safe : maskAddress(safe, masking.knownInAddresses);
}

function oneLine(text: string): string {
  return text.trim().replaceAll(/\s+/g, ' ');
}
