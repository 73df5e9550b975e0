import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { Worker } from '@temporalio/worker';
import mysql, { type RowDataPacket } from 'mysql2/promise';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { exitCodes } from '../../src/cli/exitCodes.ts';
import type { Finding } from '../../src/cli/doctor/examination.ts';
import type { RunReportResult } from '../../src/workflows/runResult.ts';
import '../e2e/quietRuntime.ts';
import { System, type WorkerProcess } from '../e2e/system.ts';
import { replayable, type RecordedEvent } from '../histories/histories.ts';
import facts from './first-release/facts.json' with { type: 'json' };

/** What the first release has left: see README.md here. The tests go on from each other, as an upgrade does. */
const fixture = new URL('first-release/', import.meta.url);

/** A period that people wrote into: the new version reads names, codes and blanks of it in another way. */
const changing = ['notes', '--from', '2026-10-01', '--to', '2026-10-15'] as const;
const changingMonth = ['utilization', '--from', '2026-09-01', '--to', '2026-09-30'] as const;
/** Periods that read as they did. */
const unchanging = ['notes', '--from', '2025-07-01', '--to', '2025-07-31'] as const;

/** Against hangs only: on a busy machine a command of the client takes ten seconds. */
const hangSeconds = 900;

const figureTables = ['utilization', 'notes', 'utilization_summary', 'notes_summary'];

let system: System;
let worker: WorkerProcess;
let before: Record<string, RowDataPacket[]>;

beforeAll(async () => {
  system = await System.start({
    sharedClient: true,
    beforeMigrations: restore,
  });
  worker = await system.startWorker();
}, hangSeconds * 1000);
afterAll(() => system.stop());

async function restore(environment: NodeJS.ProcessEnv): Promise<void> {
  const dump = await promisify(gunzip)(await readFile(new URL('dump.sql.gz', fixture)));
  const connection = await mysql.createConnection({
    uri: environment['DATABASE_URL']!,
    charset: 'utf8mb4',
    dateStrings: true,
    multipleStatements: true,
  });
  await connection.query(dump.toString('utf8'));
  before = {};
  for (const table of figureTables) {
    const [rows] = await connection.query<RowDataPacket[]>(`SELECT * FROM ${table} ORDER BY 1, 2, 3, 4`);
    before[table] = rows;
  }
  await connection.end();
  const archive = fileURLToPath(new URL('artifacts.tar.gz', fixture));
  await promisify(execFile)('tar', ['-xzf', archive, '-C', environment['EHR_ARTIFACTS']!]);
}

/** The columns that the first release knew, as text. */
async function shown(table: string, where = 'TRUE'): Promise<string[]> {
  const columns = Object.keys(before[table]![0]!);
  const list = columns.map((column) => `\`${column}\``).join(', ');
  const rows = await system.query(`SELECT ${list} FROM ${table} WHERE ${where} ORDER BY 1, 2, 3, 4`);
  return rows.map((row) => JSON.stringify(row));
}

function asText(rows: readonly RowDataPacket[]): string[] {
  return rows.map((row) =>
    JSON.stringify(
      Object.fromEntries(
        Object.entries(row).map(([column, value]) => [column, value === null ? null : String(value)]),
      ),
    ),
  );
}

function withoutRun(rows: readonly string[]): string[] {
  return rows.map((row) => row.replace(/"run_id":"[^"]*"/, ''));
}

async function json<Answer>(...args: string[]): Promise<Answer> {
  const { stdout, stderr } = await system.tryRun(...args, '--json');
  try {
    return JSON.parse(stdout) as Answer;
  } catch (error) {
    throw new Error(`client ${args.join(' ')}: ${stderr}`, { cause: error });
  }
}

interface Reloads {
  readonly periods: readonly { readonly from: string; readonly outcome: string; readonly words: string }[];
}

async function olderRules(): Promise<string[]> {
  const { findings } = await json<{ findings: Finding[] }>('doctor', '--skip-portal');
  return findings.filter(({ what }) => what.includes('older rules')).map(({ what }) => what);
}

interface PeriodJson {
  readonly report: string;
  readonly from: string;
  readonly published: { readonly runId: string } | null;
  readonly pinned: { readonly by: string } | null;
  readonly held: readonly string[];
}

describe('after the migrations', { timeout: hangSeconds * 1000 }, () => {
  test.each(figureTables)('%s shows what it showed', async (table) => {
    expect(before[table]!.length).toBeGreaterThan(400);
    expect(await shown(table)).toEqual(asText(before[table]!));
  });

  test('the views mark the same rows as respite', async () => {
    const marked = await system.query(
      `SELECT COUNT(*) AS n, SUM(is_rci) AS marked, SUM(is_rci IS NULL) AS unknown_,
         SUM(UPPER(service_code) = 'RCI') AS before_
       FROM v_utilization_names`,
    );
    const [{ n, marked: now, unknown_, before_ }] = marked as [RowDataPacket];
    expect(Number(before_)).toBeGreaterThan(10);
    expect([Number(now), Number(unknown_)]).toEqual([Number(before_), 0]);
    expect(Number(n)).toBe(before['utilization']!.length);
  });

  test('every period is there, held runs wait and the pin holds', async () => {
    const periods = await json<PeriodJson[]>('status');
    const loaded = periods.filter(({ published }) => published !== null);
    expect(loaded.filter(({ report }) => report === 'utilization').length).toBe(17);
    expect(loaded.filter(({ report }) => report === 'notes').length).toBe(34);
    expect(periods.flatMap(({ held }) => held).sort()).toEqual([facts.held, facts.heldLater].sort());
    const pinned = periods.filter((each) => each.pinned !== null);
    expect(pinned).toMatchObject([{ report: 'notes', from: '2026-09-16', pinned: { by: 'ada' } }]);
  });

  test('versions, diff and rejects show what they showed', async () => {
    const versions = await system.run('versions', 'notes', '2026-09-16');
    for (const run of [facts.first, facts.second]) expect(versions).toContain(run);
    expect(await system.run('diff', 'notes', '2026-09-16', '--run', facts.second)).toContain('removed');
    expect(await system.run('diff', 'notes', '2026-10-16', '--run', facts.held)).toContain('removed');
    expect(await system.run('rejects', facts.second)).toContain('1');
  });

  test('doctor names the periods under older rules, and nothing is broken by the upgrade', async () => {
    expect(await olderRules()).toEqual([
      '34 periods of notes within 2025-06-01..2026-10-31 show figures made under older rules',
      '17 periods of utilization within 2025-06-01..2026-10-31 show figures made under older rules',
    ]);
  });

  test('a backfill that was under way goes on', async () => {
    const text = await readFile(new URL('backfill-running.json', fixture), 'utf8');
    const { events } = JSON.parse(text) as { events: RecordedEvent[] };
    const workflowBundle = { codePath: inject('workflowBundle') };
    const history = { workflowId: 'backfill', history: replayable(events) };
    let replayed = 0;
    for await (const { error } of Worker.runReplayHistories({ workflowBundle }, [history])) {
      expect(error).toBeUndefined();
      replayed += 1;
    }
    expect(replayed).toBe(1);
  });

  test('the refused password is not sent again', async () => {
    expect(await system.run('portal', 'status')).toContain('blocked');
    await worker.stop();
    // Nothing answers there any more: a submission would end in another way.
    const refused = await system.startWorker({
      EHR_PORTAL_URL: facts.portalUrl,
      EHR_PORTAL_PASSWORD: 'not the password',
    });
    const { code, stderr } = await system.tryRun(
      'run',
      ...unchanging.slice(0, 1),
      '--from',
      '2025-07-01',
      '--to',
      '2025-07-15',
    );
    expect(code).toBe(exitCodes.failed);
    expect(stderr).toContain('PortalLoginRejected');
    await refused.stop();
    worker = await system.startWorker();
  });
});

describe('the new rules', { timeout: hangSeconds * 1000 }, () => {
  test('load a period again where they change nothing of it, without asking anybody', async () => {
    const { periods } = await json<Reloads>('reload', ...unchanging);
    expect(periods.map(({ outcome }) => outcome)).toEqual(['published', 'published']);
    const where = `period_start BETWEEN '2025-07-01' AND '2025-07-31'`;
    const of = before['notes']!.filter((row) => String(row['period_start']).startsWith('2025-07'));
    expect(withoutRun(await shown('notes', where))).toEqual(withoutRun(asText(of)));
  });

  test('do nothing where a period is under them already', async () => {
    const { periods } = await json<Reloads>('reload', ...unchanging);
    expect(periods.map(({ outcome }) => outcome)).toEqual(['left', 'left']);
  });

  test('show in a preview what they would change, and hold a run meanwhile', async () => {
    const preview = await json<Reloads>('reload', ...changing, '--dry-run');
    expect(preview.periods).toMatchObject([{ outcome: 'held' }]);
    expect(await json<Reloads>('reload', ...changingMonth, '--dry-run')).toMatchObject({
      periods: [{ outcome: 'held' }],
    });
    const { code, stdout } = await system.tryRun('reload', ...changing, '--json');
    expect(code).toBe(exitCodes.held);
    const [held] = (JSON.parse(stdout) as Reloads).periods;
    expect(held!.words).toMatch(
      /of the \d+ rows of the same export \d+ change \(\d+ with another name key\)/,
    );
    const where = `period_start = '2026-10-01'`;
    const of = before['notes']!.filter((row) => String(row['period_start']) === '2026-10-01');
    expect(await shown('notes', where)).toEqual(asText(of));
  });

  test('are held for a run as the first release started it, too', async () => {
    const [row] = await system.query(
      `SELECT run_id FROM published_period WHERE report = 'notes' AND period_start = '2026-10-01'`,
    );
    const result = (await system.client.workflow.execute('runReport', {
      workflowId: 'notes:2026-10-01..2026-10-15',
      taskQueue: 'ehr-pipeline',
      args: [{ report: 'notes', from: '2026-10-01', to: '2026-10-15', file: `run:${row!['run_id']!}` }],
    })) as RunReportResult;
    expect(result).toMatchObject({ outcome: 'held', heldBecause: [{ gate: 'rules-changed' }] });
  });

  test('are accepted once, and then load everything but what is pinned or held for other reasons', async () => {
    await system.run(
      'approve-rules',
      '--reason',
      'spaces and blanks are read as they are meant',
      '--by',
      'ada',
    );
    const range = ['--from', '2025-06-01', '--to', '2026-10-31'];
    const months = await json<Reloads>('reload', 'utilization', ...range);
    expect(new Set(months.periods.map(({ outcome }) => outcome))).toEqual(new Set(['published']));
    const cycles = await json<Reloads>('reload', 'notes', '--from', '2026-09-01', '--to', '2026-10-31');
    expect(cycles.periods.map(({ from, outcome }) => [from, outcome])).toEqual([
      ['2026-10-16', 'published'],
      ['2026-10-01', 'published'],
      ['2026-09-16', 'left'],
      ['2026-09-01', 'published'],
    ]);
    // Of the same export: a name with another space is one person now.
    const keys = async (period: string) =>
      (
        await system.query('SELECT COUNT(DISTINCT client_key) AS n FROM notes WHERE period_start = ?', [
          period,
        ])
      )[0]!['n'];
    const of = before['notes']!.filter((row) => String(row['period_start']) === '2026-10-01');
    expect(Number(await keys('2026-10-01'))).toBeLessThan(
      new Set(of.map((row) => String(row['client_key']))).size,
    );
    expect(await olderRules()).toEqual([
      '29 periods of notes within 2025-06-01..2026-09-30 show figures made under older rules',
    ]);
  });
});

describe('what people decide', { timeout: hangSeconds * 1000 }, () => {
  test('a run that the first release held can be approved', async () => {
    await system.run('approve', facts.held, '--reason', 'that is all there is', '--by', 'ada');
    const [counted] = await system.query("SELECT COUNT(*) AS n FROM notes WHERE period_start = '2026-10-16'");
    expect(counted!['n']).toBe('20');
  });

  test('a version that the first release loaded can be put back, and a pin taken away', async () => {
    await system.run('rollback', facts.second, '--reason', 'it was right after all', '--by', 'ada');
    await system.run('unpin', 'notes', '2026-09-16');
    const period = (await json<PeriodJson[]>('status')).find(({ from }) => from === '2026-09-16');
    expect(period).toMatchObject({ pinned: null });
    expect(await shown('notes', "period_start = '2026-09-16'")).toHaveLength(46);
  });
});
