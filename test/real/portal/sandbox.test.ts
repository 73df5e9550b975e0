import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chown, existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test, vi } from 'vitest';
import { browserEnvironment } from '../../../src/portal/browser.ts';
import { useFullBrowser } from './fixtures/fullBrowser.ts';

useFullBrowser();

// Against hangs only.
vi.setConfig({ testTimeout: 300_000 });

const nobody = 65_534;
const secret = 'a-secret-of-the-worker-c0ffee';
const script = fileURLToPath(new URL('fixtures/lonelyBrowser.ts', import.meta.url));
const root = fileURLToPath(new URL('../../../', import.meta.url));

/** Of a user namespace or of the helper that Debian packages; without either there is no sandbox to be had. */
function canSandbox(): boolean {
  const limit = '/proc/sys/user/max_user_namespaces';
  const debian = '/proc/sys/kernel/unprivileged_userns_clone';
  const namespaces =
    existsSync(limit) &&
    Number(readFileSync(limit, 'utf8')) > 0 &&
    (!existsSync(debian) || readFileSync(debian, 'utf8').trim() === '1');
  return namespaces || existsSync('/usr/lib/chromium/chrome-sandbox');
}

function statusOf(process: number): Record<string, string> {
  const lines = readFileSync(`/proc/${process}/status`, 'utf8').split('\n');
  return Object.fromEntries(lines.map((line) => line.split(/:\s*/, 2) as [string, string]));
}

function processesBelow(ancestor: number): number[] {
  const all = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number);
  const parents = new Map<number, number>();
  for (const process of all) {
    try {
      parents.set(process, Number(statusOf(process)['PPid']));
    } catch {
      // It ended meanwhile.
    }
  }
  const isBelow = (process: number): boolean => {
    const parent = parents.get(process);
    return parent !== undefined && parent !== 0 && (parent === ancestor || isBelow(parent));
  };
  return all.filter(isBelow);
}

function commandOf(process: number): string {
  return readFileSync(`/proc/${process}/cmdline`, 'utf8').replaceAll('\0', ' ');
}

test.runIf(process.platform === 'linux' && canSandbox())(
  'started by a user without rights, the browser is sandboxed, and knows nothing of the environment',
  async () => {
    const home = await mkdtemp(join(tmpdir(), 'lonely-'));
    const asRoot = process.getuid?.() === 0;
    if (asRoot) await promisify(chown)(home, nobody, nobody);
    const child = spawn(process.execPath, ['--import', 'tsx', script], {
      cwd: root,
      env: {
        PATH: process.env['PATH'],
        HOME: home,
        TMPDIR: home,
        EHR_CHROMIUM: process.env['EHR_CHROMIUM'],
        EHR_PORTAL_PASSWORD: secret,
        DATABASE_URL: `mysql://ehr:${secret}@127.0.0.1/ehr`,
      },
      stdio: ['pipe', 'pipe', 'inherit'],
      ...(asRoot ? { uid: nobody, gid: nobody } : {}),
    });
    try {
      const [line] = (await Promise.race([
        once(createInterface(child.stdout), 'line'),
        once(child, 'exit').then(() => ['{"title":"the browser did not start"}']),
      ])) as [string];
      const { browser, title } = JSON.parse(line) as { browser: number; title: string };
      expect(title).toBe('sandboxed');
      const below = processesBelow(browser);
      const renderers = below.filter((process) => commandOf(process).includes('--type=renderer'));
      expect(renderers.length).toBeGreaterThan(0);
      for (const renderer of renderers) {
        const status = statusOf(renderer);
        // Filtered system calls, no way to more rights, and a process namespace of its own.
        expect(status).toMatchObject({ Seccomp: '2', NoNewPrivs: '1' });
        expect(status['NSpid']?.split(/\s+/).length).toBeGreaterThan(1);
      }
      for (const process of [browser, ...below]) {
        expect(commandOf(process)).not.toContain('--no-sandbox');
        if (process !== browser && statSync(`/proc/${process}`).uid !== nobody) continue;
        const environment = readFileSync(`/proc/${process}/environ`, 'utf8');
        expect(environment.includes(secret)).toBe(false);
        expect(environment).not.toMatch(/EHR_|DATABASE_/);
      }
    } finally {
      const ended = child.exitCode === null ? once(child, 'exit') : undefined;
      child.stdin.end();
      await ended;
      await rm(home, { recursive: true, force: true });
    }
  },
);

test('the browser’s environment holds what it needs and nothing else', () => {
  const env = {
    PATH: '/bin',
    HOME: '/home/w',
    TMPDIR: '/var/tmp',
    TZ: 'UTC',
    DISPLAY: ':0',
    EHR_NAME_KEY: 'k',
    LANG: 'de_DE',
  };
  expect(browserEnvironment(env, { headless: true, timeZone: 'America/New_York' })).toEqual({
    PATH: '/bin',
    HOME: '/home/w',
    TMPDIR: '/var/tmp',
    LANG: 'en_US.UTF-8',
    TZ: 'America/New_York',
  });
  expect(browserEnvironment(env, { headless: false })).toEqual({
    PATH: '/bin',
    HOME: '/home/w',
    TMPDIR: '/var/tmp',
    LANG: 'en_US.UTF-8',
    TZ: 'UTC',
    DISPLAY: ':0',
  });
});
