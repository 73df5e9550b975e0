import { reports, reportNames } from '../reports/index.ts';

export type TableRight = 'SELECT' | 'INSERT' | 'UPDATE' | 'DELETE';
type TableRights = Readonly<Record<string, readonly TableRight[]>>;

const read = ['SELECT'] as const;
const add = ['SELECT', 'INSERT'] as const;
const addAndChange = ['SELECT', 'INSERT', 'UPDATE'] as const;
const replace = ['SELECT', 'INSERT', 'DELETE'] as const;
const anything = ['SELECT', 'INSERT', 'UPDATE', 'DELETE'] as const;

/** Nobody changes or deletes an audit event; the row of `audit_head` moves with each. */
const audit = { audit_event: add, audit_head: ['SELECT', 'UPDATE'] } as const;

/** The tables whose periods a load replaces. */
const figureTables = reportNames.flatMap((name) => [name, `${name}_summary`]);
const historyTables = reportNames
  .map((name) => reports[name].history?.table)
  .filter((table) => table !== undefined);

function onEach(tables: readonly string[], rights: readonly TableRight[]): TableRights {
  return Object.fromEntries(tables.map((table) => [table, rights]));
}

/**
 * What two accounts may do, table by table: `worker` runs the workers, `operator` is for people with the client. A
 * right on the whole database could not be taken back for one table.
 */
export const accountRights = {
  worker: {
    ...onEach(figureTables, replace),
    // `client history fill` adds to rows.
    ...onEach(historyTables, anything),
    pipeline_run: anything,
    published_period: addAndChange,
    rejected_row: replace,
    removed_file: addAndChange,
    accepted_rules: read,
    service_setting: replace,
    report_setting: addAndChange,
    database_owner: read,
    portal_login: addAndChange,
    open_alert: anything,
    alert_look: addAndChange,
    ...audit,
    __drizzle_migrations: read,
  },
  operator: {
    ...onEach([...figureTables, ...historyTables], read),
    pipeline_run: ['SELECT', 'UPDATE'],
    published_period: ['SELECT', 'UPDATE'],
    rejected_row: read,
    removed_file: read,
    accepted_rules: add,
    service_setting: read,
    report_setting: read,
    database_owner: read,
    portal_login: ['SELECT', 'UPDATE'],
    open_alert: read,
    alert_look: read,
    ...audit,
    __drizzle_migrations: read,
  },
} as const satisfies Readonly<Record<string, TableRights>>;

/** A right on one table. */
export interface RightOnTable {
  readonly table: string;
  readonly right: TableRight;
}

/** Everything that a worker's account needs on tables. */
export const workerRights: readonly RightOnTable[] = Object.entries<readonly TableRight[]>(
  accountRights.worker,
).flatMap(([table, rights]) => rights.map((right) => ({ table, right })));

/** What no account of runs or people may do. */
export const auditTampering: readonly RightOnTable[] = [
  { table: 'audit_event', right: 'UPDATE' },
  { table: 'audit_event', right: 'DELETE' },
];
