import type { Changes } from '../domain/publication.ts';

/** `12 added, 1 removed, 3 changed, 224 the same`. */
export function changeWords({
  added,
  removed,
  changed,
  same,
}: Pick<Changes, 'added' | 'removed' | 'changed' | 'same'>): string {
  return `${String(added)} added, ${String(removed)} removed, ${String(changed)} changed, ${String(same)} the same`;
}

/** One line for each money column: the period's total before and after. */
export function dollarWords({ dollars }: Changes): string[] {
  return Object.entries(dollars).map(([column, { before, after }]) =>
    before === after ? `${column}: ${after}, as before` : `${column}: ${before} before, ${after} after`,
  );
}
