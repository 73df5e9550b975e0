import { rowFaults, type CellFault } from '../domain/cells.ts';
import { createRowCheck } from '../domain/checks.ts';
import type { IsoDate } from '../domain/dates.ts';
import type { ExportLayout } from './exportHeader.ts';
import type { Period } from '../domain/periods.ts';
import { createRecordReader } from './readRecord.ts';
import { fileFormOf, isExcluded, type Rules } from '../domain/rules.ts';
import { plainServiceCode } from '../domain/serviceCodes.ts';
import { cellText } from '../domain/storedText.ts';
import { reports, type ReportName } from '../reports/index.ts';
import type { Readings, Reassigned, ReportDefinition } from '../reports/report.ts';
import { capped, ColumnReader } from './cellsReader.ts';
import { widthOf, type ExportRecord } from './exportRecord.ts';

/** What happens to one record: exactly one of the three. */
export type RecordVerdict =
  | {
      readonly kind: 'kept';
      /** Its cells by export column, after the supervisor rule. */
      readonly values: Readings;
      readonly moved: boolean;
      /** Names of the failed domain checks of level `warning`. */
      readonly warnings: readonly string[];
    }
  | { readonly kind: 'excluded' }
  | { readonly kind: 'rejected'; readonly column: string; readonly rule: string; readonly reason: string };

/** A record's verdict, and its cells as read, which the accounting counts whatever the verdict. */
export interface Classification {
  readonly verdict: RecordVerdict;
  /** Undefined if the record could not be split into cells. */
  readonly readings: Readings | undefined;
}

export interface CleaningTerms {
  readonly layout: ExportLayout;
  readonly period: Period;
  readonly rules: Rules;
}

/**
 * Classifies the records of an export one by one: exclusions first, then cells, then the row as a whole, then the
 * period. The first check that applies decides.
 */
export function createClassifier(
  name: ReportName,
  terms: CleaningTerms,
): (record: ExportRecord) => Classification {
  const report = reports[name];
  const { layout, period, rules } = terms;
  const read = createRecordReader(report.columns, layout, {
    reading: rules.reading[name],
    form: fileFormOf(name, rules),
  });
  const serviceOf = serviceReader(report, terms);
  const check = createRowCheck(report.checks, rules.checks[name]);
  return (record) => {
    if (widthOf(record) !== layout.width) {
      return { verdict: rejected('(row)', rowFaults.wrongCellCount), readings: undefined };
    }
    const { rawCode, excluded } = serviceOf(record);
    const { readings, firstFault, warnings: found } = read(record);
    if (excluded) return { verdict: { kind: 'excluded' }, readings };
    if (firstFault !== undefined) return { verdict: rejected(firstFault.column, firstFault.fault), readings };
    const { error, warnings } = check(readings);
    if (error !== undefined) return { verdict: rejected(error.column, error.fault), readings };
    if (isOutside(readings, report, period)) {
      return { verdict: rejected(report.dates.first, rowFaults.outsidePeriod), readings };
    }
    const unfit = report.unfit?.(readings);
    if (unfit !== undefined) return { verdict: rejected(unfit.column, unfit.fault), readings };
    const { values, moved } = reassign(report.reassigned, readings, rawCode, rules);
    return {
      verdict: {
        kind: 'kept',
        values,
        moved,
        warnings: found.length === 0 ? warnings : [...found, ...warnings],
      },
      readings,
    };
  };
}

interface Service {
  /** As exported, with what follows the code. */
  readonly rawCode: string;
  readonly excluded: boolean;
}

const noService: Service = { rawCode: '', excluded: false };

function serviceReader(
  { name, service }: ReportDefinition<ReportName>,
  { layout, rules }: CleaningTerms,
): (record: ExportRecord) => Service {
  if (service === null) return () => noService;
  const { decodeHtmlEntities: decodeEntities } = rules.reading[name];
  const reader = new ColumnReader(
    layout.positions[service]!,
    capped(noService, (cell) => {
      const rawCode = cellText(cell, { decodeEntities });
      return { rawCode, excluded: isExcluded(plainServiceCode(rawCode), rules) };
    }),
  );
  return (record) => reader.of(record);
}

/** Days compare as texts. A blank one proves nothing. */
function isOutside(values: Readings, { dates }: ReportDefinition, period: Period): boolean {
  const [first, last] = [values[dates.first], values[dates.last]] as [IsoDate | null, IsoDate | null];
  return first === null || last === null ? false : first > period.to || last < period.from;
}

function reassign(
  reassigned: Reassigned | undefined,
  values: Readings,
  rawServiceCode: string,
  { supervisor }: Rules,
): { readonly values: Readings; readonly moved: boolean } {
  if (reassigned === undefined) return { values, moved: false };
  const { column, to } = reassigned;
  const person = to(values, { rawServiceCode, supervisor });
  if (person === values[column]) return { values, moved: false };
  return { values: { ...values, [column]: person }, moved: true };
}

function rejected(column: string, fault: CellFault) {
  return { kind: 'rejected', column, ...fault } as const;
}
