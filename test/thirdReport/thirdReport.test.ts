import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { System } from '../e2e/system.ts';
import { CopiedProduct } from './copiedProduct.ts';

/**
 * Adds reports to a copy of the product, as docs/add-a-report.md says, and runs them: one file and one entry in a list
 * each, a migration and a schema that are generated, and YAML. `visits` is that of the page; `claims` has what it has
 * not: services, dollars and a history.
 */

const gates = {
  rejectedPercent: 50,
  smallestRows: 5,
  lastLoad: { fewerPercent: 10, morePercent: 50 },
  median: { periods: 6, fewerPercent: 50, morePercent: 100 },
};

const settings = {
  refreshPeriods: 2,
  columnAliases: { minutes: ['Duration'] },
  checks: { 'longer-than-a-day': 'error' },
  gates,
};

const claimSettings = {
  refreshPeriods: 2,
  columnAliases: {},
  checks: { 'paid-more-than-charged': 'error' },
  gates: { ...gates, smallestRows: 1 },
};

let product: CopiedProduct;
let system: System;

beforeAll(async () => {
  product = await CopiedProduct.make();
  await product.addReport('visits');
  await product.addReport('claims');
  await product.node('node_modules/drizzle-kit/bin.cjs', 'generate', '--name', 'visits');
  await product.node('--import', 'tsx', 'scripts/generate-schema.ts');
  for (const file of ['config/pipeline.yaml', 'demo/pipeline.yaml']) {
    await product.addSettings(file, ['reports', 'visits'], settings);
    await product.addSettings(file, ['reports', 'claims'], claimSettings);
  }
  await product.addSettings('demo/pipeline.yaml', ['excludedServices'], ['PA']);
  for (const [name, title] of [
    ['visits', 'Visits'],
    ['claims', 'Claims'],
  ] as const) {
    await product.addSettings('config/portals/demo.yaml', ['reports', name], { title });
  }
  system = await System.start({ product: product.folder });
  await system.startWorker();
});
afterAll(async () => {
  await system.stop();
  await product.remove();
});

const week = ['visits', '--from', '2026-10-12', '--to', '2026-10-18'] as const;
const header = 'Visit Number,Client,Visit Date,Place,Duration,Minutes Planned';

/** Eight visits of two people: 30 minutes to the first, 31 to the second, … */
const eightVisits = Array.from({ length: 8 }, (_, index) => {
  const client = index % 2 === 0 ? '"OAKES, PIA"' : '"ÅBERG, UNA"';
  return `V${String(index + 1)},${client},10/${String(12 + (index % 7))}/2026,HOME,${String(30 + index)},`;
});

async function exportOf(name: string, rows: readonly string[]): Promise<string> {
  const file = path.join(system.folder, `${name}.csv`);
  await writeFile(file, [header, ...rows, ''].join('\n'));
  return file;
}

describe('a third report', () => {
  test('costs one file and one entry in a list; a migration and a schema are generated, the rest is YAML', async () => {
    const { added, changed, removed } = await product.changes();
    expect(removed).toEqual([]);
    expect(added).toEqual([
      'src/reports/claims.ts',
      'src/reports/visits.ts',
      expect.stringMatching(/^src\/warehouse\/migrations\/\d{4}_visits\.sql$/),
      expect.stringMatching(/^src\/warehouse\/migrations\/meta\/\d{4}_snapshot\.json$/),
    ]);
    expect(changed).toEqual([
      'src/reports/index.ts',
      'src/warehouse/migrations/meta/_journal.json',
      'config/pipeline.schema.json',
      'config/pipeline.yaml',
      'config/portals/demo.yaml',
      'config/recipe.schema.json',
      'demo/pipeline.yaml',
    ]);
  });

  test('fits the types of everything else, of the tests too', async () => {
    for (const project of ['tsconfig.json', 'src/dashboard/browser']) {
      expect(await product.node('node_modules/typescript/bin/tsc', '--noEmit', '--project', project)).toBe(
        '',
      );
    }
  });

  test('is previewed without a row in the tables', async () => {
    const file = await exportOf('first', eightVisits);
    const preview = JSON.parse(await system.run('preview', ...week, '--file', file, '--json')) as {
      wouldBe: string;
      changes: { added: number };
    };
    expect(preview).toMatchObject({ wouldBe: 'published', changes: { added: 8 } });
    expect(await system.query('SELECT * FROM visits')).toEqual([]);
  });

  test('runs from CSV to rows and roll-ups', async () => {
    await system.run('run', ...week, '--file', await exportOf('first', eightVisits));
    const columns =
      'source_line, visit_number, client, client_code, visit_date, place, minutes, minutes_planned, ym';
    const rows = await system.query(`SELECT ${columns} FROM visits ORDER BY source_line LIMIT 2`);
    expect(rows).toEqual([
      {
        source_line: '2',
        visit_number: 'V1',
        client: 'OAKES, PIA',
        client_code: 'PIAOA',
        visit_date: '2026-10-12',
        place: 'HOME',
        minutes: '30',
        minutes_planned: null,
        ym: '2026-10',
      },
      {
        source_line: '3',
        visit_number: 'V2',
        client: 'ÅBERG, UNA',
        client_code: 'UNAAB',
        visit_date: '2026-10-13',
        place: 'HOME',
        minutes: '31',
        minutes_planned: null,
        ym: '2026-10',
      },
    ]);
    const rollups = await system.query(
      'SELECT dimension, member_code, row_count, minutes FROM visits_summary ORDER BY dimension, member_code',
    );
    expect(rollups).toEqual([
      { dimension: 'client', member_code: 'PIAOA', row_count: '4', minutes: '132' },
      { dimension: 'client', member_code: 'UNAAB', row_count: '4', minutes: '136' },
      { dimension: 'place', member_code: null, row_count: '8', minutes: '268' },
      { dimension: 'total', member_code: null, row_count: '8', minutes: '268' },
    ]);
  });

  test('is in the status', async () => {
    expect(await system.run('status')).toMatch(/visits +2026-10-12\.\.2026-10-18 +8 /);
    const [state] = await system.query("SELECT period_start FROM v_data_status WHERE report = 'visits'");
    expect(state).toEqual({ period_start: '2026-10-12' });
    expect(await system.run('lookalikes', 'visits')).toContain(
      'no two names of one column of visits look alike',
    );
    const pages = path.join(system.folder, 'pages');
    expect(await system.run('dashboard', '--out', pages)).toMatch(/^wrote .*\.html$/m);
  });

  test('puts aside what its check finds, and shows what changed', async () => {
    const changed = [
      ...eightVisits.slice(0, 7),
      'V8,"ÅBERG, UNA",10/12/2026,HOME,1441,',
      'V9,"OAKES, PIA",10/18/2026,OFFICE,5,10',
    ];
    await system.run('run', ...week, '--file', await exportOf('second', changed));
    const rejected = await system.query('SELECT source_line, column_name, rule FROM rejected_row');
    expect(rejected).toEqual([{ source_line: '9', column_name: 'minutes', rule: 'longer-than-a-day' }]);
    const diff = JSON.parse(await system.run('diff', 'visits', '2026-10-12', '--json')) as {
      rows: { kind: string; row: Record<string, string> }[];
    };
    expect(diff.rows.map(({ kind, row }) => `${kind} ${row['visit_number']!}`).sort()).toEqual([
      'added V9',
      'removed V8',
    ]);
    expect(JSON.stringify(diff)).not.toMatch(/OAKES|ÅBERG/);
  });

  test('is held where rows are missing', async () => {
    const few = await system.tryRun('run', ...week, '--file', await exportOf('few', eightVisits.slice(0, 3)));
    expect(few.code).toBe(3);
    expect(few.stdout + few.stderr).toContain('rows-far-from-last-load');
    expect(await system.query('SELECT COUNT(*) AS n FROM visits')).toEqual([{ n: '8' }]);
  });

  test('refuses days that are no whole week, and another report', async () => {
    const file = await exportOf('first', eightVisits);
    const days = await system.tryRun(
      'run',
      'visits',
      '--from',
      '2026-10-13',
      '--to',
      '2026-10-18',
      '--file',
      file,
    );
    expect(days.stderr).toContain('are no whole weeks (Monday to Sunday)');
    const notes = ['notes', '--from', '2026-10-01', '--to', '2026-10-15', '--file', file] as const;
    expect((await system.tryRun('run', ...notes)).stderr).toContain('the file is the visits report');
  });
});

const october = ['claims', '--from', '2026-10-01', '--to', '2026-10-31'] as const;
const claimHeader = 'Claim Number,Client,Service Code,Billed On,Line Count,Hours,Charged,Paid';
const fiveClaims = [
  'C1,"OAKES, PIA",DS (07/01/2026),10/02/2026,"1,200",1.5,"$1,000.10",$900.00',
  'C2,"ÅBERG, UNA",CLS,10/03/2026,1,,$200.00,',
  'C3,"OAKES, PIA",DS,10/04/2026,2,2,($50.00),($50.00)',
  'C4,"OAKES, PIA",PA,10/05/2026,1,1,$70.00,$70.00',
  'C5,"ÅBERG, UNA",NEW,10/31/2026,,0.25,$10.00,$0.00',
];

async function claimsOf(file: string, rows: readonly string[]): Promise<string> {
  const saved = path.join(system.folder, `${file}.csv`);
  await writeFile(saved, [claimHeader, ...rows, ''].join('\n'));
  return saved;
}

describe('a report with services and dollars', () => {
  test('runs from CSV to rows, groups, roll-ups and a history, without the services left out', async () => {
    const ran = await system.run('run', ...october, '--file', await claimsOf('claims', fiveClaims));
    expect(ran).toContain('5 read, 4 loaded, 1 excluded, 0 rejected');
    expect(
      await system.query(
        'SELECT claim_number, client_code, service_code, grp, line_count, hours, charged, paid, owed FROM claims ORDER BY source_line',
      ),
    ).toEqual([
      claim('C1', 'PIAOA', 'DS', '2', '1200', '1.5000', '1000.10', '900.00', '100.10'),
      claim('C2', 'UNAAB', 'CLS', '3', '1', null, '200.00', null, '200.00'),
      claim('C3', 'PIAOA', 'DS', '2', '2', '2.0000', '-50.00', '-50.00', '0.00'),
      claim('C5', 'UNAAB', 'NEW', '0', null, '0.2500', '10.00', '0.00', '10.00'),
    ]);
    expect(
      await system.query(
        "SELECT member, row_count, charged, paid, unpaid, owed, open_claims, hours, paid_share, avg_charged FROM claims_summary WHERE dimension IN ('total', 'grp') ORDER BY member",
      ),
    ).toEqual([
      rollup('0', ['1', '10.00', '0.00', '10.00', '10.00', '1', '0.2500', '0.000000', '10.00']),
      rollup('2', ['2', '950.10', '850.00', '100.10', '100.10', '1', '3.5000', '0.894643', '475.05']),
      rollup('3', ['1', '200.00', '0.00', '200.00', '200.00', '1', '0.0000', '0.000000', '200.00']),
      rollup('total', ['4', '1160.10', '850.00', '310.10', '310.10', '3', '3.7500', '0.732695', '290.03']),
    ]);
    expect(
      await system.query(
        'SELECT claim_number, row_count, charged, paid FROM claim_history ORDER BY claim_number',
      ),
    ).toEqual([
      { claim_number: 'C1', row_count: '1', charged: '1000.10', paid: '900.00' },
      { claim_number: 'C2', row_count: '1', charged: '200.00', paid: null },
      { claim_number: 'C3', row_count: '1', charged: '-50.00', paid: '-50.00' },
      { claim_number: 'C5', row_count: '1', charged: '10.00', paid: '0.00' },
    ]);
  });

  test('accounts for its dollars to the cent, and names what its check finds and the unknown service', async () => {
    const paidMore = [...fiveClaims, 'C6,"OAKES, PIA",DS,10/06/2026,1,1,$20.00,$20.01'];
    await system.run('run', ...october, '--file', await claimsOf('more', paidMore));
    const [run] = await system.query(
      "SELECT rows_rejected, dollars, unknown_services FROM pipeline_run WHERE report = 'claims' ORDER BY finished_at DESC LIMIT 1",
    );
    expect(run!['rows_rejected']).toBe('1');
    expect(JSON.parse(run!['dollars']!)).toMatchObject({
      charged: { read: '1250.10', loaded: '1160.10', excluded: '70.00', rejected: '20.00' },
      paid: { read: '940.01', loaded: '850.00', excluded: '70.00', rejected: '20.01' },
    });
    expect(run!['unknown_services']).toContain('NEW');
  });

  test('is held where its dollars are far from those before', async () => {
    const tenfold = fiveClaims.map((row) => row.replace('$1,000.10', '$9,000.10'));
    const run = await system.tryRun('run', ...october, '--file', await claimsOf('tenfold', tenfold));
    expect(run.code).toBe(3);
    expect(run.stdout + run.stderr).toContain('dollars-far-from-last-load');
  });
});

function claim(...cells: readonly (string | null)[]) {
  const names = 'claim_number client_code service_code grp line_count hours charged paid owed'.split(' ');
  return Object.fromEntries(names.map((each, at) => [each, cells[at]]));
}

function rollup(member: string, cells: readonly string[]) {
  const names = 'row_count charged paid unpaid owed open_claims hours paid_share avg_charged'.split(' ');
  return { member, ...Object.fromEntries(names.map((each, at) => [each, cells[at]])) };
}
