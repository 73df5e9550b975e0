import {
  amountOf,
  dayOf,
  daysOf,
  fault,
  stampOf,
  plainAmount,
  plainDate,
  textOf,
  type Fault,
  type Stamp,
} from './cells.ts';
import { codeWithoutDate, hasEntity, isSpoiledCode, isSpoiledName, storedForm } from './text.ts';
import type { RawRecord } from './csv.ts';
import {
  amountPlaces,
  computed,
  computedFits,
  daysFrom,
  groupOf,
  nullableAmount,
  person,
  spent,
  statusOf,
  type Amounts,
  type TableRow,
} from './rows.ts';
import { exported, moneyColumns, type Report, type Terms } from './terms.ts';

/**
 * Checks that earlier versions of the pipeline lacked; true where the oracle demands them.
 * endBeforeStart: an authorization that ends before it starts is rejected (column end_date).
 * maskedCells: a cell of asterisks alone, three or more, is a lost permission and fails the file.
 * lostQuote: a record over several lines with another number of cells than the header, or with a cell that has a
 * line break and as many commas as a whole row, fails the file.
 * checkWarnings: domain checks of level warning are counted by the clean step.
 */
export const checksInForce = {
  endBeforeStart: true,
  maskedCells: true,
  lostQuote: true,
  checkWarnings: true,
};

type Judged =
  | {
      readonly kind: 'kept';
      readonly row: TableRow;
      readonly moved: boolean;
      readonly warnings: readonly string[];
    }
  | { readonly kind: 'excluded' }
  /** Every column that is at fault; the pipeline names one of them. */
  | { readonly kind: 'rejected'; readonly columns: ReadonlySet<string> };

export interface JudgedRecord {
  readonly line: number;
  readonly verdict: Judged;
  /** The money cells, also of rows left out or rejected; undefined where the cells cannot be told apart. */
  readonly money: Readonly<Record<string, bigint | null | Fault>> | undefined;
}

type Reading = string | bigint | number | Stamp | null | Fault;
type Readings = Readonly<Record<string, Reading>>;

const name = (cell: string) => (isSpoiledName(cell) ? fault : textOf(cell, 160));
const codeText = (cell: string) => (isSpoiledCode(cell) ? fault : textOf(cell, 64));
const units = (cell: string) => (cell.includes('$') ? fault : amountOf(cell, 4));
const dollars = (cell: string) => amountOf(cell, 2);

const readers: Readonly<Record<string, (cell: string) => Reading>> = {
  client: name,
  qp: name,
  authorizing_payer: name,
  caregiver: name,
  client_supervisor: name,
  service_code: (cell) => codeText(codeWithoutDate(cell)),
  authorization_number: codeText,
  start_date: dayOf,
  end_date: dayOf,
  date_of_service: dayOf,
  staff_sign_date: stampOf,
  days_to_sign: daysOf,
  authorized_units: units,
  in_process_units: units,
  billed_units: units,
  authorized_dollars: dollars,
  in_process_dollars: dollars,
  billed_dollars: dollars,
  variance_billed: dollars,
};

/** Columns of names and codes, in which no word means blank. */
const named = new Set([
  'client',
  'qp',
  'authorizing_payer',
  'caregiver',
  'client_supervisor',
  'service_code',
  'authorization_number',
]);

const mustNotBeBlank: Readonly<Record<Report, readonly string[]>> = {
  utilization: ['client', 'service_code', 'authorization_number', 'start_date', 'end_date'],
  notes: ['client', 'caregiver', 'service_code', 'date_of_service'],
};

const dated = new Set(['start_date', 'end_date', 'date_of_service', 'staff_sign_date']);
const dayOnly = new Set(['start_date', 'end_date', 'date_of_service']);

/** Reads a cell that is not blank for a word, in the form of the file. */
function readAs(column: string, cell: string, { form }: Terms): Reading {
  if (form === undefined || cell === '') return readers[column]!(cell);
  if (dated.has(column)) {
    // Days have no times in any of the forms.
    if (form.dates !== 'usual' && dayOnly.has(column) && cell.includes(' ')) return fault;
    return readers[column]!(plainDate(cell, form.dates));
  }
  if (!/_(units|dollars)$|^variance_/.test(column)) return readers[column]!(cell);
  return readers[column]!(plainAmount(cell, form));
}

/** One figure of a record, for its total: a fault where it has none. */
export function figureIn(
  cells: readonly string[],
  column: string,
  headings: readonly string[],
  terms: Terms,
): bigint | null | Fault {
  const asExported = cells[headings.indexOf(column)] ?? '';
  const cell = seenOf(asExported);
  if (isTooLong(asExported) || cell.includes('\uFFFD')) return fault;
  const isBlank = terms.blankWords.has(cell.toUpperCase()) || isOwnBlank(column, cell, terms);
  const reading = readAs(column, isBlank ? '' : cell, terms);
  return typeof reading === 'number' ? BigInt(reading) : (reading as bigint | null | Fault);
}

export function dayIn(cell: string, terms: Terms): string | null | Fault {
  return readAs('start_date', cell, terms) as string | null | Fault;
}

function isOwnBlank(column: string, cell: string, { form }: Terms): boolean {
  const word = form?.blankWord ?? '';
  return word !== '' && ownBlanks.has(column) && cell.toUpperCase() === word;
}

const ownBlanks = new Set(['client_supervisor', 'authorizing_payer', 'staff_sign_date', 'billed_dollars']);

/** Judges one record by the rules: excluded first, then each cell, then the period. */
export function judge(record: RawRecord, headings: readonly string[], terms: Terms): JudgedRecord {
  const { line } = record;
  if (record.cells.length !== headings.length) {
    return { line, verdict: { kind: 'rejected', columns: new Set(['(row)']) }, money: undefined };
  }
  const cells = Object.fromEntries(headings.map((heading, index) => [heading, seenOf(record.cells[index]!)]));
  const readings: Record<string, Reading> = {};
  for (const column of exported[terms.report]) {
    const cell = cells[column]!;
    // The mark that some program left in place of what it could not read.
    const isBlank =
      (!named.has(column) && terms.blankWords.has(cell.toUpperCase())) || isOwnBlank(column, cell, terms);
    const unreadable = cell.includes('\uFFFD') || isTooLong(record.cells[headings.indexOf(column)]!);
    readings[column] = unreadable ? fault : readAs(column, isBlank ? '' : cell, terms);
  }
  const money = Object.fromEntries(
    moneyColumns[terms.report].map((column) => [column, readings[column] as bigint | null | Fault]),
  );
  return { line, money, verdict: verdictOn({ line, cells, readings }, terms) };
}

/** No cell of an export is: it is not even looked at. */
function isTooLong(asExported: string): boolean {
  return asExported.length > 1000;
}

function seenOf(asExported: string): string {
  return isTooLong(asExported) ? '' : storedForm(asExported);
}

interface ReadRecord {
  readonly line: number;
  readonly cells: Readonly<Record<string, string>>;
  readonly readings: Readings;
}

function verdictOn(record: ReadRecord, terms: Terms): Judged {
  if (terms.excluded.has(codeWithoutDate(record.cells['service_code']!).toUpperCase()))
    return { kind: 'excluded' };
  const columns = faultyColumns(record.readings, terms);
  if (columns.size > 0) return { kind: 'rejected', columns };
  const judged = terms.report === 'utilization' ? authorization(record, terms) : note(record, terms);
  if (judged.kind !== 'kept') return judged;
  return { ...judged, warnings: [...judged.warnings, ...entityWarnings(record, terms)] };
}

/** Columns of text in which HTML was left. */
function entityWarnings({ readings }: ReadRecord, terms: Terms): string[] {
  return exported[terms.report]
    .filter((column) => named.has(column) && typeof readings[column] === 'string')
    .filter((column) => hasEntity(readings[column] as string))
    .map((column) => `html-entities:${column}`);
}

function faultyColumns(readings: Readings, terms: Terms): Set<string> {
  const blank = mustNotBeBlank[terms.report];
  return new Set(
    exported[terms.report].filter(
      (column) => readings[column] === fault || (readings[column] === null && blank.includes(column)),
    ),
  );
}

function authorization({ line, cells, readings }: ReadRecord, terms: Terms): Judged {
  const start = readings['start_date'] as string;
  const end = readings['end_date'] as string;
  const columns = new Set<string>();
  if (start > terms.to || end < terms.from) columns.add('start_date');
  if (checksInForce.endBeforeStart && end < start) columns.add('end_date');
  if (columns.size > 0) return { kind: 'rejected', columns };
  const amounts = Object.fromEntries(
    Object.keys(amountPlaces).map((column) => [column, readings[column] as bigint | null]),
  );
  const figures = computed(amounts);
  if (!computedFits(figures)) return { kind: 'rejected', columns: new Set(moneyColumns.utilization) };
  const qp = readings['qp'] as string | null;
  const supervising = supervisingQp(cells, qp, terms);
  const code = readings['service_code'] as string;
  const row: TableRow = {
    source_line: String(line),
    ...person(['client', 'client_code', 'client_key'], readings['client'] as string, terms),
    ...person(['qp', 'qp_code', 'qp_key'], supervising, terms),
    service_code: code,
    authorization_number: readings['authorization_number'] as string,
    start_date: start,
    end_date: end,
    ...amountTexts(amounts),
    ym: terms.from.slice(0, 7),
    grp: String(groupOf(code, terms)),
    util: nullableAmount(figures.util, 6),
    variance: nullableAmount(figures.variance, 2),
  };
  return { kind: 'kept', row, moved: supervising !== qp, warnings: dollarWarnings(amounts) };
}

function supervisingQp(cells: ReadRecord['cells'], qp: string | null, terms: Terms): string | null {
  const day = cells['service_code']!.includes('DS');
  const partners = cells['authorizing_payer']!.includes('PARTNERS');
  return day && !partners && qp !== terms.deepCreekQp ? terms.lincsQp : qp;
}

function amountTexts(amounts: Amounts): TableRow {
  return Object.fromEntries(
    Object.entries(amountPlaces).map(([column, places]) => [
      column,
      nullableAmount(amounts[column]!, places),
    ]),
  );
}

const dollarsOfUnits = {
  authorized_units: 'authorized_dollars',
  in_process_units: 'in_process_dollars',
  billed_units: 'billed_dollars',
};

function dollarWarnings(amounts: Amounts): string[] {
  if (!checksInForce.checkWarnings) return [];
  const authorized = amounts['authorized_dollars'] ?? 0n;
  const negative = Object.entries(dollarsOfUnits).some(
    ([count, money]) => (amounts[count] ?? 0n) < 0n && (amounts[money] ?? 0n) >= 0n,
  );
  return [
    ...(negative ? ['negative-units'] : []),
    ...(authorized > 0n && spent(amounts) > authorized ? ['over-authorized'] : []),
    ...(authorized === 0n && spent(amounts) !== 0n ? ['unauthorized-spending'] : []),
  ];
}

function note({ line, readings }: ReadRecord, terms: Terms): Judged {
  const served = readings['date_of_service'] as string;
  if (served < terms.from || served > terms.to) {
    return { kind: 'rejected', columns: new Set(['date_of_service']) };
  }
  const signed = readings['staff_sign_date'] as Stamp | null;
  const { days, warnings } = daysToSign(served, signed, readings['days_to_sign'] as number | null);
  if (days !== null && Math.abs(days) > 36_500) {
    return { kind: 'rejected', columns: new Set(['staff_sign_date']) };
  }
  const code = readings['service_code'] as string;
  const row: TableRow = {
    source_line: String(line),
    ...person(['client', 'client_code', 'client_key'], readings['client'] as string, terms),
    ...person(['caregiver', 'employee_code', 'caregiver_key'], readings['caregiver'] as string, terms),
    ...person(
      ['client_supervisor', 'supervisor_code', 'supervisor_key'],
      readings['client_supervisor'] as string | null,
      terms,
    ),
    service_code: code,
    date_of_service: served,
    staff_sign_date: signed?.day ?? null,
    staff_signed_at: signed?.at ?? null,
    days_to_sign: days === null ? null : String(days),
    note_status: statusOf(days, signed !== null),
    billing_cycle: Number(served.slice(8)) <= 15 ? '1-15' : '16-eom',
    ym: terms.from.slice(0, 7),
    grp: String(groupOf(code, terms)),
  };
  return { kind: 'kept', row, moved: false, warnings };
}

/** As exported, else counted from the dates where the note is signed. */
function daysToSign(
  served: string,
  signed: Stamp | null,
  asExported: number | null,
): { days: number | null; warnings: string[] } {
  const counted = signed === null ? null : daysFrom(served, signed.day);
  const days = asExported ?? counted;
  const differs = asExported !== null && counted !== null && asExported !== counted;
  const early = checksInForce.checkWarnings && signed !== null && signed.day < served;
  return {
    days,
    warnings: [
      ...(early ? ['signed-before-service'] : []),
      ...(asExported === null && counted !== null ? ['signed-days-blank'] : []),
      ...(differs ? ['days-differ-from-dates'] : []),
      ...(days !== null && days < 0 ? ['negative-days'] : []),
    ],
  };
}
