import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import { demoRanges } from '../../scripts/demo/ranges.ts';
import { grouped } from '../../scripts/demo/summary.ts';
import { startChild, waitUntilReady } from '../../scripts/services/child.ts';
import { Closing, Interrupted } from '../../scripts/services/closing.ts';
import { accountStatements, keptPassword } from '../../scripts/services/database-account.ts';
import { claimFolder, ownerOf } from '../../scripts/services/folder.ts';
import { endLeftover, isAlive } from '../../scripts/services/leftover.ts';
import { freePort, portFrom, startOnFreePort } from '../../scripts/services/ports.ts';

// Some start programs, beside which builds may be going on.
let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'ehr-services-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

/** A program that ends only when it is killed. */
const stubborn = `process.on('SIGTERM', () => console.log('asked')); console.log('ready'); setInterval(() => {}, 1000)`;

function pidFile(): string {
  return path.join(folder, 'server.pid');
}

function startStubborn(stopSeconds: number) {
  return startChild({
    name: 'The stubborn program',
    command: process.execPath,
    args: ['-e', stubborn, folder],
    logFile: path.join(folder, 'stubborn.log'),
    stopSeconds,
    pidFile: pidFile(),
    mark: folder,
  });
}

async function logged(word: string): Promise<boolean> {
  return (await readFile(path.join(folder, 'stubborn.log'), 'utf8')).includes(word);
}

describe('ports', () => {
  test.each([
    { title: 'letters', value: 'abc' },
    { title: 'zero', value: '0' },
    { title: 'too large', value: '65536' },
    { title: 'a fraction', value: '80.5' },
  ])('a port that is $title is refused by name', async ({ value }) => {
    vi.stubEnv('TEMPORAL_PORT', value);
    onTestFinished(() => void vi.unstubAllEnvs());
    await expect(portFrom('TEMPORAL_PORT')).rejects.toThrow(
      `TEMPORAL_PORT is '${value}'; expected a port number`,
    );
  });

  test('an empty variable means a free port', async () => {
    vi.stubEnv('TEMPORAL_PORT', '');
    onTestFinished(() => void vi.unstubAllEnvs());
    expect(await portFrom('TEMPORAL_PORT')).toBeGreaterThan(1023);
    expect(await freePort()).not.toBe(0);
  });

  test('a start is tried again where the port was taken meanwhile, and three times at most', async () => {
    let starts = 0;
    const taken = () => Promise.reject(new Error(`bind: Address already in use (${String((starts += 1))})`));
    await expect(startOnFreePort(taken)).rejects.toThrow('(3)');
  });

  test('a start that fails for another reason is not tried again', async () => {
    let starts = 0;
    const failing = () => Promise.reject(new Error(`disk full (${String((starts += 1))})`));
    await expect(startOnFreePort(failing)).rejects.toThrow('disk full (1)');
  });
});

describe('child programs', () => {
  test('one that ignores the request to stop is killed after the bound', async () => {
    const child = await startStubborn(1);
    await waitUntilReady(child, { seconds: 10, isReady: () => logged('ready') });
    await child.stop();
    expect(await child.ended).toBe('signal SIGKILL');
    expect(await logged('asked')).toBe(true);
    await expect(child.stop()).resolves.toBeUndefined();
  });

  test('one that ends before it is ready fails with the end of its log', async () => {
    const child = await startChild({
      name: 'The program',
      command: process.execPath,
      args: ['-e', 'console.error("no such table"); process.exit(4)'],
      logFile: path.join(folder, 'logs', 'program.log'),
      stopSeconds: 1,
      pidFile: pidFile(),
      mark: folder,
    });
    const waiting = waitUntilReady(child, { seconds: 10, isReady: () => Promise.resolve(false) });
    await expect(waiting).rejects.toThrow(/The program ended with exit code 4\.[\s\S]*no such table/);
  });

  test('one that is never ready is given up after the bound', async () => {
    const child = await startStubborn(1);
    const waiting = waitUntilReady(child, { seconds: 1, isReady: () => Promise.resolve(false) });
    await expect(waiting).rejects.toThrow('was not ready within 1 s');
    process.kill(child.pid, 'SIGKILL');
    await child.ended;
  });

  test('a program that is not there is named', async () => {
    const starting = startChild({
      name: 'The server',
      command: path.join(folder, 'nowhere'),
      args: [],
      logFile: path.join(folder, 'x.log'),
      stopSeconds: 1,
      pidFile: pidFile(),
      mark: folder,
    });
    await expect(starting).rejects.toThrow(/The server could not be started: .*ENOENT/);
  });
});

describe('what a killed run left behind', () => {
  test('a program of ours is ended', async () => {
    const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)', folder]);
    const ended = new Promise((resolve) => child.once('exit', resolve));
    await writeFile(pidFile(), String(child.pid));
    await sleep(100);
    await endLeftover(pidFile(), folder);
    await ended;
    await expect(stat(pidFile())).rejects.toThrow('ENOENT');
  });

  test('another program that got the same process id is let alone', async () => {
    const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)']);
    onTestFinished(() => void child.kill('SIGKILL'));
    await writeFile(pidFile(), String(child.pid));
    await endLeftover(pidFile(), folder);
    await sleep(100);
    expect(isAlive(child.pid!)).toBe(true);
  });

  test.each([{ content: '' }, { content: 'no number' }, { content: '-1' }, { content: '999999999' }])(
    "a pid file that says '$content' is only removed",
    async ({ content }) => {
      await writeFile(pidFile(), content);
      await endLeftover(pidFile(), folder);
      await expect(stat(pidFile())).rejects.toThrow('ENOENT');
    },
  );
});

describe('the folder', () => {
  test('it can be claimed again by the same program, and after its owner has died', async () => {
    await writeFile(path.join(folder, 'owner.pid'), '999999999');
    const release = await claimFolder(folder);
    expect(await ownerOf(folder)).toBeUndefined();
    await release();
  });

  test('while another program holds it, a second copy says how to run beside it', async () => {
    await writeFile(path.join(folder, 'owner.pid'), String(process.ppid));
    await expect(claimFolder(folder)).rejects.toThrow(/is in use by process \d+\..*EHR_LOCAL_DIR=/);
  });
});

describe('closing', () => {
  test('the newest is ended first, and one failure does not keep the others alive', async () => {
    const ended: string[] = [];
    const closing = new Closing();
    closing.add('database', async () => void ended.push('database'));
    closing.add('portal', () => Promise.reject(new Error('hangs')));
    closing.add('worker', async () => void ended.push('worker'));
    const failures = await closing.closeAll();
    expect(ended).toEqual(['worker', 'database']);
    expect(failures).toEqual(['portal could not be stopped: Error: hangs']);
  });

  test('a signal does not end the program but asks it to leave', async () => {
    const closing = new Closing();
    process.emit('SIGTERM');
    expect(closing.interrupted.reason).toBeInstanceOf(Interrupted);
    await closing.closeAll();
  });
});

describe('the database account', () => {
  test('the password is made once, at random, and readable by its owner alone', async () => {
    const first = await keptPassword(folder, 'password');
    expect(first).toMatch(/^[0-9a-f]{48}$/);
    expect(await keptPassword(folder, 'password')).toBe(first);
    expect((await stat(path.join(folder, 'password'))).mode & 0o777).toBe(0o600);
  });

  test.each([
    { rights: 'ehr' as const, scope: 'ON ehr.* ' },
    { rights: 'all-databases' as const, scope: 'ON *.* ' },
  ])('rights $rights are given on $scope', ({ rights, scope }) => {
    const grants = accountStatements('secret', rights).filter((line) => line.startsWith('GRANT'));
    expect(grants).toHaveLength(2);
    for (const grant of grants) expect(grant).toContain(scope);
  });
});

describe('what the demo shows', () => {
  test.each([
    {
      title: 'in the first half of a month',
      now: '2026-11-10T12:00:00Z',
      notes: ['2026-05-01', '2026-11-15'],
    },
    { title: 'in the second half', now: '2026-11-22T12:00:00Z', notes: ['2026-05-16', '2026-11-30'] },
    { title: 'in a new year', now: '2027-01-05T12:00:00Z', notes: ['2026-07-01', '2027-01-15'] },
    // 20:30 on the 15th in New York, the 16th in UTC.
    {
      title: 'late on the 15th in New York',
      now: '2026-11-16T01:30:00Z',
      notes: ['2026-05-01', '2026-11-15'],
    },
  ])('six months of notes that have ended and the cycle that has not, $title', ({ now, notes }) => {
    const range = demoRanges(new Date(now)).find(({ report }) => report === 'notes');
    expect(range).toMatchObject({ from: notes[0], to: notes[1] });
  });

  test('six months of utilization that have ended', () => {
    const range = demoRanges(new Date('2026-11-22T12:00:00Z')).find(({ report }) => report === 'utilization');
    expect(range).toMatchObject({ from: '2026-05-01', to: '2026-10-31' });
  });

  test.each([
    { value: '1234567.80', text: '1,234,567.80' },
    { value: '-1234.5', text: '-1,234.5' },
    { value: '999', text: '999' },
    { value: 1000, text: '1,000' },
    { value: null, text: '0' },
    // More digits than a float holds.
    { value: '12345678901234567890.12', text: '12,345,678,901,234,567,890.12' },
  ])('$value is shown as $text', ({ value, text }) => {
    expect(grouped(value)).toBe(text);
  });
});
