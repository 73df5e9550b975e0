import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { exitCodes } from '../../src/cli/exitCodes.ts';
import { System } from './system.ts';
import { onTerminal } from './terminal.ts';

/** What whoever follows a run sees on a terminal, while the portal takes its time to prepare each export. */
const project = fileURLToPath(new URL('../..', import.meta.url));
let system: System;

beforeAll(async () => {
  system = await System.start({
    portal: { delays: { pageMs: 0, lateMs: 0, queryMs: 0, exportMs: 6_000 } },
  });
});
afterAll(() => system.stop());

/** Against hangs only. */
const patience = { timeout: 600_000, interval: 200 };

const notes = (from: string, to: string) => ['notes', '--from', from, '--to', to];

test('while no worker is running it says so, and Ctrl-C says that the run goes on', async () => {
  const [command, ...args] = [...system.clientProgram, 'run', ...notes('2026-07-01', '2026-07-15')];
  const following = spawn(process.execPath, [command!, ...args], {
    env: system.environment,
    cwd: project,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const ended = once(following, 'close');
  let shown = '';
  following.stderr.on('data', (text: Buffer) => (shown += text.toString()));
  await vi.waitFor(() => expect(shown).toContain('\nno worker is running: start one with'), patience);
  following.kill('SIGINT');
  expect(await ended).toEqual([null, 'SIGINT']);
  const id = 'notes:2026-07-01..2026-07-15';
  expect(shown).toBe(
    [
      'notes 2026-07-01..2026-07-15 starting',
      'no worker is running: start one with npm run build && npm start',
      `${id} goes on without this command.`,
      `Follow it: npm run client -- watch ${id}`,
      `Cancel it: npm run client -- cancel ${id} --reason "…"`,
      '',
    ].join('\n'),
  );

  const asked = await system.run('cancel', id, '--reason', 'the wrong period', '--no-wait');
  expect(asked).toContain(`${id} is asked to end`);
  await system.startWorker();
  const watched = await system.tryRun('watch', id);
  expect(watched.stderr).toContain(`${id} was cancelled; nothing was loaded`);
  expect(watched.code).toBe(exitCodes.notLoaded);
});

function client(...args: string[]): Promise<string> {
  const command = [process.execPath, ...system.clientProgram, ...args];
  return onTerminal(command, { env: { ...system.environment, TERM: 'xterm' }, cwd: project, columns: 120 });
}

describe('on a terminal', () => {
  test('a backfill shows its periods, what each is at, the portal’s percent and the time left', async () => {
    const shown = await client('backfill', 'notes', '--from', '2026-09-01', '--to', '2026-10-15');
    expect(shown).toMatch(/^backfill notes 2026-09-01\.\.2026-10-15: 0 of 3 periods ended$/m);
    expect(shown).toMatch(/: 2 of 3 periods ended: 2 published; about \d+ (?:s|min) left$/m);
    expect(shown).toMatch(/notes 2026-10-01\.\.2026-10-15 loginAndDownload/);
    expect(shown).toMatch(/notes 2026-09-01\.\.2026-09-15 loginAndDownload: [^\n]+, \d{1,2} %/);
    expect(shown).toContain('backfill:notes:2026-09-01..2026-10-15: 3 published, of 3 periods');
    for (const line of shown.split('\n')) expect(line.length).toBeLessThanOrEqual(120);
  });

  test('a run shows its step and the portal’s percent', async () => {
    const shown = await client('run', 'notes', '--from', '2026-08-16', '--to', '2026-08-31');
    expect(shown).toMatch(/^notes 2026-08-16\.\.2026-08-31 loginAndDownload: [^\n]+, \d{1,2} %$/m);
    expect(shown).toContain('2026-08-31: published: ');
  });

  test('with --json nothing is drawn', async () => {
    const shown = await client('run', 'notes', '--from', '2026-08-16', '--to', '2026-08-31', '--json');
    expect(JSON.parse(shown)).toMatchObject({ result: { outcome: 'unchanged' } });
  });
});

test('into a pipe goes the result alone; stderr has a line for each change', async () => {
  const { stdout, stderr } = await system.tryRun('run', ...notes('2026-08-16', '2026-08-31'));
  const lines = stderr.trimEnd().split('\n');
  expect(lines).toContainEqual(expect.stringMatching(/^notes 2026-08-16\.\.2026-08-31 loginAndDownload: /));
  expect(new Set(lines).size).toBe(lines.length);
  // What the run found belongs to its result.
  expect(stdout).toMatch(
    /^notes:2026-08-16\.\.2026-08-31: unchanged: \d+ read, [^\n]*\nwarning unknown-service: \d+ \([^\n]*\)\n$/,
  );
});

describe('cancel', () => {
  const id = 'notes:2026-05-16..2026-05-31';
  const parent = 'backfill:notes:2026-05-01..2026-05-31';

  test('ends a period of a backfill, says what happens to the figures, and is recorded', async () => {
    await system.run('backfill', ...notes('2026-05-01', '2026-05-31'), '--no-wait');
    const handle = system.client.workflow.getHandle(id);
    await vi.waitFor(async () => {
      const { raw } = await handle.describe();
      expect(raw.pendingActivities).not.toHaveLength(0);
    }, patience);
    const reason = ['--reason', 'the wrong period', '--by', 'ann'];
    const answer = JSON.parse(await system.run('cancel', id, ...reason, '--json')) as unknown;
    expect(answer).toEqual({
      workflowId: id,
      cancelled: true,
      words: `${id} was cancelled; nothing was loaded, and the period shows no figures yet`,
      parent,
    });
    const { runId } = await handle.describe();
    const [event] = JSON.parse(await system.run('audit', '--action', 'cancel', '--json')) as object[];
    expect(event).toMatchObject({ reason: 'the wrong period', onBehalfOf: 'ann', runId });

    // The other period is loaded all the same.
    const { stdout } = await system.tryRun('watch', parent, '--json');
    expect(JSON.parse(stdout)).toMatchObject({ exitCode: exitCodes.failed });
    const [versions] = await system.query(
      "SELECT COUNT(*) AS loaded FROM published_period WHERE period_start = '2026-05-01'",
    );
    expect(versions).toEqual({ loaded: '1' });
  });

  test.each([
    { what: 'a run that has ended', id, message: `${id} has ended already: cancelled` },
    { what: 'an id that nobody knows', id: 'notes:x', message: 'Temporal knows no notes:x' },
  ])('refuses $what', async ({ id: given, message }) => {
    const { code, stderr } = await system.tryRun('cancel', given, '--reason', 'the wrong period');
    expect(stderr).toContain(message);
    expect(code).toBe(exitCodes.wrongCall);
  });
});
