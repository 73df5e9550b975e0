import { spanState, type SpanState } from '../../domain/periodState.ts';
import type {
  LoadedPeriod,
  NotesTuple,
  PageData,
  PersonLabel,
  PagePeriodState,
  UtilizationTuple,
} from '../pageData.ts';
import type { View } from './view.ts';

/** What a view's filters leave of the page's data. */
export function shownUtilization(
  data: PageData,
  view: View,
  months: 'of the view' | 'all',
): UtilizationTuple[] {
  const month = months === 'all' || view.month === 'all' ? undefined : data.months.indexOf(view.month);
  const qp = placeOf(data.qps, view.qp);
  const client = placeOf(data.clients, view.client);
  return data.utilization.filter(
    (tuple) =>
      (month === undefined || tuple[0] === month) &&
      (qp === undefined || tuple[1] === qp) &&
      (client === undefined || tuple[2] === client) &&
      (view.respite || !data.services[tuple[3]]!.respite),
  );
}

export function shownNotes(data: PageData, view: View, span: 'of the view' | 'all'): NotesTuple[] {
  const isAsked = isOfSpan(data, span === 'all' ? 'all' : view.span);
  const caregiver = placeOf(data.caregivers, view.caregiver);
  const supervisor = placeOf(data.supervisors, view.supervisor);
  return data.notes.filter(
    (tuple) =>
      isAsked(tuple) &&
      (caregiver === undefined || tuple[2] === caregiver) &&
      (supervisor === undefined || tuple[10] === supervisor),
  );
}

function isOfSpan({ months }: PageData, span: string): (tuple: NotesTuple) => boolean {
  if (span === 'recent') return ([, recent]) => recent === 1;
  // Notes of the 90 days may be of months before those shown, whose place is -1.
  return ([place]) => place >= 0 && (span === 'all' || months[place] === span);
}

/** The position of a person in a list, undefined for everyone. */
function placeOf(people: readonly PersonLabel[], key: string): number | undefined {
  return key === '' ? undefined : people.findIndex((person) => person.key === key);
}

/** The loads whose rows a report's figures are from. */
export function loadsOf(data: PageData, report: LoadedPeriod['report'], span: string): LoadedPeriod[] {
  const { recent } = data;
  return data.loads.filter((load) => {
    if (load.report !== report) return false;
    if (span === 'all') return data.months.includes(load.month);
    if (span !== 'recent') return load.month === span;
    return recent !== null && load.to >= recent.from && load.from <= recent.to;
  });
}

function isKnown({ state }: PagePeriodState): boolean {
  return state !== 'not loaded';
}

/** The periods that a report's figures of the span should be made of, loaded or not. */
export function periodsOf(
  data: PageData,
  report: PagePeriodState['report'],
  span: string,
): PagePeriodState[] {
  const own = data.periodStates.filter((figuresState) => figuresState.report === report);
  const { recent } = data;
  if (span === 'recent') {
    return own.filter(({ from, to }) => recent !== null && to >= recent.from && from <= recent.to);
  }
  if (span !== 'all') return own.filter(({ month }) => month === span);
  const shown = own.filter(({ month }) => data.months.includes(month));
  // Where nothing was ever loaded nothing is known to be missing.
  return shown.slice(shown.findIndex(isKnown), shown.findLastIndex(isKnown) + 1);
}

/** The report's periods in months after the last one that the pages show. */
export function newerThanShown({ periodStates, months }: PageData, report: string): PagePeriodState[] {
  return periodStates.filter((each) => each.report === report && each.month > (months.at(-1) ?? ''));
}

/** Months with figures of the report. */
export function loadedMonths(data: PageData, report: LoadedPeriod['report']): string[] {
  return data.months.filter((month) => loadsOf(data, report, month).length > 0);
}

export function stateOf(data: PageData, report: PagePeriodState['report'], span: string): SpanState {
  return spanState(periodsOf(data, report, span));
}
