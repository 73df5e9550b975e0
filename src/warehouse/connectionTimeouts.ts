import { setTimeout as sleep } from 'node:timers/promises';
import type { Connection } from 'mysql2/promise';

/**
 * A machine that vanishes closes no connection, and servers keep a silent one for 8 hours by default, with its
 * locks. So every holder of a lock pings, and the server drops a holder that it has not heard of for this long:
 * the lock is free within a minute. A holder that is cut off has time to notice and to leave the portal first: the
 * ping with its patience takes 13 s, a logout at most 30 s (`logoutSeconds` of a recipe).
 */
const silenceSeconds = 50;
const pingSeconds = 3;
/**
 * How long the server waits for the rows of a `LOAD DATA LOCAL`, which `silenceSeconds` does not limit. It waits this
 * long twice: for the next rows, then for the end of the file. Its own default is 30 s.
 */
const rowsSeconds = silenceSeconds / 2;

/** From now on the server drops this connection, and with it every lock that it holds, after so much silence. */
export async function limitSilence(connection: Pick<Connection, 'query'>): Promise<void> {
  await connection.query(
    `SET SESSION wait_timeout = ${String(silenceSeconds)}, net_read_timeout = ${String(rowsSeconds)}`,
  );
}

/** Back to the server's own limits, for a connection that may be idle. */
export async function allowSilence(connection: Pick<Connection, 'query'>): Promise<void> {
  await connection.query('SET SESSION wait_timeout = DEFAULT, net_read_timeout = DEFAULT');
}

/** Pings until `ended`. Rejects with the first ping that does. */
export async function breakSilence(ping: () => Promise<unknown>, ended: AbortSignal): Promise<void> {
  while (!ended.aborted) {
    await sleep(pingSeconds * 1000, undefined, { signal: ended, ref: false }).catch(() => undefined);
    if (!ended.aborted) await ping();
  }
}
