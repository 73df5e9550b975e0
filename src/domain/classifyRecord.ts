import { areDaysInRange, cellFaults, type CellFault } from './cells.ts';
import { checkRow } from './checks.ts';
import type { ExportLayout } from './exportHeader.ts';
import { daysBetween, type IsoDate } from './dates.ts';
import { fitsColumn } from './decimals.ts';
import type { Period } from './periods.ts';
import { capped, ColumnReader } from '../rows/cellsReader.ts';
import { widthOf, type ExportRecord } from '../rows/exportRecord.ts';
import { createRecordReader, type CellReadings, type CellValues } from './readRecord.ts';
import type { ReportName } from './reports.ts';
import { fileFormOf, isExcluded, supervisingQp, type Rules } from './rules.ts';
import { plainServiceCode } from './serviceCodes.ts';
import { cellText } from './storedText.ts';
import { utilizationRatio, varianceCents } from './utilization.ts';

/** An authorisation after cleaning: dollars in cents, units in ten-thousandths. */
export interface CleanAuthorization {
  readonly sourceLine: number;
  readonly client: string;
  readonly qp: string | null;
  readonly serviceCode: string;
  readonly authorizationNumber: string;
  readonly startDate: IsoDate;
  readonly endDate: IsoDate;
  readonly authorizedUnits: number | null;
  readonly inProcessUnits: number | null;
  readonly billedUnits: number | null;
  readonly authorizedCents: number | null;
  readonly inProcessCents: number | null;
  readonly billedCents: number | null;
  readonly varianceBilledCents: number | null;
}

export interface CleanNote {
  readonly sourceLine: number;
  readonly client: string;
  readonly caregiver: string;
  readonly clientSupervisor: string | null;
  readonly serviceCode: string;
  readonly dateOfService: IsoDate;
  readonly staffSignDate: IsoDate | null;
  /** `YYYY-MM-DD hh:mm:ss` as written; null where the export has a date only. */
  readonly staffSignedAt: string | null;
  /** As exported; negative where signed before the service. */
  readonly daysToSign: number | null;
}

export interface CleanRows {
  utilization: CleanAuthorization;
  notes: CleanNote;
}

/** What becomes of one record: exactly one of the three. */
export type Verdict<Report extends ReportName> =
  | {
      readonly kind: 'kept';
      readonly row: CleanRows[Report];
      readonly movedToLincs: boolean;
      /** Names of the domain checks of level `warning` that found fault. */
      readonly warnings: readonly string[];
    }
  | { readonly kind: 'excluded' }
  | { readonly kind: 'rejected'; readonly column: string; readonly rule: string; readonly reason: string };

/** A record's verdict, and its cells as read, which the accounting counts whatever the verdict. */
export interface Classification<Report extends ReportName> {
  readonly verdict: Verdict<Report>;
  /** Undefined where the cells could not even be told apart. */
  readonly readings: CellReadings<Report> | undefined;
}

export interface CleaningTerms {
  readonly layout: ExportLayout;
  readonly period: Period;
  readonly rules: Rules;
}

/** The rule a row breaks when it lies outside the period; when most rows do, the file is for another period. */
const outsidePeriod: CellFault = {
  rule: 'outside-period',
  reason: 'lies outside the period of this run',
};

const wrongCellCount: CellFault = {
  rule: 'cell-count',
  reason: 'has another number of cells than the header',
};
const ratioTooLarge: CellFault = {
  rule: 'ratio-too-large',
  reason: 'is so small beside what was used that the ratio does not fit its column',
};
const varianceTooLarge: CellFault = {
  rule: 'too-large',
  reason: 'makes a variance that does not fit its column',
};

/**
 * Judges the records of an export one by one, in the order of domain.md's Clean section: exclusions first, then cells,
 * then the row as a whole, then the period.
 */
export function createClassifier<Report extends ReportName>(
  report: Report,
  terms: CleaningTerms,
): (record: ExportRecord) => Classification<Report> {
  const reading = terms.rules.reading[report];
  const read = createRecordReader(report, terms.layout, { ...reading, ...fileFormOf(report, terms.rules) });
  const serviceOf = (cell: string) => {
    const rawCode = cellText(cell, { decodeEntities: reading.decodeHtmlEntities });
    return { rawCode, excluded: isExcluded(plainServiceCode(rawCode), terms.rules) };
  };
  const service = new ColumnReader(
    terms.layout.positions['service_code']!,
    capped({ rawCode: '', excluded: false }, serviceOf),
  );
  const clean: Cleaner<Report> = cleaners[report];
  return (record) => {
    if (widthOf(record) !== terms.layout.width) {
      return { verdict: rejected('(row)', wrongCellCount), readings: undefined };
    }
    const { rawCode, excluded } = service.of(record);
    const { readings, firstFault, warnings: found } = read(record);
    if (excluded) return { verdict: { kind: 'excluded' }, readings };
    if (firstFault !== undefined) return { verdict: rejected(firstFault.column, firstFault.fault), readings };
    const values = readings as CellValues<Report>;
    const { error, warnings } = checkRow(report, values, terms.rules);
    if (error !== undefined) return { verdict: rejected(error.column, error.fault), readings };
    const context = {
      line: record.line,
      rawServiceCode: rawCode,
      warnings: found.length === 0 ? warnings : [...found, ...warnings],
      terms,
    };
    return { verdict: clean(values, context), readings };
  };
}

interface RowContext {
  readonly line: number;
  readonly rawServiceCode: string;
  readonly warnings: readonly string[];
  readonly terms: CleaningTerms;
}

type Cleaner<Report extends ReportName> = (
  values: CellValues<Report>,
  context: RowContext,
) => Verdict<Report>;

const cleaners: { [Report in ReportName]: Cleaner<Report> } = {
  utilization: cleanAuthorization,
  notes: cleanNote,
};

function cleanAuthorization(
  values: CellValues<'utilization'>,
  { line, rawServiceCode, warnings, terms: { period, rules } }: RowContext,
): Verdict<'utilization'> {
  if (values.start_date > period.to || values.end_date < period.from) {
    return rejected('start_date', outsidePeriod);
  }
  const qp = supervisingQp(
    { rawServiceCode, payer: values.authorizing_payer, qp: values.qp },
    rules.supervisor,
  );
  const row: CleanAuthorization = {
    sourceLine: line,
    client: values.client,
    qp,
    serviceCode: values.service_code,
    authorizationNumber: values.authorization_number,
    startDate: values.start_date,
    endDate: values.end_date,
    authorizedUnits: values.authorized_units,
    inProcessUnits: values.in_process_units,
    billedUnits: values.billed_units,
    authorizedCents: values.authorized_dollars,
    inProcessCents: values.in_process_dollars,
    billedCents: values.billed_dollars,
    varianceBilledCents: values.variance_billed,
  };
  return overflow(row) ?? { kind: 'kept', row, movedToLincs: qp !== values.qp, warnings };
}

/** A row whose computed figures do not fit the tables cannot be loaded exactly. */
function overflow(row: CleanAuthorization): Verdict<'utilization'> | undefined {
  const variance = varianceCents(row);
  if (variance !== null && !fitsColumn(variance)) return rejected('authorized_dollars', varianceTooLarge);
  const util = utilizationRatio(row);
  if (util !== null && !fitsColumn(util)) return rejected('authorized_dollars', ratioTooLarge);
  return undefined;
}

function cleanNote(
  values: CellValues<'notes'>,
  { line, warnings, terms: { period } }: RowContext,
): Verdict<'notes'> {
  if (values.date_of_service < period.from || values.date_of_service > period.to) {
    return rejected('date_of_service', outsidePeriod);
  }
  if (hasAbsurdDays(values)) return rejected('staff_sign_date', cellFaults.daysOutOfRange);
  const row: CleanNote = {
    sourceLine: line,
    client: values.client,
    caregiver: values.caregiver,
    clientSupervisor: values.client_supervisor,
    serviceCode: values.service_code,
    dateOfService: values.date_of_service,
    staffSignDate: values.staff_sign_date?.date ?? null,
    staffSignedAt: values.staff_sign_date?.at ?? null,
    daysToSign: values.days_to_sign,
  };
  return { kind: 'kept', row, movedToLincs: false, warnings };
}

/** Days that are counted from the dates, where the export has none. */
function hasAbsurdDays({ date_of_service, staff_sign_date, days_to_sign }: CellValues<'notes'>): boolean {
  return (
    days_to_sign === null &&
    staff_sign_date !== null &&
    !areDaysInRange(daysBetween(date_of_service, staff_sign_date.date))
  );
}

function rejected(column: string, fault: CellFault) {
  return { kind: 'rejected', column, ...fault } as const;
}
