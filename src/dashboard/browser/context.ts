import { windowDays } from '../../domain/notesWindow.ts';
import { dataAge, type Opened } from '../dataAge.ts';
import { momentText, monthLabel, spanText } from '../figureText.ts';
import type { LoadedPeriod, PageData, PagePeriodState } from '../pageData.ts';
import { chartElement, type Chart } from './charts.ts';
import { h, wholeAmounts } from './dom.ts';
import { loadsOf, newerThanShown, periodsOf } from './selection.ts';
import { stateWords, type NamedPeriod } from '../stateWords.ts';
import { spanState, type SpanState } from '../../domain/periodState.ts';
import { tableElement } from './tables.ts';
import type { Table } from '../exports.ts';
import { pageTitles, respiteText, type PageName, type View } from './view.ts';

/** What a page is drawn from. */
export interface Context {
  readonly data: PageData;
  readonly view: View;
  readonly opened: Opened;
  /** Goes to another view; `toDrill` moves the keyboard focus to what was opened. */
  readonly go: (change: Partial<View>, focus?: 'toDrill') => void;
}

/** One page: its title, its scope, and its content. */
export interface Page {
  readonly name: PageName;
  readonly scope: Scope;
  readonly content: readonly HTMLElement[];
}

type Facts = readonly (readonly [name: string, words: string])[];

/** What the figures of a page cover: printed with them, and saved with each table. */
export interface Scope {
  readonly facts: Facts;
  /** Ids and times, in small print. */
  readonly details: Facts;
  /** The current age of the newest of them, which no file or paper can say; null if none is loaded. */
  readonly age: string | null;
  readonly figuresState: FiguresState;
}

interface FiguresState extends SpanState {
  /** Whether any period of the span is loaded; without one there are no figures. */
  readonly loaded: boolean;
  /** `Settled`, `Failed: the newest run of October 2026 failed (PortalUnavailable); figures are of …`. */
  readonly words: string;
}

export function utilizationScope(context: Context): Scope {
  const { data, view } = context;
  return scopeOf(context, { report: 'utilization', span: view.month }, [
    ['Period', monthWords(view.month)],
    ...(data.totals
      ? []
      : ([
          ['QP', data.onlyQp ?? nameOf(data.qps, view.qp)],
          ['Client', nameOf(data.clients, view.client)],
          ...respiteFacts(data, view),
        ] as const)),
    ...meaningFacts(data),
  ]);
}

/** What the dollars are of, as a sentence for each figure. */
export function meaningWords({ data, view }: Context): string {
  if (data.figuresAre === 'month') return 'Dollars are of the month’s part of each authorization.';
  const repeated = view.month === 'all' ? ', each counted once in every month that lists it' : '';
  return `Dollars are of whole authorizations${repeated}.`;
}

/** What the dollars are of, and what speaks against it. */
function meaningFacts({ figuresAre, contradiction }: PageData): Scope['facts'] {
  const words = {
    authorization: 'of whole authorizations',
    month: 'of each month’s part of an authorization',
  };
  return [
    ['Dollars', words[figuresAre]],
    ...(contradiction === null ? [] : ([['Contradicted', contradiction]] as const)),
  ];
}

function respiteFacts(data: PageData, { respite }: View): Scope['facts'] {
  if (data.respiteCodes === null) return [['Respite', 'shown; pipeline.yaml marks no service as respite']];
  const codes = respiteText(data);
  return codes === undefined ? [] : [[`Respite (${codes})`, respite ? 'shown' : 'hidden']];
}

export function notesScope(context: Context, people: 'supervisor' | 'both'): Scope {
  const { data, view } = context;
  return scopeOf(context, { report: 'notes', span: view.span }, [
    ['Period', spanWords(data, view.span)],
    ...(data.onlyQp === null ? [] : ([['Clients of QP', data.onlyQp]] as const)),
    ...(people === 'both' ? ([['Caregiver', nameOf(data.caregivers, view.caregiver)]] as const) : []),
    ...(data.totals
      ? []
      : ([['Supervisor', data.onlySupervisor ?? nameOf(data.supervisors, view.supervisor)]] as const)),
  ]);
}

interface Span {
  readonly report: PagePeriodState['report'];
  readonly span: string;
}

function scopeOf({ data, opened }: Context, { report, span }: Span, filters: Scope['facts']): Scope {
  const loads = loadsOf(data, report, span);
  const periods = periodsOf(data, report, span).map((period) => named(period, spanText(period)));
  const missing = periods.filter(({ loaded }) => !loaded).map(({ name }) => name);
  return stateScope({ data, opened }, { facts: filters, loads, periods, missing });
}

/** The scope of a page about every period of every report. */
export function dataScope({ data, opened }: Context, facts: Scope['facts']): Scope {
  const periods = [...new Set(data.periodStates.map(({ report }) => report))]
    .flatMap((report) => periodsOf(data, report, 'all').concat(newerThanShown(data, report)))
    .map((period) => named(period, `${period.report} of ${spanText(period)}`));
  // Those that are not loaded have a table of their own.
  return stateScope({ data, opened }, { facts, loads: data.loads, periods, missing: [] });
}

function named(period: PagePeriodState, name: string): NamedPeriod {
  return { ...period, name };
}

interface StateParts {
  readonly facts: Scope['facts'];
  readonly loads: readonly LoadedPeriod[];
  readonly periods: readonly NamedPeriod[];
  /** Names of those that the words are to list as not loaded. */
  readonly missing: readonly string[];
}

function stateScope(
  { data, opened }: Pick<Context, 'data' | 'opened'>,
  { facts, loads, periods, missing }: StateParts,
): Scope {
  const state = spanState(periods);
  const words = stateWords(state, {
    periods,
    missing,
    asOf: loads.length === 0 ? null : asOfWords(loads),
  });
  return {
    facts,
    details: [
      ['Data as of', loads.length === 0 ? 'nothing is loaded' : asOfWords(loads)],
      ['Run', runWords(loads)],
      ['Agency', data.agency ?? 'not named in pipeline.yaml'],
      ['Written', momentText(data.written)],
    ],
    age: ageWords(loads, opened),
    figuresState: { ...state, loaded: loads.length > 0, words },
  };
}

function ageWords(loads: readonly LoadedPeriod[], opened: Opened): string | null {
  const times = loads.map(({ exportedAt }) => exportedAt).filter((time) => time !== null);
  if (times.length === 0) return null;
  const [first, last] = [Math.min(...times), Math.max(...times)];
  return `${first === last ? 'Data' : 'Newest data'} ${dataAge(last, opened)}`;
}

export function monthWords(month: string): string {
  return month === 'all' ? 'all months, added up' : monthLabel(month);
}

export function spanWords({ recent }: PageData, span: string): string {
  if (span !== 'recent') return monthWords(span);
  return recent === null ? '90 days, none of them loaded' : recentWords(recent);
}

type Recent = NonNullable<PageData['recent']>;

/** The days of the notes overview: those that end with the newest loaded billing cycle. */
export function recentWords(recent: Recent): string {
  const loaded = recent.loadedDays === windowDays ? 'all' : String(recent.loadedDays);
  return `${String(windowDays)} days, ${spanText(recent)}, ${loaded} of them loaded`;
}

function nameOf(people: PageData['qps'], key: string): string {
  return people.find((person) => person.key === key)?.label ?? 'all';
}

function asOfWords(loads: readonly LoadedPeriod[]): string {
  const times = loads
    .map(({ asOf }) => asOf)
    .filter((time) => time !== null)
    .sort();
  const [first, last] = [times[0], times.at(-1)];
  if (first === undefined || last === undefined) return 'a time that is not known';
  return first === last ? momentText(first) : `${momentText(first)} to ${momentText(last)}`;
}

/** More of them are only to be listed. */
const mostRuns = 2;

function runWords(loads: readonly LoadedPeriod[]): string {
  if (loads.length === 0) return 'none';
  return loads.length <= mostRuns
    ? loads.map(({ run }) => run).join(', ')
    : `${String(loads.length)} runs, listed on the page Data`;
}

/** The scope as lines of text, for files. */
export function scopeLines({ name, scope }: Pick<Page, 'name' | 'scope'>, { data, view }: Context): string[] {
  return [
    `${pageTitles[name]} ${scopeSpan(name, view)}`,
    ...[...scope.facts, ...scope.details].map(([fact, words]) => `${fact}: ${words}`),
    `Figures: ${scope.figuresState.words}`,
    peopleWords(data),
  ];
}

function peopleWords({ names, totals }: PageData): string {
  if (totals) return 'Totals only';
  return names ? 'People by name: protected health information' : 'People by name code';
}

/** The span that a page's figures cover; Follow up covers all that is loaded. */
function scopeSpan(name: PageName, view: View): string {
  if (name === 'follow') return 'all';
  return name === 'notes' || name === 'caregiver' ? view.span : view.month;
}

interface FigureParts {
  readonly title: string;
  /** What the picture shows, in one sentence. */
  readonly sentence: string;
  /** What a click does: left out on paper. */
  readonly hint?: string;
  readonly chart?: Chart;
  readonly table?: Table;
  /** The way back up, in figures that open further. */
  readonly trail?: HTMLElement;
  readonly id?: string;
}

/**
 * A table with more columns than the first number needs most of the screen's width; one with at most the second,
 * half of a printed page.
 */
const [manyColumns, fewColumns] = [6, 5];

/** A chart with its sentence and its table beside it. */
export function figure(
  { title, sentence, hint = '', chart, table, trail, id }: FigureParts,
  scope: readonly string[],
): HTMLElement {
  return h(
    'section',
    { class: `figure ${layoutOf(chart, table)}`, ...(id === undefined ? {} : { id }) },
    h('h3', { tabindex: -1 }, title),
    trail ?? null,
    h('p', { class: 'sentence' }, wholeAmounts(sentence)),
    hint === '' ? null : h('p', { class: 'hint' }, hint),
    h(
      'div',
      { class: 'figure-body' },
      chart === undefined ? null : chartElement(chart, `${title}. ${sentence}`),
      table === undefined ? null : tableElement(table, scope),
    ),
  );
}

function layoutOf(chart: Chart | undefined, table: Table | undefined): string {
  if (chart === undefined) return 'alone';
  const columns = table?.columns.length ?? 0;
  if (columns > manyColumns) return 'wide-table';
  return columns <= fewColumns ? 'small-table' : '';
}

/** Shown in place of figures while nothing is loaded for them. */
export function noFigures(labels: readonly string[], what: string): HTMLElement {
  return cards(
    labels.map((label) => ({ label, value: 'no figures yet', detail: `nothing is loaded of ${what}` })),
  );
}

interface Card {
  readonly label: string;
  readonly value: string;
  /** The exact figure, or what it covers. */
  readonly detail: string;
  readonly sign?: 'minus' | 'equals';
  readonly tone?: 'onTime' | 'late' | 'unbillable';
}

export function cards(list: readonly Card[]): HTMLElement {
  return h(
    'ul',
    { class: 'cards' },
    list.map(({ label, value, detail, sign, tone }) =>
      h(
        'li',
        { class: ['card', sign ?? '', tone ?? ''].filter((name) => name !== '').join(' ') },
        h('span', { class: 'card-label' }, label),
        h('span', { class: 'card-value' }, value),
        h('span', { class: 'card-detail' }, wholeAmounts(detail)),
      ),
    ),
  );
}
