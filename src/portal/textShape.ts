/** The beginning of a text is enough for its shape; pages hold texts of any length. */
export const lengthLimit = 200;

/** Digits become 9, letters x or X; ASCII signs and `[secret]` stay. */
export function shapeOf(text: string): string {
  const begin = text.slice(0, lengthLimit).split('[secret]');
  return `${begin.map(shape).join('[secret]')}${text.length > lengthLimit ? '…' : ''}`;
}

function shape(text: string): string {
  return text
    .replaceAll(/\p{N}/gu, '9')
    .replaceAll(/[\p{Lu}\p{Lt}]/gu, 'X')
    .replaceAll(/(?![xX])[\p{L}\p{M}]/gu, 'x')
    .replaceAll(/\s+/g, ' ')
    .replaceAll(/[^\u{20}-\u{7e}]/gu, '·');
}
