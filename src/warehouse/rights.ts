import type { Connection } from 'mysql2/promise';
import type { Warehouse } from './connect.ts';
import { asWarehouseFailure } from './failure.ts';

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

const denied = new Set([1044, 1142, 1143, 1227, 1370]);
/** No such table, unknown table, the same column twice: the right was there. */
const permitted = new Set([1146, 1051, 1060]);

/** A backup may block every CREATE and DROP until it ends; the server's own patience is a day or a year. */
const lockSeconds = 5;

/** The rights that the account lacks. Nothing is created, changed or removed. */
export async function lackingRights(warehouse: Warehouse): Promise<Right[]> {
  const connection = await warehouse.connectApart();
  try {
    await connection.query(`SET SESSION lock_wait_timeout = ${String(lockSeconds)}`);
    const lacking: Right[] = [];
    for (const [right, statement] of Object.entries(askings) as [Right, string][]) {
      if (!(await isPermitted(connection, statement))) lacking.push(right);
    }
    return lacking;
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
    const { errno } = error as { errno?: number };
    if (errno !== undefined && denied.has(errno)) return false;
    if (errno !== undefined && permitted.has(errno)) return true;
    throw error;
  }
  throw new Error(`the database has a table ${nowhere}, which no statement should have found`);
}
