import { readFileSync } from 'node:fs';
import { goldenMonths } from '../golden/golden.ts';
import type { Random } from './random.ts';
import type { Report, WrittenForm } from './oracle/terms.ts';

/**
 * An export as a text of bytes (Latin-1, one character a byte): whatever a mutation does to it, no byte is lost
 * on the way.
 */
export type Bytes = string;

export interface BaseExport {
  readonly report: Report;
  readonly from: string;
  readonly to: string;
  readonly excludedServices: readonly string[];
  readonly bytes: Bytes;
  /** Absent for the plain form. */
  readonly form?: WrittenForm;
  /** What the form is packed in, or made into. */
  readonly container?: 'gzip' | 'zip' | 'xlsx';
}

export function bytesOf(text: string): Bytes {
  return Buffer.from(text, 'utf8').toString('latin1');
}

// One in so many bases is a golden month: they are large, and ten small files find more than one large one.
const goldenPercent = 3;

const goldenBases: readonly BaseExport[] = goldenMonths.map(
  ({ report, period, excludedServices, exportPath }) => {
    const bytes = readFileSync(exportPath, 'latin1');
    return { report, from: period.from, to: period.to, excludedServices, bytes };
  },
);

/** A valid export of that report: a golden month, or one made up with every variety that portals write. */
export function baseExport(report: Report, random: Random): BaseExport {
  const golden = goldenBases.filter((base) => base.report === report);
  return random.chance(goldenPercent) ? random.pick(golden) : madeUp(report, random);
}

const periods: Readonly<Record<Report, readonly { from: string; to: string }[]>> = {
  utilization: [
    { from: '2026-08-01', to: '2026-08-31' },
    { from: '2028-02-01', to: '2028-02-29' },
    { from: '2026-12-01', to: '2026-12-31' },
  ],
  notes: [
    { from: '2026-10-01', to: '2026-10-15' },
    { from: '2027-02-16', to: '2027-02-28' },
    { from: '2026-12-16', to: '2026-12-31' },
  ],
};

type Row = Readonly<Record<string, string>>;

function madeUp(report: Report, random: Random): BaseExport {
  const period = random.pick(periods[report]);
  const rows: Row[] = [];
  const count = random.pick([0, 1, 2, 3, 5, 8, 13, 20, 30, 50, 80]);
  for (let index = 0; index < count; index += 1) {
    const duplicate = index > 0 && random.chance(5);
    rows.push(duplicate ? random.pick(rows) : rowMakers[report](period, random));
  }
  const text = writtenAs(rows, headingsFor(report, random), random);
  return {
    report,
    ...period,
    excludedServices: random.chance(30) ? ['transport'] : [],
    bytes: bytesOf(text),
  };
}

const headings: Readonly<Record<Report, readonly string[]>> = {
  utilization: (
    'Client|QP|Authorizing Payer|Service Code|Authorization Number|Start Date|End Date|Authorized Units|' +
    'In Process Units|Billed Units|Authorized Dollars|In Process Dollars|Billed Dollars|Variance Billed'
  ).split('|'),
  notes: 'Client|Caregiver|Client Supervisor|Service Code|Date of Service|Staff Sign Date|Days to Sign'.split(
    '|',
  ),
};

/** In another order, padded, in other case, with a column more. */
function headingsFor(report: Report, random: Random): { heading: string; column: string }[] {
  const plain = headings[report].map((heading) => ({ heading, column: heading }));
  const all = random.chance(20) ? [...plain, { heading: 'Location', column: 'Location' }] : plain;
  const ordered = random.chance(40) ? random.shuffled(all) : all;
  if (random.chance(60)) return ordered;
  return ordered.map(({ heading, column }) => ({ heading: random.pick(headingForms)(heading), column }));
}

const headingForms: readonly ((heading: string) => string)[] = [
  (heading) => heading,
  (heading) => heading.toUpperCase(),
  (heading) => heading.toLowerCase(),
  (heading) => ` ${heading}  `,
];

function writtenAs(
  rows: readonly Row[],
  columns: readonly { heading: string; column: string }[],
  random: Random,
): string {
  const quoteAll = random.chance(15);
  const write = (cell: string) =>
    quoteAll || /[",\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell;
  const lineEnd = random.chance(50) ? '\r\n' : '\n';
  const lines = [
    columns.map(({ heading }) => heading),
    ...rows.map((row) => columns.map(({ column }) => row[column] ?? '')),
  ];
  const mark = random.chance(50) ? '\uFEFF' : '';
  return mark + lines.map((cells) => cells.map(write).join(',') + lineEnd).join('');
}

const lastNames = (
  "QUENNELL|HOLLOWAY|GALLOWGLASS|D'ARCY|FENWICK|NÚÑEZ|THISTLEWOOD|SMYTHE-JONES|VAN DER MEER|ÅSTRÖM|O’MARROW|" +
  'DE LA CRUZ|LARKSPUR|BRANDYBUCK|ØSTERGAARD|YARROW'
).split('|');
const firstNames =
  'OTTOLINE|HUGO|DORIAN|GISELLE|INÉS|"JACK" SILAS|ADA|JO|Zoë|URSULA JANE|NICO|ROWENA|J.|CHLOË-ANN|ŁUCJA|FABIAN'.split(
    '|',
  );

function personName(random: Random): string {
  const last = random.pick(lastNames);
  const first = random.pick(firstNames);
  if (random.chance(3)) return `${last},\n${first}`;
  if (random.chance(3)) return `  ${last}, ${first} `;
  return random.chance(15) ? `${first} ${last}` : `${last}, ${first}`;
}

const services =
  'CN|DS|CLS|PA|RCI|RCG|RS|LTCS|SS|GLH|RES|TFC|SE|IS|Ind|Tra Supp|ds|IND|LTDS|DS2|H2015|TRANSPORT|Transport'.split(
    '|',
  );

function serviceCode(period: { from: string }, random: Random): string {
  const code = random.pick(services);
  const date = usDate(period.from);
  return random.pick([code, code, `${code} (${date})`, `${code}(${date})`, ` ${code}  (${date}) `]);
}

/** `2026-08-01` and so many days as `MM/DD/YYYY`. */
function usDate(iso: string, daysLater = 0): string {
  const [year, month, day] = new Date(Date.parse(`${iso}T00:00:00Z`) + daysLater * 86_400_000)
    .toISOString()
    .slice(0, 10)
    .split('-');
  return `${month!}/${day!}/${year!}`;
}

const rowMakers: Readonly<Record<Report, (period: { from: string; to: string }, random: Random) => Row>> = {
  utilization: anAuthorization,
  notes: aNote,
};

function anAuthorization(period: { from: string; to: string }, random: Random): Row {
  const start = random.chance(70) ? 0 : random.whole(-200, 13);
  const end = random.chance(70) ? 27 : random.whole(14, 400);
  return {
    Client: personName(random),
    QP: random.chance(10) ? random.pick(['', 'BRACKENBURY, IVO', 'FERNHOLLOW, ADELE']) : personName(random),
    'Authorizing Payer': random.pick([
      'MEDICAID DIRECT',
      'PARTNERS HEALTH MGMT',
      'VALEWAY TOTAL CARE',
      '',
      'Partners',
    ]),
    'Service Code': serviceCode(period, random),
    'Authorization Number': random.pick(['000', '', 'A-']) + String(random.whole(1_000_000, 9_999_999)),
    'Start Date': usDate(period.from, start),
    'End Date': usDate(period.from, end),
    'Authorized Units': unitsText(random),
    'In Process Units': unitsText(random),
    'Billed Units': unitsText(random),
    'Authorized Dollars': dollarsText(random),
    'In Process Dollars': dollarsText(random),
    'Billed Dollars': dollarsText(random),
    'Variance Billed': dollarsText(random),
    Location: random.pick(['North', 'South', '']),
  };
}

function aNote(period: { from: string; to: string }, random: Random): Row {
  const last = (Date.parse(period.to) - Date.parse(period.from)) / 86_400_000;
  const served = random.whole(0, last);
  const days = random.pick([0, 0, 0, 1, 2, 3, 5, 7, 8, 30]);
  const signed = random.chance(85);
  const time = `${random.pick(['12', '01', '03', '11'])}:${random.pick(['00', '30', '59'])} ${random.pick(['AM', 'PM'])}`;
  const signDate = usDate(period.from, served + days);
  return {
    Client: personName(random),
    Caregiver: personName(random),
    'Client Supervisor': random.chance(10) ? '' : personName(random),
    'Service Code': serviceCode(period, random),
    'Date of Service': usDate(period.from, served),
    'Staff Sign Date': signed ? (random.chance(90) ? `${signDate} ${time}` : signDate) : '',
    'Days to Sign': random.chance(90) ? String(days) : random.pick(['', '-2', '4', '120']),
    Location: random.pick(['North', 'South', '']),
  };
}

function unitsText(random: Random): string {
  const whole = random.whole(0, 9_999);
  const decimals = random.pick(['', '', '.5', '.25', '.0001', '.125']);
  return random.pick([grouped(whole) + decimals, String(whole) + decimals, '0', '', `-${grouped(whole)}`]);
}

function dollarsText(random: Random): string {
  const whole = random.pick([
    random.whole(0, 999),
    random.whole(1_000, 99_999),
    random.whole(1_000_000, 9_999_999),
  ]);
  const amount = `${grouped(whole)}.${String(random.whole(0, 99)).padStart(2, '0')}`;
  const forms = [
    `$${amount}`,
    `$${amount}`,
    `($${amount})`,
    `-$${amount}`,
    amount.replaceAll(',', ''),
    '$0.00',
    '',
  ];
  return random.pick(forms);
}

function grouped(whole: number): string {
  return whole.toLocaleString('en-US');
}
