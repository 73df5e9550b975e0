/**
 * A second reading of how text is stored (docs/tables.md, How cells are read). It lists what the pipeline takes
 * from Unicode's tables.
 */

/** Unicode's White_Space, the zero width space and the byte order mark. */
const spaces = new Set([
  ...Array.from('\t\n\v\f\r \u0085\u00A0\u1680\u2028\u2029\u202F\u205F\u3000\uFEFF', (space) =>
    space.codePointAt(0)!,
  ),
  ...Array.from({ length: 0x200b - 0x2000 + 1 }, (_, index) => 0x2000 + index),
]);

/** NFC, with one space where white space is, and none at the ends. */
export function storedForm(text: string): string {
  const words: string[] = [];
  let word = '';
  for (const character of text) {
    if (!spaces.has(character.codePointAt(0)!)) {
      word += character;
      continue;
    }
    if (word !== '') words.push(word);
    word = '';
  }
  if (word !== '') words.push(word);
  return words.join(' ').normalize('NFC');
}

const days = [
  String.raw`(?<m>\d\d?)/(?<d>\d\d?)/(?<y>\d{4}|\d\d)`,
  String.raw`(?<m>\d\d?)-(?<d>\d\d?)-(?<y>\d{4})`,
  String.raw`(?<m>\d\d?)\.(?<d>\d\d?)\.(?<y>\d{4})`,
  String.raw`(?<y>\d{4})-(?<m>\d\d?)-(?<d>\d\d?)`,
  String.raw`(?<y>\d{4})/(?<m>\d\d?)/(?<d>\d\d?)`,
].map((form) => new RegExp(`^${form}$`));

/** Whether a text is an existing day in one of the forms in which days stand in codes. */
function isSomeDay(text: string): boolean {
  return days.some((form) => {
    const groups = form.exec(text)?.groups;
    if (groups === undefined) return false;
    const year = Number(groups['y']!.length === 2 ? `20${groups['y']!}` : groups['y']!);
    const [month, day] = [Number(groups['m']!), Number(groups['d']!)];
    const date = new Date(Date.UTC(2000, 0, 1));
    date.setUTCFullYear(year, month - 1, day);
    return year >= 1000 && date.getUTCMonth() === month - 1 && date.getUTCDate() === day;
  });
}

/** Without the date or the range of dates in brackets at its end. */
export function codeWithoutDate(code: string): string {
  const found = /^([^]*)(?:\(([^()]*)\)|\[([^[\]]*)\])$/.exec(code);
  if (found === null) return code;
  const inside = (found[2] ?? found[3]!).trim();
  const isDated = inside.length <= 60 && (isSomeDay(inside) || isRange(inside));
  return isDated ? found[1]!.trim() : code;
}

/** Every way to cut the text in three: a day, a word that joins, a day. */
function isRange(text: string): boolean {
  for (let from = 6; from <= text.length - 6; from += 1) {
    if (!isSomeDay(text.slice(0, from).trim())) continue;
    for (let to = from + 1; to <= text.length - 6; to += 1) {
      const joins = /^ ?(?:-|–|—|to|through|thru) ?$/i.test(text.slice(from, to));
      if (joins && isSomeDay(text.slice(to).trim())) return true;
    }
  }
  return false;
}

export function endsInDigits(code: string): boolean {
  const found = /(?:\(([^(]*)\)|\[([^[]*)\])$/.exec(code.slice(-64));
  return found !== null && /\d/.test(found[0]);
}

/** What a spreadsheet leaves of a name that it cannot show. */
export function isSpoiledName(text: string): boolean {
  const errors = 'REF! N/A NAME? VALUE! DIV/0! NULL! NUM! SPILL! CALC! FIELD! BLOCKED! UNKNOWN!'.split(' ');
  if (text.startsWith('=')) return true;
  if (!text.startsWith('#')) return false;
  return errors.includes(text.slice(1).toUpperCase()) || (text.length > 1 && /^#+$/.test(text));
}

const months = 'JAN FEB MAR APR MAY JUN JUL AUG SEP SEPT OCT NOV DEC'.split(' ');

/** The same of a code, which is no rounded number and no date either. */
export function isSpoiledCode(text: string): boolean {
  if (isSpoiledName(text)) return true;
  if (text.length > 24) return false;
  return isRounded(text) || isSomeDay(text.replace(/ (0|00|12):00(:00)?( AM)?$/i, '')) || isMonth(text);
}

function isRounded(text: string): boolean {
  const [mantissa = '', exponent, ...more] = text.toUpperCase().replace(/^-/, '').split('E');
  if (exponent === undefined || more.length > 0 || !/^[-+]?\d{1,3}$/.test(exponent)) return false;
  return /^\d[.,]\d{1,20}$/.test(mantissa) || (/^\d$/.test(mantissa) && !/^\d/.test(exponent));
}

const isYear = (part: string) => /^(\d\d|\d{4})$/.test(part);
const isDay = (part: string) => /^\d\d?$/.test(part);

/** `1-Mar`, `1-Mar-26` or `Mar-26`. */
function isMonth(text: string): boolean {
  const parts = text.toUpperCase().split('-');
  const [first, second = '', third] = parts as [string, string?, string?];
  if (parts.length === 2 && months.includes(first)) return isYear(second);
  if (!isDay(first) || !months.includes(second)) return false;
  return parts.length === 2 || (parts.length === 3 && isYear(third!));
}

/** Whether something in the text reads as an HTML entity. */
export function hasEntity(text: string): boolean {
  return text
    .split('&')
    .slice(1)
    .some((rest) => {
      const name = rest.includes(';') ? rest.slice(0, rest.indexOf(';')) : '';
      return (
        /^#\d{1,7}$/.test(name) ||
        /^#[xX][\da-fA-F]{1,6}$/.test(name) ||
        /^[a-zA-Z][a-zA-Z\d]{1,30}$/.test(name)
      );
    });
}

const alike: Readonly<Record<string, string>> = {
  ...Object.fromEntries(Array.from('`´ʹʻʼ‘’‛′Ꞌ', (mark) => [mark, "'"])),
  ...Object.fromEntries(Array.from('‐‑‒–—―−', (mark) => [mark, '-'])),
  Ø: 'O',
  Ł: 'L',
  Đ: 'D',
  Ð: 'D',
  Ħ: 'H',
  Ŧ: 'T',
  Æ: 'AE',
  Œ: 'OE',
};

/**
 * What is left of a name without what a reader overlooks: case, accents, spaces, what cannot be seen, kinds of
 * marks.
 */
export function overlooked(name: string): string {
  return Array.from(name.normalize('NFKD'))
    .filter((character) => !/\p{M}|\p{Cf}|\p{Cc}/u.test(character) && !/^\p{White_Space}$/u.test(character))
    .join('')
    .toUpperCase()
    .split('')
    .map((character) => alike[character] ?? character)
    .join('');
}
