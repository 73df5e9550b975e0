import { parseIsoDate } from '../../../src/domain/dates.ts';
import { nameCode } from '../../../src/domain/nameCodes.ts';
import { createNameKeys } from '../../../src/domain/nameKeys.ts';
import { noteStatus } from '../../../src/domain/noteStatus.ts';
import { periodContaining, yearMonth } from '../../../src/domain/periods.ts';
import type { PublishRequest } from '../../../src/domain/publication.ts';
import { reports } from '../../../src/reports/index.ts';
import type { ShippedReport } from '../../shippedReports.ts';
import { createRollup } from '../../../src/rows/rollups.ts';
import { categorizedCells } from '../../../src/rows/rowFiles.ts';
import { splitRows } from '../../../src/rows/rowLines.ts';
import type { Warehouse } from '../../../src/warehouse/connect.ts';
import { publishPeriod } from '../../../src/warehouse/publish.ts';
import { aNote, anAuthorization, aPublish, aRun, bytesOf, toAsync, type Row } from './aPublish.ts';

const keyOf = createNameKeys('a key that only tests have');

/** The name, code and key columns of one person of a row, or of nobody. */
function person(columns: readonly [string, string, string], name: string | null): Row {
  const cells = name === null ? [null, null, null] : [name, nameCode(name), keyOf(name)];
  return Object.fromEntries(columns.map((column, index) => [column, cells[index]!]));
}

const client = (name: string) => person(['client', 'client_code', 'client_key'], name);
const qp = (name: string | null) => person(['qp', 'qp_code', 'qp_key'], name);
const caregiver = (name: string) => person(['caregiver', 'employee_code', 'caregiver_key'], name);
const supervisor = (name: string | null) =>
  person(['client_supervisor', 'supervisor_code', 'supervisor_key'], name);

/** All invented. The first two share the code CLELA and are two people all the same. */
export const names = {
  clemence: 'LARKSPUR, CLEMENCE',
  cleo: 'LARKIN, CLEO',
  ines: "D'ARCY-PEMBERTON, INÉS",
  tamsin: 'YARROW, TAMSIN',
  hugo: 'MERRIWEATHER, HUGO',
  hugh: 'MEREDITH, HUGHES',
} as const;

type Dollars = readonly [authorized: string | null, inProcess: string | null, billed: string | null];

function authorization(line: number, dollars: Dollars, change: Row): Row {
  const [authorized_dollars, in_process_dollars, billed_dollars] = dollars;
  return anAuthorization(line, { authorized_dollars, in_process_dollars, billed_dollars, ...change });
}

const twoAuthorizations = (month: Row = {}) => [
  authorization(2, ['1000.00', '100.05', '200.20'], {
    ...client(names.clemence),
    ...qp(names.tamsin),
    ...month,
  }),
  authorization(3, ['10.00', '0.00', '15.00'], { ...client(names.cleo), ...qp(names.tamsin), ...month }),
];

const authorizations = [
  ...twoAuthorizations(),
  authorization(4, ['300.00', null, '100.00'], {
    ...client(names.cleo),
    ...qp(names.ines),
    service_code: 'RCI',
    grp: '5',
  }),
  authorization(5, ['50.00', '20.00', '30.00'], { ...client(names.ines), ...qp(null), service_code: 'rci' }),
  authorization(6, ['0.00', '0.00', '7.77'], { ...client(names.ines), ...qp(null), grp: '0' }),
  authorization(7, [null, '1.00', null], { ...client(names.clemence), ...qp(names.ines), grp: '5' }),
];

/** A note signed so many days after its service; null is one that nobody has signed. */
export function note(line: number, dateOfService: string, daysToSign: number | null, change: Row = {}): Row {
  const signed = daysToSign !== null;
  return aNote(line, {
    ...client(names.clemence),
    ...caregiver(names.hugo),
    ...supervisor(names.tamsin),
    date_of_service: dateOfService,
    staff_sign_date: signed ? dateOfService : null,
    staff_signed_at: null,
    days_to_sign: signed ? String(daysToSign) : null,
    note_status: noteStatus(daysToSign, signed),
    billing_cycle: Number(dateOfService.slice(8)) <= 15 ? '1-15' : '16-eom',
    ym: dateOfService.slice(0, 7),
    ...change,
  });
}

const firstCycle = [
  note(2, '2026-10-01', 0),
  note(3, '2026-10-02', 4, caregiver(names.hugh)),
  note(4, '2026-10-15', 9, client(names.cleo)),
  // Unsigned notes may have days too, which count in no average.
  note(5, '2026-10-15', null, { ...supervisor(null), days_to_sign: '5', note_status: 'Late' }),
];
const secondCycle = [note(2, '2026-10-16', 2), note(3, '2026-10-31', null, caregiver(names.hugh))];

/** Two months of utilization and both billing cycles of October, the second one preliminary. */
export async function publishFigures(warehouse: Warehouse): Promise<void> {
  await publishRows(warehouse, 'utilization', '2026-09-01', authorizations);
  const october = { ym: '2026-10', start_date: '2026-10-01', end_date: '2026-10-31' };
  await publishRows(warehouse, 'utilization', '2026-10-01', twoAuthorizations(october));
  await publishRows(warehouse, 'notes', '2026-10-01', firstCycle);
  await publishRows(warehouse, 'notes', '2026-10-16', secondCycle, { preliminary: true });
}

/** Publishes rows with the roll-ups that a run makes of them. */
export async function publishRows(
  warehouse: Warehouse,
  report: ShippedReport,
  day: string,
  rows: readonly Row[],
  change: Partial<PublishRequest> = {},
): Promise<PublishRequest> {
  const period = periodContaining(report, parseIsoDate(day)!);
  const request = aPublish(aRun(report, { period }), rows, change);
  const { width, column } = categorizedCells(reports[report]);
  const rollup = createRollup(reports[report], column);
  for (const cells of splitRows(await bytesOf(request), width)) rollup.add(cells);
  const whole = { ...request, rollups: () => toAsync(rollup.lines(yearMonth(period))) };
  await publishPeriod(warehouse, whole);
  return whole;
}
