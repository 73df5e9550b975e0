import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { runReportId, taskQueues } from '../../src/domain/temporalNames.ts';
import type { RunReportResult } from '../../src/workflows/runResult.ts';
import { System } from '../e2e/system.ts';

/** How single cells and rows are read, from the file to the tables. */
let system: System;

beforeAll(async () => {
  system = await System.start({
    sharedClient: true,
    config: [
      [['excludedServices'], ['TRANSPORT']],
      [['supervisors'], { lincsQp: 'FERNHOLLOW, ADELE', deepCreekQp: 'BRACKENBURY, IVO' }],
    ],
  });
  await system.startWorker();
});
afterAll(() => system.stop());

type Period = readonly [from: string, to: string];

const october: Period = ['2026-10-01', '2026-10-31'];

async function run(
  report: 'utilization' | 'notes',
  [from, to]: Period,
  file: string,
): Promise<RunReportResult> {
  return system.client.workflow.execute('runReport', {
    taskQueue: taskQueues.pipeline,
    workflowId: runReportId(report, { from, to } as Parameters<typeof runReportId>[1]),
    args: [{ report, from, to, file }],
  });
}

function caseFile(name: string): string {
  return fileURLToPath(new URL(name, import.meta.url));
}

/** What a run that was put aside row by row says of each. */
function rejects(runId: string) {
  return system.query(
    'SELECT source_line, column_name, rule FROM rejected_row WHERE run_id = ? ORDER BY source_line',
    [runId],
  );
}

describe('03: unsigned notes that an export writes as N/A', () => {
  test.each(['notes-blank.csv', 'notes-NA.csv'])(
    '%s: all 40 notes, four of them unbillable',
    async (file) => {
      const cycle: Period = ['2026-11-01', '2026-11-15'];
      const result = await run('notes', cycle, caseFile(`03-unsigned-as-NA/${file}`));
      expect(result).toMatchObject({ outcome: 'published', rowsRead: 40, rowsLoaded: 40, rowsRejected: 0 });
      const total = await system.query(
        `SELECT row_count, unbillable FROM notes_summary WHERE period_start = ? AND dimension = 'total'`,
        [cycle[0]],
      );
      expect(total).toEqual([{ row_count: '40', unbillable: '4' }]);
    },
  );
});

test('04: a no-break space in the Deep Creek QP moves no authorization', async () => {
  const result = await run('utilization', october, caseFile('04-nbsp-in-QP/utilization.csv'));
  expect(result).toMatchObject({ outcome: 'published', rowsLoaded: 3 });
  const qps = await system.query(
    'SELECT qp, COUNT(*) AS row_count, COUNT(DISTINCT qp_key) AS qp_keys FROM utilization WHERE period_start = ? GROUP BY qp ORDER BY qp',
    [october[0]],
  );
  expect(qps).toEqual([
    { qp: 'BRACKENBURY, IVO', row_count: '2', qp_keys: '1' },
    { qp: 'TARN, MORGAN', row_count: '1', qp_keys: '1' },
  ]);
  const [entry] = await system.query('SELECT moved_to_lincs FROM pipeline_run WHERE run_id = ?', [
    result.run,
  ]);
  expect(entry).toEqual({ moved_to_lincs: '0' });
});

test('06: dates of other forms are taken off a service code before exclusions and groups', async () => {
  const result = await run('utilization', october, caseFile('06-service-date-other-form/utilization.csv'));
  expect(result).toMatchObject({ outcome: 'published', rowsLoaded: 2, rowsExcluded: 2 });
  expect(result.warnings ?? {}).not.toHaveProperty('unknown-service');
  const services = await system.query(
    'SELECT source_line, service_code, grp FROM utilization WHERE period_start = ? ORDER BY source_line',
    [october[0]],
  );
  expect(services).toEqual([
    { source_line: '4', service_code: 'CLS', grp: '3' },
    { source_line: '5', service_code: 'CLS', grp: '3' },
  ]);
});

test('06: what is left unknown is said by the run', async () => {
  const csv = await readFile(caseFile('06-service-date-other-form/utilization.csv'), 'utf8');
  const file = path.join(system.folder, 'unknown.csv');
  await writeFile(file, csv.replace('CLS (7/1/2026)', 'CLS (eff 7/1/2026)'));
  const said = await system.run(
    'run',
    'utilization',
    '--from',
    october[0],
    '--to',
    october[1],
    '--file',
    file,
  );
  expect(said).toContain('warning unknown-service: 1 (');
  expect(said).toContain('warning service-code-brackets: 1 (');
  const [entry] = await system.query(
    `SELECT r.warnings FROM published_period AS p JOIN pipeline_run AS r USING (run_id)
     WHERE p.report = 'utilization' AND p.period_start = ?`,
    [october[0]],
  );
  expect(JSON.parse(entry!['warnings']!)).toMatchObject({
    'unknown-service': 1,
    'service-code-brackets': 1,
    'service-code-brackets:CLS (eff 7/1/2026)': 1,
  });
});

test.each(['sci.csv', 'text-formula.csv'])(
  '08: authorization numbers that a spreadsheet has damaged are not loaded: %s',
  async (file) => {
    const result = await run('utilization', october, caseFile(`08-excel-mangled-ids/${file}`));
    expect(result).toMatchObject({ outcome: 'held', rowsRead: 6, rowsLoaded: 0, rowsRejected: 6 });
    expect(await rejects(result.run)).toEqual(
      Array.from({ length: 6 }, (_, index) => ({
        source_line: String(index + 2),
        column_name: 'authorization_number',
        rule: 'spreadsheet-damage',
      })),
    );
  },
);

test('90: one note signed in 5025 is put aside with its reason, and the other is loaded', async () => {
  const result = await run(
    'notes',
    ['1980-02-01', '1980-02-15'],
    caseFile('90-one-note-signed-in-5025/export.csv'),
  );
  expect(await rejects(result.run)).toEqual([
    { source_line: '3', column_name: 'staff_sign_date', rule: 'date-out-of-range' },
  ]);
  expect(result).toMatchObject({ rowsRead: 2, rowsLoaded: 1, rowsRejected: 1 });
});

test('90: a reversal that leaves one cent authorized is loaded, its ratio NULL and named by code', async () => {
  const csv = await readFile(caseFile('04-nbsp-in-QP/utilization.csv'), 'utf8');
  const [header, sample] = csv.split('\r\n') as [string, string];
  const row = (authorized: string, billed: string, number: string) =>
    sample
      .replace('"$1,000.00",$0.00,$500.00,($500.00)', `"${authorized}",$0.00,"${billed}",`)
      .replace('0010001', number)
      .replace('DS (07/01/2026)', 'CLS');
  const file = path.join(system.folder, 'reversal.csv');
  const rows = [row('$1,000,000.01', '$2,000,000.00', '1'), row('($1,000,000.00)', '$0.00', '2')];
  await writeFile(file, [header, ...rows, ''].join('\r\n'));
  const august: Period = ['2026-08-01', '2026-08-31'];
  await writeFile(file, (await readFile(file, 'utf8')).replaceAll('10/01/2026', '08/01/2026'));
  const result = await run('utilization', august, file);
  expect(result).toMatchObject({
    outcome: 'published',
    rowsLoaded: 2,
    warnings: { 'ratio-too-large:total': 1, 'ratio-too-large:client': 1, 'ratio-too-large:qp': 1 },
  });
  const totals = await system.query(
    'SELECT dimension, authorized_dollars, util FROM utilization_summary WHERE period_start = ? ORDER BY dimension',
    [august[0]],
  );
  expect(totals).toEqual(
    ['client', 'grp', 'qp', 'service', 'total'].map((dimension) => ({
      dimension,
      authorized_dollars: '0.01',
      util: null,
    })),
  );
  const [entry] = await system.query('SELECT warnings FROM pipeline_run WHERE run_id = ?', [result.run]);
  expect(JSON.parse(entry!['warnings']!)).toMatchObject({
    'ratio-too-large:client:ADAAS': 1,
    'ratio-too-large:qp:IVOBR': 1,
  });
  expect(entry!['warnings']).not.toContain('ASHDOWN');
});

test('names that look alike are listed by code, and by name where they are asked for', async () => {
  const csv = await readFile(caseFile('04-nbsp-in-QP/utilization.csv'), 'utf8');
  const file = path.join(system.folder, 'lookalikes.csv');
  await writeFile(file, csv.replace('BIRCH, BRUNO', 'Ashdown, Ada').replaceAll('10/01/2026', '09/01/2026'));
  const september: Period = ['2026-09-01', '2026-09-30'];
  const result = await run('utilization', september, file);
  expect(result).toMatchObject({ outcome: 'published', warnings: { 'look-alike-names:client': 2 } });
  const range = ['--from', september[0], '--to', september[0]];
  const coded = await system.run('lookalikes', 'utilization', ...range);
  expect(coded.split('\n').filter((line) => line.includes('ADAAS'))).toHaveLength(2);
  expect(coded).not.toMatch(/ashdown/i);
  const named = await system.run('lookalikes', 'utilization', ...range, '--names');
  expect(named).toContain('Ashdown, Ada');
  expect(named).toContain('ASHDOWN, ADA');
});
