import { readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import type { Changes, GateReason } from '../../src/domain/publication.ts';
import type { RunReportResult } from '../../src/workflows/runResult.ts';
import { exitCodes } from '../../src/cli/exitCodes.ts';
import { goldenMonths } from '../golden/golden.ts';
import { commandLines, startBy } from './commandLines.ts';
import { leaksOf, privateTexts } from './leaks.ts';
import { secretsOf, System, type WorkerProcess } from './system.ts';

/**
 * What people decide about figures: runs that are held, let through or closed, versions that are put back. Each
 * test has the period to itself, since what a period showed before is what it is about.
 */
const golden = goldenMonths.find(({ name }) => name === 'notes-2026-10-16')!;
const range = ['notes', '--from', golden.period.from, '--to', golden.period.to];
const period = golden.period.from;
const exportText = readFileSync(golden.exportPath, 'utf8');
const lineEnd = exportText.includes('\r\n') ? '\r\n' : '\n';
const allRows = 481;
const fewRows = 300;

let system: System;
let worker: WorkerProcess;
let whole: string;
let nearlyWhole: string;
let cut: string;

beforeAll(async () => {
  system = await System.start({ sharedClient: true });
  worker = await system.startWorker();
  whole = path.join(system.folder, 'whole.csv');
  nearlyWhole = path.join(system.folder, 'nearly-whole.csv');
  cut = path.join(system.folder, 'cut.csv');
  const lines = exportText.split(lineEnd);
  await writeFile(whole, exportText);
  await writeFile(nearlyWhole, `${lines.slice(0, allRows).join(lineEnd)}${lineEnd}`);
  // Cut at the end of a row: it looks whole, and nothing but its size tells.
  await writeFile(cut, `${lines.slice(0, fewRows + 1).join(lineEnd)}${lineEnd}`);
});
afterAll(() => system.stop());
beforeEach(async () => {
  const tables = ['notes', 'notes_summary', 'pipeline_run', 'published_period', 'rejected_row'];
  for (const table of tables) await system.query(`DELETE FROM ${table}`);
});

async function run(file: string): Promise<RunReportResult> {
  // A held run ends with an exit code of its own: exitCodes.test.ts.
  const { stdout } = await system.tryRun('run', ...range, '--file', file, '--json');
  return (JSON.parse(stdout) as { result: RunReportResult }).result;
}

async function shownRows(): Promise<number> {
  const [counted] = await system.query('SELECT COUNT(*) AS n FROM notes');
  return Number(counted!['n']);
}

async function ledger(runId: string): Promise<Record<string, string | null>> {
  const [row] = await system.query('SELECT * FROM pipeline_run WHERE run_id = ?', [runId]);
  return row!;
}

async function held(): Promise<RunReportResult> {
  await run(whole);
  const result = await run(cut);
  expect(result.outcome).toBe('held');
  return result;
}

describe('a file that was cut at the end of a row', () => {
  test('is held: the earlier figures stay, and ledger, Web UI and search say why', async () => {
    const result = await held();
    expect(result.heldBecause?.map(({ gate }) => gate)).toEqual(['rows-far-from-last-load']);
    expect(await shownRows()).toBe(allRows);

    const entry = await ledger(result.run);
    expect(entry['outcome']).toBe('held');
    expect(JSON.parse(entry['held_because']!) as GateReason[]).toEqual(result.heldBecause);

    const handle = system.client.workflow.getHandle(`notes:${period}..${golden.period.to}`, result.run);
    const { searchAttributes } = await handle.describe();
    expect(searchAttributes['EhrOutcome']).toEqual(['held']);
    const details = await system.temporal('workflow', 'metadata', '--workflow-id', handle.workflowId);
    expect(details.stdout).toContain(`client -- approve ${result.run}`);
  });

  test('shows what it would change, row by row and without names', async () => {
    const result = await held();
    const words = await system.run('diff', 'notes', period, '--run', result.run, '--limit', '5');
    expect(words).toContain(
      `0 added, ${String(allRows - fewRows)} removed, 0 changed, ${String(fewRows)} the same`,
    );
    for (const row of golden.rows) expect(words).not.toContain(row['client']);
    const [removed] = (
      JSON.parse(
        await system.run('diff', 'notes', period, '--run', result.run, '--limit', '1', '--names', '--json'),
      ) as { rows: { kind: string; row: { client: string } }[] }
    ).rows;
    expect(removed?.kind).toBe('removed');
    expect(golden.rows.map((row) => row['client'])).toContain(removed?.row.client);
  });

  test('is loaded when a person says so, with who and why', async () => {
    const result = await held();
    await system.run('approve', result.run, '--reason', 'billing has deleted the rest', '--by', 'ada');
    expect(await shownRows()).toBe(fewRows);
    expect(await ledger(result.run)).toMatchObject({
      outcome: 'published',
      decided_by: 'ada',
      decision_reason: 'billing has deleted the rest',
    });
  });

  test('is closed when a person says so, and cannot be loaded any more', async () => {
    const result = await held();
    await system.run('reject', result.run, '--reason', 'cut off', '--by', 'ada');
    expect(await ledger(result.run)).toMatchObject({ outcome: 'rejected', decided_by: 'ada' });
    const late = await system.tryRun('approve', result.run, '--reason', 'after all');
    expect(late.code).toBe(2);
    expect(late.stderr).toContain('is rejected, not held');
    expect(await shownRows()).toBe(allRows);
  });

  test('is superseded by a newer run of the period', async () => {
    const result = await held();
    expect((await run(whole)).outcome).toBe('unchanged');
    expect(await ledger(result.run)).toMatchObject({ outcome: 'superseded' });
    const late = await system.tryRun('approve', result.run, '--reason', 'after all');
    expect(late.code).toBe(2);
  });

  test.each(commandLines.filter(({ available }) => available))(
    'is loaded by $name as well, and the ledger knows who started it',
    async (commandLine) => {
      const result = await held();
      const input = JSON.stringify({ run: result.run, reason: 'checked' });
      await startBy(commandLine, system, { type: 'publishHeld', input }).then((handle) => handle.result());
      expect(await shownRows()).toBe(fewRows);
      // `temporal-cli:user@host` and `user@host`: whom Temporal knows the starter by.
      expect((await ledger(result.run))['decided_by']).toMatch(/@/);
    },
  );
});

describe('an earlier version', () => {
  test('is listed, put back and pinned until a person lets later runs load again', async () => {
    const first = await run(whole);
    const second = await run(cut);
    await system.run('approve', second.run, '--reason', 'looked right', '--by', 'ada');
    expect(await shownRows()).toBe(fewRows);

    await system.run('rollback', first.run, '--reason', 'it was cut off', '--by', 'ben');
    expect(await shownRows()).toBe(allRows);
    const versions = JSON.parse(await system.run('versions', 'notes', period, '--json')) as {
      run: string;
      rowsLoaded: number;
      decision: { kind: string; by: string } | null;
    }[];
    expect(versions.map(({ rowsLoaded, decision }) => [rowsLoaded, decision?.kind, decision?.by])).toEqual([
      [allRows, 'rollback', 'ben'],
      [fewRows, 'approve', 'ada'],
      [allRows, undefined, undefined],
    ]);

    const later = await run(nearlyWhole);
    expect(later.heldBecause?.map(({ gate }) => gate)).toEqual(['pinned']);
    expect(await system.run('unpin', 'notes', period)).toContain('pinned no more');
    expect((await run(nearlyWhole)).outcome).toBe('published');
    expect(await shownRows()).toBe(allRows - 1);
  });

  test('is compared with any other, with the cause of each load between them', async () => {
    const first = await run(whole);
    const second = await run(nearlyWhole);
    await system.run('rollback', first.run, '--reason', 'one was missing', '--by', 'cleo');
    const since = async (...more: string[]) =>
      JSON.parse(await system.run('diff', 'notes', period, ...more, '--json')) as {
        since: string;
        same: number;
        removed: number;
        total: number;
        loads: { run: string; why: string }[];
      };
    expect(await since('--since', first.run, '--run', second.run)).toMatchObject({
      since: first.run,
      same: allRows - 1,
      removed: 1,
      total: 1,
      loads: [{ run: second.run, why: 'another file was handed in' }],
    });
    const all = await since('--since', first.run);
    expect(all).toMatchObject({ same: allRows, total: 0 });
    expect(all.loads.map(({ why }) => why)).toEqual([
      'another file was handed in',
      'earlier version put back by cleo: one was missing',
    ]);
    // The figures of today are those at its end, in any time zone but the ones already past it.
    const tomorrow = new Date(Date.now() + 86_400_000).toISOString().slice(0, 10);
    expect(await since('--since', tomorrow)).toMatchObject({ same: allRows, total: 0, loads: [] });
    const words = await system.run('diff', 'notes', period, '--since', first.run, '--run', second.run);
    expect(words).toContain('another file was handed in');
    for (const row of golden.rows) expect(words).not.toContain(row['client']);
  });

  test.each([
    { since: '2020-01-01', says: /showed nothing at the end of 2020-01-01/ },
    { since: 'yesterday', says: /--since: neither a day nor the id of a run/ },
  ])('is not found: --since $since', async ({ since, says }) => {
    await run(whole);
    const refused = await system.tryRun('diff', 'notes', period, '--since', since);
    expect(refused.code).toBe(2);
    expect(refused.stderr).toMatch(says);
  });

  test('that was never published cannot be put back', async () => {
    const result = await held();
    const refused = await system.tryRun('rollback', result.run, '--reason', 'mistaken');
    expect(refused.code).toBe(2);
    expect(refused.stderr).toContain('is held, not published');
  });
});

describe('a preview', () => {
  test('prints contract, rejects, gates and difference, and writes nothing', async () => {
    await run(whole);
    const before = await system.query('SELECT * FROM pipeline_run');
    const { code, stdout: words } = await system.tryRun('preview', ...range, '--file', cut);
    expect(code).toBe(exitCodes.held);
    expect(words).toContain('contract: all 7 columns of notes are there');
    expect(words).toContain(
      `rows: read ${String(fewRows)} = kept ${String(fewRows)} + excluded 0 + rejected 0`,
    );
    expect(words).toContain('a run would be held');
    expect(words).toContain('gate rows-far-from-last-load');
    expect(words).toContain(`${String(allRows - fewRows)} removed`);
    expect(await system.query('SELECT * FROM pipeline_run')).toEqual(before);
    expect(await shownRows()).toBe(allRows);
  });

  test('of what would not be held ends with 0', async () => {
    await run(whole);
    const { code, stdout } = await system.tryRun('preview', ...range, '--file', whole);
    expect(stdout).toContain('a run would be unchanged');
    expect(code).toBe(exitCodes.fine);
  });
});

describe('rejected rows', () => {
  test('are listed by line and column, and cleared from the kept export once a rule is mended', async () => {
    const broken = path.join(system.folder, 'broken.csv');
    const lines = exportText.split(lineEnd);
    const header = lines[0]!.split(',');
    const client = header.indexOf('Client');
    expect(client).toBeGreaterThanOrEqual(0);
    // Three notes of a service that is none of ours, and without a client.
    const stray = header.map((name) => strayCells[name] ?? '').join(',');
    await writeFile(broken, [...lines.slice(0, -1), stray, stray, stray, ''].join(lineEnd));
    const first = await run(broken);
    expect(first).toMatchObject({ outcome: 'published', rowsRejected: 3 });
    const listed = await system.run('rejects', first.run);
    expect(listed.match(/^ *\d+ +client +blank /gm)).toHaveLength(3);

    await worker.stop();
    const config = await system.configFile('mended', [[['excludedServices'], ['TRANSPORT']]]);
    worker = await system.startWorker({ EHR_CONFIG: config });
    const printed = await system.run('rerun', first.run, '--json');
    const { result } = JSON.parse(printed) as { result: RunReportResult };
    expect(result).toMatchObject({
      outcome: 'published',
      rowsRejected: 0,
      rowsExcluded: 3,
      rowsLoaded: allRows,
    });
    const changes = JSON.parse((await ledger(result.run))['changes']!) as Changes;
    expect(changes).toMatchObject({ added: 0, removed: 0, changed: 0, same: allRows });
    expect(await system.run('rejects', result.run)).toContain('no row was rejected');
  });
});

describe('the audit events', () => {
  interface Event {
    readonly action: string;
    readonly actor: string;
    readonly proof: string;
    readonly onBehalfOf: string | null;
    readonly report: string | null;
    readonly details: Record<string, unknown> | null;
    readonly hash: string;
  }
  const audit = async (...options: string[]) =>
    JSON.parse(await system.run('audit', ...options, '--limit', '500', '--json')) as Event[];

  test('say who decided, whom for and how that is known, by whichever command', async () => {
    await run(whole);
    await system.run('approve-rules', '--reason', 'looked at', '--by', 'ada');
    await system.run('schedule', 'apply');
    await system.run('lookalikes', 'notes', '--names');
    await system.run('dashboard', '--out', path.join(system.folder, 'named'), '--names');
    await system.run('preview', ...range, '--file', whole, '--names');
    const events = await audit();
    expect(new Set(events.map(({ action }) => action))).toEqual(
      new Set(['approve', 'reject', 'rollback', 'unpin', 'accept-rules', 'schedule', 'show-names']),
    );
    for (const { actor } of events) expect(actor).toMatch(/@/);
    expect(new Set(events.map(({ proof }) => proof))).toEqual(new Set(['claimed']));
    const shown = events.filter(({ action }) => action === 'show-names');
    expect(new Set(shown.map(({ details }) => details?.['command']))).toEqual(
      new Set(['diff', 'lookalikes', 'dashboard', 'preview']),
    );
    const rolledBack = await audit('--action', 'rollback', '--report', 'notes', '--period', period);
    expect(new Set(rolledBack.map(({ onBehalfOf }) => onBehalfOf))).toEqual(new Set(['ben', 'cleo']));
    expect(await system.run('audit', '--limit', '1')).toContain('show-names');
  });

  test('are a chain whose head the worker logs, so that a cut shows', async () => {
    const [{ hash }] = (await audit()) as [Event];
    await vi.waitFor(async () => expect(await worker.log()).toContain(hash), {
      timeout: 600_000,
      interval: 1000,
    });
    expect(await system.run('audit', 'verify', '--head', hash)).toContain(
      'the chain of audit events is whole',
    );
    await system.query('DELETE FROM audit_event WHERE hash = ?', [hash]);
    const broken = await system.tryRun('audit', 'verify', '--json');
    expect(broken.code).toBe(exitCodes.unfit);
    expect(JSON.parse(broken.stdout)).toMatchObject({
      broken: expect.stringContaining('is missing') as string,
    });
  });
});

test('of all this, what operators read names no person', async () => {
  const secret = privateTexts([Buffer.from(exportText)], secretsOf(system.environment));
  expect(await leaksOf(system, secret)).toEqual([]);
});

const strayCells: Readonly<Record<string, string>> = {
  'Service Code': 'TRANSPORT',
  Caregiver: '"WREN, ODA"',
  'Date of Service': '10/20/2026',
};
