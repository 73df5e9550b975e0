import type { Socket } from 'node:net';
import type { MySqlTransactionConfig } from 'drizzle-orm/mysql-core';
import { drizzle, type MySql2Database } from 'drizzle-orm/mysql2';
import type { PoolConnection } from 'mysql2/promise';
import { PipelineError } from '../domain/failures.ts';
import { acquireConnection, type Warehouse } from './connect.ts';
import { verifySession } from './sessionState.ts';
import { allowSilence, breakSilence, limitSilence } from './connectionTimeouts.ts';

export type TransactionDb = Parameters<Parameters<MySql2Database['transaction']>[0]>[0];

/** An open transaction: Drizzle's view of it, and the one connection below, for bulk loading. */
export interface Transaction {
  readonly db: TransactionDb;
  readonly connection: PoolConnection;
}

/**
 * Loads run at READ COMMITTED, so that one period's load sets no gap locks that block its neighbours' loads. A snapshot
 * sees one state of all tables throughout and blocks no one. Readers on any level see a transaction whole or not at
 * all.
 */
const levels = {
  load: { isolationLevel: 'read committed' },
  snapshot: { isolationLevel: 'repeatable read', accessMode: 'read only' },
} as const satisfies Record<string, MySqlTransactionConfig>;

/** A million rows load in 20 to 66 s, and may wait 240 s for the period's lock; beyond this something hangs. */
const longestTransactionMinutes = 30;

/**
 * Runs the work in one transaction on one connection: everything is committed, or nothing. An abort cuts the
 * connection, which rolls back, and throws the signal's reason; otherwise the error is the work's own. After any
 * failure the connection is discarded, since a cut-off load leaves it between two packets.
 */
export async function inTransaction<T>(
  warehouse: Warehouse,
  signal: AbortSignal | undefined,
  work: (transaction: Transaction) => Promise<T>,
  level: keyof typeof levels = 'load',
): Promise<T> {
  const connection = await acquireConnection(warehouse.pool, signal);
  const limit = AbortSignal.timeout(longestTransactionMinutes * 60_000);
  const stop = signal === undefined ? limit : AbortSignal.any([signal, limit]);
  const cut = () => cutOff(warehouse, connection);
  const ended = new AbortController();
  stop.addEventListener('abort', cut, { once: true });
  try {
    await limitSilence(connection);
    // A ping waits for the statement before it; a connection that has ended fails the work's next statement.
    breakSilence(() => connection.ping(), ended.signal).catch(() => undefined);
    const result = await commitOrThrow(connection, work, levels[level]);
    await giveBack(connection);
    return result;
  } catch (error) {
    connection.destroy();
    signal?.throwIfAborted();
    throw limit.aborted ? tookTooLong() : error;
  } finally {
    ended.abort();
    stop.removeEventListener('abort', cut);
  }
}

/** Everything is committed: a connection that fails here is only not used again. */
async function giveBack(connection: PoolConnection): Promise<void> {
  try {
    await allowSilence(connection);
    connection.release();
  } catch {
    connection.destroy();
  }
}

async function commitOrThrow<T>(
  connection: PoolConnection,
  work: (transaction: Transaction) => Promise<T>,
  level: MySqlTransactionConfig,
): Promise<T> {
  let failed: { readonly error: unknown } | undefined;
  try {
    return await drizzle(connection).transaction(
      (db) =>
        // Again, since a proxy may have moved the session to another server connection.
        verifySession(connection)
          .then(() => work({ db, connection }))
          .catch((error: unknown) => {
            failed = { error };
            throw error;
          }),
      level,
    );
  } catch (error) {
    // On a broken connection Drizzle's rollback fails too, and its error would hide the first one.
    throw failed === undefined ? error : failed.error;
  }
}

/**
 * Ends the connection from both sides. Destroying the socket makes every waiting query fail at once; the driver's own
 * `destroy` would leave them waiting forever. The server notices a closed socket only after the current statement,
 * hence the KILL; its failure is expected if the connection has ended by itself.
 */
function cutOff(warehouse: Warehouse, connection: PoolConnection): void {
  const { threadId } = connection;
  socketOf(connection).destroy(new Error('the load was stopped'));
  warehouse.pool.query(`KILL ${String(threadId)}`).catch(() => undefined);
}

function socketOf(connection: PoolConnection): Socket {
  return (connection as unknown as { connection: { stream: Socket } }).connection.stream;
}

function tookTooLong(): PipelineError {
  return new PipelineError('WarehouseUnavailable', 'A transaction took too long and was rolled back.', {
    hint: 'The run tries again by itself; if this lasts, look for what slows the database server down.',
    details: { limitMinutes: longestTransactionMinutes },
  });
}
