import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { RowDataPacket } from 'mysql2/promise';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { System } from '../e2e/system.ts';
import { startPrivateServer, type TestServer } from '../real/mariadb.ts';

const file = path.join(fileURLToPath(new URL('01-server-imposes-charset/', import.meta.url)), 'notes.csv');
const cycle = ['run', 'notes', '--from', '2026-11-01', '--to', '2026-11-15', '--file', file];
/** UTF-8 of NÚÑEZ, ŁUCJA, as in the file. */
const caregiver = '4EC39AC391455A2C20C58155434A41';

let system: System;

beforeAll(async () => {
  system = await System.start({ sharedClient: true });
});
afterAll(() => system.stop());

/** An account that is no administrator's, for which `init_connect` runs. */
async function ordinaryAccount(server: TestServer): Promise<{ url: string; database: string }> {
  const url = new URL(await server.createDatabase());
  const database = url.pathname.slice(1);
  await server.admin.query("CREATE USER 'ehr'@'%' IDENTIFIED BY 'a-password'");
  await server.admin.query(`GRANT ALL ON ${database}.* TO 'ehr'@'%'`);
  url.username = 'ehr';
  url.password = 'a-password';
  return { url: url.href, database };
}

test.each([
  {
    title: 'lets no client choose a character set, by inserts',
    options: ['--skip-character-set-client-handshake', '--local-infile=0'],
  },
  {
    title: 'lets no client choose a character set, by LOAD DATA',
    options: ['--skip-character-set-client-handshake', '--local-infile=1'],
  },
  { title: 'sets Latin 1 for each connection', options: ['--init-connect=SET NAMES latin1'] },
])(
  'a server that $title holds the bytes of the file',
  async ({ options }) => {
    const server = await startPrivateServer(options);
    try {
      const { url, database } = await ordinaryAccount(server);
      const settings = { DATABASE_URL: url };
      await system.tryRunWith(settings, 'migrate');
      const worker = await system.startWorker(settings);
      const { stdout } = await system.tryRunWith(settings, ...cycle);
      expect(stdout).toMatch(/: published: /);
      const [rows] = await server.admin.query<RowDataPacket[]>(
        `SELECT HEX(caregiver) AS bytes FROM ${database}.notes WHERE caregiver_key =
         (SELECT caregiver_key FROM ${database}.notes WHERE source_line = 3) GROUP BY caregiver
       UNION ALL SELECT HEX(member) FROM ${database}.notes_summary
         WHERE dimension = 'caregiver' AND HEX(member) LIKE '4E%'`,
      );
      expect(rows.map((row) => row['bytes'] as string)).toEqual([caregiver, caregiver]);
      expect((await system.tryRunWith(settings, ...cycle)).stdout).toMatch(/: unchanged: /);
      // One name altered by hand: no count and no sum tells.
      await server.admin.query(
        `UPDATE ${database}.notes SET caregiver = 'NUNEZ, LUCJA' WHERE HEX(caregiver) = '${caregiver}' LIMIT 1`,
      );
      expect((await system.tryRunWith(settings, ...cycle)).stdout).toMatch(/: published: /);
      expect((await system.tryRunWith(settings, ...cycle)).stdout).toMatch(/: unchanged: /);
      expect((await system.tryRunWith(settings, ...cycle, '--force')).stdout).toMatch(/: published: /);
      await worker.stop();
    } finally {
      await server.stop();
    }
  },
  600_000,
);
