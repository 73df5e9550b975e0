import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { ClientHosts } from './clientHost.ts';
import { command, programOf } from './system.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'ehr-host-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const { PATH } = process.env;

describe('a command of the client in a process for many', () => {
  const environment = { PATH, EHR_ENV: '', EHR_CONFIG: 'demo/pipeline.yaml' };

  test('prints and returns what it does in a process of its own, time after time', async () => {
    const program = programOf('client', inject('built'));
    const hosts = new ClientHosts(program[0]!);
    try {
      for (const { args, env = {} } of [
        { args: ['config', 'check'] },
        { args: ['status', '--jason', '--json'] },
        { args: ['config', 'check'], env: { EHR_CONFIG: 'nowhere.yaml' } },
        { args: ['run', '--help'] },
        { args: ['status', '--json'], env: { DATABASE_URL: 'mysql://ehr:not-a-password@127.0.0.1:1/ehr' } },
        { args: ['schedule', 'show'], env: { TEMPORAL_ADDRESS: '127.0.0.1:1' } },
        // Of those before it nothing is left.
        { args: ['status', '--json'] },
      ]) {
        const own = { ...environment, ...env };
        const [together, alone] = [
          await hosts.run(args, own),
          await command(process.execPath, [...program, ...args], own),
        ];
        expect(together).toEqual(alone);
      }
    } finally {
      await hosts.stop();
    }
  });
});

/** A client that is none of ours. */
async function hostsOf(name: string, code: string): Promise<ClientHosts> {
  const file = path.join(folder, `${name}.mjs`);
  await writeFile(file, code);
  return new ClientHosts(file, 1);
}

describe('a process for many commands', () => {
  test.each([
    { what: 'a timer', code: 'setInterval(() => {}, 1000);' },
    { what: 'a server', code: "(await import('node:net')).createServer().listen(0, '127.0.0.1');" },
    { what: 'a signal’s listener', code: "process.on('SIGINT', () => {}); setInterval(() => {}, 1000);" },
  ])('fails a command that leaves $what, which would never end', async ({ what, code }) => {
    const hosts = await hostsOf(what.replaceAll(/\W/g, '-'), code);
    try {
      expect(await hosts.run([], {})).toMatchObject({
        code: 1,
        stderr: expect.stringContaining('the command has ended and holds the process') as string,
      });
    } finally {
      await hosts.stop();
    }
  });

  test('takes another where a command ends its process, with the exit code and all that it printed', async () => {
    const code =
      "process.stdout.write('said'); if (process.argv[2] === 'end') process.exit(7); console.error(process.env.OF);";
    const hosts = await hostsOf('ending', code);
    try {
      expect(await hosts.run(['end'], {})).toEqual({ code: 7, stdout: 'said', stderr: '' });
      expect(await hosts.run(['go on'], { OF: 'two' })).toEqual({ code: 0, stdout: 'said', stderr: 'two\n' });
      expect(await hosts.run(['go on'], {})).toEqual({ code: 0, stdout: 'said', stderr: 'undefined\n' });
    } finally {
      await hosts.stop();
    }
  });

  test('runs two commands at once in two', async () => {
    const hosts = await hostsOf(
      'slow',
      'await new Promise((over) => setTimeout(over, 200)); console.log(process.argv[2], process.pid);',
    );
    try {
      const printed = await Promise.all(['a', 'b'].map((each) => hosts.run([each], {})));
      const [a, b] = printed.map(({ stdout }) => stdout.trim().split(' '));
      expect([a![0], b![0]]).toEqual(['a', 'b']);
      expect(a![1]).not.toBe(b![1]);
    } finally {
      await hosts.stop();
    }
  });
});
