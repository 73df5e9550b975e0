import { monthText } from '../figureText.ts';
import type { LoadedPeriod, PageData } from '../pageData.ts';
import { chartElement, type Chart } from './charts.ts';
import { h } from './dom.ts';
import { loadsOf } from './selection.ts';
import { tableElement } from './tables.ts';
import type { Table } from '../exports.ts';
import { pageTitles, type PageName, type View } from './view.ts';

/** What a page is drawn from. */
export interface Context {
  readonly data: PageData;
  readonly view: View;
  /** Goes to another view; `toDrill` leaves the keyboard at what was opened. */
  readonly go: (change: Partial<View>, focus?: 'toDrill') => void;
}

/** One page: its title, what it is of, and what it shows. */
export interface Page {
  readonly name: PageName;
  readonly scope: Scope;
  readonly content: readonly HTMLElement[];
}

/** What the figures of a page are of; it is printed with them and saved with each table. */
export interface Scope {
  readonly facts: readonly (readonly [name: string, words: string])[];
  readonly preliminary: boolean;
}

export function utilizationScope({ data, view }: Context): Scope {
  const loads = loadsOf(data, 'utilization', view.month);
  return scopeOf(loads, [
    ['Period', monthWords(view.month)],
    ['QP', data.onlyQp ?? nameOf(data.qps, view.qp)],
    ['Client', nameOf(data.clients, view.client)],
    ['Respite (RCI)', view.respite ? 'shown' : 'hidden'],
  ]);
}

export function notesScope({ data, view }: Context, caregiver: boolean): Scope {
  return scopeOf(loadsOf(data, 'notes', view.span), [
    ['Period', spanWords(data, view.span)],
    ...(data.onlyQp === null ? [] : ([['Clients of QP', data.onlyQp]] as const)),
    ...(caregiver ? ([['Caregiver', nameOf(data.caregivers, view.caregiver)]] as const) : []),
  ]);
}

export function scopeOf(loads: readonly LoadedPeriod[], filters: Scope['facts']): Scope {
  return {
    facts: [...filters, ['Data as of', asOfWords(loads)], ['Run', runWords(loads)]],
    preliminary: loads.some(({ preliminary }) => preliminary),
  };
}

function monthWords(month: string): string {
  return month === 'all' ? 'all months, added up' : monthText(month);
}

export function spanWords({ recent }: PageData, span: string): string {
  if (span !== 'recent') return monthWords(span);
  return recent === null ? 'last 90 days' : `90 days, ${recent.from} to ${recent.to}`;
}

function nameOf(people: PageData['qps'], key: string): string {
  return people.find((person) => person.key === key)?.label ?? 'all';
}

function asOfWords(loads: readonly LoadedPeriod[]): string {
  const times = loads.map(({ asOf }) => asOf).filter((time) => time !== null);
  const [first, last] = [times.toSorted()[0], times.toSorted().at(-1)];
  if (first === undefined || last === undefined) return 'nothing is loaded';
  return first === last ? first : `${first} to ${last}`;
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
    `${pageTitles[name]} ${name === 'notes' || name === 'caregiver' ? view.span : view.month}`,
    ...scope.facts.map(([fact, words]) => `${fact}: ${words}`),
    `Figures: ${scope.preliminary ? 'preliminary' : 'settled'}`,
    data.names ? 'People by name: protected health information' : 'People by name code',
  ];
}

interface FigureParts {
  readonly title: string;
  /** What the picture shows, in one sentence. */
  readonly sentence: string;
  readonly chart?: Chart;
  readonly table?: Table;
  /** Of what opens further. */
  readonly trail?: HTMLElement;
  readonly id?: string;
}

/** With more columns than this a table needs most of a screen's width; with no more than the other, half of a paper's. */
const [manyColumns, fewColumns] = [6, 5];

/** A picture with its sentence and its table beside it. */
export function figure(
  { title, sentence, chart, table, trail, id }: FigureParts,
  scope: readonly string[],
): HTMLElement {
  return h(
    'section',
    { class: `figure ${layoutOf(chart, table)}`, ...(id === undefined ? {} : { id }) },
    h('h3', { tabindex: -1 }, title),
    trail ?? null,
    h('p', { class: 'sentence' }, sentence),
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

interface Card {
  readonly label: string;
  readonly value: string;
  /** The exact figure, or what it is of. */
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
        h('span', { class: 'card-detail' }, detail),
      ),
    ),
  );
}
