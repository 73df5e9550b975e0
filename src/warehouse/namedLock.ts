import { createHash } from 'node:crypto';
import type { Connection, RowDataPacket } from 'mysql2/promise';
import pTimeout from 'p-timeout';
import { PipelineError } from '../domain/failures.ts';
import type { Warehouse } from './connect.ts';
import { asWarehouseFailure } from './failure.ts';
import { breakSilence, limitSilence } from './connectionTimeouts.ts';

/**
 * A lock that the database server keeps as long as the holder's connection lives: a crash releases it, and it works
 * across workers and machines. All databases of a server share its names.
 */
export interface NamedLock {
  /** Releases the lock and closes its connection; idempotent. */
  release(): Promise<void>;
  /** Aborts when the connection dies, and the lock with it: another holder may have it from then on. */
  readonly lost: AbortSignal;
}

export interface LockWait {
  readonly signal?: AbortSignal;
  /** Called about once a second while another session holds the lock. */
  readonly onWait?: (secondsWaited: number) => void;
  /** After this time: `WarehouseUnavailable`. 0 tries once. */
  readonly timeoutSeconds: number;
  /**
   * The previous version's name of the same lock: acquired first and held too, so that workers of both versions exclude
   * each other.
   */
  readonly formerName?: string | undefined;
}

/** MySQL's limit. */
const mostNameCharacters = 64;
const waitingSuffix = ':waiting';

/** One GET_LOCK waits this long: aborts are seen, and heartbeats sent, at least this often. */
const sliceSeconds = 1;
/** A connection whose end is not announced counts as dead this long after a ping. */
const pingPatienceSeconds = 10;

/**
 * Waits for the lock on a connection of its own. While it waits it also holds `<name>:waiting`, so that an idle holder
 * can see that another session wants the lock (`hasWaiters`).
 */
export async function acquireNamedLock(
  warehouse: Warehouse,
  name: string,
  wait: LockWait,
): Promise<NamedLock> {
  const names = [...(wait.formerName === undefined ? [] : [wait.formerName]), name].map(checkedName);
  wait.signal?.throwIfAborted();
  const connection = await warehouse.connectApart();
  try {
    await limitSilence(connection);
    for (const each of names) await waitForLock(connection, each, wait);
    return holdLock(connection, names);
  } catch (error) {
    connection.destroy();
    wait.signal?.throwIfAborted();
    throw asWarehouseFailure(error, 'Waiting for a lock in the database');
  }
}

/** Whether another session waits for the lock. */
export function hasWaiters(warehouse: Warehouse, name: string): Promise<boolean> {
  return isUsed(warehouse, checkedName(name) + waitingSuffix);
}

/** Whether any session holds the lock. */
export function isHeld(warehouse: Warehouse, name: string): Promise<boolean> {
  return isUsed(warehouse, checkedName(name));
}

async function isUsed({ pool }: Warehouse, name: string): Promise<boolean> {
  try {
    const [rows] = await pool.query<RowDataPacket[]>('SELECT IS_USED_LOCK(?) AS holder', [name]);
    return rows[0]?.['holder'] !== null;
  } catch (error) {
    throw asWarehouseFailure(error, 'Asking who uses a lock');
  }
}

/** A lock name within one database; long database names are shortened to a digest. */
export function lockNameIn(warehouse: Pick<Warehouse, 'database'>, purpose: string): string {
  const digest = createHash('sha256').update(warehouse.database).digest('hex').slice(0, 12);
  return `ehr-pipeline:${digest}:${purpose}`;
}

function checkedName(name: string): string {
  const limit = mostNameCharacters - waitingSuffix.length;
  if (name === '' || name.length > limit) {
    throw new RangeError(
      `a lock name must have 1 to ${String(limit)} characters, got ${String(name.length)}`,
    );
  }
  return name;
}

async function waitForLock(connection: Connection, name: string, wait: LockWait): Promise<void> {
  const startedAt = performance.now();
  const waitedSeconds = () => Math.round((performance.now() - startedAt) / 1000);
  let announced = false;
  // The first try does not wait, so that a free lock leaves no trace of a waiter.
  for (let slice = 0; !(await getLock(connection, name, slice)); slice = sliceSeconds) {
    wait.signal?.throwIfAborted();
    if (waitedSeconds() >= wait.timeoutSeconds) throw timedOut(wait.timeoutSeconds);
    wait.onWait?.(waitedSeconds());
    // Not twice: a session's locks of one name are counted, and one release would not free two.
    announced ||= await getLock(connection, name + waitingSuffix, 0);
  }
  // An abort in the last slice must not leave a lock that no one releases.
  wait.signal?.throwIfAborted();
  if (announced) await connection.query('DO RELEASE_LOCK(?)', [name + waitingSuffix]);
}

async function getLock(connection: Connection, name: string, seconds: number): Promise<boolean> {
  const [rows] = await connection.query<RowDataPacket[]>('SELECT GET_LOCK(?, ?) AS got', [name, seconds]);
  const got = rows[0]?.['got'] as number | null | undefined;
  if (got === null || got === undefined) throw brokenLock();
  return got === 1;
}

function timedOut(seconds: number): PipelineError {
  return new PipelineError('WarehouseUnavailable', 'A lock in the database stayed taken.', {
    hint: 'Another run or command holds it; SHOW PROCESSLIST on the server shows which connection.',
    details: { waitedSeconds: seconds },
  });
}

function brokenLock(): PipelineError {
  return new PipelineError('WarehouseUnavailable', 'The database could not grant or refuse a lock.', {
    hint: 'If this lasts, look at the database server.',
  });
}

function holdLock(connection: Connection, names: readonly string[]): NamedLock {
  const lost = new AbortController();
  const released = new AbortController();
  const lose = () => {
    if (!released.signal.aborted) lost.abort(lockLost());
  };
  connection.on('error', lose);
  connection.on('end', lose);
  void breakSilence(() => answered(connection.ping()), released.signal).catch(() => {
    connection.destroy();
    lose();
  });
  return {
    lost: lost.signal,
    release: async () => {
      if (released.signal.aborted) return;
      released.abort();
      await letGo(connection, names);
    },
  };
}

/** The connection's end releases the lock as well, so an error here changes nothing. */
async function letGo(connection: Connection, names: readonly string[]): Promise<void> {
  try {
    for (const name of names.toReversed()) await answered(connection.query('DO RELEASE_LOCK(?)', [name]));
    await answered(connection.end());
  } catch {
    connection.destroy();
  }
}

async function answered(reply: Promise<unknown>): Promise<void> {
  await pTimeout(reply, { milliseconds: pingPatienceSeconds * 1000, message: lockLost() });
}

function lockLost(): PipelineError {
  return new PipelineError('WarehouseUnavailable', 'The connection that held a lock in the database ended.', {
    hint: 'If this lasts, look at the database server.',
  });
}
