import { reports, type ReportName } from '../reports/index.ts';
import { foldCode, type Rules } from './rules.ts';

/** What one or several exports of a report hold, as far as it can be told from the rows that were kept. */
export interface SeenInExports {
  readonly report: ReportName;
  /** Services of the kept rows. */
  readonly services: Iterable<string>;
  /** Rows that the exclusion list left out. */
  readonly excluded: number;
  /** Codes of that list, folded, which those rows have; the tables do not keep them. */
  readonly excludedCodes?: ReadonlySet<string>;
  /** Headings of the export, normalised; the tables do not keep them. */
  readonly headings?: ReadonlySet<string>;
  /** Kept rows by the QP they count for, and how many of them the supervisor rule moved; none in other reports. */
  readonly rowsOfQp: ReadonlyMap<string, number>;
  readonly moved: number;
}

/**
 * Rules that name somebody or something that no export has, each as the place in pipeline.yaml and, where it is a code,
 * the code. Such a rule is a slip, an example that was left in, or about what is no more. Names are never told.
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

/** Each code where the exports tell them apart, else all of them or none. */
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

/** Whether there are rules that only an export can tell, and not what is loaded of it. */
export function needsExport({ excludedServices, columnAliases }: Rules): boolean {
  return excludedServices.size > 0 || Object.values(columnAliases).some(({ size }) => size > 0);
}

/** Rows that were moved count for the LINCS QP without having named it. */
function unknownQps({ supervisor }: Rules, months: readonly SeenInExports[]): string[] {
  if (supervisor === undefined) return [];
  const rowsOf = (qp: string) => months.reduce((rows, each) => rows + (each.rowsOfQp.get(qp) ?? 0), 0);
  const moved = months.reduce((rows, each) => rows + each.moved, 0);
  return [
    ...(rowsOf(supervisor.lincsQp) > moved ? [] : ['supervisors.lincsQp']),
    ...(rowsOf(supervisor.deepCreekQp) > 0 ? [] : ['supervisors.deepCreekQp']),
  ];
}
