import type { CheckLevels } from './checks.ts';
import { plainFile, type FileForm } from './fileForm.ts';
import type { ReportName } from '../reports/index.ts';
import type { SupervisorRule } from './supervisorRule.ts';

/**
 * How text and cells are read is part of the rules: another way of reading makes other keys and figures from the same
 * export. Increment it with each release that changes this, so that earlier figures count as made under older rules.
 */
export const readingVersion = 2;

/** Other headings for a report's columns: maps a heading, normalised by `columnName`, to the contract's column. */
export type ColumnAliases = Readonly<Record<ReportName, ReadonlyMap<string, string>>>;

/** How the cells of a report are read. */
export interface ReadingRules {
  /** Words that mean blank in columns of dates, days and amounts, folded by `foldBlankWord`. */
  readonly blankWords: ReadonlySet<string>;
  /** Whether `&eacute;` is read as é; otherwise it stays and is counted. */
  readonly decodeHtmlEntities: boolean;
}

/** The analyst's decisions, from config/pipeline.yaml, checked and frozen. */
export interface Rules {
  /** Group number by service code, the code folded by `foldCode`. */
  readonly groups: ReadonlyMap<string, number>;
  /** Services whose rows are left out, folded by `foldCode`. */
  readonly excludedServices: ReadonlySet<string>;
  /** A rule of one agency; without it every authorization keeps its QP. */
  readonly supervisor?: SupervisorRule;
  readonly columnAliases: ColumnAliases;
  /** What happens to a row that fails a domain check. */
  readonly checks: CheckLevels;
  readonly reading: Readonly<Record<ReportName, ReadingRules>>;
  /** The form of a report's files, if it is not the plain one. */
  readonly files?: Readonly<Record<ReportName, FileForm>>;
}

export function fileFormOf(report: ReportName, { files }: Pick<Rules, 'files'>): FileForm {
  return files?.[report] ?? plainFile;
}

/** Service codes are compared whole and ignoring case. */
export function foldCode(code: string): string {
  return code.toUpperCase();
}

/** Group of services that no group names. */
export const unknownGroup = 0;

export function groupOf(serviceCode: string, rules: Rules): number {
  return rules.groups.get(foldCode(serviceCode)) ?? unknownGroup;
}

export function isExcluded(serviceCode: string, rules: Rules): boolean {
  return rules.excludedServices.size > 0 && rules.excludedServices.has(foldCode(serviceCode));
}
