import { reports, type ReportName } from '../reports/index.ts';
import { foldCode, type Rules } from './rules.ts';

/** What one or several exports of a report contain, as far as the kept rows show it. */
export interface SeenInExports {
  readonly report: ReportName;
  /** Services of the kept rows. */
  readonly services: Iterable<string>;
  /** Rows that the exclusion list left out. */
  readonly excluded: number;
  /** The codes of that list, folded, that those rows have; the tables do not keep them. */
  readonly excludedCodes?: ReadonlySet<string>;
  /** Headings of the export, normalised; the tables do not keep them. */
  readonly headings?: ReadonlySet<string>;
  /** Kept rows by the QP they count for, and how many of them the supervisor rule moved; none in other reports. */
  readonly rowsOfQp: ReadonlyMap<string, number>;
  readonly moved: number;
}

/**
 * Rules that name a person or a thing that no export contains, each as its place in pipeline.yaml and, for a code, the
 * code. Such a rule is a typing mistake, a leftover of the example, or out of date. Names are never shown.
 */
export function unmatchedRules(rules: Rules, seen: readonly SeenInExports[]): string[] {
  const services = new Set(seen.flatMap((each) => Array.from(each.services, foldCode)));
  const months = seen.filter(({ report }) => reports[report].reassigned !== undefined);
  return [
    ...(months.length === 0 ? [] : unknownQps(rules, months)),
    ...excludingNothing(rules, seen),
    ...seen.flatMap((each) => unknownAliases(rules, each)),
    ...Array.from(rules.groups).flatMap(([code, group]) =>
      services.has(code) ? [] : [`groups.${String(group)}: ${code}`],
    ),
  ];
}

/** Each code if the exports tell them apart, else all of them or none. */
function excludingNothing({ excludedServices }: Rules, seen: readonly SeenInExports[]): string[] {
  const known = seen.flatMap(({ excludedCodes }) => excludedCodes ?? []);
  const isNeedless =
    known.length === seen.length
      ? (code: string) => known.every((codes) => !codes.has(code))
      : () => seen.every(({ excluded }) => excluded === 0);
  return [...excludedServices].filter(isNeedless).map((code) => `excludedServices: ${code}`);
}

function unknownAliases({ columnAliases }: Rules, { report, headings }: SeenInExports): string[] {
  if (headings === undefined) return [];
  return Array.from(columnAliases[report])
    .filter(([heading]) => !headings.has(heading))
    .map(([heading, column]) => `reports.${report}.columnAliases.${column}: ${heading}`);
}

/** Whether some rules can be checked only against an export, not against what is loaded of it. */
export function needsExport({ excludedServices, columnAliases }: Rules): boolean {
  return excludedServices.size > 0 || Object.values(columnAliases).some(({ size }) => size > 0);
}

/** Moved rows count for a QP without having named them. */
function unknownQps({ supervisor }: Rules, months: readonly SeenInExports[]): string[] {
  if (supervisor === undefined) return [];
  const rowsOf = (qp: string) => months.reduce((rows, each) => rows + (each.rowsOfQp.get(qp) ?? 0), 0);
  const moved = months.reduce((rows, each) => rows + each.moved, 0);
  return [
    ...(rowsOf(supervisor.lincsQp) > moved ? [] : ['supervisors.lincsQp']),
    ...(rowsOf(supervisor.deepCreekQp) > 0 ? [] : ['supervisors.deepCreekQp']),
  ];
}
