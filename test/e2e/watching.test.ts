import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { System } from './system.ts';
import { onTerminal } from './terminal.ts';

/** What whoever follows a run sees on a terminal, while the portal takes its time to prepare each export. */
const project = fileURLToPath(new URL('../..', import.meta.url));
let system: System;

beforeAll(async () => {
  system = await System.start({
    portal: { delays: { pageMs: 0, lateMs: 0, queryMs: 0, exportMs: 6_000 } },
  });
  await system.startWorker();
});
afterAll(() => system.stop());

function client(...args: string[]): Promise<string> {
  const command = [process.execPath, ...system.clientProgram, ...args];
  return onTerminal(command, { env: { ...system.environment, TERM: 'xterm' }, cwd: project, columns: 120 });
}

describe('on a terminal', () => {
  test('a backfill shows its periods, what each is at, the portal’s percent and the time left', async () => {
    const shown = await client('backfill', 'notes', '--from', '2026-09-01', '--to', '2026-10-15');
    expect(shown).toMatch(/0\/3 periods/);
    expect(shown).toMatch(/2\/3 periods, about \d+ (?:s|min) left/);
    expect(shown).toMatch(/notes 2026-10-01\.\.2026-10-15 loginAndDownload/);
    expect(shown).toMatch(/notes 2026-09-01\.\.2026-09-15 loginAndDownload: [^\n]+, \d{1,2} %/);
    expect(shown).toContain('backfill:notes:2026-09-01..2026-10-15: ');
    expect(shown).toContain('done {"published":3}');
    for (const line of shown.split('\n')) expect(line.length).toBeLessThanOrEqual(120);
  });

  test('a run shows its step and the portal’s percent', async () => {
    const shown = await client('run', 'notes', '--from', '2026-08-16', '--to', '2026-08-31');
    expect(shown).toMatch(/1\/6 loginAndDownload: [^\n]+, \d{1,2} %/);
    expect(shown).toContain('outcome published');
  });

  test('with --json nothing is drawn', async () => {
    const shown = await client('run', 'notes', '--from', '2026-08-16', '--to', '2026-08-31', '--json');
    expect(JSON.parse(shown)).toMatchObject({ result: { outcome: 'unchanged' } });
  });
});

test('into a pipe goes the result and nothing else', async () => {
  const { stdout, stderr } = await system.tryRun(
    'run',
    'notes',
    '--from',
    '2026-08-16',
    '--to',
    '2026-08-31',
  );
  expect(stderr).toBe('');
  // What the run found belongs to its result.
  expect(stdout).toMatch(
    /^notes:2026-08-16\.\.2026-08-31: outcome unchanged[^\n]*\nwarning unknown-service: \d+ \([^\n]*\)\n$/,
  );
});
