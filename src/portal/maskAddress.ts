import { shapeOf } from './textShape.ts';

/**
 * An address without anything that may identify a person. The host, path segments, and keys and values of the query
 * stay readable where the recipe or the portal's own address names them; of the rest only the shape is kept.
 */
export function maskAddress(address: string, known: ReadonlySet<string>): string {
  if (address.length > longestAddress) return `${maskAddress(address.slice(0, longestAddress), known)}…`;
  if (!URL.canParse(address)) return shapeOf(address);
  const { protocol, host, pathname, search, hash } = new URL(address);
  // Schemes that no server answers, such as data:, hold a whole document.
  if (protocol !== 'http:' && protocol !== 'https:') return plainSchemes.has(address) ? address : protocol;
  return `${protocol}//${masked(host, known)}${[pathname, search, hash].map((part) => maskParts(part, known)).join('')}`;
}

/** No one reads more of an address, and a page may make it any length. */
export const longestAddress = 4_000;

const plainSchemes = new Set(['about:blank', 'about:srcdoc']);

function maskParts(text: string, known: ReadonlySet<string>): string {
  return text
    .split(/([/?#&=;])/)
    .map((part, index) => (index % 2 === 1 ? part : masked(part, known)))
    .join('');
}

function masked(part: string, known: ReadonlySet<string>): string {
  return known.has(part.toLowerCase()) ? part : shapeOf(part);
}

/** The parts of an address that count as known, in lower case. */
export function partsOfAddress(address: string): string[] {
  if (!URL.canParse(address)) return [];
  const { host, pathname, search, hash } = new URL(address);
  return [host, ...`${pathname}${search}${hash}`.split(/[/?#&=;]/)]
    .filter((part) => part !== '')
    .map((part) => part.toLowerCase());
}

/** Names that bundlers give to scripts. A file with any other name may be named after a person. */
const scriptWords =
  /^(?:app|bundle|chunk|common|index|jquery|main|polyfills|portal|report|reports|runtime|script|vendor)(?:[.-][0-9a-f]{4,40})?(?:\.min)?\.m?js$/;

/** The name of the script at an address if it is known, else its shape. */
export function scriptName(address: string): string {
  const file = URL.canParse(address) ? (new URL(address).pathname.split('/').at(-1) ?? '') : '';
  if (!/\.m?js$/i.test(file)) return 'the page';
  return scriptWords.test(file) ? file : shapeOf(file);
}
