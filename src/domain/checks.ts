import type { CellFault } from './cells.ts';
import type { ReportName } from '../reports/index.ts';
import type { Check, Readings } from '../reports/report.ts';

/** `error` rejects the row, `warning` loads and counts it. The analyst decides, in pipeline.yaml. */
export const checkLevels = ['error', 'warning'] as const;

export type CheckLevel = (typeof checkLevels)[number];

/** The level of every check of every report. */
export type CheckLevels = Readonly<Record<ReportName, Readonly<Record<string, CheckLevel>>>>;

export interface CheckFindings {
  /** The first check of level `error` that fails. */
  readonly error: { readonly column: string; readonly fault: CellFault } | undefined;
  /** Names of the checks of level `warning` that fail. */
  readonly warnings: readonly string[];
}

/** A report's checks of rows whose cells could all be read. */
export function createRowCheck(
  checks: Readonly<Record<string, Check>>,
  levels: Readonly<Record<string, CheckLevel>>,
): (values: Readings) => CheckFindings {
  const named = Object.entries(checks);
  return (values) => {
    const warnings: string[] = [];
    let error: CheckFindings['error'];
    for (const [rule, { reason, columnAtFault }] of named) {
      const column = columnAtFault(values);
      if (column === undefined) continue;
      if (levels[rule] === 'warning') warnings.push(rule);
      else error ??= { column, fault: { rule, reason } };
    }
    return { error, warnings };
  };
}
