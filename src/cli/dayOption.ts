import { parseIsoDate, type IsoDate } from '../domain/dates.ts';
import { refused } from './commandErrors.ts';

/** Parses the day that an option such as `--since` was given. @throws PipelineError InvalidInput. */
export function dayOption(option: string, text: string): IsoDate {
  const day = parseIsoDate(text);
  if (day !== undefined) return day;
  throw refused(`${option}: must be an existing day written YYYY-MM-DD`, 'Give for example 2026-11-16.');
}

/** @throws PipelineError InvalidInput if `--to` is before `--from`. */
export function assertInOrder({ from, to }: { readonly from: IsoDate; readonly to: IsoDate }): void {
  if (to < from) throw refused(`--to: ${to} is before --from: ${from}`, 'Give the first day as --from.');
}
