import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test, vi } from 'vitest';
import { isAlive } from '../../../scripts/services/leftover.ts';

// Against hangs only, on a machine that is busy with other things.
vi.setConfig({ testTimeout: 600_000 });
const patience = { timeout: 300_000, interval: 100 };

const root = fileURLToPath(new URL('../../../', import.meta.url));
const script = fileURLToPath(new URL('fixtures/pollingBrowser.ts', import.meta.url));

/** A page that asks how far an export is, again and again, as portals' pages do. */
const page = '<script>setInterval(() => fetch(`/progress?${Math.random()}`), 20)</script>';

test("a killed worker's browser asks the portal for nothing more, and ends", async () => {
  let asked = 0;
  const portal = createServer((request, response) => {
    if (request.url!.startsWith('/progress')) asked += 1;
    response.setHeader('content-type', 'text/html').end(page);
  }).listen(0, '127.0.0.1');
  onTestFinished(() => void portal.close());
  await once(portal, 'listening');
  const url = `http://127.0.0.1:${String((portal.address() as AddressInfo).port)}/`;
  const worker = spawn(process.execPath, ['--import', 'tsx', script, url], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  onTestFinished(() => void worker.kill('SIGKILL'));
  const [line] = (await once(createInterface(worker.stdout), 'line')) as [string];
  const browser = Number(line);
  await vi.waitFor(() => expect(asked).toBeGreaterThan(5), patience);

  const ended = once(worker, 'exit');
  worker.kill('SIGKILL');
  await ended;
  // What it had sent is still to be read.
  await sleep(100);
  const before = asked;
  await vi.waitFor(() => expect(isAlive(browser)).toBe(false), patience);
  expect(asked).toBe(before);
});
