import { inBase64 } from './secretForms.ts';

/**
 * Whether a request carries a secret: as plain text, or encoded as scripts commonly do (percent, base 64, hex, escapes,
 * reversed). Encryption by the page cannot be detected here; such requests are refused by their kind.
 */
export function carriesSecret(text: string, secrets: readonly string[]): boolean {
  return carries(text, secrets, { plain: digitsAlone, encoded: digitsAlone });
}

/**
 * Whether a request carries a user name, which may be a word such as `admin`: it counts only if it stands alone. Its
 * encoded form is no longer a word, and has letters beside it wherever it is part of a longer text.
 */
export function carriesName(text: string, names: readonly string[]): boolean {
  return carries(text, names, { plain: () => /[\p{L}\p{N}]/u, encoded: digitsAlone });
}

/** A numeric code occurs inside many time stamps. */
function digitsAlone(form: string): RegExp | undefined {
  return /^\d+$/.test(form) ? /\d/ : undefined;
}

/** The characters that may not be next to a form; undefined allows all. */
type Continuing = (form: string) => RegExp | undefined;

function carries(
  text: string,
  secrets: readonly string[],
  continuing: { readonly plain: Continuing; readonly encoded: Continuing },
): boolean {
  if (secrets.length === 0) return false;
  const readings = readingsOf(text.slice(0, textLimit));
  const isThere = (form: string, beside: Continuing) =>
    readings.some((reading) => isIn(reading, form, beside(form)));
  return secrets.some(
    (secret) =>
      sought(plainForms(secret)).some((form) => isThere(form, continuing.plain)) ||
      sought(encodedForms(secret)).some((form) => isThere(form, continuing.encoded)),
  );
}

/** Longer addresses and bodies hold files, not sign-ins; each is scanned several times. */
const textLimit = 256 * 1024;
/** Nested encodings; no one decodes further. */
const decodings = 3;
/** A shorter form occurs anywhere by chance. */
const shortestForm = 4;

function readingsOf(text: string): string[] {
  const readings = [text];
  for (let round = 0; round < decodings; round += 1) {
    const decoded = decodedOnce(readings.at(-1)!);
    if (decoded === readings.at(-1)) break;
    readings.push(decoded);
  }
  return readings.map((reading) => reading.toLowerCase());
}

function decodedOnce(text: string): string {
  return text
    .replaceAll('+', ' ')
    .replaceAll(/(?:%[0-9a-f]{2})+/gi, (bytes) =>
      Buffer.from(bytes.replaceAll('%', ''), 'hex').toString('utf8'),
    )
    .replaceAll(/(?:%|\\)u([0-9a-f]{4})/gi, (_, code: string) =>
      String.fromCharCode(Number.parseInt(code, 16)),
    )
    .replaceAll(
      /&#(?:x([0-9a-f]{1,6})|(\d{1,7}));?/gi,
      (_, hex: string | undefined, decimal: string | undefined) =>
        characterOf(hex === undefined ? Number(decimal) : Number.parseInt(hex, 16)),
    );
}

function characterOf(code: number): string {
  return code <= 0x10_ff_ff ? String.fromCodePoint(code) : '';
}

function plainForms(secret: string): string[] {
  return [secret, secret.replaceAll('+', ' '), Array.from(secret).toReversed().join('')];
}

function encodedForms(secret: string): string[] {
  const bytes = Buffer.from(secret, 'utf8');
  const wide = Buffer.from(secret, 'utf16le');
  const codes = Array.from(secret, (character) => String(character.codePointAt(0)));
  return [
    bytes.toString('hex'),
    wide.toString('hex'),
    codes.join(','),
    codes.join('-'),
    ...inBase64(bytes),
    ...inBase64(wide),
  ];
}

function sought(forms: readonly string[]): string[] {
  return [...new Set(forms.map((form) => form.toLowerCase()))].filter((form) => form.length >= shortestForm);
}

/** `continuing` is what may not be next to the form; undefined allows all. */
function isIn(reading: string, form: string, continuing: RegExp | undefined): boolean {
  if (continuing === undefined) return reading.includes(form);
  for (let at = reading.indexOf(form); at !== -1; at = reading.indexOf(form, at + 1)) {
    const beside = [reading[at - 1], reading[at + form.length]];
    if (!beside.some((character) => character !== undefined && continuing.test(character))) return true;
  }
  return false;
}
