import type { ReportName } from './reports.ts';
import { foldCode, type Rules } from './rules.ts';

/** What one or several exports of a report hold, as far as it can be told from the rows that were kept. */
export interface SeenInExports {
  readonly report: ReportName;
  /** Services of the kept rows. */
  readonly services: Iterable<string>;
  /** Rows that the exclusion list left out: which of its codes they have is not kept. */
  readonly excluded: number;
  /** Kept rows by the QP they count for, and how many of them the supervisor rule moved; none of notes. */
  readonly rowsOfQp: ReadonlyMap<string, number>;
  readonly moved: number;
}

/**
 * Rules that name somebody or something that no export has, each as the place in pipeline.yaml and, where it is a code,
 * the code. Such a rule is a slip, an example that was left in, or about what is no more. Names are never told.
 */
export function unmatchedRules(rules: Rules, seen: readonly SeenInExports[]): string[] {
  const services = new Set(seen.flatMap((each) => Array.from(each.services, foldCode)));
  const excluded = seen.reduce((rows, each) => rows + each.excluded, 0);
  const months = seen.filter(({ report }) => report === 'utilization');
  return [
    ...(months.length === 0 ? [] : unknownQps(rules, months)),
    ...(excluded > 0 ? [] : Array.from(rules.excludedServices, (code) => `excludedServices: ${code}`)),
    ...Array.from(rules.groups).flatMap(([code, group]) =>
      services.has(code) ? [] : [`groups.${String(group)}: ${code}`],
    ),
  ];
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
