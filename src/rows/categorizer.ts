import type { NameLabels } from './nameLabels.ts';
import { groupOf, type Rules } from '../domain/rules.ts';
import type { ReportDefinition, Row } from '../reports/report.ts';

export interface CategorizingTerms {
  readonly rules: Rules;
  /** `YYYY-MM` of the period's start. */
  readonly ym: string;
  readonly labelsOf: (name: string) => NameLabels;
}

export interface Categorized {
  /** In the order of the report's people; null if the row names no one. */
  readonly people: readonly (NameLabels | null)[];
  readonly derived: Row;
  readonly warnings: readonly string[];
}

/** Gives each clean row the labels of its people, and what is derived from the row alone. */
export function createCategorizer(
  { people, derive }: ReportDefinition,
  { rules, ym, labelsOf }: CategorizingTerms,
): (row: Row) => Categorized {
  const terms = { ym, groupOf: (serviceCode: string) => groupOf(serviceCode, rules) };
  return (row) => {
    const { values: derived, warnings } = derive(row, terms);
    return { people: people.map(({ column }) => labelsOrNobody(row[column])), derived, warnings };
  };

  function labelsOrNobody(name: Row[string] | undefined): NameLabels | null {
    return typeof name === 'string' ? labelsOf(name) : null;
  }
}
