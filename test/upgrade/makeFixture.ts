/**
 * Fills a database with the version of the product that this file lies in, and keeps it for the upgrade test of the
 * versions after it: see README.md here. Everything in it is invented.
 */
import { execFile } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { reportTable, tableBytes, type ReportTable } from '../../demo/portal/data.ts';
import { defaultDataSettings } from '../../demo/portal/data/settings.ts';
import { System } from '../e2e/system.ts';
import type { Period } from '../../src/domain/periods.ts';
import type { ReportName } from '../../src/reports/index.ts';

const folder = process.env['UPGRADE_FIXTURE'];
// 24 authorizations a month and 48 notes a cycle, one of 30 unreadable.
const data = { ...defaultDataSettings, scale: 0.1, unreadableRate: 0.03 };

function period(from: string, to: string): Period {
  return { from, to } as Period;
}

function table(report: ReportName, of: Period): ReportTable {
  return reportTable('demo', report, of, data);
}

function cut({ columns, rows }: ReportTable, count: number): ReportTable {
  return { columns, rows: rows.slice(0, count) };
}

/** Cells as people and other portals write them: other spaces, decomposed accents, other dates, words for nothing. */
function asPeopleWrite(report: ReportName, of: Period): Buffer {
  const { columns, rows } = table(report, of);
  const at = (name: string) => columns.indexOf(name);
  const written = rows.map((row, index) => {
    const cells = row.slice();
    const client = cells[0]!;
    if (index % 5 === 0) cells[0] = client.replace(', ', ',\u00A0');
    if (index % 5 === 1) cells[0] = client.replace(', ', ',  ');
    if (index % 5 === 2) cells[0] = client.normalize('NFD');
    const code = at('Service Code');
    if (index % 4 === 0) cells[code] = `${cells[code]!.replace(/ ?\(.*/, '')} (7/1/2026)`;
    if (report === 'notes' && index % 9 === 4) {
      cells[at('Staff Sign Date')] = 'N/A';
      cells[at('Days to Sign')] = '--';
    }
    if (report === 'utilization' && index % 9 === 4) cells[at('Billed Dollars')] = 'N/A';
    return cells;
  });
  return tableBytes({ columns, rows: written }, data);
}

test.skipIf(folder === undefined)('makes the fixture', { timeout: 1_800_000 }, async () => {
  const out = folder!;
  await mkdir(out, { recursive: true });
  const months = period('2025-06-01', '2026-10-31');
  const september = period('2026-09-01', '2026-09-30');
  const cycle = period('2026-10-01', '2026-10-15');
  const heldCycle = period('2026-10-16', '2026-10-31');
  const pinnedCycle = period('2026-09-16', '2026-09-30');
  const system = await System.start({
    portal: {
      delays: { pageMs: 0, lateMs: 0, queryMs: 0, exportMs: 0 },
      data,
      exports: {
        [`utilization:${september.from}..${september.to}`]: asPeopleWrite('utilization', september),
        [`notes:${cycle.from}..${cycle.to}`]: asPeopleWrite('notes', cycle),
      },
    },
  });
  try {
    const worker = await system.startWorker();
    const range = ['--from', months.from, '--to', months.to];
    await system.run('backfill', 'utilization', ...range, '--no-wait');
    await system.client.workflow.getHandle(`backfill:utilization:${months.from}..${months.to}`).result();
    await system.run('backfill', 'notes', ...range, '--no-wait');
    await keepRunningHistory(system, `backfill:notes:${months.from}..${months.to}`, out);
    await system.client.workflow.getHandle(`backfill:notes:${months.from}..${months.to}`).result();

    const byFile = async (report: ReportName, of: Period, name: string, file: ReportTable) => {
      const at = path.join(system.folder, `${name}.csv`);
      await writeFile(at, tableBytes(file, data));
      const { stdout } = await system.tryRun(
        'run',
        report,
        '--from',
        of.from,
        '--to',
        of.to,
        '--file',
        at,
        '--json',
      );
      return (JSON.parse(stdout) as { result: { run: string; outcome: string } }).result;
    };
    const held = await byFile('notes', heldCycle, 'half', cut(table('notes', heldCycle), 20));
    const whole = table('notes', pinnedCycle);
    const [first] = await system.query(
      'SELECT run_id FROM published_period WHERE report = ? AND period_start = ?',
      ['notes', pinnedCycle.from],
    );
    const second = await byFile('notes', pinnedCycle, 'fewer', cut(whole, whole.rows.length - 2));
    await system.run('rollback', first!['run_id']!, '--reason', 'two notes were missing', '--by', 'ada');
    const october = period('2026-10-01', '2026-10-31');
    const { columns, rows } = table('utilization', october);
    const later = await byFile('utilization', october, 'later', { columns, rows: rows.slice(0, -1) });

    await worker.stop();
    await system.startWorker({ EHR_PORTAL_PASSWORD: 'not the password' });
    await system.tryRun('run', 'notes', '--from', cycle.from, '--to', cycle.to);
    const runs = { held, second, later, first };
    await writeFile(path.join(out, 'facts.json'), `${JSON.stringify(runs, null, 2)}\n`);
    await dump(system, out);
    expect([held.outcome, second.outcome, later.outcome]).toEqual(['held', 'published', 'held']);
  } finally {
    await system.stop();
  }
});

/** As soon as some periods have ended and others have not. */
async function keepRunningHistory(system: System, id: string, out: string): Promise<void> {
  const handle = system.client.workflow.getHandle(id);
  // Many times what half of the backfill takes.
  const until = Date.now() + 600_000;
  while (Date.now() < until) {
    const history = await handle.fetchHistory();
    const children = history.events!.filter((event) => event.childWorkflowExecutionCompletedEventAttributes);
    if (children.length >= 3) {
      const shown = await system.temporal('workflow', 'show', '--workflow-id', id, '--output', 'json');
      await writeFile(path.join(out, 'backfill-running.json'), shown.stdout);
      return;
    }
    await sleep(100);
  }
  throw new Error('no three periods of the backfill ended');
}

async function dump(system: System, out: string): Promise<void> {
  const url = new URL(system.environment['DATABASE_URL']!);
  const { stdout } = await promisify(execFile)(
    'mariadb-dump',
    [
      `--host=${url.hostname}`,
      `--port=${url.port}`,
      `--user=${decodeURIComponent(url.username)}`,
      `--password=${decodeURIComponent(url.password)}`,
      '--single-transaction',
      '--skip-dump-date',
      '--skip-comments',
      '--order-by-primary',
      '--default-character-set=utf8mb4',
      url.pathname.slice(1),
    ],
    { maxBuffer: 256 * 1024 * 1024 },
  );
  await writeFile(path.join(out, 'dump.sql'), stdout);
  await promisify(execFile)('tar', [
    '-C',
    system.environment['EHR_ARTIFACTS']!,
    '--exclude=scratch',
    '-cf',
    path.join(out, 'artifacts.tar'),
    '.',
  ]);
}
