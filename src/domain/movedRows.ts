import { reports, type ReportName } from '../reports/index.ts';

/** What the supervisor rule moved in a run. The member's name is that of the ledger's column. */
interface MovedRows {
  readonly movedToLincs: number;
  /** Absent in runs of earlier versions. */
  readonly movedDollars?: string;
}

/** Whom the report's moved rows count for. A ledger may have some of a definition that moves none any more. */
export function movedTo(report: ReportName): string {
  return reports[report].reassigned?.countsFor ?? 'another person';
}

/** `moved to <person> by the supervisor rule: 21 rows, authorized dollars 136406.52`; no line if it moved none. */
export function movedLines(report: ReportName, { movedToLincs: rows, movedDollars }: MovedRows): string[] {
  if (rows === 0) return [];
  const column = reports[report].reassigned?.dollars ?? 'dollars';
  const dollars = movedDollars === undefined ? '' : `, ${column.replaceAll('_', ' ')} ${movedDollars}`;
  return [`moved to ${movedTo(report)} by the supervisor rule: ${String(rows)} rows${dollars}`];
}
