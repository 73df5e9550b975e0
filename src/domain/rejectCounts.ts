import type { Classification } from './classifyRecord.ts';
import { isFault } from './cells.ts';
import { countDays, noteStatus, type NoteStatus } from './noteStatus.ts';
import type { CellReadings } from './readRecord.ts';
import type { ReportName } from './reports.ts';

/** Rows that were put aside for the same reason in the same column. */
export interface RejectKind {
  readonly column: string;
  readonly rule: string;
  readonly rows: number;
}

/** Notes of one status: those that are loaded, and of the rejected ones those that are sure to have it, or may. */
export interface StatusDoubt {
  readonly status: NoteStatus;
  readonly loaded: number;
  readonly sure: number;
  readonly possible: number;
}

/** What the gates look at of the rows that were put aside. Names nobody. */
export interface RejectCounts {
  /** Most rows first, so many at most. */
  readonly kinds: readonly RejectKind[];
  /** Of notes only. */
  readonly statuses: readonly StatusDoubt[];
}

/** The history keeps them; there are few columns and rules. */
const mostKinds = 20;

const statuses: readonly NoteStatus[] = ['On Time', 'Late', 'Unbillable'];

/** Counts rejects by kind, and what the rejected notes could be, as far as their cells can be read. */
export class RejectTally<Report extends ReportName> {
  readonly #report: Report;
  readonly #kinds = new Map<string, { column: string; rule: string; rows: number }>();
  readonly #statuses = new Map(statuses.map((status) => [status, { loaded: 0, sure: 0, possible: 0 }]));

  constructor(report: Report) {
    this.#report = report;
  }

  add({ verdict, readings }: Classification<Report>): void {
    if (verdict.kind === 'rejected') this.#addKind(verdict.column, verdict.rule);
    if (this.#report !== 'notes') return;
    if (verdict.kind === 'kept') {
      const { dateOfService, staffSignDate, daysToSign } = (verdict as KeptNote).row;
      const { days } = countDays({ dateOfService, signDate: staffSignDate, exportedDays: daysToSign });
      this.#statuses.get(noteStatus(days, staffSignDate !== null))!.loaded += 1;
    }
    // A note of another period has no status in this one.
    if (verdict.kind === 'rejected' && verdict.rule !== 'outside-period') {
      this.#addPossible(possibleStatuses(readings as NoteReadings | undefined));
    }
  }

  counts(): RejectCounts {
    const kinds = [...this.#kinds.values()].sort((one, other) => other.rows - one.rows).slice(0, mostKinds);
    const doubts = this.#report === 'notes' ? [...this.#statuses] : [];
    return { kinds, statuses: doubts.map(([status, counts]) => Object.assign({ status }, counts)) };
  }

  #addKind(column: string, rule: string): void {
    const key = `${column}/${rule}`;
    const kind = this.#kinds.get(key);
    if (kind === undefined) this.#kinds.set(key, { column, rule, rows: 1 });
    else kind.rows += 1;
  }

  #addPossible(possible: ReadonlySet<NoteStatus>): void {
    for (const status of possible) {
      const counts = this.#statuses.get(status)!;
      counts.possible += 1;
      if (possible.size === 1) counts.sure += 1;
    }
  }
}

type KeptNote = Extract<Classification<'notes'>['verdict'], { kind: 'kept' }>;
type NoteReadings = CellReadings<'notes'>;

/** A number of days for each status that days alone decide on. */
const anyDays = [0, 5, 8];

/** What a note could be whose row was put aside; whatever cannot be read could be anything. */
function possibleStatuses(readings: NoteReadings | undefined): Set<NoteStatus> {
  const signedCell = readings?.staff_sign_date;
  const signed = readings === undefined || isFault(signedCell) ? [true, false] : [signedCell !== null];
  const days = readings === undefined ? anyDays : possibleDays(readings);
  return new Set(signed.flatMap((is) => days.map((count) => noteStatus(count, is))));
}

function possibleDays({
  days_to_sign: days,
  staff_sign_date: signed,
  date_of_service: served,
}: NoteReadings) {
  if (typeof days === 'number') return [days];
  if (days !== null || isFault(signed)) return anyDays;
  if (signed === null) return [null];
  if (isFault(served)) return anyDays;
  return [countDays({ dateOfService: served, signDate: signed.date, exportedDays: null }).days];
}
