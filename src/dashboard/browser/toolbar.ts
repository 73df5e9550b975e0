import { monthLabel } from '../figureText.ts';
import type { LoadedPeriod, PageData, PersonLabel } from '../pageData.ts';
import { recentWords, type Context } from './context.ts';
import { h } from './dom.ts';
import { loadedMonths } from './selection.ts';
import { expiryDays } from '../endingSoon.ts';
import { respiteText, type PageName, type View } from './view.ts';

type SelectorName = 'within' | 'month' | 'qp' | 'client' | 'respite' | 'span' | 'caregiver' | 'supervisor';

/** Which selectors a page has. */
const selectorsOf: Readonly<Record<PageName, readonly SelectorName[]>> = {
  act: ['within', 'qp', 'client', 'respite'],
  summary: ['month', 'qp', 'client', 'respite'],
  under: ['month', 'qp', 'client', 'respite'],
  over: ['month', 'qp', 'client', 'respite'],
  follow: ['caregiver', 'supervisor'],
  notes: ['supervisor', 'span'],
  caregiver: ['caregiver', 'supervisor', 'span'],
  data: [],
  all: ['within', 'month', 'qp', 'client', 'respite', 'caregiver', 'supervisor', 'span'],
};

/** The selectors of the page in view; a choice keeps the keyboard where it is. */
export function toolbar(context: Context): HTMLElement {
  const { data, view } = context;
  const hidden: Partial<Record<SelectorName, boolean>> = {
    qp: data.onlyQp !== null || data.totals,
    client: data.totals,
    caregiver: data.totals,
    supervisor: data.onlySupervisor !== null || data.totals,
    ...(data.onlySupervisor === null ? {} : { within: true, month: true, client: true, qp: true }),
    respite: respiteText(data) === undefined || data.onlySupervisor !== null,
  };
  const names = selectorsOf[view.page].filter((name) => hidden[name] !== true);
  return h(
    'div',
    {
      class: 'toolbar',
      role: 'region',
      'aria-label': 'Filters',
      ...(names.length === 0 ? { hidden: '' } : {}),
    },
    names.map((name) => selectors[name](context)),
  );
}

const selectors: Readonly<Record<SelectorName, (context: Context) => HTMLElement>> = {
  within: (context) =>
    select(context, {
      name: 'within',
      label: 'Ending within',
      options: expiryDays.map((days) => ({ key: days, label: `${days} days` })),
    }),
  month: (context) =>
    select(context, {
      name: 'month',
      label: 'Month',
      options: monthOptions(context.data, 'utilization'),
    }),
  span: (context) => {
    const { data } = context;
    const recent = data.recent === null ? [] : [{ key: 'recent', label: recentWords(data.recent) }];
    return select(context, {
      name: 'span',
      label: 'Notes of',
      options: [...recent, ...monthOptions(data, 'notes')],
    });
  },
  qp: (context) =>
    select(context, {
      name: 'qp',
      label: 'QP',
      options: [{ key: '', label: 'All QPs' }, ...inOrder(context.data.qps)],
    }),
  client: (context) =>
    select(context, {
      name: 'client',
      label: 'Client',
      options: [{ key: '', label: 'All clients' }, ...inOrder(clientsOfQp(context))],
    }),
  caregiver: (context) =>
    select(context, {
      name: 'caregiver',
      label: 'Caregiver',
      options: [{ key: '', label: 'All caregivers' }, ...inOrder(context.data.caregivers)],
    }),
  supervisor: (context) =>
    select(context, {
      name: 'supervisor',
      label: 'Supervisor',
      options: [{ key: '', label: 'All supervisors' }, ...inOrder(context.data.supervisors)],
    }),
  respite: ({ data, view, go }) => {
    const box = h('input', { type: 'checkbox', id: 'select-respite' });
    box.checked = view.respite;
    box.addEventListener('change', () => {
      go({ respite: box.checked });
    });
    return h(
      'label',
      { class: 'check', for: 'select-respite' },
      box,
      `Show respite (${respiteText(data) ?? ''})`,
    );
  },
};

/** The newest first, and only those that the page has figures of. */
function monthOptions(data: PageData, report: LoadedPeriod['report']): PersonLabel[] {
  return [
    ...loadedMonths(data, report)
      .toReversed()
      .map((month) => ({ key: month, label: monthLabel(month) })),
    { key: 'all', label: 'All months, added up' },
  ];
}

function inOrder(people: readonly PersonLabel[]): PersonLabel[] {
  return people.toSorted((one, other) => one.label.localeCompare(other.label));
}

/** The clients of the chosen QP, with the chosen client even if it is not among them; all clients without a QP. */
function clientsOfQp({ data, view }: Context): readonly PersonLabel[] {
  if (view.qp === '') return data.clients;
  const qp = data.qps.findIndex(({ key }) => key === view.qp);
  const own = new Set(data.utilization.filter((tuple) => tuple[1] === qp).map((tuple) => tuple[2]));
  return data.clients.filter(({ key }, place) => own.has(place) || key === view.client);
}

interface Selector {
  readonly name: 'within' | 'month' | 'span' | 'qp' | 'client' | 'caregiver' | 'supervisor';
  readonly label: string;
  readonly options: readonly PersonLabel[];
}

function select({ view, go }: Context, { name, label, options }: Selector): HTMLElement {
  const id = `select-${name}`;
  // An address may name a month that the page has no figures of.
  const isOffered = options.some(({ key }) => key === view[name]);
  const list = h(
    'select',
    { id },
    isOffered ? null : h('option', { value: view[name], hidden: '' }, 'Choose one'),
    options.map((option) => h('option', { value: option.key }, option.label)),
  );
  list.value = view[name];
  list.addEventListener('change', () => {
    const change: Partial<View> = { [name]: list.value };
    go(change);
  });
  return h('label', { for: id }, h('span', {}, label), list);
}
