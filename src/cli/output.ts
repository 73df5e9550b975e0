import { printableJson, printableLines } from '../domain/printable.ts';

/** Every command can answer people or programs. */
export interface OutputOptions {
  readonly json?: boolean;
}

/** The one answer of a command: words, or with --json one JSON document and nothing else. */
export function print(options: OutputOptions, facts: unknown, words: () => string): void {
  // What a command shows may be an id, a name or a reason that somebody else chose.
  console.log(options.json === true ? printableJson(facts) : printableLines(words()));
}

/** Left-aligned columns, as wide as their widest cell. */
export function table(headings: readonly string[], rows: readonly (readonly string[])[]): string {
  const lines = [headings, ...rows];
  const widths = headings.map((_, column) => Math.max(...lines.map((line) => line[column]!.length)));
  return lines
    .map((line) =>
      line
        .map((cell, column) => cell.padEnd(widths[column]!))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}
