import { PipelineError, type FailureType } from '../domain/failures.ts';

interface Translation {
  readonly type: FailureType;
  readonly retry: boolean;
  readonly what: string;
  readonly hint: string;
}

// Both runs, whose steps retry, and commands, which do not, show this hint; so it mentions neither.
const waitHint = 'If this lasts, look at the database server: whether it is up, and what it is busy with.';

const unreachable: Translation = {
  type: 'WarehouseUnavailable',
  retry: true,
  what: 'the database cannot be reached or closed the connection',
  hint: waitHint,
};
const tls: Translation = {
  type: 'WarehouseUnavailable',
  retry: false,
  what: 'no trusted TLS connection came about',
  hint: 'Check ?ssl= in DATABASE_URL, the certificate authority in DATABASE_CA, and the host name in the certificate.',
};
const signIn: Translation = {
  type: 'WarehouseUnavailable',
  retry: false,
  what: 'the server asks for the password in a way that is not supported or not safe; it was not sent',
  hint: "Use TLS (?ssl=true in DATABASE_URL, DATABASE_CA), or name the server's public key in DATABASE_RSA.",
};
const unknown: Translation = {
  type: 'WarehouseUnavailable',
  retry: true,
  what: 'the database answered with an error',
  hint: 'Look the error number up in the MySQL manual.',
};

const unavailable = (what: string, hint: string) =>
  ({ type: 'WarehouseUnavailable', retry: true, what, hint }) as const;
/** Permanent until someone changes something: the next attempt would be refused too. */
const refused = (what: string, hint: string) =>
  ({ type: 'WarehouseUnavailable', retry: false, what, hint }) as const;

interface Refusal extends Translation {
  readonly numbers: readonly number[];
}

/** The account lacks a right. */
const deniedNumbers: readonly number[] = [1044, 1142, 1143, 1227, 1370];

/** Server errors by meaning. A number is the same on MySQL and MariaDB unless a comment says otherwise. */
export const serverRefusals: readonly Refusal[] = [
  // 1927 (MariaDB) and 3169 (MySQL) are a killed connection, 1317 a killed statement; 4031 is MySQL's idle disconnect.
  {
    ...unreachable,
    numbers: [
      1042, 1043, 1053, 1077, 1079, 1152, 1154, 1155, 1156, 1157, 1158, 1159, 1160, 1161, 1184, 1317, 1927,
      3168, 3169, 4031,
    ],
  },
  {
    ...unavailable(
      'the server or the account has as many connections as it may have, or has used up its share for the hour',
      'Close unused connections, or raise max_connections or the limit of the account (ALTER USER … WITH …).',
    ),
    numbers: [1040, 1203, 1226],
  },
  // 3058 is MySQL's deadlock between named locks; 1020 is MariaDB's "record has changed"; 1412 a table altered during
  // the transaction. 1180 is a commit that a Galera cluster or a full disk refused, 3101 the same in MySQL's group
  // replication.
  {
    ...unavailable(
      'another transaction or an altered table conflicted with this one (deadlock, lock timeout, conflict at commit)',
      waitHint,
    ),
    numbers: [1020, 1180, 1181, 1205, 1213, 1223, 1412, 1614, 1637, 3058, 3101, 3572],
  },
  {
    ...unavailable(
      'the server has no room for more row locks',
      'Raise innodb_buffer_pool_size, or let fewer loads run at the same time.',
    ),
    numbers: [1206],
  },
  // 1969 is MariaDB's, 3024 MySQL's. Sessions set the limit to 0, so something on the way has set it again.
  {
    ...unavailable(
      'the server stopped a statement that took longer than a time limit allows',
      'Raise max_statement_time (MariaDB) or max_execution_time (MySQL) for the account, or take the limit out of the proxy.',
    ),
    numbers: [1969, 3024],
  },
  {
    ...unavailable(
      'the server takes no statements at the moment (a cluster node that is not ready, or offline mode)',
      'Point DATABASE_URL at a node that is ready (wsrep_ready ON), or end the maintenance: SET GLOBAL offline_mode = OFF',
    ),
    // Galera answers 1047 until the node has joined; 3032 is MySQL's offline mode, 3100 a group without a quorum.
    numbers: [1047, 3032, 3100],
  },
  {
    ...unavailable(
      'the database server has no room left to write',
      'Free or add disk space on the database server.',
    ),
    numbers: [1021, 1026, 1114, 1878],
  },
  {
    ...unavailable(
      'the storage engine of the database reported an error',
      "Read the database server's error log: a full or failing disk is the usual cause.",
    ),
    numbers: [1030, 1815],
  },
  {
    ...unavailable(
      'the database server has no memory or threads left',
      'Give the database server more memory, or let fewer loads run at the same time.',
    ),
    numbers: [1037, 1038, 1041, 1135, 3170],
  },
  {
    ...unavailable(
      'the database server takes no writes at the moment',
      'Point DATABASE_URL at the writable server, or wait until the failover is over.',
    ),
    numbers: [1207, 1290, 1792, 1836, 1874],
  },
  {
    ...refused(
      'the database refused the user or the password',
      'Check user and password in DATABASE_URL, and whether the account may come from this machine and with or without TLS.',
    ),
    // 1698 is an account for the socket only; 3118 (MySQL) and 4151 (MariaDB) are locked ones; 3955 locked by attempts.
    numbers: [1045, 1130, 1251, 1396, 1410, 1524, 1698, 1873, 3118, 3955, 4151],
  },
  {
    ...refused(
      'the database refused a permission',
      'Give the account the rights that docs/tables.md names; npm run client -- doctor lists those that are missing.',
    ),
    numbers: deniedNumbers,
  },
  {
    ...refused(
      'the server does not have that database',
      'Check the name of the database in DATABASE_URL, or create it: CREATE DATABASE',
    ),
    numbers: [1049],
  },
  {
    ...refused(
      'the server blocks this machine after too many connections that broke off',
      'As an administrator: TRUNCATE TABLE performance_schema.host_cache (MySQL) or FLUSH HOSTS (MariaDB), then see what broke them off.',
    ),
    numbers: [1129],
  },
  {
    ...refused(
      "the account's password has expired",
      'As an administrator set a new one, and put it into DATABASE_URL: ALTER USER … IDENTIFIED BY …',
    ),
    numbers: [1820, 1862],
  },
  // The server requires TLS.
  { ...tls, numbers: [3159] },
  {
    ...refused(
      'the server does not let a session have the settings that figures need',
      'Lift max_join_size or the like for the account; where a proxy shares connections between sessions, connect to the server itself.',
    ),
    // 1104 is a limit of rows, 1568 and 1179 settings in a transaction that something else began.
    numbers: [1104, 1115, 1175, 1179, 1193, 1229, 1231, 1232, 1238, 1273, 1568, 1621],
  },
  {
    ...refused(
      'a row or statement is larger than the server takes',
      'Raise max_allowed_packet on the server, 16 MiB at least.',
    ),
    numbers: [1153, 1301],
  },
  {
    ...refused('a table or column is missing', 'Bring the tables up to date: npm run client -- migrate'),
    numbers: [1051, 1054, 1146],
  },
  {
    ...refused(
      'a view cannot be read: the account that made it is gone or lost its rights',
      'Make the views again with the account of today, as docs/tables.md says.',
    ),
    numbers: [1356, 1449],
  },
  {
    ...refused(
      'a table or an index is damaged or its file is missing',
      "Read the database server's error log, and restore the table from a backup.",
    ),
    numbers: [1034, 1194, 1195, 1712, 1812, 1814, 1817, 1877, 1881, 1932],
  },
  {
    ...refused(
      'the server is set up so that it cannot store or replicate these tables',
      'Set binlog_format to ROW or MIXED, allow InnoDB, and leave sql_require_primary_key and replication plugins to what the tables have.',
    ),
    numbers: [1286, 1598, 1665, 3098, 3161, 3750],
  },
  {
    type: 'ReconciliationFailed',
    retry: false,
    what: 'the database did not take a value as the file has it',
    hint: 'The published figures are unchanged. Compare the file with the column types of the table.',
    // 3819 and 4025 are a failed CHECK on MySQL and on MariaDB.
    numbers: [
      1048, 1062, 1136, 1261, 1262, 1263, 1264, 1265, 1292, 1300, 1364, 1366, 1406, 1411, 1690, 3819, 4025,
    ],
  },
  {
    type: 'InternalError',
    retry: false,
    what: 'the database does not understand a statement',
    hint: 'This is a defect: report it with the error number and the server version.',
    numbers: [1064, 1149, 1210, 1235, 1305],
  },
];

/** Connection errors, by Node's or the driver's code. */
const transportCodes = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ECONNABORTED',
  'EPIPE',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'EHOSTDOWN',
  'ENETUNREACH',
  'ENOTFOUND',
  'EAI_AGAIN',
  'PROTOCOL_CONNECTION_LOST',
  'PROTOCOL_PACKETS_OUT_OF_ORDER',
  'PROTOCOL_SEQUENCE_TIMEOUT',
  'PROTOCOL_UNEXPECTED_PACKET',
  'POOL_CLOSED',
]);

const tlsCodes = new Set([
  'HANDSHAKE_NO_SSL_SUPPORT',
  'HANDSHAKE_SSL_ERROR',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'CERT_HAS_EXPIRED',
  'ERR_TLS_CERT_ALTNAME_INVALID',
]);

/** The driver breaks off before it answers a sign-in method that it does not know or must not use. */
const signInCodes = new Set([
  'AUTH_SWITCH_PLUGIN_ERROR',
  'MYSQL_CLEAR_PASSWORD_NOT_ENABLED',
  'HANDSHAKE_UNKNOWN_ERROR',
  'PASSWORD_WITHOUT_TLS',
]);

/** The facts of a driver's error without its text, which may quote a cell or the statement. */
interface DriverError {
  readonly error: Error;
  readonly code: string | undefined;
  readonly errno: number | undefined;
}

/**
 * Turns an error of the driver or Drizzle into a typed failure. A `PipelineError` is returned as it is, without
 * Drizzle's wrapping, and so is any other error (a failed file stream). The driver's text is dropped: it can hold a
 * cell.
 */
export function asWarehouseFailure(error: unknown, step: string): unknown {
  const known = findPipelineError(error);
  if (known !== undefined) return known;
  const driver = findDriverError(error);
  if (driver === undefined) return error;
  const { type, retry, what, hint } = translationOf(driver);
  const named = driver.code ?? driver.error.name;
  return new PipelineError(type, `${step}: ${what} (${numbered(named, driver.errno)}).`, {
    hint,
    retry,
    details: { step, code: named, errno: driver.errno ?? null },
    cause: withoutText(driver),
  });
}

/** Says which database failed, so that nobody looks at another one. */
export function withPlace(error: unknown, place: string): unknown {
  if (!(error instanceof PipelineError) || error.type !== 'WarehouseUnavailable') return error;
  if (error.message.includes(place)) return error;
  const { type, hint, retry, details } = error;
  return new PipelineError(type, `${place}: ${error.message}`, { hint, retry, details, cause: error.cause });
}

/** Wraps a port so that its failures say which database it was. */
export function namingPlace<Port extends object>(port: Port, place: string): Port {
  return new Proxy(port, {
    get(target, name) {
      const work: unknown = Reflect.get(target, name);
      if (typeof work !== 'function') return work;
      return async (...args: unknown[]): Promise<unknown> => {
        try {
          return (await Reflect.apply(work, target, args)) as unknown;
        } catch (error) {
          throw withPlace(error, place);
        }
      };
    },
  });
}

/** Whether the server refuses `LOAD DATA LOCAL`: 1148 and 3948 on MySQL, 1148 and 4166 on MariaDB. */
export function isLocalInfileRefused(error: unknown): boolean {
  const errno = findDriverError(error)?.errno;
  return errno === 1148 || errno === 3948 || errno === 4166;
}

/** Whether the tables are of a version before the one that it asks for. */
export function isTableMissing(error: unknown): boolean {
  return findDriverError(error)?.errno === 1146;
}

/** Whether the account may not do what it asked for. */
export function isDenied(error: unknown): boolean {
  const errno = findDriverError(error)?.errno;
  return errno !== undefined && deniedNumbers.includes(errno);
}

function translationOf({ code, errno }: DriverError): Translation {
  const found = serverRefusals.find(({ numbers }) => errno !== undefined && numbers.includes(errno));
  if (found !== undefined) return found;
  if (code !== undefined && signInCodes.has(code)) return signIn;
  if (code !== undefined && tlsCodes.has(code)) return tls;
  if (code !== undefined && transportCodes.has(code)) return unreachable;
  return errno !== undefined && errno > 0 ? unknown : unreachable;
}

/** Drizzle wraps the driver's error as `cause`; errors nest two deep at most, so this bound only stops a cycle. */
const deepestCause = 5;

/** A connection that was refused before its first statement, as Drizzle wraps it. */
function findPipelineError(thrown: unknown): PipelineError | undefined {
  let error = thrown;
  for (let depth = 0; depth < deepestCause && error instanceof Error; depth += 1) {
    if (error instanceof PipelineError) return error;
    error = error.cause;
  }
  return undefined;
}

function findDriverError(thrown: unknown): DriverError | undefined {
  let error = thrown;
  let wrapped = false;
  for (let depth = 0; depth < deepestCause && error instanceof Error; depth += 1) {
    const { code, errno, sqlState, fatal } = error as Error & Record<string, unknown>;
    const byCode = typeof code === 'string' && transportCodes.has(code);
    if (sqlState !== undefined || fatal !== undefined || byCode || (wrapped && error.cause === undefined)) {
      return {
        error,
        code: typeof code === 'string' ? code : undefined,
        errno: typeof errno === 'number' ? errno : undefined,
      };
    }
    wrapped ||= error.constructor.name === 'DrizzleQueryError';
    error = error.cause;
  }
  return undefined;
}

/** A copy of the error that may go into a history: class, code, number and stack frames, no text. */
function withoutText({ error, code, errno }: DriverError): Error {
  const clean = Object.assign(new Error(numbered(code ?? 'no code', errno)), {
    ...(code === undefined ? {} : { code }),
    ...(errno === undefined ? {} : { errno }),
  });
  clean.name = error.constructor.name;
  const frames = (error.stack ?? '').split('\n').filter((line) => /^\s+at /.test(line));
  clean.stack = [`${clean.name}: ${clean.message}`, ...frames].join('\n');
  return clean;
}

function numbered(code: string, errno: number | undefined): string {
  return errno === undefined ? code : `${code}, ${String(errno)}`;
}
