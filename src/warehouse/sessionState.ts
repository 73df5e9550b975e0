import type { Connection, RowDataPacket } from 'mysql2/promise';
import { PipelineError } from '../domain/failures.ts';
import { asWarehouseFailure } from './failure.ts';

/** Every session gets these two and is verified, whatever the server, its `init_connect` or a proxy sets. */
const characterSet = 'utf8mb4';
const collation = 'utf8mb4_bin';

/** No limit: the largest number that these variables take. DEFAULT would be the server's own setting. */
const unlimited = '18446744073709551615';

/**
 * What figures depend on, by variable. `div_precision_increment` lets the checks divide to more places than they then
 * round to. `sql_notes` counts a rounded decimal among the warnings, which a load refuses. Without `sql_auto_is_null =
 * 0` a search for NULL finds other rows, and `sql_safe_updates` refuses statements or limits them. `completion_type`
 * could begin a transaction after each commit.
 */
const settable = {
  sql_mode: [
    'STRICT_ALL_TABLES',
    'NO_ZERO_IN_DATE',
    'NO_ZERO_DATE',
    'ERROR_FOR_DIVISION_BY_ZERO',
    'NO_ENGINE_SUBSTITUTION',
  ].join(','),
  time_zone: '+00:00',
  autocommit: 'ON',
  completion_type: 'NO_CHAIN',
  max_join_size: unlimited,
  sql_select_limit: unlimited,
  sql_big_selects: 'ON',
  sql_auto_is_null: 'OFF',
  sql_safe_updates: 'OFF',
  sql_notes: 'ON',
  max_sort_length: '1024',
  div_precision_increment: '30',
  default_storage_engine: 'InnoDB',
} as const;

/**
 * Outlasts the longest measured load of a period (1M rows: 66 s, and as long again to compare them with those it
 * replaces), since a second load of that period waits for it.
 */
const lockWaitSeconds = 240;

/** The time limit of one statement: MySQL's name, in milliseconds, and MariaDB's, in seconds. */
const timeLimits = ['max_execution_time', 'max_statement_time'] as const;

const isolation = 'REPEATABLE-READ';

interface Wanted {
  /** Servers use one of these names. */
  readonly names: readonly string[];
  readonly value: string;
}

const wantedState: readonly Wanted[] = [
  ...['character_set_client', 'character_set_connection', 'character_set_results'].map((name) => ({
    names: [name],
    value: characterSet,
  })),
  { names: ['collation_connection'], value: collation },
  ...Object.entries(settable).map(([name, value]) => ({ names: [name], value })),
  { names: timeLimits, value: '0' },
  { names: ['transaction_isolation', 'tx_isolation'], value: isolation },
  { names: ['transaction_read_only', 'tx_read_only'], value: 'OFF' },
];

/** Single statements, since a proxy may not understand several at a time. */
const settings: readonly string[] = [
  `SET NAMES ${characterSet} COLLATE ${collation}`,
  `SET SESSION ${Object.entries(settable)
    .map(([name, value]) => `${name} = ${/^(\d+|ON|OFF)$/.test(value) ? value : `'${value}'`}`)
    .join(', ')}`,
  `SET SESSION innodb_lock_wait_timeout = ${String(lockWaitSeconds)}`,
  'SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ WRITE',
];

const reading = `SHOW SESSION VARIABLES WHERE Variable_name IN (${wantedState
  .flatMap(({ names }) => names)
  .map((name) => `'${name}'`)
  .join(', ')})`;

type Session = Pick<Connection, 'query'>;

/**
 * Sets what figures depend on and reads it back. Throws `WarehouseUnavailable`, without retry, if the server refuses or
 * the session differs, as behind a proxy that drops SET.
 */
export async function prepareSession(connection: Session): Promise<void> {
  try {
    for (const statement of settings) await connection.query(statement);
    const found = await readState(connection);
    // The server has one of the two names; without a limit there is nothing to set.
    const limited = timeLimits.filter((name) => found.has(name) && Number(found.get(name)) !== 0);
    for (const name of limited) await connection.query(`SET SESSION ${name} = 0`);
    refuseOtherState(limited.length > 0 ? await readState(connection) : found);
  } catch (error) {
    const failure = asWarehouseFailure(error, 'Setting up the database session');
    // Connection trouble may pass; a refusal is final.
    if (failure instanceof PipelineError && !failure.retry && failure.details['session'] === undefined) {
      throw refusedSettings(failure);
    }
    throw failure;
  }
}

/** Throws `WarehouseUnavailable`, without retry, if the session no longer has its settings. */
export async function verifySession(connection: Session): Promise<void> {
  refuseOtherState(await readState(connection));
}

async function readState(connection: Session): Promise<ReadonlyMap<string, string>> {
  const [rows] = await connection.query<RowDataPacket[]>(reading);
  return new Map(rows.map((row) => [String(row['Variable_name']).toLowerCase(), String(row['Value'])]));
}

function refuseOtherState(found: ReadonlyMap<string, string>): void {
  const wrong = wantedState.flatMap(({ names, value }) => {
    const name = names.find((each) => found.has(each)) ?? names[0]!;
    const is = found.get(name);
    return is !== undefined && sameValue(is, value)
      ? []
      : [`${name} is ${is ?? 'not shown'}, wanted ${value}`];
  });
  if (wrong.length === 0) return;
  throw new PipelineError(
    'WarehouseUnavailable',
    `The database session is not as figures need it: ${wrong.join('; ')}.`,
    {
      hint: 'Nothing was read or written. The server or a proxy before it undoes SET: connect to the server itself, or let the proxy keep the settings of a session.',
      retry: false,
      details: { session: wrong },
    },
  );
}

/** The server returns modes in an order of its own, and limits with decimals. */
function sameValue(is: string, wanted: string): boolean {
  if (/^\d+(\.\d+)?$/.test(is) && /^\d+$/.test(wanted)) return is.replace(/\.0+$/, '') === wanted;
  return inOrder(is) === inOrder(wanted);
}

function inOrder(list: string): string {
  return list.toUpperCase().split(',').toSorted().join(',');
}

function refusedSettings({ message, details, cause }: PipelineError): PipelineError {
  return new PipelineError(
    'WarehouseUnavailable',
    `The database did not take the session settings. ${message}`,
    {
      hint: `The account must be allowed to set, for its session: the character set, the isolation level, ${Object.keys(settable).join(', ')}.`,
      retry: false,
      details,
      cause,
    },
  );
}
