/** Longer than any id or name of ours. */
const mostCharacters = 200;

/** Control characters, which could move a cursor or forge a line, and marks that hide or reverse text. */
const unprintable = /[\p{Cc}\p{Cf}\p{Co}\p{Cs}\p{Zl}\p{Zp}]/gu;

/** A text that someone else chose, made safe for a terminal or a message, and cut if it is too long. */
export function printable(text: string): string {
  const plain = text.slice(0, mostCharacters + 1).replaceAll(unprintable, '?');
  return plain.length > mostCharacters ? `${plain.slice(0, mostCharacters)}…` : plain;
}

/** Replaces unprintable characters in an answer of several lines; keeps its line breaks. */
export function printableLines(text: string): string {
  return text.replaceAll(unprintable, (character) => (character === '\n' ? '\n' : '?'));
}

/** JSON that is safe on a terminal: every such character as its escape, which reads back as the same. */
export function printableJson(value: unknown): string {
  return JSON.stringify(value, undefined, 2).replaceAll(unprintable, (character) =>
    character === '\n'
      ? '\n'
      : Array.from({ length: character.length }, (_, at) => escapeOf(character, at)).join(''),
  );
}

function escapeOf(character: string, at: number): string {
  return `\\u${character.charCodeAt(at).toString(16).padStart(4, '0')}`;
}
