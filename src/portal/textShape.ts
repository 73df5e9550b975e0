/** The beginning of a text tells its shape; pages hold texts of any length. */
export const lengthLimit = 200;

/** Digits are 9, letters x or X, signs of ASCII stay; `[secret]` stays as it is. */
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
