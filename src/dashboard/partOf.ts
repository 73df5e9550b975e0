import type { DashboardRows, NoteSums, PublishedPeriod, UtilizationSums } from '../domain/dashboardSums.ts';
import { fewestClients } from './endingSoon.ts';
import { nobodyKey } from './pageData.ts';
import { groupedBy } from './pageFigures.ts';

/** Whose rows a page may hold, where not everyone's. */
export type PagePart =
  /** The clients of one QP, by key. */
  | { readonly kind: 'qp'; readonly key: string }
  /** The notes that one supervisor answers for, by key. Authorizations name no supervisor. */
  | { readonly kind: 'supervisor'; readonly key: string }
  /** Sums by month and service group: no person, no client, no authorization, no note. */
  | { readonly kind: 'totals' };

/** Only what the part may hold. */
export function partOf(all: DashboardRows, part: PagePart | undefined): DashboardRows {
  switch (part?.kind) {
    case undefined:
      return all;
    case 'qp':
      return onlyOfQp(all, part.key);
    case 'supervisor':
      return onlyOfSupervisor(all, part.key);
    case 'totals':
      return totalsOf(all);
  }
}

/**
 * Only what is of the QP's own clients. Notes name no QP: a note is the QP's where its client is in the same month's
 * utilization under that QP; where that month is not loaded, in the newest one before it, else in the first.
 */
function onlyOfQp(all: DashboardRows, qpKey: string): DashboardRows {
  const clientsOf = clientsByMonth(all.utilization, qpKey);
  const isOwn = ({ month, clientKey }: { month: string; clientKey: string }) =>
    clientsOf(month).has(clientKey);
  return {
    ...withoutWholeExports(all),
    utilization: all.utilization.filter((sums) => sums.qpKey === qpKey),
    // Whole, also where another QP has a part of it: the parts have no state of their own. It does not say whose.
    authorizations: all.authorizations.flatMap((row) =>
      row.qpKeys.includes(qpKey) ? [{ ...row, qpKeys: [qpKey] }] : [],
    ),
    notes: all.notes.filter(isOwn),
    followed: all.followed.filter(isOwn),
    unknownNotes: all.unknownNotes.filter(isOwn),
  };
}

function clientsByMonth(
  utilization: readonly UtilizationSums[],
  qpKey: string,
): (month: string) => ReadonlySet<string> {
  const loaded = [...new Set(utilization.map(({ month }) => month))].sort();
  const own = groupedBy(
    utilization.filter((sums) => sums.qpKey === qpKey),
    ({ month }) => month,
  );
  const clients = new Map(
    loaded.map((month) => [month, new Set((own.get(month) ?? []).map(({ clientKey }) => clientKey))]),
  );
  const none: ReadonlySet<string> = new Set();
  return (month) => clients.get(loaded.findLast((each) => each <= month) ?? loaded[0] ?? '') ?? none;
}

function onlyOfSupervisor(all: DashboardRows, key: string): DashboardRows {
  const isOwn = ({ supervisorKey }: Pick<NoteSums, 'supervisorKey'>) => supervisorKey === key;
  const kept = withoutWholeExports(all);
  return {
    ...kept,
    periods: kept.periods.filter(isOfNotes),
    periodStates: all.periodStates.filter(isOfNotes),
    openRuns: all.openRuns.filter(isOfNotes),
    utilization: [],
    authorizations: [],
    notes: all.notes.filter(isOwn),
    followed: all.followed.filter(isOwn),
    // Those are counted by client, and a client may have several supervisors.
    unknownNotes: [],
  };
}

function isOfNotes({ report }: Pick<PublishedPeriod, 'report'>): boolean {
  return report === 'notes';
}

/** What is counted over all rows of an export says nothing about one person's. */
function withoutWholeExports(all: DashboardRows): DashboardRows {
  return {
    ...all,
    periods: all.periods.map((period) => ({ ...period, loads: [], lookAlikes: [], moved: null })),
    rejects: [],
  };
}

/** The group that the small ones of a month are counted in. */
export const smallGroups = -1;

/** What people typed, such as the reason of a decision or a pin, is no sum either. */
function totalsOf(all: DashboardRows): DashboardRows {
  const small = smallGroupsByMonth(all.utilization);
  return {
    ...all,
    periods: all.periods.map((period) => ({
      ...period,
      loads: [],
      lookAlikes: [],
      moved: null,
      pinnedBy: null,
      pinReason: null,
    })),
    rejects: [],
    openRuns: all.openRuns.map((run) => ({ ...run, heldBecause: [] })),
    utilization: all.utilization.map((sums) => ({
      ...sums,
      qpKey: nobodyKey,
      clientKey: nobodyKey,
      serviceCode: '',
      respite: false,
      group: small.get(sums.month)!.has(sums.group) ? smallGroups : sums.group,
      // Often of a single authorization, so they are left out; no page of totals shows them.
      under: '0.00',
      underRows: 0,
      over: '0.00',
      overRows: 0,
      unauthorized: '0.00',
      unauthorizedRows: 0,
    })),
    notes: all.notes.map((sums) => ({
      ...sums,
      clientKey: nobodyKey,
      caregiverKey: nobodyKey,
      supervisorKey: nobodyKey,
    })),
    unknownNotes: [],
    authorizations: [],
    followed: [],
    earlierExports: [],
  };
}

/** The least groups of each month, until those that are counted together have enough clients. */
function smallGroupsByMonth(utilization: readonly UtilizationSums[]): Map<string, ReadonlySet<number>> {
  const months = groupedBy(utilization, ({ month }) => month);
  return new Map(Array.from(months, ([month, sums]) => [month, smallGroupsOf(sums)]));
}

function smallGroupsOf(sums: readonly UtilizationSums[]): ReadonlySet<number> {
  const groups = Array.from(
    groupedBy(sums, ({ group }) => group),
    ([group, own]) => ({ group, clients: new Set(own.map(({ clientKey }) => clientKey)) }),
  ).toSorted((one, other) => one.clients.size - other.clients.size);
  const together = new Set<number>();
  let clients: ReadonlySet<string> = new Set();
  for (const each of groups) {
    const isSmall = each.clients.size < fewestClients;
    if (!isSmall && (together.size === 0 || clients.size >= fewestClients)) break;
    together.add(each.group);
    clients = new Set([...clients, ...each.clients]);
  }
  return together;
}
