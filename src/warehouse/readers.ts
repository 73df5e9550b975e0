import { createHash } from 'node:crypto';
import type { RowDataPacket } from 'mysql2/promise';
import type { Agency } from '../domain/agencyId.ts';
import type { Warehouse } from './connect.ts';
import { asWarehouseFailure } from './failure.ts';
import { accountRights } from './accounts.ts';
import { rightsOfMigrations } from './rights.ts';

/** Views that show people only by code and key. docs/tables.md explains them, a migration creates them. */
const codedViews = [
  'v_data_status',
  'v_period',
  'v_utilization',
  'v_utilization_by_month',
  'v_utilization_by_group',
  'v_utilization_by_qp',
  'v_utilization_by_client',
  'v_utilization_by_service',
  'v_authorization_outlook',
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

/** The views with people's names. */
const nameViews = [
  'v_utilization_names',
  'v_utilization_by_qp_names',
  'v_utilization_by_client_names',
  'v_utilization_by_service_names',
  'v_authorization_outlook_names',
  'v_notes_names',
  'v_notes_by_caregiver_names',
  'v_notes_by_supervisor_names',
  'v_notes_by_service_names',
  'v_notes_last_90_days_by_caregiver_names',
] as const;

/** Two database roles for readers of the figures; each can read its views and nothing else. */
export const readerViews = {
  coded: codedViews,
  names: [...codedViews, ...nameViews],
} as const satisfies Readonly<Record<string, readonly string[]>>;

export type ReaderKind = keyof typeof readerViews;
const readerKinds = Object.keys(readerViews) as ReaderKind[];

/** MySQL's longest role name has 32 characters; the suffix takes 13. */
const longestPlainName = 19;

/**
 * The role for one database, or of an agency with an id: roles belong to the whole server, and must not open another
 * agency's views. A long or unusual name is shortened, with a digest after a `#`, which no plain name has.
 */
export function readerRole(database: string, kind: ReaderKind, agency?: Agency): string {
  return agency === undefined ? `${shortened(database)}_${kind}_reader` : `ehr_${shortened(agency)}_${kind}`;
}

function shortened(name: string): string {
  if (/^[\w$-]+$/.test(name) && name.length <= longestPlainName) return name;
  const digest = createHash('sha256').update(name).digest('hex').slice(0, 8);
  return `${name.replaceAll(/[^\w$-]/g, '_').slice(0, 10)}#${digest}`;
}

/** `ehr_worker`; of an agency `ehr_acme_worker`, since an account of several could read them all. */
function pipelineAccount(kind: 'migrate' | keyof typeof accountRights, agency: Agency): string {
  return agency === undefined ? `'ehr_${kind}'@'%'` : `'ehr_${shortened(agency)}_${kind}'@'%'`;
}

/** Before roles contained their database's name, all databases of a server shared these. */
const formerRoles = { coded: 'ehr_reader_coded', names: 'ehr_reader_names' } as const;

type ServerKind = 'mysql' | 'mariadb';

/** What a database administrator runs so that others can read the views. */
export interface ReaderGrants {
  readonly database: string;
  /** The server's own name: the statements are for it. */
  readonly server: string;
  /** Creates the roles and gives each its views. Can be run again. */
  readonly statements: readonly string[];
  readonly roles: Readonly<Record<ReaderKind, string>>;
  /** Takes this database's views away from the roles that earlier versions shared between databases. */
  readonly formerRoles: readonly string[];
  /** The rights of three accounts: of `migrate`, of the workers, and of people with the client. */
  readonly pipelineAccounts: readonly string[];
  /** Creates an account and gives it a role; the administrator chooses name and password. */
  readonly accountExample: readonly string[];
}

/** The statements for this database, which is the agency's, and its kind of server. */
export async function readerGrants({ pool, database }: Warehouse, agency?: Agency): Promise<ReaderGrants> {
  try {
    const [rows] = await pool.query<RowDataPacket[]>('SELECT VERSION() AS version');
    const version = String(rows[0]?.['version']);
    const kind: ServerKind = version.includes('MariaDB') ? 'mariadb' : 'mysql';
    return {
      database,
      server: kind === 'mysql' ? `MySQL ${version}` : version,
      roles: {
        coded: readerRole(database, 'coded', agency),
        names: readerRole(database, 'names', agency),
      },
      statements: roleStatements(database, agency),
      formerRoles: revokeStatements(database),
      pipelineAccounts: pipelineStatements(database, agency),
      accountExample: accountStatements(kind, readerRole(database, 'coded', agency)),
    };
  } catch (error) {
    throw asWarehouseFailure(error, 'Asking the database what it is');
  }
}

function roleStatements(database: string, agency: Agency): string[] {
  const grant = (kind: ReaderKind) => (view: string) =>
    `GRANT SELECT ON ${quoted(database)}.${quoted(view)} TO '${readerRole(database, kind, agency)}';`;
  return [
    ...readerKinds.map((kind) => `CREATE ROLE IF NOT EXISTS '${readerRole(database, kind, agency)}';`),
    ...readerKinds.flatMap((kind) => readerViews[kind].map(grant(kind))),
  ];
}

function revokeStatements(database: string): string[] {
  return readerKinds.flatMap((kind) =>
    readerViews[kind].map(
      (view) => `REVOKE SELECT ON ${quoted(database)}.${quoted(view)} FROM '${formerRoles[kind]}';`,
    ),
  );
}

function pipelineStatements(database: string, agency: Agency): string[] {
  // Unlike a view's name, a whole database's name is a pattern here: `ehr_a` would also match `ehr1a`.
  const only = quoted(database.replaceAll(/[\\_%]/g, String.raw`\$&`));
  const migrate = `GRANT ${rightsOfMigrations.join(', ')} ON ${only}.* TO ${pipelineAccount('migrate', agency)};`;
  const onTables = (kind: keyof typeof accountRights) =>
    tableStatements(database, { rights: accountRights[kind], account: pipelineAccount(kind, agency) });
  return [migrate, ...onTables('worker'), ...onTables('operator')];
}

/** Takes away first what the account had, so that a right on the whole database does not stay. */
function tableStatements(
  database: string,
  { rights, account }: { rights: Readonly<Record<string, readonly string[]>>; account: string },
): string[] {
  const grant = (granted: readonly string[], table: string) =>
    `GRANT ${granted.join(', ')} ON ${quoted(database)}.${quoted(table)} TO ${account};`;
  return [
    `REVOKE ALL PRIVILEGES, GRANT OPTION FROM ${account};`,
    ...Object.entries(rights).map(([table, granted]) => grant(granted, table)),
    ...readerViews.names.map((view) => grant(['SELECT'], view)),
  ];
}

/** A role takes effect only once it is its account's default. */
const defaultRole: Readonly<Record<ServerKind, (role: string, account: string) => string>> = {
  mysql: (role, account) => `SET DEFAULT ROLE '${role}' TO ${account};`,
  mariadb: (role, account) => `SET DEFAULT ROLE '${role}' FOR ${account};`,
};

function accountStatements(kind: ServerKind, role: string): string[] {
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
