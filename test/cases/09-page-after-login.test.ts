import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { freePort } from '../../scripts/services/ports.ts';
import { System } from '../e2e/system.ts';

const folder = fileURLToPath(new URL('09-page-after-login/', import.meta.url));

let system: System;
let recipe: string;

beforeAll(async () => {
  system = await System.start({ sharedClient: true });
  recipe = path.join(system.folder, 'notice.yaml');
  await writeFile(recipe, await readFile(path.join(folder, 'notice.yaml')));
});
afterAll(() => system.stop());

/** A portal that takes any password and then shows a page that no recipe knows. */
async function startNoticePortal(page: string): Promise<{ url: string; process: ChildProcess }> {
  const port = await freePort();
  const portal = spawn(process.execPath, [path.join(folder, 'notice-portal.mjs'), String(port), page]);
  const url = `http://127.0.0.1:${String(port)}`;
  const answers = () =>
    fetch(`${url}/count`).then(
      ({ ok }) => ok,
      () => false,
    );
  await vi.waitUntil(answers, { timeout: 600_000, interval: 50 });
  return { url, process: portal };
}

async function submissions(url: string): Promise<number> {
  return Number(await (await fetch(`${url}/count`)).text());
}

const cycle = ['run', 'notes', '--from', '2026-10-16', '--to', '2026-10-31'];

async function withNoticePortal(
  page: string,
  work: (portal: { url: string; settings: NodeJS.ProcessEnv }) => Promise<void>,
): Promise<void> {
  const portal = await startNoticePortal(page);
  const ended = once(portal.process, 'exit');
  try {
    const config = await system.configFile(page, [[['portal', 'recipe'], recipe]]);
    const settings = { EHR_PORTAL_URL: portal.url, EHR_CONFIG: config };
    await work({ url: portal.url, settings });
  } finally {
    await system.run('portal', 'unblock');
    portal.process.kill();
    await ended;
  }
}

test.each(['terms', 'captcha', 'session'])(
  '%s after a right password is a changed page with evidence, met by one submission',
  (page) =>
    withNoticePortal(page, async ({ url, settings }) => {
      const worker = await system.startWorker(settings);
      const first = await system.tryRunWith(settings, ...cycle);
      expect(first.stderr).toMatch(
        /PortalLayoutChanged: loginAndDownload: Step "signed in" of the recipe "notice": An unknown page follows the login: .* Evidence: notes-2026-10-16/s,
      );
      const again = await system.tryRunWith(settings, ...cycle);
      expect(again.stderr).toMatch(
        /PortalLayoutChanged: .*an unknown page followed the login before this one/s,
      );
      await worker.stop();
      expect(await submissions(url)).toBe(1);
    }),
);

test('siblings are not attempted, doctor sends nothing, status shows the block and unblocking counts it', () =>
  withNoticePortal('terms', async ({ url, settings }) => {
    const worker = await system.startWorker(settings);
    const backfill = [
      'backfill',
      'notes',
      '--from',
      '2026-09-01',
      '--to',
      '2026-10-15',
      '--concurrency',
      '1',
    ];
    const siblings = await system.tryRunWith(settings, ...backfill);
    expect(siblings.stderr).toMatch(/1 of 3 periods failed, 2 not attempted/);
    const doctor = await system.tryRunWith(settings, 'doctor');
    expect(doctor.stdout).toMatch(/PROBLEM +portal .*an unknown page followed the login/);
    expect(await submissions(url)).toBe(1);
    const blocked = await system.run('portal', 'status');
    expect(blocked).toMatch(/blocked +an unknown page followed the login +\d{4}-/);
    expect(await system.run('portal', 'unblock')).toBe('1 logins may be tried again\n');
    expect(await system.run('portal', 'status')).not.toContain('blocked');
    await system.tryRunWith(settings, ...cycle);
    expect(await submissions(url)).toBe(2);
    await worker.stop();
  }));

test('a changed recipe frees the login, one that only has another comment does not', () =>
  withNoticePortal('terms', async ({ url, settings }) => {
    const runWith = async (text: string) => {
      await writeFile(recipe, text);
      const worker = await system.startWorker(settings);
      const { stderr } = await system.tryRunWith(settings, ...cycle);
      await worker.stop();
      return { stderr, submissions: await submissions(url) };
    };
    const text = await readFile(recipe, 'utf8');
    expect((await runWith(text)).submissions).toBe(1);
    expect((await runWith(`# another comment\n${text}`)).submissions).toBe(1);
    const accepting = text.replace(
      'report:\n',
      '  - { name: accept the terms, click: { button: I accept } }\nreport:\n',
    );
    const mended = await runWith(accepting);
    expect(mended.submissions).toBe(2);
    // It gets past the page, to an export that is none.
    expect(mended.stderr).toMatch(/ExportWrongReport|SchemaDrift/);
    expect(await system.run('portal', 'status')).toMatch(/ open$/m);
  }));
