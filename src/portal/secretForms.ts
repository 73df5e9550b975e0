/**
 * Finds secrets in a page's text in any form: other case, encoded for an address, for HTML or in base 64, separated by
 * an input mask (`123-456`) or spread over neighbouring elements.
 */

const secretMark = '[secret]';
/** A shorter text would match anywhere once spaces and punctuation are ignored. */
const shortestSpread = 4;

/** Returns the texts with each secret replaced, also where it continues from one text into the next. */
export type HideSecrets = (texts: readonly string[]) => string[];

export function secretHider(secrets: readonly string[]): HideSecrets {
  const forms = new Set(secrets.filter((secret) => secret !== '').flatMap(formsOf));
  const plain = [...new Set(Array.from(forms, lowerCase))];
  const spread = [...new Set(plain.map(significant))].filter((form) => form.length >= shortestSpread);
  return (texts) => {
    const hidden: Span[][] = texts.map(() => []);
    // As written, and decoded.
    for (const read of [asWritten, decoded]) {
      const whole = lowerCase(texts.map((text) => textOf(read(text))).join('\n'));
      // Most pages hold no secret, and this check is fast.
      if (plain.some((form) => whole.includes(form))) {
        texts.forEach((text, index) => {
          hidden[index] = hidden[index]!.concat(plainSpans(read(text), plain));
        });
      }
      const letters = significant(whole);
      if (spread.some((form) => letters.includes(form))) {
        for (const [index, span] of spreadSpans(texts.map(read), spread)) hidden[index]!.push(span);
      }
    }
    return texts.map((text, index) => without(text, hidden[index]!));
  };
}

/** Lower-cases letter by letter, so that a letter has the same form at the end of a word. */
function lowerCase(text: string): string {
  return text.toLowerCase().replaceAll('ς', 'σ');
}

/** Input masks put spaces, hyphens, dots and the like between the characters. */
function significant(text: string): string {
  return text.replaceAll(/[^\p{L}\p{N}\p{M}]+/gu, '');
}

/** From the first UTF-16 unit to after the last. */
interface Span {
  readonly from: number;
  readonly to: number;
}

interface Folded {
  /** Lower case. */
  readonly text: string;
  /** The position in the original of the character that each unit of `text` comes from. */
  readonly origins: readonly Span[];
}

/** A piece of decoded text, and the part of the text that it came from. */
interface Piece {
  readonly reads: string;
  readonly from: number;
  /** The length of `reads`, or more for an escape. */
  readonly length: number;
}

function asWritten(text: string): Piece[] {
  return [{ reads: text, from: 0, length: text.length }];
}

function textOf(pieces: readonly Piece[]): string {
  return pieces.map(({ reads }) => reads).join('');
}

const escapes =
  /(?:%[0-9a-f]{2}){1,200}|&(?:#x[0-9a-f]{1,6}|#[0-9]{1,7}|amp|lt|gt|quot|apos);|\\u[0-9a-f]{4}/gi;

/** The text with the escapes of addresses, HTML and scripts decoded. */
function decoded(text: string): Piece[] {
  const pieces: Piece[] = [];
  let at = 0;
  for (const { 0: escape, index } of text.matchAll(escapes)) {
    pieces.push({ reads: text.slice(at, index), from: at, length: index - at });
    pieces.push({ reads: unescaped(escape), from: index, length: escape.length });
    at = index + escape.length;
  }
  pieces.push({ reads: text.slice(at), from: at, length: text.length - at });
  return pieces;
}

function unescaped(escape: string): string {
  if (escape.startsWith('%')) return Buffer.from(escape.replaceAll('%', ''), 'hex').toString('utf8');
  const hexadecimal = /^(?:&#x|\\u)([0-9a-f]+)/i.exec(escape)?.[1];
  const code =
    hexadecimal === undefined ? Number(/^&#(\d+)/.exec(escape)?.[1]) : Number.parseInt(hexadecimal, 16);
  if (code <= 0x10_ff_ff) return String.fromCodePoint(code);
  return signs[escape.toLowerCase()] ?? escape;
}

function folded(pieces: readonly Piece[], keep: (text: string) => string): Folded {
  const letters: string[] = [];
  const origins: Span[] = [];
  for (const { reads, from, length } of pieces) {
    let at = from;
    for (const character of reads) {
      const isEscape = length !== reads.length;
      const origin = isEscape ? { from, to: from + length } : { from: at, to: at + character.length };
      at += character.length;
      const kept = lowerCase(keep(character));
      letters.push(kept);
      for (let unit = 0; unit < kept.length; unit += 1) origins.push(origin);
    }
  }
  return { text: letters.join(''), origins };
}

function plainSpans(pieces: readonly Piece[], needles: readonly string[]): Span[] {
  const { text, origins } = folded(pieces, (character) => character);
  return spansOf(needles, text).map(({ from, to }) => ({
    from: origins[from]!.from,
    to: origins[to - 1]!.to,
  }));
}

function spansOf(needles: readonly string[], haystack: string): Span[] {
  return needles.flatMap((needle) => {
    const found: Span[] = [];
    let from = haystack.indexOf(needle);
    while (from !== -1) {
      found.push({ from, to: from + needle.length });
      from = haystack.indexOf(needle, from + needle.length);
    }
    return found;
  });
}

function spreadSpans(texts: readonly Piece[][], needles: readonly string[]): [number, Span][] {
  const parts = texts.map((pieces) => folded(pieces, significant));
  const places = parts.flatMap(({ origins }, index) => origins.map((origin) => ({ index, origin })));
  const found = new Map<string, [number, Span]>();
  for (const { from, to } of spansOf(needles, parts.map(({ text }) => text).join(''))) {
    const byText = new Map<number, Span>();
    for (const { index, origin } of places.slice(from, to)) {
      const known = byText.get(index);
      byText.set(index, { from: known?.from ?? origin.from, to: origin.to });
    }
    for (const [index, span] of byText) found.set(`${index}:${span.from}:${span.to}`, [index, span]);
  }
  return [...found.values()];
}

function without(text: string, spans: readonly Span[]): string {
  let shown = '';
  let at = 0;
  for (const { from, to } of spans.toSorted((left, right) => left.from - right.from)) {
    if (to <= at) continue;
    if (from >= at) shown += text.slice(at, from) + secretMark;
    at = to;
  }
  return shown + text.slice(at);
}

/** The forms of a secret that decoding does not undo, and the secret itself. */
function formsOf(secret: string): string[] {
  const cased = [...new Set([secret, secret.toLowerCase(), secret.toUpperCase()])];
  const forms = [
    new URLSearchParams({ '': secret }).toString().slice(1),
    encodeURIComponent(wellFormed(secret)),
    JSON.stringify(secret).slice(1, -1),
    escapedForHtml(secret),
    ...cased.map((each) => Buffer.from(each, 'utf8').toString('hex')),
    ...cased.flatMap((each) => inBase64(Buffer.from(each, 'utf8'))),
  ];
  return [secret, ...forms.filter((form) => form.length >= shortestSpread)];
}

const signs: Readonly<Record<string, string>> = {
  '&amp;': '&',
  '&lt;': '<',
  '&gt;': '>',
  '&quot;': '"',
  '&apos;': "'",
};

function escapedForHtml(secret: string): string {
  return Object.entries(signs).reduce((text, [escape, sign]) => text.replaceAll(sign, escape), secret);
}

/** Alone and after one or two other bytes, as in `user:password`: the part that does not depend on its neighbours. */
export function inBase64(bytes: Buffer): string[] {
  const shifted = [0, 1, 2].map((before) => {
    const text = Buffer.concat([Buffer.alloc(before), bytes]).toString('base64');
    const cutFront = before === 0 ? 0 : before + 1;
    const cutBack = { 0: 0, 1: 3, 2: 2 }[(before + bytes.length) % 3]!;
    return text.slice(cutFront, text.length - cutBack);
  });
  return [bytes.toString('base64').replaceAll('=', ''), ...shifted].flatMap((text) => [
    text,
    text.replaceAll('+', '-').replaceAll('/', '_'),
  ]);
}

/** A lone surrogate, which no encoding of an address can write, becomes the replacement character. */
function wellFormed(text: string): string {
  return Buffer.from(text, 'utf8').toString('utf8');
}
