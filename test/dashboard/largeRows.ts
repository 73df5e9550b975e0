import type { DashboardRows } from '../../src/domain/dashboardSums.ts';
import { addDays, type IsoDate } from '../../src/domain/dates.ts';
import { decimalText, ratio } from '../../src/domain/decimals.ts';
import { aPeriod, notes, someRows, sums } from './someRows.ts';

/** The largest agency that a page is made for: 24 months, 60 QPs, 1,500 clients with three services each. */
const large = { months: 24, qps: 60, clients: 1500, services: 3, caregivers: 400, supervisors: 25 };

const months = Array.from({ length: large.months }, (_, at) => {
  const month = 11 + at;
  return `${String(2024 + Math.floor((month - 1) / 12))}-${String(((month - 1) % 12) + 1).padStart(2, '0')}`;
});

/** The same amounts each time, as unlike each other as real ones. */
function invented(): (most: number) => number {
  let state = 20_261_127;
  return (most) => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    return Math.floor((state / 2 ** 32) * most);
  };
}

function person(kind: string, at: number) {
  const key = `${kind}${String(at * 2_654_435_761).padStart(16, '7')}`.slice(0, 16);
  return { key, code: `${kind.toUpperCase()}${String(at).padStart(4, '0')}`, name: null };
}

function people(kind: string, count: number) {
  return Array.from({ length: count }, (_, at) => person(kind, at));
}

export function largeRows(): DashboardRows {
  const next = invented();
  const [qps, clients] = [people('q', large.qps), people('c', large.clients)];
  const [caregivers, supervisors] = [people('e', large.caregivers), people('s', large.supervisors)];
  const held = clients.flatMap((client, at) =>
    Array.from({ length: large.services }, (_, service) => ({
      client,
      qp: qps[at % large.qps]!,
      serviceCode: `S${String((at + service * 7) % 40)}`,
      group: ((at + service * 7) % 9) + 1,
      // A new amount each year.
      authorized: [next(2_000_000) + 10_000, next(2_000_000) + 10_000] as const,
    })),
  );
  const utilization = months.flatMap((month, at) =>
    held.map(({ client, qp, serviceCode, group, authorized }) => {
      const cents = BigInt(authorized[at < 12 ? 0 : 1]);
      const [inProcess, billed] = [BigInt(next(200_000)), BigInt(next(2_000_000))];
      const variance = inProcess + billed - cents;
      return sums({
        month,
        qpKey: qp.key,
        clientKey: client.key,
        serviceCode,
        group,
        authorized: decimalText(cents, 2),
        inProcess: decimalText(inProcess, 2),
        billed: decimalText(billed, 2),
        under: decimalText(variance < 0n ? variance : 0n, 2),
        underRows: Number(variance < 0n),
        over: decimalText(variance > 0n ? variance : 0n, 2),
        overRows: Number(variance > 0n),
        util: decimalText(ratio(inProcess + billed, cents, 6), 6),
      });
    }),
  );
  const noteSums = months.flatMap((month, at) =>
    clients.map((client, place) => {
      const [late, unbillable] = [next(3), next(2)];
      return notes({
        month,
        recent: at >= large.months - 3,
        clientKey: client.key,
        caregiverKey: caregivers[place % large.caregivers]!.key,
        supervisorKey: supervisors[place % large.supervisors]!.key,
        rows: 20 + late + unbillable,
        onTime: 20,
        late,
        unbillable,
        unsigned: unbillable,
        days: String(next(60)),
        daysRows: 20 + late,
      });
    }),
  );
  const [first, last] = [`${months[0]!}-01` as IsoDate, '2026-10-31' as IsoDate];
  return someRows({
    days: {
      months: { from: first, to: last },
      recentNotes: { from: '2026-08-03' as IsoDate, to: last, loadedDays: 90 },
      runs: { from: first, to: last },
    },
    periods: months.flatMap((month) => {
      const period = { from: `${month}-01` as IsoDate, to: `${month}-28` as IsoDate };
      return [aPeriod({ ...period, rows: held.length }), aPeriod({ ...period, report: 'notes' })];
    }),
    utilization,
    notes: noteSums,
    qps,
    clients,
    caregivers,
    supervisors,
    authorizations: held.map((each, at) => ({
      startDate: '2026-03-01' as IsoDate,
      endDate: addDays('2026-11-10' as IsoDate, next(200)),
      period: { from: '2026-10-01' as IsoDate, to: last },
      asOf: '2026-11-02' as IsoDate,
      authorizedCents: BigInt(each.authorized[1]),
      usedCents: BigInt(next(each.authorized[1])),
      loads: [1, 2, 3, 4].map((day) => ({
        day: addDays('2026-10-01' as IsoDate, day * 7),
        authorizedCents: BigInt(each.authorized[1]),
        usedCents: BigInt(next(each.authorized[1])),
      })),
      authorizationNumber: String(7_000_000_000 + at * 37),
      serviceCode: each.serviceCode,
      group: each.group,
      respite: false,
      clientKey: each.client.key,
      qpKeys: [each.qp.key],
      sharedByQps: false,
      rows: 1,
    })),
    followed: Array.from({ length: 800 }, (_, at) => ({
      dateOfService: addDays(last, -next(20)),
      signDate: null,
      signedAt: null,
      daysToSign: null,
      month: months.at(-1)!,
      from: '2026-10-01' as IsoDate,
      clientKey: clients[at]!.key,
      caregiverKey: caregivers[at % large.caregivers]!.key,
      supervisorKey: supervisors[at % large.supervisors]!.key,
      serviceCode: held[at]!.serviceCode,
      group: held[at]!.group,
      respite: false,
    })),
  });
}
