/** Whether two decimal texts are the same number, whatever their trailing zeros; NULL equals NULL. */
export function sameDecimal(left: string | null, right: string | null): boolean {
  if (left === null || right === null) return left === right;
  return canonical(left) === canonical(right);
}

const decimalPattern = /^(-?)0*(\d+?)(?:\.(\d*?)0*)?$/;

function canonical(text: string): string {
  const match = decimalPattern.exec(text);
  if (match === null) throw new RangeError('a decimal number was expected');
  const [, sign = '', whole = '', fraction = ''] = match;
  const digits = fraction === '' ? whole : `${whole}.${fraction}`;
  return digits === '0' ? '0' : sign + digits;
}
