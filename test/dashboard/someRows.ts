import type { PageQuestion } from '../../src/dashboard/buildPageData.ts';
import type { IsoDate } from '../../src/domain/dates.ts';
import type {
  DashboardRows,
  NoteSums,
  PublishedPeriod,
  UtilizationSums,
} from '../../src/domain/dashboardSums.ts';

/** How the rows are asked for where it does not matter. */
export const someQuestion: PageQuestion = {
  names: false,
  agency: 'Example Care',
  writtenAt: new Date('2026-11-18T08:31:00Z'),
  timeZone: 'America/New_York',
  groupNames: {},
  figuresAre: 'authorization',
};

export const keys = {
  tamsin: 'aaaa000000000001',
  ivo: 'bbbb000000000002',
  clemence: 'cccc000000000003',
  james: 'dddd000000000004',
  jane: 'eeee000000000005',
  hugo: 'ffff000000000006',
} as const;

export function sums(change: Partial<UtilizationSums> = {}): UtilizationSums {
  return {
    month: '2026-10',
    qpKey: keys.tamsin,
    clientKey: keys.clemence,
    serviceCode: 'DS',
    group: 2,
    respite: false,
    rows: 1,
    authorized: '1000.00',
    inProcess: '100.00',
    billed: '200.00',
    under: '-700.00',
    underRows: 1,
    over: '0.00',
    overRows: 0,
    unauthorized: '0.00',
    unauthorizedRows: 0,
    util: '0.300000',
    utilRows: 1,
    ...change,
  };
}

export function notes(change: Partial<NoteSums> = {}): NoteSums {
  return {
    month: '2026-10',
    from: '2026-10-01' as IsoDate,
    recent: true,
    clientKey: keys.clemence,
    caregiverKey: keys.hugo,
    supervisorKey: null,
    rows: 3,
    onTime: 1,
    late: 1,
    unbillable: 1,
    unsigned: 1,
    days: '4',
    daysRows: 2,
    ...change,
  };
}

export function aPeriod(change: Partial<PublishedPeriod> = {}): PublishedPeriod {
  return {
    report: 'utilization',
    from: '2026-10-01' as IsoDate,
    to: '2026-10-31' as IsoDate,
    runId: '019ac000-0000-7000-8000-000000000001',
    publishedAt: '2026-11-02 08:31:00.000',
    exportedAt: '2026-11-02 08:30:00.000',
    rows: 2,
    preliminary: false,
    pinnedBy: null,
    pinReason: null,
    read: 2,
    excluded: 0,
    rejected: 0,
    moved: null,
    loads: [],
    lookAlikes: [],
    ...change,
  };
}

/** Two QPs, three clients of whom two share a code, one caregiver, in one month. */
export function someRows(change: Partial<DashboardRows> = {}): DashboardRows {
  return {
    days: {
      months: { from: '2024-11-01' as IsoDate, to: '2026-10-31' as IsoDate },
      recentNotes: { from: '2026-08-03' as IsoDate, to: '2026-10-31' as IsoDate, loadedDays: 0 },
      runs: { from: '2024-11-01' as IsoDate, to: '9999-12-31' as IsoDate },
    },
    periods: [aPeriod()],
    periodStates: [],
    openRuns: [],
    rejects: [],
    utilization: [
      sums(),
      sums({ clientKey: keys.james, serviceCode: 'RCI', group: 5, respite: true }),
      sums({ qpKey: keys.ivo, clientKey: keys.jane, serviceCode: 'ZZ', group: 0 }),
    ],
    notes: [notes(), notes({ clientKey: keys.jane, rows: 5, onTime: 5, late: 0, unbillable: 0 })],
    unknownNotes: [],
    listedAgain: { authorizations: 0, sameAuthorized: 0, usedFell: 0, months: null },
    authorizations: [],
    qps: [
      { key: keys.tamsin, code: 'TAMYA', name: null },
      { key: keys.ivo, code: 'IVOBR', name: null },
    ],
    clients: [
      { key: keys.clemence, code: 'CLELA', name: null },
      { key: keys.james, code: 'JAMJO', name: null },
      { key: keys.jane, code: 'JAMJO', name: null },
    ],
    caregivers: [{ key: keys.hugo, code: 'HUGME', name: null }],
    supervisors: [],
    followed: [],
    earlierExports: [],
    ...change,
  };
}
