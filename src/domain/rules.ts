import type { CheckLevels } from './checks.ts';
import type { ColumnAliases } from './exportHeader.ts';
import { plainFile, type FileForm } from './fileForm.ts';
import type { ReadingRules } from './readRecord.ts';
import type { ReportName } from '../reports/index.ts';
import type { SupervisorRule } from './supervisorRule.ts';

/**
 * How text and cells are read is part of the rules: another way of reading makes other keys and figures from the same
 * export. Increment it with each release that changes this, so that earlier figures count as made under older rules.
 */
export const readingVersion = 2;

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
