import { amountText, fault, fits, quotient } from './cells.ts';
import type { JudgedRecord } from './judge.ts';
import { endsInDigits, overlooked } from './text.ts';
import { amountPlaces, type TableRow } from './rows.ts';
import { moneyColumns, type Report } from './terms.ts';

/** The exact value of a decimal text, in units of its last place. */
function scaled(text: string | null | undefined): bigint {
  return BigInt((text ?? '0').replace('.', ''));
}

const summed: Readonly<Record<Report, Readonly<Record<string, number>>>> = {
  utilization: { ...amountPlaces, variance: 2 },
  notes: { days_to_sign: 0 },
};

/** Total of every money and unit column (notes: of the days), as decimal texts. */
export function totalsOf(report: Report, rows: readonly TableRow[]): Record<string, string> {
  return Object.fromEntries(
    Object.entries(summed[report]).map(([column, places]) => [
      column,
      amountText(sum(rows.map((row) => scaled(row[column]))), places),
    ]),
  );
}

function sum(amounts: readonly bigint[]): bigint {
  return amounts.reduce((total, amount) => total + amount, 0n);
}

/** Per money column: dollars read, loaded, left out, rejected, and how many cells could not be read. */
export function accountsOf(report: Report, records: readonly JudgedRecord[]): Record<string, unknown> {
  return Object.fromEntries(moneyColumns[report].map((column) => [column, accountOf(column, records)]));
}

function accountOf(column: string, records: readonly JudgedRecord[]): Record<string, string | number> {
  const cells = records.map(({ verdict, money }) => ({ kind: verdict.kind, cell: money?.[column] }));
  const of = (wanted?: string) =>
    amountText(
      sum(
        cells.map(({ kind, cell }) =>
          typeof cell === 'bigint' && (wanted === undefined || kind === wanted) ? cell : 0n,
        ),
      ),
      2,
    );
  return {
    read: of(),
    loaded: of('kept'),
    excluded: of('excluded'),
    rejected: of('rejected'),
    unreadable: cells.filter(({ cell }) => cell === undefined || cell === fault).length,
  };
}

const dimensions: Readonly<Record<Report, Readonly<Record<string, readonly [string, string?]>>>> = {
  utilization: {
    grp: ['grp'],
    qp: ['qp', 'qp_key'],
    client: ['client', 'client_key'],
    service: ['service_code'],
  },
  notes: {
    caregiver: ['caregiver', 'caregiver_key'],
    supervisor: ['client_supervisor', 'supervisor_key'],
    service: ['service_code'],
  },
};

/** The roll-up table's rows: its dimension, member, key and figures. A row without a person counts under ''. */
export function rollupsOf(report: Report, rows: readonly TableRow[], ym: string): (string | null)[][] {
  const figures = report === 'utilization' ? dollarFigures : noteFigures;
  const lines = [[ym, 'total', 'total', '', ...figures(rows)]];
  for (const [dimension, [column, keyColumn]] of Object.entries(dimensions[report])) {
    const members = new Map<string, TableRow[]>();
    for (const row of rows) {
      const member = row[column] ?? '';
      members.set(member, [...(members.get(member) ?? []), row]);
    }
    for (const [member, its] of members) {
      const key = keyColumn === undefined ? '' : (its[0]![keyColumn] ?? '');
      lines.push([ym, dimension, member, key, ...figures(its)]);
    }
  }
  return lines;
}

function dollarFigures(rows: readonly TableRow[]): (string | null)[] {
  const of = (column: string) => sum(rows.map((row) => scaled(row[column])));
  const authorized = of('authorized_dollars');
  const used = of('in_process_dollars') + of('billed_dollars');
  const variances = rows.map((row) => scaled(row['variance']));
  const ratios = rows.map((row) => row['util']).filter((util) => typeof util === 'string');
  const mean = ratios.length === 0 ? null : quotient(sum(ratios.map(scaled)), BigInt(ratios.length), 0);
  return [
    String(rows.length),
    amountText(authorized, 2),
    amountText(of('in_process_dollars'), 2),
    amountText(of('billed_dollars'), 2),
    amountText(authorized - used, 2),
    amountText(sum(variances.filter((variance) => variance < 0n)), 2),
    amountText(sum(variances.filter((variance) => variance > 0n)), 2),
    ratioText(used, authorized),
    mean === null ? null : amountText(mean, 6),
  ];
}

/** NULL where nothing is authorized, or where the ratio has more digits than its column. */
function ratioText(used: bigint, authorized: bigint): string | null {
  if (authorized === 0n) return null;
  const ratio = quotient(used, authorized, 6);
  return fits(ratio) ? amountText(ratio, 6) : null;
}

function noteFigures(rows: readonly TableRow[]): (string | null)[] {
  const having = (status: string) => String(rows.filter((row) => row['note_status'] === status).length);
  const signed = rows.filter((row) => row['staff_sign_date'] !== null && row['days_to_sign'] !== null);
  const days = sum(signed.map((row) => scaled(row['days_to_sign'])));
  return [
    String(rows.length),
    having('On Time'),
    having('Late'),
    having('Unbillable'),
    String(rows.filter((row) => row['staff_sign_date'] === null).length),
    signed.length === 0 ? null : amountText(quotient(days, BigInt(signed.length), 2), 2),
  ];
}

/** Services of group 0 with their rows and, where there is money, authorized dollars. */
export function unknownServicesOf(report: Report, rows: readonly TableRow[]): (string | null)[][] {
  const services = new Map<string, TableRow[]>();
  for (const row of rows.filter(({ grp }) => grp === '0')) {
    const code = row['service_code']!;
    services.set(code, [...(services.get(code) ?? []), row]);
  }
  return [...services].map(([code, its]) => [
    code,
    String(its.length),
    report === 'notes' ? null : amountText(sum(its.map((row) => scaled(row['authorized_dollars']))), 2),
  ]);
}

const people: Readonly<Record<Report, readonly string[]>> = {
  utilization: ['client', 'qp'],
  notes: ['client', 'caregiver', 'client_supervisor'],
};

/** What is seen only of all rows together, by kind, and how often. */
export function warningsOfAll(report: Report, rows: readonly TableRow[]): Record<string, number> {
  const counted: Record<string, number> = {};
  for (const column of people[report]) {
    const names = [...new Set(rows.map((row) => row[column] ?? ''))].filter((name) => name !== '');
    const folded = names.map(overlooked);
    counted[`look-alike-names:${column}`] = folded.filter(
      (one, index) => folded.indexOf(one) !== index || folded.lastIndexOf(one) !== index,
    ).length;
  }
  counted['service-code-brackets'] = rows.filter((row) => endsInDigits(row['service_code']!)).length;
  if (report === 'utilization') {
    counted['shared-authorization-number'] = rows.filter((row) =>
      rows.some(
        (other) =>
          other['authorization_number'] === row['authorization_number'] && other['client'] !== row['client'],
      ),
    ).length;
    Object.assign(counted, ratiosWithoutRoom(rows));
  }
  return Object.fromEntries(Object.entries(counted).filter(([, count]) => count > 0));
}

/** Members with authorized dollars and no ratio. */
function ratiosWithoutRoom(rows: readonly TableRow[]): Record<string, number> {
  const counted: Record<string, number> = {};
  for (const [, dimension, , , , authorized, , , , , , util] of rollupsOf('utilization', rows, '')) {
    if (util !== null || scaled(authorized) === 0n) continue;
    const warning = `ratio-too-large:${dimension!}`;
    counted[warning] = (counted[warning] ?? 0) + 1;
  }
  return counted;
}
