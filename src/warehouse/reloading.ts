import { and, desc, eq, gte, isNotNull, lte } from 'drizzle-orm';
import type { IsoDate } from '../domain/dates.ts';
import { rulesChangedGate } from '../domain/gateReasons.ts';
import type { Period } from '../domain/periods.ts';
import type { ReportName } from '../reports/index.ts';
import type { Warehouse } from './connect.ts';
import { asWarehouseFailure } from './failure.ts';
import { reasonsOf } from './ledgerReads.ts';
import { rulesOf } from './periodRow.ts';
import { pipelineRun, publishedPeriod } from './schema.ts';

/** A loaded period whose kept export is to be read again. */
export interface PeriodToReload {
  readonly period: Period;
  /** The run that is shown. */
  readonly shown: string;
  /** The run with the newest export that only the change of rules keeps from being shown. */
  readonly exportOf: string;
  /** Undefined if it was never recorded. */
  readonly rulesSha256: string | undefined;
  readonly pinned: boolean;
}

/** The periods of a range, newest first. */
export async function periodsToReload(
  { db }: Warehouse,
  report: ReportName,
  range: Period,
): Promise<PeriodToReload[]> {
  try {
    const shown = await db
      .select()
      .from(publishedPeriod)
      .where(
        and(
          eq(publishedPeriod.report, report),
          isNotNull(publishedPeriod.runId),
          gte(publishedPeriod.periodStart, range.from),
          lte(publishedPeriod.periodEnd, range.to),
        ),
      )
      .orderBy(desc(publishedPeriod.periodStart));
    const held = await heldByRulesAlone(db, report, range);
    return shown.map((row) => ({
      period: { from: row.periodStart as IsoDate, to: row.periodEnd as IsoDate },
      shown: row.runId!,
      exportOf: held.get(row.periodStart) ?? row.runId!,
      rulesSha256: rulesOf(row),
      pinned: row.pinnedAt !== null,
    }));
  } catch (error) {
    throw asWarehouseFailure(error, 'Reading what the periods show');
  }
}

/** The newest run of each period that only the change of rules holds. */
async function heldByRulesAlone(
  db: Warehouse['db'],
  report: ReportName,
  range: Period,
): Promise<ReadonlyMap<string, string>> {
  const held = await db
    .select()
    .from(pipelineRun)
    .where(
      and(
        eq(pipelineRun.report, report),
        eq(pipelineRun.outcome, 'held'),
        gte(pipelineRun.periodStart, range.from),
        lte(pipelineRun.periodEnd, range.to),
      ),
    )
    .orderBy(pipelineRun.exportedAt, pipelineRun.finishedAt);
  return new Map(
    held
      .filter((entry) => reasonsOf(entry).every(({ gate }) => gate === rulesChangedGate))
      .map((entry) => [entry.periodStart, entry.runId]),
  );
}
