export function table(heads: readonly string[], lines: readonly (readonly string[])[]): string {
  const rule = heads.map((_, index) => (index === 0 ? '---' : '--:'));
  return [heads, rule, ...lines].map(tableLine).join('\n');
}

function tableLine(cells: readonly string[]): string {
  return `| ${cells.join(' | ')} |`;
}

export function grouped(number: number): string {
  return number.toLocaleString('en-US');
}
