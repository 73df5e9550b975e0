import type { Connection, RowDataPacket } from 'mysql2/promise';
import { auditTampering, workerRights, type RightOnTable, type TableRight } from './accounts.ts';
import type { Warehouse } from './connect.ts';
import { asWarehouseFailure, isDenied } from './failure.ts';

/** What a worker and the client need on the database as a whole, without `migrate`. */
const runRights = ['SELECT', 'INSERT', 'UPDATE', 'DELETE'] as const;
/** What `migrate` needs in addition. */
const migrationRights = ['CREATE', 'ALTER', 'INDEX', 'DROP', 'CREATE VIEW'] as const;

/** The rights that docs/tables.md asks for. */
export type Right = (typeof runRights | typeof migrationRights)[number];

export const rightsOfRuns: readonly Right[] = runRights;
export const rightsOfMigrations: readonly Right[] = [...runRights, ...migrationRights];

/** The name of no existing table. A migration may add tables, so the rights must hold for any name. */
const nowhere = '`ehr_doctor_asks_for_rights`';

/**
 * One statement for each right. None can change anything: they name a missing table, or the same column twice. The
 * server checks the right before the statement. This shows what is in force, with roles and patterns, which the text of
 * SHOW GRANTS leaves to its reader.
 */
const askings: Readonly<Record<Right, string>> = {
  SELECT: `SELECT 1 FROM ${nowhere}`,
  INSERT: `INSERT INTO ${nowhere} VALUES (1)`,
  UPDATE: `UPDATE ${nowhere} SET a = 1`,
  DELETE: `DELETE FROM ${nowhere}`,
  CREATE: `CREATE TABLE ${nowhere} (a INT PRIMARY KEY, a INT)`,
  ALTER: `ALTER TABLE ${nowhere} ADD COLUMN b INT`,
  INDEX: `CREATE INDEX i ON ${nowhere} (a)`,
  DROP: `DROP TABLE ${nowhere}`,
  'CREATE VIEW': `CREATE VIEW ${nowhere} AS SELECT a FROM ${nowhere}`,
};

/** No such table, unknown table, the same column twice, unknown column: the right was there. */
const permitted = new Set([1146, 1051, 1060, 1054]);

/** A backup may block every CREATE and DROP until it ends; the server's own patience is a day or a year. */
const lockSeconds = 5;

/** The rights on the database as a whole that the account lacks. Nothing is created, changed or removed. */
export function lackingRights(warehouse: Warehouse): Promise<Right[]> {
  return asking(warehouse, async (connection) => {
    const lacking: Right[] = [];
    for (const [right, statement] of Object.entries(askings) as [Right, string][]) {
      if (!(await isPermitted(connection, statement))) lacking.push(right);
    }
    return lacking;
  });
}

/** One statement for each right on a table that is there. None can run: they name a missing column. */
const tableAskings: Readonly<Record<TableRight, (table: string) => string>> = {
  SELECT: (table) => `SELECT ehr_doctor_asks FROM ${table}`,
  INSERT: (table) => `INSERT INTO ${table} (ehr_doctor_asks) VALUES (1)`,
  UPDATE: (table) => `UPDATE ${table} SET ehr_doctor_asks = 1`,
  DELETE: (table) => `DELETE FROM ${table} WHERE ehr_doctor_asks = 1`,
};

/** What the account may and may not do with the tables, which must be there. Nothing in them is changed. */
export interface TableRights {
  /** What a worker needs and the account lacks. */
  readonly lacking: readonly RightOnTable[];
  /** More than a worker needs, as text: what could undo the record of audit events, and rights beyond the database. */
  readonly excess: readonly string[];
}

export function tableRights(warehouse: Warehouse): Promise<TableRights> {
  return asking(warehouse, async (connection) => {
    const having = async ({ table, right }: RightOnTable) =>
      isPermitted(connection, tableAskings[right](table));
    const lacking: RightOnTable[] = [];
    for (const each of workerRights) if (!(await having(each))) lacking.push(each);
    const excess: string[] = [];
    for (const each of auditTampering) if (await having(each)) excess.push(`${each.right} on ${each.table}`);
    return { lacking, excess: [...excess, ...wideRights(await grantsOf(connection))] };
  });
}

async function grantsOf(connection: Connection): Promise<string[]> {
  const [rows] = await connection.query<RowDataPacket[]>({
    sql: 'SHOW GRANTS FOR CURRENT_USER()',
    rowsAsArray: true,
  });
  return (rows as unknown as string[][]).map(([grant]) => grant!);
}

/** How many rights are named; an administrator of MySQL has some seventy. */
const mostNamed = 5;

/** The rights on all databases, and that of giving rights to others, from the text of SHOW GRANTS. */
export function wideRights(grants: readonly string[]): string[] {
  const everywhere = grants
    .flatMap((grant) => /^GRANT (.+) ON \*\.\* TO /.exec(grant)?.[1]?.split(', ') ?? [])
    .filter((right) => right !== 'USAGE');
  const beyond = everywhere.length - mostNamed;
  return [
    ...everywhere.slice(0, mostNamed).map((right) => `${right} on all databases`),
    ...(beyond > 0 ? [`${String(beyond)} more on all databases`] : []),
    ...(grants.some((grant) => / WITH (?:.* )?GRANT OPTION/.test(grant)) ? ['GRANT OPTION'] : []),
  ];
}

async function asking<Answer>(
  warehouse: Warehouse,
  work: (connection: Connection) => Promise<Answer>,
): Promise<Answer> {
  const connection = await warehouse.connectApart();
  try {
    await connection.query(`SET SESSION lock_wait_timeout = ${String(lockSeconds)}`);
    return await work(connection);
  } catch (error) {
    throw asWarehouseFailure(error, 'Asking for the rights of the account');
  } finally {
    connection.destroy();
  }
}

async function isPermitted(connection: Pick<Connection, 'query'>, statement: string): Promise<boolean> {
  try {
    await connection.query(statement);
  } catch (error) {
    if (isDenied(error)) return false;
    const { errno } = error as { errno?: number };
    if (errno !== undefined && permitted.has(errno)) return true;
    throw error;
  }
  throw new Error('the database carried out a statement that only asked for a right');
}
