import { and, desc, eq, isNotNull, sql } from 'drizzle-orm';
import { drizzle } from 'drizzle-orm/mysql2';
import type { Connection, RowDataPacket } from 'mysql2/promise';
import pTimeout from 'p-timeout';
import type { IsoDate } from '../domain/dates.ts';
import { PipelineError } from '../domain/failures.ts';
import type { PeriodState } from '../domain/periodState.ts';
import { reportNames, type ReportName } from '../reports/index.ts';
import type { Warehouse } from './connect.ts';
import { asWarehouseFailure } from './failure.ts';
import { isoInstant } from './instants.ts';
import { readStatus, stateOf } from './ledgerReads.ts';
import { assertMigrated } from './migrate.ts';
import { publishedSums } from './periodRow.ts';
import { pipelineRun, publishedPeriod } from './schema.ts';

/** The ledger's view of a report, over all its periods. Times are ISO 8601 in UTC. */
export interface ReportHealth {
  readonly report: ReportName;
  /** The last publication, of any period; null before the first. */
  readonly lastPublish: {
    readonly at: string;
    readonly periodStart: IsoDate;
    readonly rows: number;
    /** Totals of `summedColumns[report]` as decimal texts. */
    readonly sums: Readonly<Record<string, string>>;
  } | null;
  /** When a run last ended as published or unchanged: the tables were right then. Null before the first. */
  readonly lastConfirmedAt: string | null;
  /** Runs that wait for a person. */
  readonly held: number;
  /** The number of its periods in each state, among those with a run that ended; empty states are left out. */
  readonly states: Readonly<Partial<Record<PeriodState, number>>>;
}

/** Scrapes and probes wait as long as their own callers do, which is at most ten seconds. */
const answerSeconds = 3;

/**
 * Checks the database on a connection of its own, since a pool that is busy with loads is no fault. Connects on first
 * use.
 */
export class DatabaseProbe {
  readonly #warehouse: Pick<Warehouse, 'connectApart'>;
  readonly #inUse: readonly ReportName[];
  #connecting: Promise<Connection> | undefined;

  /** @param inUse the reports that daily runs load; of the others nothing newer comes, so they have no health */
  constructor(warehouse: Pick<Warehouse, 'connectApart'>, inUse: readonly ReportName[] = reportNames) {
    this.#warehouse = warehouse;
    this.#inUse = inUse;
  }

  /** @throws PipelineError WarehouseUnavailable if the database does not answer within seconds, or lacks our tables */
  async ping(): Promise<void> {
    await this.#ask('Asking whether the database answers', assertMigrated);
  }

  /** @throws PipelineError WarehouseUnavailable */
  reports(): Promise<ReportHealth[]> {
    return this.#ask('Reading where the reports stand', (connection) =>
      readReportHealth(connection, this.#inUse),
    );
  }

  async close(): Promise<void> {
    const connection = await this.#connecting?.catch(() => undefined);
    this.#connecting = undefined;
    connection?.destroy();
  }

  async #ask<Answer>(what: string, question: (connection: Connection) => Promise<Answer>): Promise<Answer> {
    const wasOpen = this.#connecting !== undefined;
    try {
      return await this.#askOnce(question);
    } catch (error) {
      // An idle connection may have been closed by the server or on the way to it; only then is one retry useful.
      if (!wasOpen || error instanceof PipelineError) throw asWarehouseFailure(error, what);
    }
    try {
      return await this.#askOnce(question);
    } catch (error) {
      throw asWarehouseFailure(error, what);
    }
  }

  async #askOnce<Answer>(question: (connection: Connection) => Promise<Answer>): Promise<Answer> {
    this.#connecting ??= this.#warehouse.connectApart();
    const connecting = this.#connecting;
    try {
      return await pTimeout(connecting.then(question), {
        milliseconds: answerSeconds * 1000,
        message: noAnswer(),
      });
    } catch (error) {
      if (this.#connecting === connecting) this.#connecting = undefined;
      // The connection may still open, and nothing else would close it.
      connecting.then((connection) => connection.destroy()).catch(() => undefined);
      throw error;
    }
  }
}

function noAnswer(): PipelineError {
  return new PipelineError('WarehouseUnavailable', `The database did not answer within ${answerSeconds} s.`, {
    hint: 'Look at the database server and the network to it.',
  });
}

async function readReportHealth(
  connection: Connection,
  inUse: readonly ReportName[],
): Promise<ReportHealth[]> {
  const db = drizzle(connection);
  const ended = await db
    .select({
      report: pipelineRun.report,
      lastConfirmedAt: sql<
        string | null
      >`MAX(CASE WHEN ${pipelineRun.outcome} IN ('published', 'unchanged') THEN ${pipelineRun.finishedAt} END)`,
      held: sql<string>`SUM(${pipelineRun.outcome} = 'held')`,
    })
    .from(pipelineRun)
    .groupBy(pipelineRun.report);
  const now = await readNow(connection);
  const periods = await readStatus({ db });
  const reports: ReportHealth[] = [];
  for (const report of inUse) {
    const { lastConfirmedAt = null, held = '0' } = ended.find((each) => each.report === report) ?? {};
    reports.push({
      report,
      lastPublish: await lastPublish(db, report),
      lastConfirmedAt: lastConfirmedAt === null ? null : isoInstant(lastConfirmedAt),
      held: Number(held),
      states: countsOf(
        periods.filter((period) => period.report === report).map((period) => stateOf(period, now)),
      ),
    });
  }
  return reports;
}

async function readNow(connection: Connection): Promise<Date> {
  const [rows] = await connection.query<RowDataPacket[]>('SELECT UTC_TIMESTAMP(3) AS instant');
  return new Date(isoInstant(String(rows[0]?.['instant'])));
}

function countsOf(states: readonly PeriodState[]): Partial<Record<PeriodState, number>> {
  const counts: Partial<Record<PeriodState, number>> = {};
  for (const state of states) counts[state] = (counts[state] ?? 0) + 1;
  return counts;
}

async function lastPublish(
  db: Pick<Warehouse['db'], 'select'>,
  report: ReportName,
): Promise<ReportHealth['lastPublish']> {
  const [row] = await db
    .select()
    .from(publishedPeriod)
    .where(and(eq(publishedPeriod.report, report), isNotNull(publishedPeriod.runId)))
    .orderBy(desc(publishedPeriod.publishedAt), desc(publishedPeriod.periodStart))
    .limit(1);
  if (row === undefined || row.publishedAt === null) return null;
  return {
    at: isoInstant(row.publishedAt),
    periodStart: row.periodStart as IsoDate,
    rows: row.rowCount ?? 0,
    sums: publishedSums(row),
  };
}
