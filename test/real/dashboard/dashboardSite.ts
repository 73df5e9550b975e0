import type { IsoDate } from '../../../src/domain/dates.ts';
import { createNameKeys } from '../../../src/domain/nameKeys.ts';
import { createNameLabels } from '../../../src/rows/nameLabels.ts';
import { groupOf } from '../../../src/domain/rules.ts';
import type { PublishRequest } from '../../../src/domain/publication.ts';
import { publishPeriod } from '../../../src/warehouse/publish.ts';
import { codeNames, goldenMonths, goldenRules, type GoldenMonth } from '../../golden/golden.ts';
import { aNote, anAuthorization, aPublish, aRun, strictGates, type Row } from '../warehouse/aPublish.ts';
import type { TestWarehouse } from '../warehouse/testWarehouse.ts';

const labels = createNameLabels(createNameKeys('an invented key for the tests, 0123456789'));

/** People whose names a page could take for something else, and two of one code. */
export const hostileNames = {
  qp: '</script><script>alert(1)</script>, QUENTIN',
  clients: [
    '=HYPERLINK("http://x.invalid"), JAMES',
    'JOHNSON, JAMES',
    'JOHNSTON, JAMIE',
    'O\'NEIL <b>, "JACK"',
  ],
  caregivers: ['JOHNSON, JAMES', 'JOHNSTON, JAMIE'],
} as const;

/** A service that begins like a formula. */
export const hostileService = '-2+3';

/** The golden months, and one month of awkward people and amounts, as loads would have left them. */
export async function loadDashboardMonths(tested: TestWarehouse): Promise<void> {
  for (const month of goldenMonths) await publishGolden(tested, month);
  await loadAgain(tested);
  for (const [month, late] of Object.entries(settledMonths)) await publishNotes(tested, month, late);
  const period = { from: '2026-11-01' as IsoDate, to: '2026-11-30' as IsoDate };
  const awkward = aPublish(aRun('utilization', { period }), awkwardAuthorizations, { preliminary: true });
  const moved = { movedToLincs: 3, movedDollars: '136406.52' };
  await publish(tested, { ...awkward, counts: { ...awkward.counts, ...moved } });
  const cycle = { from: '2026-11-01' as IsoDate, to: '2026-11-15' as IsoDate };
  await publish(tested, aPublish(aRun('notes', { period: cycle }), awkwardNotes, { preliminary: true }));
}

/** Months before the golden ones of which all notes are loaded, with how many of them are late. */
export const settledMonths: Readonly<Record<string, number>> = {
  '2026-05': 60,
  '2026-06': 55,
  '2026-07': 44,
};

async function publishNotes(tested: TestWarehouse, month: string, late: number): Promise<void> {
  const cycles = [
    { from: `${month}-01`, to: `${month}-15`, late: Math.floor(late / 2) },
    {
      from: `${month}-16`,
      to: month === '2026-06' ? '2026-06-30' : `${month}-31`,
      late: Math.ceil(late / 2),
    },
  ];
  for (const cycle of cycles) {
    const period = { from: cycle.from as IsoDate, to: cycle.to as IsoDate };
    const rows = Array.from({ length: 300 }, (_, index) => {
      const people: Row = {
        client: 'HOLLIS, WREN',
        caregiver: index % 3 === 0 ? 'ARDEN, IRIS' : 'BELLWETHER, OTIS',
      };
      const isLate = index < cycle.late;
      return aNote(2 + index, {
        ...people,
        ...peopleOf(people),
        date_of_service: cycle.from,
        staff_sign_date: isLate ? `${month}-20` : cycle.from,
        staff_signed_at: null,
        days_to_sign: isLate ? '4' : '0',
        note_status: isLate ? 'Late' : 'On Time',
        ym: month,
      });
    });
    await publish(tested, aPublish(aRun('notes', { period }), rows));
  }
}

async function publishGolden(tested: TestWarehouse, month: GoldenMonth): Promise<void> {
  const { report, period } = month;
  const rejects = month.rejected.map((place) => {
    const [line, column] = place.split(' ') as [string, string];
    return { sourceLine: Number(line), column, rule: 'not-read', reason: 'cannot be read exactly' };
  });
  await publish(
    tested,
    aPublish(aRun(report, { period }), goldenRows(month), {
      rejects,
      exportedAt: '2026-11-16T08:30:00.000Z',
    }),
  );
}

/** The newest golden month has billed something since, and a cut export waits for a decision. */
async function loadAgain(tested: TestWarehouse): Promise<void> {
  const month = goldenMonths.find(({ name }) => name === 'utilization-2026-10-01')!;
  const rows = goldenRows(month);
  const again = [anAuthorization(2, { ...amountsOf(rows[0]!), billed_dollars: '4254.00' }), ...rows.slice(1)];
  const billed = aPublish(aRun('utilization', { period: month.period }), again, {
    versions: { exportSha256: 'b'.repeat(64), rulesSha256: 'a'.repeat(64), codeVersion: 'test' },
    exportedAt: '2026-11-17T08:30:00.000Z',
  });
  await publish(tested, {
    ...billed,
    compare: async (before) => {
      const comparison = await billed.compare(before);
      return { ...comparison, changes: { ...comparison.changes, dollars: billedChange } };
    },
  });
  await publish(
    tested,
    aPublish(aRun('utilization', { period: month.period }), rows.slice(0, 50), {
      versions: { exportSha256: 'c'.repeat(64), rulesSha256: 'a'.repeat(64), codeVersion: 'test' },
      exportedAt: '2026-11-18T08:30:00.000Z',
      gates: strictGates,
    }),
  );
}

const billedChange = { billed_dollars: { before: '982773.55', after: '982773.60' } };

/** Without what follows from the amounts: that is worked out again. */
function amountsOf(row: Row): Row {
  return Object.fromEntries(
    Object.entries(row).filter(([column]) => column !== 'util' && column !== 'variance'),
  );
}

async function publish(tested: TestWarehouse, request: PublishRequest): Promise<void> {
  await publishPeriod(tested.warehouse, request);
}

export function goldenRows(month: GoldenMonth): Row[] {
  const rules = goldenRules(month);
  return month.rows.map((expected, index) => {
    const cells = Object.fromEntries(
      Object.entries(expected).map(([column, cell]) => [
        column,
        cell === '' ? null : fourPlaces(column, cell),
      ]),
    );
    const grp = String(groupOf(expected['service_code']!, rules));
    const row = { ...cells, ...peopleOf(cells), grp };
    return month.report === 'utilization'
      ? anAuthorization(index + 2, row)
      : aNote(index + 2, { staff_signed_at: null, ...row });
  });
}

function fourPlaces(column: string, cell: string): string {
  if (!column.endsWith('_units')) return cell;
  const [whole = '', fraction = ''] = cell.split('.');
  return `${whole}.${fraction.padEnd(4, '0')}`;
}

/** Codes and keys of the names that a row has. */
function peopleOf(row: Row): Row {
  const found = Object.entries(codeNames).flatMap(([codeColumn, nameColumn]): [string, string | null][] => {
    if (!(nameColumn in row)) return [];
    const name = row[nameColumn] ?? null;
    const keyColumn = nameColumn === 'client_supervisor' ? 'supervisor_key' : `${nameColumn}_key`;
    if (name === null)
      return [
        [codeColumn, null],
        [keyColumn, null],
      ];
    const { code, key } = labels(name);
    return [
      [codeColumn, code],
      [keyColumn, key],
    ];
  });
  return Object.fromEntries(found);
}

function awkwardAuthorization(line: number, row: Row): Row {
  const november: Row = { start_date: '2026-11-01', end_date: '2026-11-30', ym: '2026-11', ...row };
  return anAuthorization(line, { ...november, ...peopleOf(november) });
}

const awkwardAuthorizations = [
  ...hostileNames.clients.map((client, index) =>
    awkwardAuthorization(index + 2, {
      client,
      qp: hostileNames.qp,
      authorized_dollars: `${String(index + 1)}000.01`,
    }),
  ),
  awkwardAuthorization(10, { client: 'JOHNSON, JAMES', qp: null, authorized_dollars: null }),
  awkwardAuthorization(11, {
    client: 'JOHNSON, JAMES',
    qp: hostileNames.qp,
    authorized_dollars: '0.00',
    billed_dollars: '10.01',
    service_code: hostileService,
    grp: '0',
  }),
  awkwardAuthorization(12, {
    client: 'JOHNSTON, JAMIE',
    qp: hostileNames.qp,
    authorized_dollars: '100.00',
    billed_dollars: '-20.05',
    in_process_dollars: '500.00',
    service_code: 'rci',
    grp: '5',
  }),
];

const awkwardNotes = hostileNames.caregivers.flatMap((caregiver, index) =>
  Array.from({ length: index + 1 }, (_, each) => {
    const row: Row = { client: 'JOHNSON, JAMES', caregiver, client_supervisor: null };
    return aNote(2 + index * 10 + each, {
      ...row,
      ...peopleOf(row),
      date_of_service: '2026-11-02',
      staff_sign_date: null,
      days_to_sign: each === 0 ? '4' : null,
      note_status: each === 0 ? 'Late' : 'Unbillable',
      staff_signed_at: null,
      ym: '2026-11',
    });
  }),
);

/** Every name in the tables, as the exports write them. */
export const allNames: readonly string[] = [
  ...new Set([
    hostileNames.qp,
    ...hostileNames.clients,
    ...hostileNames.caregivers,
    ...goldenMonths.flatMap(({ rows }) =>
      rows.flatMap((row) => Object.values(codeNames).flatMap((column) => row[column] ?? [])),
    ),
  ]),
].filter((name) => name !== '');
