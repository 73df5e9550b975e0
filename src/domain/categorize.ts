import type { CleanAuthorization, CleanNote, CleanRows } from './clean.ts';
import { partsOf, type IsoDate } from './dates.ts';
import { nameCode } from './nameCodes.ts';
import { countDays, noteStatus, type DaysWarning, type NoteStatus } from './noteStatus.ts';
import type { ReportName } from './reports.ts';
import { groupOf, type Rules } from './rules.ts';
import { utilizationRatio, varianceCents } from './utilization.ts';

export interface Authorization extends CleanAuthorization {
  readonly clientCode: string;
  readonly clientKey: string;
  readonly qpCode: string | null;
  readonly qpKey: string | null;
  readonly ym: string;
  readonly group: number;
  /** Millionths. */
  readonly util: bigint | null;
  readonly varianceCents: bigint | null;
}

export type BillingCycle = '1-15' | '16-eom';

export interface Note extends CleanNote {
  readonly clientCode: string;
  readonly clientKey: string;
  readonly employeeCode: string;
  readonly caregiverKey: string;
  readonly supervisorCode: string | null;
  readonly supervisorKey: string | null;
  readonly noteStatus: NoteStatus;
  readonly billingCycle: BillingCycle;
  readonly ym: string;
  readonly group: number;
}

export interface CategorizedRows {
  utilization: Authorization;
  notes: Note;
}

export interface CategorizingTerms {
  readonly rules: Rules;
  /** `YYYY-MM` of the period's start. */
  readonly ym: string;
  readonly nameKey: (name: string) => string;
}

export interface Categorized<Report extends ReportName> {
  readonly row: CategorizedRows[Report];
  readonly warnings: readonly DaysWarning[];
}

export function categorizeRow<Report extends ReportName>(
  report: Report,
  row: CleanRows[Report],
  terms: CategorizingTerms,
): Categorized<Report> {
  const categorize: Categorizer<Report> = categorizers[report];
  return categorize(row, terms);
}

type Categorizer<Report extends ReportName> = (
  row: CleanRows[Report],
  terms: CategorizingTerms,
) => Categorized<Report>;

const categorizers: { [Report in ReportName]: Categorizer<Report> } = {
  utilization: categorizeAuthorization,
  notes: categorizeNote,
};

function categorizeAuthorization(
  row: CleanAuthorization,
  terms: CategorizingTerms,
): Categorized<'utilization'> {
  return {
    row: {
      ...row,
      clientCode: nameCode(row.client),
      clientKey: terms.nameKey(row.client),
      qpCode: row.qp === null ? null : nameCode(row.qp),
      qpKey: row.qp === null ? null : terms.nameKey(row.qp),
      ym: terms.ym,
      group: groupOf(row.serviceCode, terms.rules),
      util: utilizationRatio(row),
      varianceCents: varianceCents(row),
    },
    warnings: [],
  };
}

function categorizeNote(row: CleanNote, terms: CategorizingTerms): Categorized<'notes'> {
  const { days, warnings } = countDays({
    dateOfService: row.dateOfService,
    signDate: row.staffSignDate,
    exportedDays: row.daysToSign,
  });
  return {
    row: {
      ...row,
      clientCode: nameCode(row.client),
      clientKey: terms.nameKey(row.client),
      employeeCode: nameCode(row.caregiver),
      caregiverKey: terms.nameKey(row.caregiver),
      supervisorCode: row.clientSupervisor === null ? null : nameCode(row.clientSupervisor),
      supervisorKey: row.clientSupervisor === null ? null : terms.nameKey(row.clientSupervisor),
      daysToSign: days,
      noteStatus: noteStatus(days, row.staffSignDate !== null),
      billingCycle: billingCycle(row.dateOfService),
      ym: terms.ym,
      group: groupOf(row.serviceCode, terms.rules),
    },
    warnings,
  };
}

function billingCycle(dateOfService: IsoDate): BillingCycle {
  return partsOf(dateOfService).day <= 15 ? '1-15' : '16-eom';
}
