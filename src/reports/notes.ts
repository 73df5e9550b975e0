import { areDaysInRange, cellFaults, isFault, type SignTime } from '../domain/cells.ts';
import { daysBetween, partsOf, type IsoDate } from '../domain/dates.ts';
import { scales } from '../domain/decimals.ts';
import { countDays, noteStatus, noteStatuses, type DaysWarning } from '../domain/noteStatus.ts';
import { billingCycles, firstCycleEnd } from '../domain/periodKinds.ts';
import { days, day, name, serviceCode, signTime } from './exportCells.ts';
import { average, count } from './measures.ts';
import { defineReport } from './defineReport.ts';
import type { ReadingsOf } from './report.ts';
import { groupNumber, monthText, timeText, wholeNumber, wordText } from './tableTypes.ts';

const columns = {
  client: { cell: name, required: true, person: { code: 'client_code', key: 'client_key' } },
  caregiver: { cell: name, required: true, person: { code: 'employee_code', key: 'caregiver_key' } },
  client_supervisor: { cell: name, person: { code: 'supervisor_code', key: 'supervisor_key' } },
  service_code: { cell: serviceCode, required: true },
  date_of_service: { cell: day, required: true },
  staff_sign_date: {
    cell: signTime,
    // As written in the export: the portal's local time, to the minute; NULL if there is only a date.
    also: { staff_signed_at: { type: timeText, of: ({ at }: SignTime) => at } },
  },
  days_to_sign: { cell: days },
} as const;

/** One service note: who wrote it for whom, and how many days after the service it was signed. */
export const notes = defineReport({
  name: 'notes',
  period: billingCycles,
  titleWords: /\bnotes?\b|signature|signed|unsigned/i,
  // A note is late through the seventh day and can no longer be billed from the eighth (noteStatus.ts).
  settledAfterDays: 8,
  columns,
  dates: { first: 'date_of_service', last: 'date_of_service' },
  service: 'service_code',
  checks: {
    'signed-before-service': {
      reason: 'is before the date of service',
      columnAtFault: (row) =>
        row.staff_sign_date !== null && row.staff_sign_date.date < row.date_of_service
          ? 'staff_sign_date'
          : undefined,
    },
  },
  unfit: (values) =>
    hasAbsurdDays(values) ? { column: 'staff_sign_date', fault: cellFaults.daysOutOfRange } : undefined,
  statuses: {
    all: noteStatuses,
    of: ({ date_of_service: dateOfService, staff_sign_date: signed, days_to_sign: exportedDays }) =>
      signingOf({ dateOfService, signDate: signed?.date ?? null, exportedDays }).status,
    possible: possibleStatuses,
  },
  derived: {
    days_to_sign: { type: wholeNumber },
    note_status: { type: wordText(10), required: true },
    billing_cycle: { type: wordText(6), required: true },
    ym: { type: monthText, required: true },
    grp: { type: groupNumber, required: true },
  },
  derive(row, { ym, groupOf }) {
    const { date_of_service: dateOfService, staff_sign_date: signDate, days_to_sign: exportedDays } = row;
    const { days: daysToSign, status, warnings } = signingOf({ dateOfService, signDate, exportedDays });
    return {
      values: {
        // The days that the status is decided by.
        days_to_sign: daysToSign,
        note_status: status,
        billing_cycle: partsOf(dateOfService).day <= firstCycleEnd ? '1-15' : '16-eom',
        ym,
        grp: groupOf(row.service_code),
      },
      warnings,
    };
  },
  warnings: {
    'signed-days-blank': 'signed notes without days to sign: counted from the dates',
    'days-differ-from-dates': 'notes whose days to sign differ from their dates: kept as exported',
    'negative-days': 'notes with negative days to sign: they count as signed in time',
  } satisfies Record<DaysWarning, string>,
  key: ['client', 'caregiver', 'service_code', 'date_of_service'],
  rollups: {
    dimensions: { caregiver: 'caregiver', supervisor: 'client_supervisor', service: 'service_code' },
    measures: {
      on_time: count({ column: 'note_status', is: 'On Time' }),
      late: count({ column: 'note_status', is: 'Late' }),
      unbillable: count({ column: 'note_status', is: 'Unbillable' }),
      // `unsigned` is a reserved word: the old name is kept filled for one release.
      unsigned: count({ column: 'staff_sign_date', has: 'nothing' }, { alsoAs: 'unsigned_notes' }),
      // A note's days are a hundred years at most, so their average fits.
      avg_days_to_sign: average(
        'days_to_sign',
        { sql: 'decimal', precision: 8, scale: scales.dollars },
        { column: 'staff_sign_date', has: 'something' },
      ),
    },
  },
  gateOn: null,
});

/** The days by which a note counts, and its status. */
function signingOf(note: Parameters<typeof countDays>[0]) {
  const { days: counted, warnings } = countDays(note);
  return { days: counted, status: noteStatus(counted, note.signDate !== null), warnings };
}

type Note = { date_of_service: IsoDate; staff_sign_date: SignTime | null; days_to_sign: number | null };

/** Checks days counted from the dates, if the export has none. */
function hasAbsurdDays({ date_of_service, staff_sign_date, days_to_sign }: Note): boolean {
  return (
    days_to_sign === null &&
    staff_sign_date !== null &&
    !areDaysInRange(daysBetween(date_of_service, staff_sign_date.date))
  );
}

type Readings = ReadingsOf<typeof columns>;

/** A number of days for each status that depends on days alone. */
const anyDays = [0, 5, 8];

/** The statuses that a rejected note could have; an unreadable cell allows any. */
function possibleStatuses(readings: Readings | undefined): Iterable<string> {
  const signedCell = readings?.staff_sign_date;
  const signed = readings === undefined || isFault(signedCell) ? [true, false] : [signedCell !== null];
  const counts = readings === undefined ? anyDays : possibleDays(readings);
  return new Set(signed.flatMap((is) => counts.map((each) => noteStatus(each, is))));
}

function possibleDays({ days_to_sign, staff_sign_date: signed, date_of_service: served }: Readings) {
  if (typeof days_to_sign === 'number') return [days_to_sign];
  if (days_to_sign !== null || isFault(signed)) return anyDays;
  if (signed === null) return [null];
  if (isFault(served)) return anyDays;
  return [countDays({ dateOfService: served, signDate: signed.date, exportedDays: null }).days];
}
