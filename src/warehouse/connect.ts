import { drizzle, type MySql2Database } from 'drizzle-orm/mysql2';
import mysql, {
  type Connection,
  type ConnectionOptions,
  type Pool,
  type PoolConnection,
  type RowDataPacket,
} from 'mysql2/promise';
import pTimeout from 'p-timeout';
import type { Agency } from '../domain/agencyId.ts';
import { PipelineError } from '../domain/failures.ts';
import { parseDatabaseUrl, transportOptions, type Protection } from './databaseUrl.ts';
import { asWarehouseFailure } from './failure.ts';
import { assertNotOfAnother } from './owner.ts';
import { prepareSession } from './sessionState.ts';

/** How bulk rows are sent: `LOAD DATA LOCAL INFILE` if the server allows it, else multi-row inserts. */
export type Bulk = 'local-infile' | 'inserts';

export interface Warehouse {
  readonly pool: Pool;
  readonly db: MySql2Database;
  readonly bulk: Bulk;
  readonly database: string;
  /** Whose tables they are. */
  readonly agency: Agency;
  /** Which database on which server: `the database ehr at 127.0.0.1:3306`. */
  readonly place: string;
  /** The server's limit of one statement, in bytes. */
  readonly maxPacketBytes: number;
  /** A connection outside the pool, with the same session settings; the caller ends it. */
  connectApart(): Promise<Connection>;
  close(): Promise<void>;
}

export interface WarehouseOptions extends Protection {
  /** `mysql://user:password@host:port/database`, `?ssl=true` for TLS. */
  readonly url: string;
  /**
   * The URL as it is by now. User and password are taken from it for each new connection, so that they can change while
   * a worker runs.
   */
  readonly currentUrl?: () => string;
  /** Overrides the server's `local_infile`. */
  readonly bulk?: Bulk;
  readonly poolSize?: number;
  /** Whose tables they have to be. Absent: those of the agency without an id. */
  readonly agency?: Agency;
  /** Skips the ownership check; used by `migrate --take-over`. */
  readonly ofAnyone?: boolean;
}

/** A worker loads a few periods at a time, each on one connection; ledger writes and status share the rest. */
const defaultPoolSize = 8;
/** Long enough for TLS to a cloud service, short enough to report that nothing answers. */
const connectSeconds = 10;
/** Probes an idle connection well before the 350 s after which cloud networks forget it. */
const keepAliveSeconds = 30;

/**
 * Opens the pool, and reads once what the server is and allows.
 * @throws PipelineError WarehouseUnavailable, or InvalidInput if the tables are those of another agency
 */
export async function openWarehouse(options: WarehouseOptions): Promise<Warehouse> {
  const connection = connectionOptions(options);
  const account = accountNow(options);
  const step = connecting(connection);
  const pool = mysql.createPool({
    ...connection,
    connectionLimit: options.poolSize ?? defaultPoolSize,
    // A reset would discard the session settings.
    resetOnRelease: false,
  });
  prepareBeforeUse(pool, account);
  try {
    const server = await askServer(pool);
    const place = placeOf(connection);
    const { agency } = options;
    if (options.ofAnyone !== true) await assertNotOfAnother(pool, { agency, place });
    return {
      pool,
      db: drizzle(pool),
      bulk: options.bulk ?? (server.localInfile ? 'local-infile' : 'inserts'),
      database: String(connection.database),
      agency,
      place,
      maxPacketBytes: server.maxPacketBytes,
      connectApart: () => connectApart({ ...connection, ...account() }),
      close: () => pool.end(),
    };
  } catch (error) {
    await pool.end().catch(() => undefined);
    throw asWarehouseFailure(error, step);
  }
}

function connecting(connection: ConnectionOptions): string {
  return `Connecting to ${placeOf(connection)}`;
}

/** Neither is a secret, unlike the address as a whole. */
function placeOf({ host = '', port, database }: ConnectionOptions): string {
  const server = `${host.includes(':') ? `[${host}]` : host}:${String(port)}`;
  return `the database ${String(database)} at ${server}`;
}

function connectionOptions(options: WarehouseOptions): ConnectionOptions {
  const address = parseDatabaseUrl(options.url);
  return {
    host: address.host,
    port: address.port,
    user: address.user,
    password: address.password,
    database: address.database,
    ...transportOptions(address, options),
    charset: 'utf8mb4_bin',
    // Decimals and dates stay text; integers beyond 2^53 would too.
    dateStrings: true,
    decimalNumbers: false,
    supportBigNumbers: true,
    jsonStrings: true,
    timezone: 'Z',
    connectTimeout: connectSeconds * 1000,
    enableKeepAlive: true,
    keepAliveInitialDelay: keepAliveSeconds * 1000,
  };
}

type Account = Pick<ConnectionOptions, 'user' | 'password'>;

/**
 * The account of the next connection. While the URL cannot be read or parsed, such as in a file half written, the
 * last one.
 */
function accountNow({ url, currentUrl }: WarehouseOptions): () => Account {
  let account: Account = accountOf(url);
  return () => {
    if (currentUrl === undefined) return account;
    try {
      account = accountOf(currentUrl());
    } catch {
      // The server refuses the last account if it is the wrong one, and the failure then says so.
    }
    return account;
  };
}

function accountOf(url: string): Account {
  const { user, password } = parseDatabaseUrl(url);
  return { user, password };
}

/** mysql2 copies this object for each new connection; its types omit it. */
interface PoolSettings {
  readonly config: { readonly connectionConfig: ConnectionOptions };
}

/**
 * Prepares and verifies every connection before the pool hands it out; one that fails is destroyed and the caller gets
 * the failure. The pool's event `connection` would not do: the pool does not wait for its listeners.
 */
function prepareBeforeUse({ pool }: Pool, account: () => Account): void {
  const prepared = new WeakSet<object>();
  const getConnection = pool.getConnection.bind(pool);
  // pool.query() and pool.execute() call this too.
  const { connectionConfig } = (pool as unknown as PoolSettings).config;
  pool.getConnection = (done) => {
    Object.assign(connectionConfig, account());
    getConnection((error, connection) => {
      if (error !== null || prepared.has(connection)) return done(error, connection);
      prepareSession(connection.promise()).then(
        () => {
          prepared.add(connection);
          done(null, connection);
        },
        (failure: unknown) => {
          connection.destroy();
          done(failure as NodeJS.ErrnoException, connection);
        },
      );
    });
  };
}

interface ServerFacts {
  readonly localInfile: boolean;
  readonly maxPacketBytes: number;
}

async function askServer(pool: Pool): Promise<ServerFacts> {
  const [rows] = await pool.query<RowDataPacket[]>(
    'SELECT @@GLOBAL.local_infile AS local_infile, @@max_allowed_packet AS packet',
  );
  const [facts] = rows;
  return { localInfile: Number(facts?.['local_infile']) === 1, maxPacketBytes: Number(facts?.['packet']) };
}

async function connectApart(options: ConnectionOptions): Promise<Connection> {
  let connection: Connection | undefined;
  try {
    connection = await mysql.createConnection(options);
    // Without a listener a lost connection would end the process; its next user gets the error.
    connection.on('error', () => undefined);
    await prepareSession(connection);
    return connection;
  } catch (error) {
    connection?.destroy();
    throw asWarehouseFailure(error, connecting(options));
  }
}

/** How long to wait for a pooled connection while loads hold all of them. */
const acquireSeconds = 240;

/** A connection of the pool. Throws `WarehouseUnavailable` if none comes free, or the signal's reason. */
export async function acquireConnection(
  pool: Pool,
  signal: AbortSignal | undefined,
): Promise<PoolConnection> {
  signal?.throwIfAborted();
  const acquired = pool.getConnection();
  try {
    return await pTimeout(acquired, {
      milliseconds: acquireSeconds * 1000,
      message: noneFree(),
      ...(signal === undefined ? {} : { signal }),
    });
  } catch (error) {
    // The connection may still arrive: then it is released at once.
    acquired.then((connection) => connection.release()).catch(() => undefined);
    throw error;
  }
}

function noneFree(): PipelineError {
  return new PipelineError('WarehouseUnavailable', 'No database connection came free.', {
    hint: 'Raise the pool size, or let fewer loads run at the same time.',
    details: { waitedSeconds: acquireSeconds },
  });
}
