import { and, desc, eq, inArray, sql } from 'drizzle-orm';
import type {
  AlertLedger,
  AlertCondition,
  ChannelName,
  EndedRun,
  HeldRun,
  KeyedCondition,
  LedgerFacts,
  NotifiedCondition,
} from '../domain/alertConditions.ts';
import type { IsoDate } from '../domain/dates.ts';
import { isFailureType } from '../domain/failures.ts';
import type { Warehouse } from './connect.ts';
import { asWarehouseFailure } from './failure.ts';
import { isoInstant, now } from './instants.ts';
import { identityOf, readStatus, reasonsOf, type PeriodStatus } from './ledgerReads.ts';
import { acquireNamedLock, lockNameIn } from './namedLock.ts';
import { listPortalLogins } from './portalLogins.ts';
import { alertLook, openAlert, pipelineRun } from './schema.ts';

/** The database operations that alerts need, bound to one warehouse. */
export function alertLedger(warehouse: Warehouse): AlertLedger {
  return {
    facts: () => readFacts(warehouse),
    notified: () => readNotified(warehouse),
    alone: (work) => alone(warehouse, work),
    noteNotified: (channel, conditions) => noteNotified(warehouse, channel, conditions),
    forget: (channel, keys) => forget(warehouse, channel, keys),
    noteCheck: () => noteCheck(warehouse),
  };
}

async function readFacts(warehouse: Warehouse): Promise<LedgerFacts> {
  const periods = await readStatus(warehouse);
  const logins = await listPortalLogins(warehouse);
  return {
    lastRuns: periods.map(endedRun),
    held: await readHeld(warehouse),
    blockedLogins: logins
      .filter(({ state }) => state === 'blocked')
      .map(({ loginKey: login, failureType }) => ({ login, failureType })),
  };
}

/**
 * The newest run that was not cancelled, because a cancelled one leaves a period as it was; if all were cancelled, the
 * last one.
 */
function endedRun({ report, from, to, newest, lastRun }: PeriodStatus): EndedRun {
  const { outcome, finishedAt, failureType, workflowId, runId } = newest ?? lastRun;
  return {
    report,
    period: { from: from as IsoDate, to: to as IsoDate },
    outcome,
    finishedAt: isoInstant(finishedAt),
    failureType: isFailureType(failureType) ? failureType : null,
    workflowId,
    runId,
  };
}

function readHeld({ db }: Warehouse): Promise<HeldRun[]> {
  return asking('Reading the held runs', async () => {
    const entries = await db
      .select()
      .from(pipelineRun)
      .where(eq(pipelineRun.outcome, 'held'))
      .orderBy(desc(pipelineRun.finishedAt), pipelineRun.runId);
    return entries.map((entry) => {
      const { report, period, workflowId, runId } = identityOf(entry);
      const gates = [...new Set(reasonsOf(entry).map(({ gate }) => gate))].sort();
      return { report, period, gates, workflowId, runId };
    });
  });
}

function readNotified({ db }: Warehouse): Promise<NotifiedCondition[]> {
  return asking('Reading what was sent', async () => {
    const rows = await db.select().from(openAlert).orderBy(openAlert.since, openAlert.causeKey);
    return rows.map(({ channel, cause, since, toldAt }) => ({
      channel: channel as ChannelName,
      // Only this code writes it.
      condition: knownToday(JSON.parse(cause) as AlertCondition),
      since: isoInstant(since),
      notifiedAt: isoInstant(toldAt),
    }));
  });
}

/** A newer or older version of this code may have stored a type that this one does not have. */
function knownToday(condition: AlertCondition): AlertCondition {
  if (condition.kind !== 'failed' && condition.kind !== 'login') return condition;
  const { failureType } = condition;
  return failureType === null || isFailureType(failureType)
    ? condition
    : { ...condition, failureType: 'InternalError' };
}

/** Sending one more message takes a second, or up to a quarter of a minute if the other side is silent. */
const turnSeconds = 20;

async function alone<Result>(warehouse: Warehouse, work: () => Promise<Result>): Promise<Result> {
  const lock = await acquireNamedLock(warehouse, lockNameIn(warehouse, 'alerts'), {
    timeoutSeconds: turnSeconds,
  });
  try {
    return await work();
  } finally {
    await lock.release();
  }
}

async function noteNotified(
  { db }: Warehouse,
  channel: ChannelName,
  conditions: readonly KeyedCondition[],
): Promise<void> {
  await asking('Recording what was sent', () =>
    db
      .insert(openAlert)
      .values(
        conditions.map(({ key, condition }) => ({
          causeKey: key,
          channel,
          cause: JSON.stringify(condition),
          since: now,
          toldAt: now,
        })),
      )
      .onDuplicateKeyUpdate({ set: { cause: sql`VALUES(cause)`, toldAt: sql`VALUES(told_at)` } }),
  );
}

async function forget({ db }: Warehouse, channel: ChannelName, keys: readonly string[]): Promise<void> {
  await asking('Noting what is over', () =>
    db.delete(openAlert).where(and(eq(openAlert.channel, channel), inArray(openAlert.causeKey, [...keys]))),
  );
}

async function noteCheck({ db }: Warehouse): Promise<void> {
  await asking('Noting that the alerts were checked', () =>
    db
      .insert(alertLook)
      .values({ id: 1, lookedAt: now })
      .onDuplicateKeyUpdate({ set: { lookedAt: now } }),
  );
}

/** When the alert conditions were last evaluated; ISO 8601 in UTC, null if never. */
export function readLastCheck({ db }: Pick<Warehouse, 'db'>): Promise<string | null> {
  return asking('Reading when the alerts were checked', async () => {
    const [row] = await db.select().from(alertLook);
    return row === undefined ? null : isoInstant(row.lookedAt);
  });
}

async function asking<Answer>(what: string, work: () => Promise<Answer>): Promise<Answer> {
  try {
    return await work();
  } catch (error) {
    throw asWarehouseFailure(error, what);
  }
}
