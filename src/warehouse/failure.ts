import { PipelineError, type FailureType } from '../domain/failures.ts';

interface Translation {
  readonly type: FailureType;
  readonly retry: boolean;
  readonly what: string;
  readonly hint: string;
}

// Said to runs, whose steps try again, and to commands, which do not: so it says nothing of either.
const waitHint = 'If this lasts, look at the database server: whether it is up, and what it is busy with.';

const unreachable: Translation = {
  type: 'WarehouseUnavailable',
  retry: true,
  what: 'the database cannot be reached or closed the connection',
  hint: waitHint,
};
const busy: Translation = {
  type: 'WarehouseUnavailable',
  retry: true,
  what: 'another transaction held what this one needs (deadlock or lock timeout)',
  hint: waitHint,
};
const full: Translation = {
  type: 'WarehouseUnavailable',
  retry: true,
  what: 'the database server has no room left to write',
  hint: 'Free or add disk space on the database server.',
};
const readOnly: Translation = {
  type: 'WarehouseUnavailable',
  retry: true,
  what: 'the database server takes no writes at the moment',
  hint: 'Point DATABASE_URL at the writable server, or wait until the failover is over.',
};
const denied: Translation = {
  type: 'WarehouseUnavailable',
  retry: false,
  what: 'the database refused the user, the password or a permission, or does not know the database',
  hint: 'Check user, password and database in DATABASE_URL, and that the user has the rights that docs/tables.md names.',
};
const tls: Translation = {
  type: 'WarehouseUnavailable',
  retry: false,
  what: 'no trusted TLS connection came about',
  hint: 'Check ?ssl= in DATABASE_URL, the certificate authority in DATABASE_CA, and the host name in the certificate.',
};
const behind: Translation = {
  type: 'WarehouseUnavailable',
  retry: false,
  what: 'a table or column is missing',
  hint: 'Bring the tables up to date: npm run client -- migrate',
};
const badData: Translation = {
  type: 'ReconciliationFailed',
  retry: false,
  what: 'the database did not take a value as the file has it',
  hint: 'The published figures are unchanged. Compare the file with the column types of the table.',
};
const unknown: Translation = {
  type: 'WarehouseUnavailable',
  retry: true,
  what: 'the database answered with an error',
  hint: 'Look the error number up in the MySQL manual.',
};
const defect: Translation = {
  type: 'InternalError',
  retry: false,
  what: 'the database does not understand a statement',
  hint: 'This is a defect: report it with the error number and the server version.',
};

/** Server errors by number: the same on MySQL and MariaDB unless a comment says otherwise. */
const byNumber: readonly (readonly [Translation, readonly number[]])[] = [
  // 3058 is MySQL's deadlock between named locks; 1020 is MariaDB's "record has changed".
  [busy, [1205, 1213, 3572, 3058, 1020, 1614]],
  // 1927 and 1317 are a killed connection or statement; 4031 is MySQL's idle disconnect.
  [unreachable, [1040, 1053, 1077, 1079, 1152, 1158, 1159, 1160, 1161, 1203, 1226, 1317, 1927, 3024, 4031]],
  [full, [1021, 1026, 1114, 1878]],
  [readOnly, [1290, 1792, 1836, 3100, 3101]],
  [denied, [1044, 1045, 1049, 1130, 1142, 1143, 1227, 1251, 1370, 1396, 1410, 1524, 1698, 3118, 3955, 4151]],
  // 3159: the server insists on TLS.
  [tls, [3159]],
  [behind, [1054, 1146, 1932]],
  // 3819 and 4025 are a failed CHECK on MySQL and on MariaDB.
  [badData, [1048, 1062, 1136, 1261, 1262, 1263, 1264, 1265, 1292, 1300, 1364, 1366, 1406, 1411, 1690]],
  [badData, [3819, 4025]],
  [defect, [1064, 1149, 1305, 1193, 1210]],
];

/** Trouble on the way to the server, by Node's or the driver's code. */
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

/** What is known of a driver's error without its text, which may quote a cell or the statement. */
interface DriverError {
  readonly error: Error;
  readonly code: string | undefined;
  readonly errno: number | undefined;
}

/**
 * Turns what the driver or Drizzle threw into a typed failure; any other error (a `PipelineError`, a failed
 * file stream) comes back as it is. The driver's text is left behind: it can hold a cell.
 */
export function asWarehouseFailure(error: unknown, step: string): unknown {
  if (error instanceof PipelineError) return error;
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

/** Whether the server refuses `LOAD DATA LOCAL`: 1148 and 3948 on MySQL, 1148 and 4166 on MariaDB. */
export function isLocalInfileRefused(error: unknown): boolean {
  const errno = findDriverError(error)?.errno;
  return errno === 1148 || errno === 3948 || errno === 4166;
}

function translationOf({ code, errno }: DriverError): Translation {
  const found = byNumber.find(([, numbers]) => errno !== undefined && numbers.includes(errno));
  if (found !== undefined) return found[0];
  if (code !== undefined && tlsCodes.has(code)) return tls;
  if (code !== undefined && transportCodes.has(code)) return unreachable;
  return errno !== undefined && errno > 0 ? unknown : unreachable;
}

/** Drizzle wraps the driver's error as `cause`; errors nest two deep at most, the bound only stops a cycle. */
const deepestCause = 5;

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

/** The same error for a reader of the history: class, code, number and stack frames, no text. */
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
