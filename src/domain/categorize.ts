import type { CleanAuthorization, CleanNote, CleanRows } from './classifyRecord.ts';
import { partsOf, type IsoDate } from './dates.ts';
import type { NameLabels } from './nameKeys.ts';
import { countDays, noteStatus, type DaysWarning, type NoteStatus } from './noteStatus.ts';
import type { ReportName } from './reports.ts';
import { groupOf, type Rules } from './rules.ts';
import { utilizationRatio, varianceCents } from './utilization.ts';

/** What an authorisation gets beside what the export says. */
export interface AddedToAuthorization {
  readonly clientCode: string;
  readonly clientKey: string;
  readonly qpCode: string | null;
  readonly qpKey: string | null;
  readonly ym: string;
  readonly group: number;
  /** Millionths. */
  readonly util: number | null;
  readonly varianceCents: number | null;
}

export interface Authorization extends CleanAuthorization, AddedToAuthorization {}

type BillingCycle = '1-15' | '16-eom';

/** What a note gets beside what the export says; of the days to sign, those that it counts by. */
export interface AddedToNote {
  readonly clientCode: string;
  readonly clientKey: string;
  readonly employeeCode: string;
  readonly caregiverKey: string;
  readonly supervisorCode: string | null;
  readonly supervisorKey: string | null;
  readonly daysToSign: number | null;
  readonly noteStatus: NoteStatus;
  readonly billingCycle: BillingCycle;
  readonly ym: string;
  readonly group: number;
}

export interface Note extends Omit<CleanNote, keyof AddedToNote>, AddedToNote {}

export interface AddedColumns {
  utilization: AddedToAuthorization;
  notes: AddedToNote;
}

export interface CategorizedRows {
  utilization: Authorization;
  notes: Note;
}

export interface CategorizingTerms {
  readonly rules: Rules;
  /** `YYYY-MM` of the period's start. */
  readonly ym: string;
  readonly labelsOf: (name: string) => NameLabels;
}

export interface Categorized<Report extends ReportName> {
  readonly added: AddedColumns[Report];
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

/** A row without a QP or supervisor. */
const nobody = { code: null, key: null };

function categorizeAuthorization(
  row: CleanAuthorization,
  terms: CategorizingTerms,
): Categorized<'utilization'> {
  const client = terms.labelsOf(row.client);
  const qp = row.qp === null ? nobody : terms.labelsOf(row.qp);
  // Each figure is decoded whenever it is asked for.
  const { authorizedCents, inProcessCents, billedCents } = row;
  const dollars = { authorizedCents, inProcessCents, billedCents };
  return {
    added: {
      clientCode: client.code,
      clientKey: client.key,
      qpCode: qp.code,
      qpKey: qp.key,
      ym: terms.ym,
      group: groupOf(row.serviceCode, terms.rules),
      util: utilizationRatio(dollars),
      varianceCents: varianceCents(dollars),
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
  const client = terms.labelsOf(row.client);
  const caregiver = terms.labelsOf(row.caregiver);
  const supervisor = row.clientSupervisor === null ? nobody : terms.labelsOf(row.clientSupervisor);
  return {
    added: {
      clientCode: client.code,
      clientKey: client.key,
      employeeCode: caregiver.code,
      caregiverKey: caregiver.key,
      supervisorCode: supervisor.code,
      supervisorKey: supervisor.key,
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
