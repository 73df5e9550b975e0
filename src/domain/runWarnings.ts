import { PipelineError } from './failures.ts';
import { nameCode } from './nameCodes.ts';
import { endsInBracketedDigits } from './serviceCodes.ts';

/** Warnings that are known only once all rows of a run have been added up. */
export interface RunWarnings {
  /** By kind, for everyone: names of columns and dimensions, never a name or its code. */
  readonly counts: Readonly<Record<string, number>>;
  /** The warnings one by one, each with a name code or service code at its end, for the ledger. */
  readonly named: readonly (readonly [warning: string, count: number])[];
}

/** Names of one column that look alike, by their shared code or the first one's. */
export interface LookAlikes {
  readonly column: string;
  readonly code: string;
  readonly names: number;
}

/** A line of the roll-ups, and which of its figures do not fit. */
export interface RollupMember {
  readonly dimension: string;
  /** Empty for rows without a member. */
  readonly name: string;
  readonly isPerson: boolean;
  readonly rows: number;
  /** A sum that its column cannot hold: the run cannot be loaded. */
  readonly unfitSum: string | undefined;
  /** A ratio that its column cannot hold, stored as NULL. */
  readonly hasUnfitRatio: boolean;
}

const lookAlikeWarning = 'look-alike-names';

/** The look-alikes that a ledger entry names, from its warnings. */
export function lookAlikesOf(warnings: Readonly<Record<string, number>>): LookAlikes[] {
  return Object.entries(warnings).flatMap(([warning, names]) => {
    const [kind, column, code] = warning.split(':');
    return kind === lookAlikeWarning && code !== undefined ? [{ column: column!, code, names }] : [];
  });
}

/** At most this many of a kind are named; a ledger entry is no list of people. */
const mostNamed = 50;

export function runWarnings(found: {
  readonly members: Iterable<RollupMember>;
  readonly lookAlikes: readonly LookAlikes[];
  /** Rows that share a number with another person's, under the warning's name. */
  readonly shared?: { readonly warning: string; readonly rows: number };
}): RunWarnings {
  const warnings = new WarningList();
  for (const { column, code, names } of found.lookAlikes)
    warnings.add(`${lookAlikeWarning}:${column}`, names, code);
  if (found.shared !== undefined) warnings.add(found.shared.warning, found.shared.rows);
  for (const member of found.members) {
    assertSumsFit(member);
    const { dimension, name, rows, hasUnfitRatio } = member;
    if (hasUnfitRatio) warnings.add(`ratio-too-large:${dimension}`, 1, labelOf(member));
    if (dimension === 'service' && endsInBracketedDigits(name))
      warnings.add('service-code-brackets', rows, name);
  }
  return warnings;
}

class WarningList implements RunWarnings {
  readonly counts: Record<string, number> = {};
  readonly named: [warning: string, count: number][] = [];
  readonly #namedOf: Record<string, number> = {};

  add(warning: string, count: number, label?: string): void {
    if (count === 0) return;
    this.counts[warning] = (this.counts[warning] ?? 0) + count;
    const named = (this.#namedOf[warning] ?? 0) + 1;
    if (label === undefined || named > mostNamed) return;
    this.#namedOf[warning] = named;
    this.named.push([`${warning}:${label}`, count]);
  }
}

/** Sums are never NULL, so a run whose sums do not fit cannot be loaded. It takes thousands of absurd rows. */
function assertSumsFit({ dimension, isPerson, name, rows, unfitSum: column }: RollupMember): void {
  if (column === undefined) return;
  const who = isPerson ? ` ${nameCode(name)}` : '';
  throw new PipelineError(
    'ReconciliationFailed',
    `${column} of the dimension ${dimension}${who}, ${String(rows)} rows together, is larger than its column holds`,
    {
      hint: 'Nothing was published and the earlier figures stay. Look for absurd amounts in the export and have them corrected in the portal.',
      details: { column, dimension, rows },
    },
  );
}

/** No one, if a row names no QP. */
function labelOf({ isPerson, name }: RollupMember): string {
  return (isPerson ? nameCode(name) : name) || '(none)';
}
