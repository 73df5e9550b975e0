import type { RowDataPacket } from 'mysql2/promise';
import type { Warehouse } from './connect.ts';
import { asWarehouseFailure } from './failure.ts';

/** Views that show people by code and key only. docs/tables.md explains them, a migration makes them. */
const codedViews = [
  'v_data_status',
  'v_period',
  'v_utilization',
  'v_utilization_by_month',
  'v_utilization_by_group',
  'v_utilization_by_qp',
  'v_utilization_by_client',
  'v_utilization_by_service',
  'v_notes',
  'v_notes_by_cycle',
  'v_notes_by_month',
  'v_notes_by_caregiver',
  'v_notes_by_supervisor',
  'v_notes_by_service',
  'v_last_90_days',
  'v_notes_last_90_days',
  'v_notes_last_90_days_by_caregiver',
] as const;

/** The same with people's names. */
const nameViews = [
  'v_utilization_names',
  'v_utilization_by_qp_names',
  'v_utilization_by_client_names',
  'v_utilization_by_service_names',
  'v_notes_names',
  'v_notes_by_caregiver_names',
  'v_notes_by_supervisor_names',
  'v_notes_by_service_names',
  'v_notes_last_90_days_by_caregiver_names',
] as const;

/** Whoever reads the figures has one of these database roles, which may read its views and nothing else. */
export const readerRoles = {
  ehr_reader_coded: codedViews,
  ehr_reader_names: [...codedViews, ...nameViews],
} as const satisfies Readonly<Record<string, readonly string[]>>;

type ServerKind = 'mysql' | 'mariadb';

/** What a database administrator runs so that others can read the views. */
export interface ReaderGrants {
  readonly database: string;
  /** As the server calls itself: the statements are for it. */
  readonly server: string;
  /** Creates the roles and gives each its views. May be run again. */
  readonly statements: readonly string[];
  /** Makes an account and gives it a role, with a name and a password that are the administrator's to choose. */
  readonly accountExample: readonly string[];
}

/** The statements for this database and the kind of server that it is on. */
export async function readerGrants({ pool, database }: Warehouse): Promise<ReaderGrants> {
  try {
    const [rows] = await pool.query<RowDataPacket[]>('SELECT VERSION() AS version');
    const version = String(rows[0]?.['version']);
    const kind: ServerKind = version.includes('MariaDB') ? 'mariadb' : 'mysql';
    return {
      database,
      server: kind === 'mysql' ? `MySQL ${version}` : version,
      statements: roleStatements(database),
      accountExample: accountStatements(kind),
    };
  } catch (error) {
    throw asWarehouseFailure(error, 'Asking the database what it is');
  }
}

function roleStatements(database: string): string[] {
  const roles = Object.entries<readonly string[]>(readerRoles);
  const grant = (role: string) => (view: string) =>
    `GRANT SELECT ON ${quoted(database)}.${quoted(view)} TO '${role}';`;
  return [
    ...roles.map(([role]) => `CREATE ROLE IF NOT EXISTS '${role}';`),
    ...roles.flatMap(([role, views]) => views.map(grant(role))),
  ];
}

/** A role is not in force before it is its account's default. */
const defaultRole: Readonly<Record<ServerKind, (role: string, account: string) => string>> = {
  mysql: (role, account) => `SET DEFAULT ROLE '${role}' TO ${account};`,
  mariadb: (role, account) => `SET DEFAULT ROLE '${role}' FOR ${account};`,
};

function accountStatements(kind: ServerKind): string[] {
  const role: keyof typeof readerRoles = 'ehr_reader_coded';
  const account = "'power_bi'@'%'";
  return [
    `CREATE USER ${account} IDENTIFIED BY 'a password' REQUIRE SSL;`,
    `GRANT '${role}' TO ${account};`,
    defaultRole[kind](role, account),
  ];
}

function quoted(name: string): string {
  return `\`${name.replaceAll('`', '``')}\``;
}
