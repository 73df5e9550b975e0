import { and, desc, eq, isNotNull, sql } from 'drizzle-orm';
import { onBehalfOf, type AuditActor } from '../domain/auditEvents.ts';
import type { ReportName } from '../reports/index.ts';
import { rulesChangedGate } from '../domain/gateReasons.ts';
import { recordAuditEvent } from './recordAuditEvent.ts';
import type { Warehouse } from './connect.ts';
import { asWarehouseFailure } from './failure.ts';
import { now } from './instants.ts';
import { rulesOf } from './periodRow.ts';
import { acceptedRules as table, pipelineRun, publishedPeriod } from './schema.ts';
import { inTransaction, type TransactionDb } from './transaction.ts';

/** The rules that a person accepted last, and when, in the tables' format. */
export interface AcceptedRules {
  readonly rulesSha256: string;
  readonly acceptedAt: string;
}

/** Only the newest: going back to earlier rules is a change of its own. */
export async function acceptedRules(db: Pick<TransactionDb, 'select'>): Promise<AcceptedRules | undefined> {
  const [newest] = await db
    .select({ rulesSha256: table.rulesSha256, acceptedAt: table.acceptedAt })
    .from(table)
    .orderBy(desc(table.acceptedAt), table.rulesSha256)
    .limit(1);
  return newest;
}

/** Who accepted a change of rules, in words that name no patient. */
export interface Acceptance {
  readonly rulesSha256: string;
  readonly by: string;
  /** Who it came from, whatever `by` says. */
  readonly actor: AuditActor;
  readonly reason: string;
}

/** From now on, no period is held because it was made under rules other than these. */
export async function acceptRules(warehouse: Warehouse, acceptance: Acceptance): Promise<void> {
  const { rulesSha256, by, actor, reason } = acceptance;
  try {
    await inTransaction(warehouse, undefined, async ({ db }) => {
      await db
        .insert(table)
        .values({ rulesSha256, acceptedAt: now, acceptedBy: by, identity: actor.name, reason });
      await recordAuditEvent(db, {
        action: 'accept-rules',
        actor,
        onBehalfOf: onBehalfOf(by, actor),
        reason,
        details: { rulesSha256 },
      });
    });
  } catch (error) {
    throw asWarehouseFailure(error, 'Noting that a change of rules is accepted');
  }
}

/** Periods with runs held because of a change of rules. */
export interface HeldByRules {
  readonly rulesSha256: string;
  readonly report: ReportName;
  readonly periods: number;
  readonly from: string;
  readonly to: string;
}

/** By rules and report. */
export async function heldByRules({ db }: Warehouse): Promise<HeldByRules[]> {
  try {
    const rows = await db
      .select({
        rulesSha256: pipelineRun.rulesSha256,
        report: pipelineRun.report,
        periods: sql<string>`COUNT(DISTINCT ${pipelineRun.periodStart})`,
        from: sql<string>`MIN(${pipelineRun.periodStart})`,
        to: sql<string>`MAX(${pipelineRun.periodEnd})`,
      })
      .from(pipelineRun)
      .where(
        and(
          eq(pipelineRun.outcome, 'held'),
          isNotNull(pipelineRun.rulesSha256),
          // JSON that this program wrote itself.
          sql`${pipelineRun.heldBecause} LIKE ${`%"gate":"${rulesChangedGate}"%`}`,
        ),
      )
      .groupBy(pipelineRun.rulesSha256, pipelineRun.report)
      .orderBy(pipelineRun.rulesSha256, pipelineRun.report);
    return rows.map(({ rulesSha256, report, periods, from, to }) => ({
      rulesSha256: rulesSha256!,
      report: report as ReportName,
      periods: Number(periods),
      from,
      to,
    }));
  } catch (error) {
    throw asWarehouseFailure(error, 'Reading the ledger');
  }
}

/** A period and the rules that its figures were made under. */
export interface ShownRules {
  readonly report: ReportName;
  readonly from: string;
  readonly to: string;
  /** Undefined if it was never recorded. */
  readonly rulesSha256: string | undefined;
}

/** The rules of every period that shows something, by report, oldest first. */
export async function rulesShown({ db }: Warehouse): Promise<ShownRules[]> {
  try {
    const rows = await db
      .select()
      .from(publishedPeriod)
      .where(isNotNull(publishedPeriod.runId))
      .orderBy(publishedPeriod.report, publishedPeriod.periodStart);
    return rows.map((row) => ({
      report: row.report as ReportName,
      from: row.periodStart,
      to: row.periodEnd,
      rulesSha256: rulesOf(row),
    }));
  } catch (error) {
    throw asWarehouseFailure(error, 'Reading what the periods show');
  }
}
