import { calendarMonths } from '../../src/domain/periodKinds.ts';
import { defineReport } from '../../src/reports/defineReport.ts';
import { code, day, dollars, integer, name, serviceCode, units } from '../../src/reports/exportCells.ts';
import { average, count, difference, ratio, sum } from '../../src/reports/measures.ts';
import { dollarFigure, groupNumber, monthText } from '../../src/reports/tableTypes.ts';

/** One claim: a service of one client, what was charged for it and what is paid. */
export const claims = defineReport({
  name: 'claims',
  period: calendarMonths,
  settledAfterDays: 1,
  columns: {
    claim_number: { cell: code, required: true },
    client: { cell: name, required: true, person: { code: 'client_code', key: 'client_key' } },
    service_code: { cell: serviceCode, required: true },
    billed_on: { cell: day, required: true },
    line_count: { cell: integer },
    hours: { cell: units },
    charged: { cell: dollars, required: true },
    paid: { cell: dollars },
  },
  dates: { first: 'billed_on', last: 'billed_on' },
  service: 'service_code',
  checks: {
    'paid-more-than-charged': {
      reason: 'is more than what was charged',
      columnAtFault: (row) => ((row.paid ?? 0) > row.charged ? 'paid' : undefined),
    },
  },
  derived: {
    ym: { type: monthText, required: true },
    grp: { type: groupNumber, required: true },
    owed: { type: dollarFigure, required: true },
  },
  derive: (row, { ym, groupOf }) => ({
    values: { ym, grp: groupOf(row.service_code), owed: row.charged - (row.paid ?? 0) },
    warnings: [],
  }),
  key: ['claim_number'],
  history: {
    table: 'claim_history',
    key: ['claim_number'],
    lastDay: 'billed_on',
    figures: ['charged', 'paid'],
  },
  rollups: {
    dimensions: { grp: 'grp', client: 'client', service: 'service_code' },
    measures: {
      charged: sum('charged'),
      paid: sum('paid'),
      unpaid: difference('charged', 'paid'),
      owed: sum('owed', { column: 'owed', has: 'above zero' }),
      open_claims: count({ column: 'owed', has: 'above zero' }),
      hours: sum('hours'),
      paid_share: ratio(['paid'], 'charged'),
      avg_charged: average('charged', dollarFigure),
    },
  },
  gateOn: 'charged',
});
