import type { IsoDate } from '../../../src/domain/dates.ts';
import type { Decision, PublishRequest, PublishResult } from '../../../src/domain/publication.ts';
import type { Warehouse } from '../../../src/warehouse/connect.ts';
import { publishPeriod } from '../../../src/warehouse/publish.ts';
import { anAuthorization, aPublish, aRun, strictGates, type Row } from './aPublish.ts';

/** What one of a period's exports, taken day after day, brings to a load; each has other figures. */
export function anExport(day: number): Pick<PublishRequest, 'versions' | 'exportedAt' | 'exportedOn'> {
  return {
    versions: {
      exportSha256: String(day).repeat(64).slice(0, 64),
      rulesSha256: 'a'.repeat(64),
      codeVersion: 'test',
    },
    exportedAt: `2026-11-${String(day)}T08:00:00.000Z`,
    exportedOn: `2026-11-${String(day)}` as IsoDate,
  };
}

export function authorizations(count: number, change: Row = {}): Row[] {
  return Array.from({ length: count }, (_, index) => anAuthorization(index + 2, change));
}

export const rejects = [
  { sourceLine: 50, column: 'start_date', rule: 'not-a-date', reason: 'is no date' },
  { sourceLine: 51, column: '(row)', rule: 'cells', reason: 'has 3 cells, 14 were expected' },
];

export function aDecision(kind: Decision['kind'], change: Partial<Decision> = {}): Decision {
  return { kind, by: 'ops', reason: 'checked with billing', ...change };
}

/** A period of 20 rows from the export of the 11th. */
export function theFirst(): PublishRequest {
  return aPublish(aRun('utilization'), authorizations(20), anExport(11));
}

/** Five rows over twenty: what the gates hold. */
export function tooFew(day: number, change: Partial<PublishRequest> = {}): PublishRequest {
  return aPublish(aRun('utilization'), authorizations(5, { billed_dollars: '7.00' }), {
    ...anExport(day),
    gates: strictGates,
    rejects,
    ...change,
  });
}

/** The period shows twenty rows, and five wait for a decision. */
export async function withHeldRun(
  warehouse: Warehouse,
): Promise<{ first: PublishRequest; held: PublishRequest; result: PublishResult }> {
  const first = theFirst();
  await publishPeriod(warehouse, first);
  const held = tooFew(12);
  return { first, held, result: await publishPeriod(warehouse, held) };
}
