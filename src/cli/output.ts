import { printableJson, printableLines } from '../domain/printable.ts';

/** Every command can answer people or programs. */
export interface OutputOptions {
  readonly json?: boolean;
}

/** Prints a command's answer: words, or with --json exactly one JSON document. */
export function print(options: OutputOptions, facts: unknown, words: () => string): void {
  // The output may contain an id, a name or a reason that someone else chose.
  console.log(options.json === true ? printableJson(facts) : printableLines(words()));
}
