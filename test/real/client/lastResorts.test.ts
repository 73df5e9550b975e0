import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { describe, expect, test, vi } from 'vitest';
import { errorTrace } from '../../../src/observability/errorTrace.ts';

vi.setConfig({ testTimeout: 120_000 });

const project = fileURLToPath(new URL('../../..', import.meta.url));

interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

async function ended(program: string, args: readonly string[]): Promise<Ended> {
  const child = spawn(program, args, { cwd: project, stdio: ['ignore', 'pipe', 'pipe'] });
  const text = { stdout: '', stderr: '' };
  child.stdout.on('data', (chunk) => (text.stdout += String(chunk)));
  child.stderr.on('data', (chunk) => (text.stderr += String(chunk)));
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, ...text };
}

describe('whoever reads a command’s output may stop at any time', () => {
  // The reader is gone before the command has begun to write.
  test.each([
    { title: 'help', call: 'run --help', pipe: '| true' },
    { title: 'a long answer', call: 'completion bash', pipe: '| true' },
    {
      title: 'JSON',
      call: 'backfill notes --from 2000-01-01 --to 2025-12-31 --dry-run --json',
      pipe: '| true',
    },
    { title: 'a list', call: 'backfill notes --from 2000-01-01 --to 2025-12-31 --dry-run', pipe: '| true' },
    {
      title: 'a refusal, on stderr',
      call: 'run notes --from 2026-10-02 --to 2026-10-03',
      pipe: '2>&1 | true',
    },
    { title: 'a wrong call, on stderr', call: 'nonsense', pipe: '2>&1 | true' },
  ])('$title', async ({ call, pipe }) => {
    const { stdout, stderr } = await ended('bash', [
      '-c',
      `"$0" --import tsx src/client.ts ${call} ${pipe}; echo "\${PIPESTATUS[0]}"`,
      process.execPath,
    ]);
    expect(stderr).toBe('');
    expect(stdout.trim().split('\n').at(-1)).toBe('141');
  });
});

const throwing = (where: string) => `
  import { ${where === 'client' ? 'endOnUncaught' : 'guardUncaughtExceptions'} as guard } from './src/${where === 'client' ? 'cli/lastResorts' : 'observability/unhandledRejections'}.ts';
  class DriverError extends Error { code = 'ER_DUP_ENTRY'; name = 'Grace'; }
  guard();
  setTimeout(() => { throw new DriverError("Duplicate entry 'DOE, JANE' for key\\n    at JANE (${project}src/jane.ts:1:1)"); });
`;

describe('an error that nobody caught ends without its text', () => {
  test('in the client', async () => {
    const { code, stdout, stderr } = await ended(process.execPath, [
      '--import',
      'tsx',
      '--input-type=module',
      '-e',
      throwing('client'),
    ]);
    expect(code).toBe(1);
    expect(stdout).toBe('');
    expect(stderr).toBe('This program has a defect: DriverError ER_DUP_ENTRY\n');
  });

  test('in the worker, as one line of the log', async () => {
    const { code, stdout, stderr } = await ended(process.execPath, [
      '--import',
      'tsx',
      '--input-type=module',
      '-e',
      throwing('worker'),
    ]);
    expect(code).toBe(1);
    expect(stderr).toBe('');
    expect(JSON.parse(stdout)).toEqual({
      level: 60,
      time: expect.any(String),
      class: 'DriverError',
      code: 'ER_DUP_ENTRY',
      frames: [],
      msg: 'uncaught exception; the worker ends and its supervisor starts it again',
    });
  });
});

describe('what is reported of an error', () => {
  test('is its class, its code and our own files', () => {
    const error = Object.assign(new RangeError('Grace'), { code: 'EACCES' });
    error.name = 'Mark';
    error.stack = [
      'RangeError: Grace',
      `    at async act (${project}src/portal/locate.ts:12:5)`,
      `    at file://${project}src/worker.ts:3:9`,
      `    at DOE (${project}src/DOE JANE.ts:1:1)`,
      `    at driver (${project}node_modules/mysql2/lib/a.js:1:1)`,
      '    at node:internal/process:1:1',
    ].join('\n');
    expect(errorTrace(error)).toEqual({
      class: 'RangeError',
      code: 'EACCES',
      frames: ['src/portal/locate.ts:12:5', 'src/worker.ts:3:9'],
    });
  });

  test('is the kind of what is no error, and no code that is a text', () => {
    expect(errorTrace('Grace')).toEqual({ class: 'string', frames: [] });
    expect(errorTrace(Object.assign(new Error('x'), { code: 'Grace Doe' }))).not.toHaveProperty('code');
  });
});
