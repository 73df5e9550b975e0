import { cellFaults, type CellFault } from '../domain/cells.ts';
import { fitsColumn } from '../domain/decimals.ts';
import { calendarMonths } from '../domain/periodKinds.ts';
import type { SupervisorRule } from '../domain/supervisorRule.ts';
import { usedCents, utilizationRatio, varianceCents } from '../domain/utilizationFigures.ts';
import { code, day, dollars, name, serviceCode, units } from './exportCells.ts';
import { average, difference, ratio, sum } from './measures.ts';
import { defineReport } from './defineReport.ts';
import type { ValuesOf } from './report.ts';
import { dollarFigure, groupNumber, monthText, ratioFigure } from './tableTypes.ts';

const columns = {
  client: { cell: name, required: true, person: { code: 'client_code', key: 'client_key' } },
  qp: { cell: name, person: { code: 'qp_code', key: 'qp_key' } },
  authorizing_payer: { cell: name, stored: false },
  service_code: { cell: serviceCode, required: true },
  authorization_number: { cell: code, required: true },
  start_date: { cell: day, required: true },
  end_date: { cell: day, required: true },
  authorized_units: { cell: units },
  in_process_units: { cell: units },
  billed_units: { cell: units },
  authorized_dollars: { cell: dollars },
  in_process_dollars: { cell: dollars },
  billed_dollars: { cell: dollars },
  variance_billed: { cell: dollars },
} as const;

type Values = ValuesOf<typeof columns>;

/**
 * One authorization of one service for one client, per month: units and dollars authorized, in process and billed.
 */
export const utilization = defineReport({
  name: 'utilization',
  period: calendarMonths,
  titleWords: /utili[sz]ation|authori[sz]|variance/i,
  // Billing of an authorization continues after its month, but the list is complete when the month ends.
  settledAfterDays: 1,
  columns,
  dates: { first: 'start_date', last: 'end_date' },
  service: 'service_code',
  checks: {
    'end-before-start': {
      reason: 'is before the start date',
      columnAtFault: (row) => (row.end_date < row.start_date ? 'end_date' : undefined),
    },
    'negative-units': {
      reason: 'is negative, and its dollars are not, as those of an adjustment would be',
      columnAtFault: (row) => figures.find((figure) => hasNegativeUnits(row, figure))?.units,
    },
    'over-authorized': {
      reason: 'is less than what is billed and in process',
      columnAtFault: (row) => {
        const authorized = row.authorized_dollars ?? 0;
        return authorized > 0 && usedCents(row) > authorized ? 'authorized_dollars' : undefined;
      },
    },
    'unauthorized-spending': {
      reason: 'is blank or zero, though something is billed or in process',
      columnAtFault: (row) => {
        const authorized = row.authorized_dollars ?? 0;
        return authorized === 0 && usedCents(row) !== 0 ? 'authorized_dollars' : undefined;
      },
    },
  },
  unfit(values) {
    const variance = varianceCents(values);
    if (variance !== null && !fitsColumn(variance)) return tooLarge(varianceTooLarge);
    const util = utilizationRatio(values);
    return util !== null && !fitsColumn(util) ? tooLarge(ratioTooLarge) : undefined;
  },
  reassigned: {
    column: 'qp',
    countsFor: 'the LINCS QP',
    to: supervisingQp,
    dollars: 'authorized_dollars',
  },
  derived: {
    ym: { type: monthText, required: true },
    grp: { type: groupNumber, required: true },
    util: { type: ratioFigure },
    variance: { type: dollarFigure },
  },
  derive(row, { ym, groupOf }) {
    // Each access decodes the figure again.
    const { authorized_dollars, in_process_dollars, billed_dollars } = row;
    const authorization = { authorized_dollars, in_process_dollars, billed_dollars };
    return {
      values: {
        ym,
        grp: groupOf(row.service_code),
        util: utilizationRatio(authorization),
        variance: varianceCents(authorization),
      },
      warnings: [],
    };
  },
  key: ['client', 'authorization_number', 'service_code', 'start_date'],
  history: {
    table: 'authorization_history',
    key: ['authorization_number', 'service_code', 'start_date'],
    lastDay: 'end_date',
    figures: [
      'authorized_units',
      'in_process_units',
      'billed_units',
      'authorized_dollars',
      'in_process_dollars',
      'billed_dollars',
    ],
  },
  // A number is assigned to one client, so a shared one means that a spreadsheet has rounded it or a column has
  // slipped.
  ownedBy: {
    column: 'authorization_number',
    ownerKey: 'client_key',
    warning: 'shared-authorization-number',
  },
  warnings: {
    'shared-authorization-number': 'rows whose authorization number occurs with different clients',
  },
  rollups: {
    dimensions: { grp: 'grp', qp: 'qp', client: 'client', service: 'service_code' },
    measures: {
      authorized_dollars: sum('authorized_dollars'),
      in_process_dollars: sum('in_process_dollars'),
      billed_dollars: sum('billed_dollars'),
      not_utilized: difference('authorized_dollars', 'in_process_dollars', 'billed_dollars'),
      under_dollars: sum('variance', { column: 'variance', has: 'below zero' }),
      over_dollars: sum('variance', { column: 'variance', has: 'above zero' }),
      util: ratio(['in_process_dollars', 'billed_dollars'], 'authorized_dollars'),
      avg_util: average('util', ratioFigure),
    },
  },
  gateOn: 'authorized_dollars',
});

const figures = [
  { units: 'authorized_units', dollars: 'authorized_dollars' },
  { units: 'in_process_units', dollars: 'in_process_dollars' },
  { units: 'billed_units', dollars: 'billed_dollars' },
] as const;

/** A reversal takes back units and dollars; negative units alone are a mistake. */
function hasNegativeUnits(row: Values, figure: (typeof figures)[number]): boolean {
  return (row[figure.units] ?? 0) < 0 && (row[figure.dollars] ?? 0) >= 0;
}

/**
 * The supervisor rule: `DS` services that PARTNERS does not pay count for the LINCS QP, unless the Deep Creek QP
 * supervises them. Exact case.
 */
function supervisingQp(
  { authorizing_payer: payer, qp }: Pick<Values, 'authorizing_payer' | 'qp'>,
  { rawServiceCode, supervisor }: { rawServiceCode: string; supervisor: SupervisorRule | undefined },
): string | null {
  if (supervisor === undefined) return qp;
  const moves =
    rawServiceCode.includes('DS') && !(payer ?? '').includes('PARTNERS') && qp !== supervisor.deepCreekQp;
  return moves ? supervisor.lincsQp : qp;
}

const ratioTooLarge: CellFault = {
  rule: 'ratio-too-large',
  reason: 'is so small beside what was used that the ratio does not fit its column',
};
const varianceTooLarge: CellFault = {
  rule: cellFaults.tooLarge.rule,
  reason: 'makes a variance that does not fit its column',
};

function tooLarge(fault: CellFault) {
  return { column: 'authorized_dollars', fault } as const;
}
