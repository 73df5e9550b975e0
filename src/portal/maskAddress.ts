import { shapeOf } from './textShape.ts';

/**
 * An address without what may be about a person: host, segments of the path, keys and values of the query stay where
 * the recipe or the portal's own address names them, and keep their shape otherwise.
 */
export function maskAddress(address: string, known: ReadonlySet<string>): string {
  if (address.length > longestAddress) return `${maskAddress(address.slice(0, longestAddress), known)}…`;
  if (!URL.canParse(address)) return shapeOf(address);
  const { protocol, host, pathname, search, hash } = new URL(address);
  // What is not from a server, such as data:, holds a whole document.
  if (protocol !== 'http:' && protocol !== 'https:') return plainSchemes.has(address) ? address : protocol;
  return `${protocol}//${masked(host, known)}${[pathname, search, hash].map((part) => maskParts(part, known)).join('')}`;
}

/** Nobody reads more of one, and a page may make it as long as it likes. */
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

/** The parts of an address that count as known, lower case. */
export function partsOfAddress(address: string): string[] {
  if (!URL.canParse(address)) return [];
  const { host, pathname, search, hash } = new URL(address);
  return [host, ...`${pathname}${search}${hash}`.split(/[/?#&=;]/)]
    .filter((part) => part !== '')
    .map((part) => part.toLowerCase());
}

/** What bundlers call a page's scripts; a file of any other name may be called after somebody. */
const scriptWords =
  /^(?:app|bundle|chunk|common|index|jquery|main|polyfills|portal|report|reports|runtime|script|vendor)(?:[.-][0-9a-f]{4,40})?(?:\.min)?\.m?js$/;

/** The name of the script at an address, or its shape. */
export function scriptName(address: string): string {
  const file = URL.canParse(address) ? (new URL(address).pathname.split('/').at(-1) ?? '') : '';
  if (!/\.m?js$/i.test(file)) return 'the page';
  return scriptWords.test(file) ? file : shapeOf(file);
}
