import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { warehousePort } from '../../../src/warehouse/port.ts';
import { mutantOf } from '../../mutations/mutants.ts';
import { consultOracle } from '../../mutations/oracle.ts';
import { tableColumns } from '../../mutations/oracle/terms.ts';
import { PipelineSteps, termsOf } from '../../mutations/pipelineSteps.ts';
import { TestWarehouse } from './testWarehouse.ts';
import { shippedReports } from '../../shippedReports.ts';

/**
 * Broken exports that pass all steps go into a real database: what a dashboard would read there is what the oracle
 * makes of the raw bytes, cell by cell.
 */
const nameSecret = 'a key for mutants';
const loadsPerReport = 40;
// About every third mutant passes; beyond this the corpus has changed its nature.
const mostMutants = 600;

let tested: TestWarehouse;
let folder: string;

beforeAll(async () => {
  tested = await TestWarehouse.start();
  folder = await mkdtemp(path.join(tmpdir(), 'ehr-mutants-'));
});
afterAll(async () => {
  await tested.stop();
  await rm(folder, { recursive: true, force: true });
});
beforeEach(() => tested.empty());

test.each(shippedReports)('%s of broken exports, as loaded', async (report) => {
  const steps = new PipelineSteps(folder, nameSecret);
  const columns = tableColumns[report].map((column) => `\`${column}\``).join(', ');
  let loaded = 0;
  let rows = 0;
  for (let number = 0; loaded < loadsPerReport && number < mostMutants; number += 1) {
    const { bytes, base } = mutantOf('loads', report, number);
    const outcome = await steps.process(bytes, base);
    if (outcome.kind === 'failed') continue;
    await tested.empty();
    const result = await steps.load(outcome.made, base, warehousePort(tested.warehouse));
    // A gate holds what was rejected whole; its figures are not shown.
    if (result.kind === 'held') continue;
    const { figures } = consultOracle(bytes, termsOf(base, nameSecret));
    const [found] = await tested.warehouse.pool.query({
      sql: `SELECT ${columns} FROM ${report} ORDER BY source_line`,
      rowsAsArray: true,
    });
    expect(
      (found as unknown as (string | number | null)[][]).map(asTexts),
      `mutant ${String(number)}`,
    ).toEqual(figures!.rows.map((row) => tableColumns[report].map((column) => row[column] ?? null)));
    loaded += 1;
    rows += figures!.rows.length;
  }
  expect(loaded).toBe(loadsPerReport);
  expect(rows).toBeGreaterThan(loadsPerReport);
});

function asTexts(row: readonly (string | number | null)[]): (string | null)[] {
  return row.map((cell) => (cell === null ? null : String(cell)));
}
