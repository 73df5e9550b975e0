import { addDays } from '../../src/domain/dates.ts';
import type { PeriodKind } from '../../src/domain/periodKinds.ts';
import { code, day, integer, name } from '../../src/reports/exportCells.ts';
import { sum } from '../../src/reports/measures.ts';
import { defineReport } from '../../src/reports/defineReport.ts';
import { monthText } from '../../src/reports/tableTypes.ts';

const weeks: PeriodKind = {
  words: 'weeks (Monday to Sunday)',
  containing: (date) => {
    const monday = addDays(date, -((new Date(date).getUTCDay() + 6) % 7));
    return { from: monday, to: addDays(monday, 6) };
  },
};

/** Most minutes that a day has. */
const minutesOfADay = 1440;

/** One visit: whom, when and for how many minutes. */
export const visits = defineReport({
  name: 'visits',
  period: weeks,
  settledAfterDays: 3,
  columns: {
    visit_number: { cell: code, required: true },
    client: { cell: name, required: true, person: { code: 'client_code', key: 'client_key' } },
    visit_date: { cell: day, required: true },
    place: { cell: code },
    minutes: { cell: integer, required: true },
    minutes_planned: { cell: integer },
  },
  dates: { first: 'visit_date', last: 'visit_date' },
  service: null,
  checks: {
    'longer-than-a-day': {
      reason: 'is longer than a day',
      columnAtFault: (row) => (row.minutes > minutesOfADay ? 'minutes' : undefined),
    },
  },
  derived: { ym: { type: monthText, required: true } },
  derive: (_row, { ym }) => ({ values: { ym }, warnings: [] }),
  key: ['visit_number'],
  rollups: { dimensions: { client: 'client', place: 'place' }, measures: { minutes: sum('minutes') } },
  gateOn: null,
});
