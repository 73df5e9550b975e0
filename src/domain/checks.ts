import type { CellFault } from './cells.ts';
import type { CellValues } from './readRecord.ts';
import type { ReportName } from './reports.ts';
import { usedCents } from './utilization.ts';

/** `error` puts the row aside, `warning` loads and counts it. The analyst decides, in pipeline.yaml. */
export const checkLevels = ['error', 'warning'] as const;

type CheckLevel = (typeof checkLevels)[number];

/** Something that each cell allows and the row as a whole should not be. */
interface DomainCheck<Report extends ReportName> {
  /** Read after the column's name, as the reasons of cellFaults are. */
  readonly reason: string;
  /** The column at fault, undefined where nothing is. */
  readonly columnAtFault: (values: CellValues<Report>) => string | undefined;
}

/** By name; pipeline.yaml gives each its level. */
export const domainChecks = {
  utilization: {
    'end-before-start': {
      reason: 'is before the start date',
      columnAtFault: (row) => (row.end_date < row.start_date ? 'end_date' : undefined),
    },
    'negative-units': {
      reason: 'is negative, and its dollars are not, as those of an adjustment would be',
      columnAtFault: (row) => figures.find((figure) => hasNegativeUnits(row, figure))?.units,
    },
    'over-authorized': {
      reason: 'is less than what is billed and in process',
      columnAtFault: (row) => {
        const authorized = row.authorized_dollars ?? 0;
        return authorized > 0 && spent(row) > authorized ? 'authorized_dollars' : undefined;
      },
    },
    'unauthorized-spending': {
      reason: 'is blank or zero, though something is billed or in process',
      columnAtFault: (row) => {
        const authorized = row.authorized_dollars ?? 0;
        return authorized === 0 && spent(row) !== 0 ? 'authorized_dollars' : undefined;
      },
    },
  },
  notes: {
    'signed-before-service': {
      reason: 'is before the date of service',
      columnAtFault: (row) =>
        row.staff_sign_date !== null && row.staff_sign_date.date < row.date_of_service
          ? 'staff_sign_date'
          : undefined,
    },
  },
} as const satisfies { [Report in ReportName]: Readonly<Record<string, DomainCheck<Report>>> };

export type CheckName<Report extends ReportName> = keyof (typeof domainChecks)[Report] & string;

/** The level of every check of every report. */
export type CheckLevels = {
  readonly [Report in ReportName]: Readonly<Record<CheckName<Report>, CheckLevel>>;
};

const figures = [
  { units: 'authorized_units', dollars: 'authorized_dollars' },
  { units: 'in_process_units', dollars: 'in_process_dollars' },
  { units: 'billed_units', dollars: 'billed_dollars' },
] as const;

/** A reversal takes back units and dollars; units alone are a mistake. */
function hasNegativeUnits(
  row: CellValues<'utilization'>,
  { units, dollars }: (typeof figures)[number],
): boolean {
  return (row[units] ?? 0) < 0 && (row[dollars] ?? 0) >= 0;
}

function spent(row: CellValues<'utilization'>): number {
  return usedCents({
    authorizedCents: row.authorized_dollars,
    inProcessCents: row.in_process_dollars,
    billedCents: row.billed_dollars,
  });
}

const checksByReport: { [Report in ReportName]: readonly (readonly [string, DomainCheck<Report>])[] } = {
  utilization: Object.entries(domainChecks.utilization),
  notes: Object.entries(domainChecks.notes),
};

export interface CheckFindings {
  /** The first check of level `error` that fails. */
  readonly error: { readonly column: string; readonly fault: CellFault } | undefined;
  /** Names of the checks of level `warning` that fail. */
  readonly warnings: readonly string[];
}

/** What the checks find in a row whose cells could all be read. */
export function checkRow<Report extends ReportName>(
  report: Report,
  values: CellValues<Report>,
  rules: { readonly checks: CheckLevels },
): CheckFindings {
  const levels: Readonly<Record<string, CheckLevel>> = rules.checks[report];
  const warnings: string[] = [];
  let error: CheckFindings['error'];
  for (const [rule, { reason, columnAtFault }] of checksByReport[report]) {
    const column = columnAtFault(values);
    if (column === undefined) continue;
    if (levels[rule] === 'warning') warnings.push(rule);
    else error ??= { column, fault: { rule, reason } };
  }
  return { error, warnings };
}
