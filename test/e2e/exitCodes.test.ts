import { readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { exitCodes } from '../../src/cli/exitCodes.ts';
import type { StatusRow } from '../../src/cli/statusRows.ts';
import { dayInZone } from '../../src/domain/dates.ts';
import { missingPeriods } from '../../src/domain/periods.ts';
import type { RunReportResult } from '../../src/workflows/runResult.ts';
import { goldenMonths } from '../golden/golden.ts';
import { System, type CommandResult } from './system.ts';

/** What scripts learn from the client: exit codes, and one JSON document on stdout whatever happens. */
const golden = goldenMonths.find(({ name }) => name === 'notes-2026-10-16')!;
const range = ['notes', '--from', golden.period.from, '--to', golden.period.to];
const exportText = readFileSync(golden.exportPath, 'utf8');
const lineEnd = exportText.includes('\r\n') ? '\r\n' : '\n';

let system: System;

beforeAll(async () => {
  system = await System.start();
  await system.startWorker();
});
afterAll(() => system.stop());
beforeEach(async () => {
  const tables = ['notes', 'notes_summary', 'pipeline_run', 'published_period', 'rejected_row'];
  for (const table of tables) await system.query(`DELETE FROM ${table}`);
});

/** A file to run from: the export's first so many lines, all of them without a number. */
async function saved(name: string, lines?: number): Promise<string> {
  const file = path.join(system.folder, name);
  await writeFile(
    file,
    exportText.split(lineEnd).slice(0, lines).join(lineEnd) + (lines === undefined ? '' : lineEnd),
  );
  return file;
}

const whole = () => saved('whole.csv');
const runFile = (file: string, ...more: string[]) => system.tryRun('run', ...range, '--file', file, ...more);

function resultOf({ stdout }: CommandResult): RunReportResult {
  return (JSON.parse(stdout) as { result: RunReportResult }).result;
}

describe('a run that is waited for', () => {
  test('0: it has published, and again where nothing is left to change', async () => {
    const first = await runFile(await whole(), '--json');
    expect(first).toMatchObject({ code: exitCodes.fine, stderr: '' });
    expect(resultOf(first).outcome).toBe('published');
    const again = await runFile(await whole(), '--json');
    expect(again.code).toBe(exitCodes.fine);
    expect(resultOf(again).outcome).toBe('unchanged');
  });

  test('3: a held run, for the caller that started it and for one that watches', async () => {
    await runFile(await whole());
    const held = await runFile(await saved('cut.csv', 301));
    expect(held.code).toBe(exitCodes.held);
    expect(held.stdout).toMatch(/held by rows-far-from-last-load.*\n.*client -- approve /);
    const watched = await system.tryRun('watch', `notes:${golden.period.from}..${golden.period.to}`);
    expect(watched.code).toBe(exitCodes.held);

    const status = await system.tryRun('status', '--check', '--json');
    expect(status.code).toBe(exitCodes.held);
    expect((await system.tryRun('status')).code).toBe(exitCodes.fine);
    expect(await system.run('versions', 'notes', golden.period.from)).toContain(
      'held by rows-far-from-last-load',
    );
  });

  test('1: it failed; the words are on stderr, the table has the type alone, `versions` all of it', async () => {
    const page = path.join(system.folder, 'page.csv');
    await writeFile(page, '<!DOCTYPE html>\n<p>Please sign in</p>\n');
    const failed = await runFile(page, '--json');
    expect(failed.code).toBe(exitCodes.failed);
    expect(failed.stderr).toMatch(
      /^ExportNotCsv: takeFile: .*What to do: .*\nSee docs\/runbook\.md, section ExportNotCsv\.$/m,
    );
    expect(JSON.parse(failed.stdout)).toMatchObject({
      error: { type: 'ExportNotCsv' },
      exitCode: exitCodes.failed,
    });

    const status = await system.tryRun('status', '--check');
    expect(status.code).toBe(exitCodes.failed);
    expect(status.stdout).toMatch(/ failed .* failed: ExportNotCsv, not loaded$/m);
    expect(status.stdout).not.toContain('What to do');
    expect(await system.run('versions', 'notes', golden.period.from)).toMatch(/ExportNotCsv: .*What to do/);
    const [period] = JSON.parse(await system.run('status', '--json')) as StatusRow[];
    expect(period?.lastRun?.failureMessage).toContain('What to do');
  });

  test('4: it came to nothing, since the period shows a newer export', async () => {
    const older = resultOf(await runFile(await whole(), '--json'));
    await runFile(await saved('nearly-whole.csv', 481));
    const rerun = await system.tryRun('rerun', older.run, '--json');
    expect(resultOf(rerun).outcome).toBe('superseded');
    expect(rerun.code).toBe(exitCodes.notLoaded);
  });

  test('0: it was only to be started', async () => {
    const started = await runFile(await whole(), '--no-wait', '--json');
    expect(started.code).toBe(exitCodes.fine);
    const { workflowId } = JSON.parse(started.stdout) as { workflowId: string };
    expect((await system.tryRun('watch', workflowId)).code).toBe(exitCodes.fine);
  });
});

test('7: status --check finds periods in between that are not loaded, and status names the command that loads them', async () => {
  await runFile(await whole());
  const missing = missingPeriods('notes', [golden.period], dayInZone(new Date(), 'America/New_York'));
  expect(missing.length).toBeGreaterThan(0);
  const { code, stdout } = await system.tryRun('status', '--check', '--json');
  expect(code).toBe(exitCodes.outOfDate);
  const gaps = (JSON.parse(stdout) as StatusRow[]).filter(({ gap }) => gap);
  expect(gaps.map(({ from, to }) => ({ from, to }))).toEqual(missing);
  expect(await system.run('status')).toContain(
    `not loaded: npm run client -- backfill notes --from ${missing.at(-1)!.from} --to ${missing[0]!.to}`,
  );
});

describe('what cannot be reached', () => {
  // Nothing listens on the port of tcpmux.
  const noTemporal = { TEMPORAL_ADDRESS: '127.0.0.1:1' };
  const noDatabase = { DATABASE_URL: 'mysql://ehr:not-a-password@127.0.0.1:1/ehr' };

  test.each([
    { title: 'Temporal, by a run', env: noTemporal, args: ['run', ...range], code: exitCodes.noTemporal },
    {
      title: 'Temporal, by the schedule',
      env: noTemporal,
      args: ['schedule', 'show'],
      code: exitCodes.noTemporal,
    },
    {
      title: 'a namespace that is not there',
      env: { TEMPORAL_NAMESPACE: 'nowhere' },
      args: ['run', ...range],
      code: exitCodes.noTemporal,
    },
    { title: 'the database, by status', env: noDatabase, args: ['status'], code: exitCodes.noDatabase },
    { title: 'the database, by migrate', env: noDatabase, args: ['migrate'], code: exitCodes.noDatabase },
  ])('$title: $code', async ({ env, args, code }) => {
    const result = await system.tryRunWith(env, ...args, '--json');
    expect(result.code).toBe(code);
    expect(JSON.parse(result.stdout)).toMatchObject({
      exitCode: code,
      error: { hint: expect.stringMatching(/\w/) },
    });
    expect(result.stderr).not.toMatch(/tries again|\n\s+at |not-a-password/);
    expect(result.stderr).toMatch(/cannot be reached|no such namespace/);
  });
});

test('a failure of the database names host and database', async () => {
  const empty = await system.createDatabase();
  const { host, pathname } = new URL(empty);
  const { code, stderr } = await system.tryRunWith({ DATABASE_URL: empty }, 'status');
  expect(code).toBe(exitCodes.noDatabase);
  expect(stderr).toContain(`the database ${pathname.slice(1)} at ${host}: Reading the ledger: a table or`);
  expect(stderr).toContain('npm run client -- migrate');
});

describe('2: a call that is refused', () => {
  test.each([
    { title: 'an unknown option', args: ['status', '--jason', '--json'], says: 'unknown option' },
    {
      title: 'an unknown report',
      args: ['versions', 'payroll', '2026-10-16', '--json'],
      says: 'no such report',
    },
    {
      title: 'a run that nobody knows',
      args: ['watch', 'notes:1999-01-01..1999-01-15', '--json'],
      says: 'knows no',
    },
    { title: 'an id that Temporal does not take', args: ['watch', '', '--json'], says: 'does not take' },
  ])('$title', async ({ args, says }) => {
    const { code, stdout, stderr } = await system.tryRun(...args);
    expect(code).toBe(exitCodes.wrongCall);
    expect(stderr).toContain(says);
    expect(JSON.parse(stdout)).toMatchObject({
      error: { type: 'InvalidInput' },
      exitCode: exitCodes.wrongCall,
    });
  });
});
