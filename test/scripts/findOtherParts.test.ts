import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { FakeMachine } from './fakeMachine.ts';

const browser = 'echo "Chromium 999.0"';
const server = 'echo "mysqld Ver 8.4.9 for Linux"';

// Each starts programs of its own, beside which builds may be going on.
let machine: FakeMachine;
beforeEach(() => {
  machine = new FakeMachine();
});
afterEach(() => machine.remove());

describe('finding a browser', () => {
  const find = 'setup.findBrowser({ nodeModules: Promise.resolve() })';

  test('EHR_CHROMIUM comes before the PATH', async () => {
    machine.onPath('chromium', browser);
    const named = machine.addProgram(path.join(machine.folder, 'elsewhere', 'chrome'), browser);
    expect((await machine.run('browser.mjs', find, { EHR_CHROMIUM: named })).result).toBe(named);
  });

  test('a Chromium on the PATH is used', async () => {
    const onPath = machine.onPath('chromium', browser);
    expect((await machine.run('browser.mjs', find)).result).toBe(onPath);
  });

  test('a stub that only says how to install the browser is passed over', async () => {
    machine.onPath('chromium-browser', 'echo "Install it with: snap install chromium" >&2; exit 1');
    const ended = await machine.run('browser.mjs', find);
    expect(ended.code).toBe(1);
    expect(ended.output).toContain('A Chromium browser is missing');
    expect(ended.output).toContain('EHR_CHROMIUM');
  });
});

describe("finding the browser's headless shell", () => {
  test('a browser that the environment names is used for everything', async () => {
    const named = machine.addProgram(path.join(machine.folder, 'elsewhere', 'chrome'), browser);
    const ended = await machine.run('browser.mjs', 'setup.findHeadlessShell()', { EHR_CHROMIUM: named });
    expect(ended).toEqual({ code: 0, output: '', result: null });
  });
});

describe('finding a database', () => {
  const find = 'setup.findDatabase({ url: undefined })';

  test('a server that the environment names is used as it is', async () => {
    const url = 'mysql://someone:secret@db.example:3306/warehouse';
    const ended = await machine.run('database.mjs', `setup.findDatabase({ url: '${url}' })`);
    expect(ended.result).toEqual({ kind: 'url', url });
    expect(ended.output).not.toContain('secret');
  });

  test('mysqld on the PATH comes before mariadbd and before Docker', async () => {
    const mysqld = machine.onPath('mysqld', server);
    machine.onPath('mariadbd', server);
    machine.onPath('docker', 'echo 28.0');
    expect((await machine.run('database.mjs', find)).result).toEqual({ kind: 'binary', path: mysqld });
  });
});

describe('preparing everything', () => {
  test('all that is missing is reported in one message', async () => {
    const wanted = {
      temporalCli: 'needed',
      database: 'needed',
      browser: 'needed',
      tctl: 'not-needed',
      databaseUrl: 'mysql://someone:secret@db.example:3306/warehouse',
    };
    const ended = await machine.run('parts.mjs', `setup.prepareParts(${JSON.stringify(wanted)})`);
    expect(ended.code).toBe(1);
    expect(ended.output).toContain('The Temporal CLI is missing');
    expect(ended.output).toContain('A Chromium browser is missing');
  });
});
