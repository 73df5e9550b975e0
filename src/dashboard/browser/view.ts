import { expiryDays } from '../endingSoon.ts';
import type { ExpiryDays, PageData } from '../pageData.ts';

/** What the reader looks at; it stands in the address, so that going back and bookmarks work. */
export interface View {
  readonly page: PageName;
  /** The month of the utilization pages: `2026-10`, or `all`. */
  readonly month: string;
  /** The span of the notes pages: `recent`, `2026-10` or `all`. */
  readonly span: string;
  /** Keys of people, empty for everyone. */
  readonly qp: string;
  readonly client: string;
  readonly caregiver: string;
  readonly supervisor: string;
  /** The key of the authorization that is opened, empty for none. */
  readonly authorization: string;
  /** How many days ahead the page of expiring authorizations looks. */
  readonly within: ExpiryDays;
  /** Whether respite counts. */
  readonly respite: boolean;
}

export const pageNames = [
  'act',
  'follow',
  'summary',
  'under',
  'over',
  'notes',
  'caregiver',
  'data',
  'all',
] as const;

export type PageName = (typeof pageNames)[number];

/** Authorizations name no supervisor, and totals name nobody. */
const fewerPages = {
  supervisor: ['follow', 'notes', 'caregiver', 'data', 'all'],
  totals: ['summary', 'notes', 'data', 'all'],
} as const satisfies Record<string, readonly PageName[]>;

/** Those that the file has figures for. */
export function pagesOf({ totals, onlySupervisor }: PageData): readonly PageName[] {
  if (totals) return fewerPages.totals;
  return onlySupervisor === null ? pageNames : fewerPages.supervisor;
}

export const pageTitles: Readonly<Record<PageName, string>> = {
  act: 'Act now',
  follow: 'Follow up',
  summary: 'Utilization summary',
  under: 'Under-utilization',
  over: 'Over-utilization',
  notes: 'Notes overview',
  caregiver: 'Caregiver details',
  data: 'Data',
  all: 'All pages',
};

/** Its name in addresses, which people have bookmarked. */
const respiteKey = 'rci';

/** The codes of the respite services; undefined where there is nothing to hide. */
export function respiteText({ respiteCodes }: PageData): string | undefined {
  return respiteCodes === null || respiteCodes.length === 0 ? undefined : respiteCodes.join(', ');
}

/**
 * Reads a view from an address. What the address does not name, or the page does not have, keeps the page's
 * default.
 */
export function viewOf(address: string, data: PageData): View {
  const [page = '', query = ''] = address.replace(/^#\/?/, '').split('?');
  const asked = new URLSearchParams(query);
  const oneOf = (name: string, known: readonly string[], otherwise: string) => {
    const value = asked.get(name) ?? '';
    return known.includes(value) ? value : otherwise;
  };
  const months = [...data.months, 'all'];
  const pages = pagesOf(data);
  return {
    page: pages.find((name) => name === page) ?? (pages.includes('summary') ? 'summary' : pages[0]!),
    month: oneOf('month', months, data.openOn),
    span: oneOf('span', ['recent', ...months], data.recent === null ? 'all' : 'recent'),
    qp: oneOf('qp', keysOf(data.qps), ''),
    client: oneOf('client', keysOf(data.clients), ''),
    caregiver: oneOf('caregiver', keysOf(data.caregivers), ''),
    supervisor: oneOf('supervisor', keysOf(data.supervisors), ''),
    authorization: oneOf('authorization', keysOf(data.outlook?.items ?? []), ''),
    within: expiryDays.find((days) => days === asked.get('within')) ?? '60',
    respite: asked.get(respiteKey) !== 'hide' || respiteText(data) === undefined,
  };
}

function keysOf(all: readonly { readonly key: string }[]): string[] {
  return all.map(({ key }) => key);
}

/** Begins with a slash, so that it is no anchor on the page. Older bookmarks have none. */
export function addressOf(view: View): string {
  const query = new URLSearchParams({ month: view.month, span: view.span });
  for (const name of ['qp', 'client', 'caregiver', 'supervisor', 'authorization'] as const) {
    if (view[name] !== '') query.set(name, view[name]);
  }
  if (view.within !== '60') query.set('within', view.within);
  if (!view.respite) query.set(respiteKey, 'hide');
  return `#/${view.page}?${query.toString()}`;
}
