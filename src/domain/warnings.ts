/** Rows per kind of warning, e.g. `days-differ-from-dates`. */
export type Warnings = Readonly<Record<string, number>>;

/** Counts one row's warnings in. */
export function countWarnings(counts: Record<string, number>, found: readonly string[]): void {
  for (const warning of found) counts[warning] = (counts[warning] ?? 0) + 1;
}

/** Duplicates are only known once the rows are compared, after all other warnings were counted. */
export function withDuplicates(counts: Warnings, duplicates: number): Warnings {
  return duplicates === 0 ? counts : { ...counts, 'duplicate-row': duplicates };
}
