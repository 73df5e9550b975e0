import mysql from 'mysql2/promise';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { blueprintOf, makeCopy } from '../../../bench/fleet/copiedTables.ts';
import { openWarehouse } from '../../../src/warehouse/connect.ts';
import { checkVersion } from '../../../src/warehouse/migrate.ts';
import { publishPeriod } from '../../../src/warehouse/publish.ts';
import { theFirst } from './someExports.ts';
import { TestWarehouse } from './testWarehouse.ts';

let template: TestWarehouse;
beforeAll(async () => {
  template = await TestWarehouse.start();
});
afterAll(() => template.stop());

const nameOf = (url: string) => new URL(url).pathname.slice(1);

/** `npm run fleet` makes the databases of its agencies this way. */
test('copies of migrated tables belong each to its agency, and take loads', async () => {
  const connection = await mysql.createConnection({ uri: template.url });
  const copies: { agency: string; database: string }[] = [];
  try {
    const blueprint = await blueprintOf(connection, nameOf(template.url));
    for (const agency of ['a0001', 'a0002']) {
      const database = `${nameOf(template.url)}_${agency}`;
      copies.push({ agency, database });
      await makeCopy(connection, { agency, database }, blueprint);
    }
    for (const { agency, database } of copies) {
      const warehouse = await openWarehouse({
        url: template.url.replace(nameOf(template.url), database),
        agency,
        poolSize: 2,
      });
      try {
        await checkVersion(warehouse);
        expect(await publishPeriod(warehouse, theFirst())).toMatchObject({ kind: 'published' });
        const [views] = await warehouse.pool.query('SELECT COUNT(*) AS shown FROM v_data_status');
        expect(views).toEqual([{ shown: 1 }]);
      } finally {
        await warehouse.close();
      }
    }
    expect(await template.rowsOf('pipeline_run')).toEqual([]);
  } finally {
    for (const { database } of copies) await connection.query(`DROP DATABASE IF EXISTS \`${database}\``);
    await connection.end();
  }
});
