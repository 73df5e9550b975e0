import { assertTablesApart } from './definitionMistakes.ts';
import { notes } from './notes.ts';
import type { ReportDefinition } from './report.ts';
import { utilization } from './utilization.ts';

/** Every report that the pipeline knows, in the order in which people see them. */
const definitions = [utilization, notes] as const;

assertTablesApart(definitions);

export type ReportName = (typeof definitions)[number]['name'];

export const reportNames: readonly ReportName[] = definitions.map(({ name }) => name);

export const reports = Object.fromEntries(definitions.map((each) => [each.name, each])) as Readonly<
  Record<ReportName, ReportDefinition<ReportName>>
>;

export function isReportName(value: unknown): value is ReportName {
  return reportNames.some((name) => name === value);
}

/** A value for each report, by its name. */
export function byReport<Value>(valueOf: (name: ReportName) => Value): Readonly<Record<ReportName, Value>> {
  return Object.fromEntries(reportNames.map((name) => [name, valueOf(name)])) as Record<ReportName, Value>;
}
