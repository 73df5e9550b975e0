import { agencyHere } from '../config.ts';
import type { Agency } from '../domain/agencyId.ts';
import { hintFor } from '../domain/failures.ts';
import { printableJson, printableLines } from '../domain/printable.ts';

/** Every command can answer people or programs. */
export interface OutputOptions {
  readonly json?: boolean;
}

/** Prints a command's answer: words, or with --json exactly one JSON document. */
export function print(options: OutputOptions, facts: unknown, words: () => string): void {
  // The output may contain an id, a name or a reason that someone else chose.
  console.log(options.json === true ? printableJson(facts) : printableLines(forHere(words())));
}

/** The commands in a text for the agency that this process acts for. */
export function forHere(text: string): string {
  return hintFor(agencyIfRight(), text);
}

/** A wrong EHR_AGENCY is reported as such, and not while something else is. */
function agencyIfRight(): Agency {
  try {
    return agencyHere();
  } catch {
    return undefined;
  }
}
