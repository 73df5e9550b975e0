import type { RowDataPacket } from 'mysql2/promise';
import { expect } from 'vitest';
import { PipelineError } from '../../../src/domain/failures.ts';
import { openWarehouse, type Warehouse } from '../../../src/warehouse/connect.ts';
import { migrate } from '../../../src/warehouse/migrate.ts';
import { recordServices } from '../../../src/warehouse/serviceSettings.ts';
import { startTestServer, type TestServer } from '../mariadb.ts';

/** The tables, each with the order in which a test reads its rows. */
const tableOrder: Readonly<Record<string, string>> = {
  utilization: 'period_start, source_line',
  notes: 'period_start, source_line',
  utilization_summary: 'period_start, dimension, member',
  notes_summary: 'period_start, dimension, member',
  pipeline_run: 'period_start, finished_at',
  published_period: 'period_start, report',
  rejected_row: 'run_id, source_line',
  accepted_rules: 'accepted_at',
  audit_event: 'sequence',
  removed_file: 'uri',
  authorization_history: 'period_start, load_day, authorization_number',
};

/** An empty, migrated warehouse on a real server. */
export class TestWarehouse {
  readonly server: TestServer;
  readonly url: string;
  readonly warehouse: Warehouse;

  private constructor(server: TestServer, url: string, warehouse: Warehouse) {
    this.server = server;
    this.url = url;
    this.warehouse = warehouse;
  }

  static async start(): Promise<TestWarehouse> {
    const server = await startTestServer();
    const url = await server.createDatabase();
    const warehouse = await withServerSettings(server, async () => {
      // MySQL begins with it off, and these tests are about both ways.
      await server.admin.query('SET GLOBAL local_infile = 1');
      return openWarehouse({ url });
    });
    await migrate(warehouse);
    await recordServices(warehouse, [{ code: 'RCI', respite: true }]);
    return new TestWarehouse(server, url, warehouse);
  }

  async stop(): Promise<void> {
    await this.warehouse.close();
    await this.server.stop();
  }

  async empty(): Promise<void> {
    for (const table of Object.keys(tableOrder)) await this.warehouse.pool.query(`DELETE FROM ${table}`);
    await this.warehouse.pool.query("UPDATE audit_head SET sequence = 0, hash = REPEAT('0', 64)");
  }

  async query(sql: string): Promise<RowDataPacket[]> {
    const [rows] = await this.warehouse.pool.query<RowDataPacket[]>(sql);
    return rows;
  }

  rowsOf(table: string, columns = '*'): Promise<RowDataPacket[]> {
    return this.query(`SELECT ${columns} FROM ${table} ORDER BY ${tableOrder[table]!}`);
  }

  /** All that a dashboard may read, of both reports. */
  async published(): Promise<RowDataPacket[][]> {
    const shown = ['utilization', 'notes', 'utilization_summary', 'notes_summary', 'published_period'];
    return Promise.all(shown.map((table) => this.rowsOf(table)));
  }
}

/** Lets nobody else change or rely on the server's settings meanwhile: test files may share one server. */
export async function withServerSettings<Result>(
  { admin }: TestServer,
  work: () => Promise<Result>,
): Promise<Result> {
  const [[answer]] = await admin.query<RowDataPacket[]>("SELECT GET_LOCK('ehr_test_settings', 60) AS taken");
  expect(answer).toEqual({ taken: 1 });
  try {
    return await work();
  } finally {
    await admin.query("DO RELEASE_LOCK('ehr_test_settings')");
  }
}

export async function failureOf(work: Promise<unknown>): Promise<PipelineError> {
  const error: unknown = await work.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(PipelineError);
  return error as PipelineError;
}
