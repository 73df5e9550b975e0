import { decodeHtmlEntities } from './htmlEntities.ts';

/**
 * Text as the tables hold it: Unicode NFC, every run of white space one space, none at either end. Cells, headings
 * and the names and codes of pipeline.yaml all take this form, so that keys, rules and comparisons see one text
 * where a reader sees one. Case, accents and punctuation stay.
 */
export function storedText(text: string): string {
  if (!mayChange.test(text)) return text;
  const spaced = text.replace(whiteSpace, ' ').trim();
  return spaced.length > longestNormalized ? spaced : spaced.normalize('NFC');
}

/** A cell's text, with HTML entities decoded first if the report's setting says so. */
export function cellText(cell: string, { decodeEntities }: { readonly decodeEntities: boolean }): string {
  return storedText(decodeEntities ? decodeHtmlEntities(cell) : cell);
}

/** Whether a text is anything but printable ASCII with single spaces inside, which already has this form. */
const mayChange = /[^ -~]|^ | $| {2}/;

/**
 * Unicode's White_Space, and two characters outside it: U+200B (zero width space) and U+FEFF (a byte order mark within
 * a text), which replace a space. Other invisible characters stay, and make look-alikes.
 */
const whiteSpace = /[\p{White_Space}\u200B\uFEFF]+/gu;

/**
 * Longer text fits no column in any form: NFC shortens by a factor of 3 at most, and the widest column holds 160
 * characters. Thousands of combining marks in a row would take quadratic time to order.
 */
const longestNormalized = 2000;
