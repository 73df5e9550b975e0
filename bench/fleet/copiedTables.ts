import type { Connection, RowDataPacket } from 'mysql2/promise';

/** Statements that make a copy of a migrated database, of its rows too, in an order that works. */
export interface Blueprint {
  readonly statements: readonly string[];
}

/**
 * Migrating a thousand databases one by one would take hours; copies of the first are the same tables, views and rows.
 * The connection must have the template as its database.
 */
export async function blueprintOf(connection: Connection, template: string): Promise<Blueprint> {
  const [all] = await connection.query<RowDataPacket[]>(
    'SELECT table_name AS name, table_type AS type FROM information_schema.tables WHERE table_schema = ?',
    [template],
  );
  const tables: string[] = [];
  const views = new Map<string, string>();
  for (const { name, type } of all) {
    const [[made]] = await connection.query<RowDataPacket[]>(`SHOW CREATE TABLE \`${String(name)}\``);
    if (type === 'VIEW')
      views.set(String(name), String(made!['Create View']).replaceAll(`\`${template}\`.`, ''));
    else {
      tables.push(
        String(made!['Create Table']),
        `INSERT INTO \`${String(name)}\` SELECT * FROM \`${template}\`.\`${String(name)}\``,
      );
    }
  }
  return { statements: ['SET SESSION foreign_key_checks = 0', ...tables, ...inOrder(views)] };
}

/** A view after those that it reads from. */
function inOrder(views: ReadonlyMap<string, string>): string[] {
  const done = new Set<string>();
  const ordered: string[] = [];
  while (done.size < views.size) {
    const ready = [...views].filter(
      ([name, sql]) =>
        !done.has(name) &&
        [...views.keys()].every(
          (other) => other === name || done.has(other) || !sql.includes(`\`${other}\``),
        ),
    );
    if (ready.length === 0) throw new Error('the views of the tables read from each other in a circle');
    for (const [name, sql] of ready) {
      done.add(name);
      ordered.push(sql);
    }
  }
  return ordered;
}

export async function makeCopy(
  connection: Connection,
  { database, agency }: { readonly database: string; readonly agency: string },
  { statements }: Blueprint,
): Promise<void> {
  await connection.query(`CREATE DATABASE \`${database}\``);
  await connection.query(`USE \`${database}\``);
  for (const statement of statements) await connection.query(statement);
  await connection.query('UPDATE database_owner SET agency = ?', [agency]);
}
