/**
 * HTML entities such as `&eacute;`, `&#233;` or `&amp;`, which some portals write into exports. They are counted, and
 * decoded only if `reports.<name>.decodeHtmlEntities` says so.
 */
const entity = /&(?:#(\d{1,7})|#[xX]([\dA-Fa-f]{1,6})|([A-Za-z][A-Za-z\d]{1,30}));/;
const entities = new RegExp(entity, 'g');

/** Whether a text contains what reads as an HTML entity, known or not. */
export function hasHtmlEntity(text: string): boolean {
  return text.includes('&') && entity.test(text);
}

/** Decodes each entity once: `&amp;eacute;` becomes `&eacute;`. An unknown one stays. */
export function decodeHtmlEntities(text: string): string {
  if (!text.includes('&')) return text;
  return text.replace(entities, (written, decimal?: string, hex?: string, name?: string) => {
    if (name !== undefined) return namedEntities.get(name) ?? written;
    return characterOf(Number.parseInt((decimal ?? hex)!, decimal === undefined ? 16 : 10)) ?? written;
  });
}

/** NUL and surrogates are not characters of a text. */
function characterOf(code: number): string | undefined {
  if (code === 0 || code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff)) return undefined;
  return String.fromCodePoint(code);
}

/** The HTML entities for U+00A0 to U+00FF, in order. */
const latin1 =
  'nbsp iexcl cent pound curren yen brvbar sect uml copy ordf laquo not shy reg macr deg plusmn sup2 sup3 acute ' +
  'micro para middot cedil sup1 ordm raquo frac14 frac12 frac34 iquest Agrave Aacute Acirc Atilde Auml Aring AElig ' +
  'Ccedil Egrave Eacute Ecirc Euml Igrave Iacute Icirc Iuml ETH Ntilde Ograve Oacute Ocirc Otilde Ouml times Oslash ' +
  'Ugrave Uacute Ucirc Uuml Yacute THORN szlig agrave aacute acirc atilde auml aring aelig ccedil egrave eacute ecirc ' +
  'euml igrave iacute icirc iuml eth ntilde ograve oacute ocirc otilde ouml divide oslash ugrave uacute ucirc uuml ' +
  'yacute thorn yuml';

const namedEntities: ReadonlyMap<string, string> = new Map([
  ...latin1.split(' ').map((name, index): [string, string] => [name, String.fromCodePoint(0xa0 + index)]),
  ['amp', '&'],
  ['lt', '<'],
  ['gt', '>'],
  ['quot', '"'],
  ['apos', "'"],
  ['lsquo', '\u2018'],
  ['rsquo', '\u2019'],
  ['ldquo', '\u201c'],
  ['rdquo', '\u201d'],
  ['ndash', '\u2013'],
  ['mdash', '\u2014'],
  ['hellip', '\u2026'],
  ['Scaron', '\u0160'],
  ['scaron', '\u0161'],
  ['OElig', '\u0152'],
  ['oelig', '\u0153'],
  ['Yuml', '\u0178'],
]);
