/** Rows per kind of warning, e.g. `days-differ-from-dates`. */
export type Warnings = Readonly<Record<string, number>>;

/** Adds one row's warnings to the counts. */
export function countWarnings(counts: Record<string, number>, found: readonly string[]): void {
  for (const warning of found) counts[warning] = (counts[warning] ?? 0) + 1;
}

/** Duplicates are known only once the rows are compared, after all other warnings were counted. */
export function withDuplicates(counts: Warnings, duplicates: number): Warnings {
  return duplicates === 0 ? counts : { ...counts, 'duplicate-row': duplicates };
}

/** What a run has made so far, as far as it counts warnings. Runs of earlier versions lack some of it. */
interface Counted {
  readonly clean?: { readonly warnings: Warnings; readonly extraColumns?: readonly string[] };
  readonly categorize?: { readonly warnings: Warnings };
  readonly aggregate?: { readonly unknownRows: number; readonly warnings?: Warnings };
}

/** Rows, or names or columns, per kind of warning, without zeros. Names no one. */
export function warningsOf({ clean, categorize, aggregate }: Counted): Record<string, number> {
  const counted = {
    ...clean?.warnings,
    ...categorize?.warnings,
    ...aggregate?.warnings,
    'unknown-service': aggregate?.unknownRows ?? 0,
    // By name, as far as a heading can be shown.
    ...Object.fromEntries(
      (clean?.extraColumns ?? []).map((column) => [`extra-column:${column.slice(0, 80)}`, 1]),
    ),
  };
  return Object.fromEntries(Object.entries(counted).filter(([, count]) => count > 0));
}
