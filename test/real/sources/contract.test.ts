import { mkdtemp, readFile, readdir, rm, symlink, utimes, writeFile, mkdir, chmod } from 'node:fs/promises';
import { createHash } from 'node:crypto';
import { createServer, type Server } from 'node:net';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import ssh2 from 'ssh2';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { OpenSource } from '../../../src/domain/fileSources.ts';
import { openFolder } from '../../../src/sources/folder.ts';
import { openSftp, type SftpPlace } from '../../../src/sources/sftp.ts';
import { SftpServer } from './sftpServer.ts';

/** What every place for files has to do, shown on a folder of this machine and on OpenSSH's SFTP server. */
const sshd = process.env['TEST_SSHD'];
const isRoot = process.getuid?.() === 0;

interface Place {
  /** Where its files are on this machine. */
  readonly folder: string;
  open(): Promise<OpenSource>;
  close(): Promise<void>;
}

async function aFolder(): Promise<Place> {
  const folder = await mkdtemp(path.join(tmpdir(), 'ehr-folder-'));
  return {
    folder,
    open: () => openFolder({ name: 'vendor', folder }),
    close: () => rm(folder, { recursive: true, force: true }),
  };
}

function placeOn(server: SftpServer): SftpPlace {
  return {
    name: 'vendor',
    host: '127.0.0.1',
    port: server.port,
    user: server.user,
    folder: server.folder,
    hostKey: server.hostKey,
    password: undefined,
    privateKey: server.privateKey,
  };
}

async function anSftpServer(): Promise<Place> {
  const server = await SftpServer.start(sshd!);
  return {
    folder: server.folder,
    open: () => openSftp(placeOn(server)),
    close: () => server.stop(),
  };
}

describe.each([
  { kind: 'a folder', start: aFolder, isThere: true, reads: isRoot ? 'root' : 'a user' },
  { kind: 'an SFTP server', start: anSftpServer, isThere: sshd !== undefined, reads: 'a user' },
])('$kind', ({ start, isThere, reads }) => {
  describe.skipIf(!isThere)('as a source', () => {
    let place: Place;
    let opened: OpenSource;
    beforeAll(async () => {
      place = await start();
      opened = await place.open();
    });
    afterAll(async () => {
      await opened.close();
      await place.close();
    });
    beforeEach(async () => {
      for (const name of await readdir(place.folder))
        await rm(path.join(place.folder, name), { recursive: true });
    });

    const at = (...names: string[]) => path.join(place.folder, ...names);

    async function textOf(name: string): Promise<string> {
      const chunks: Buffer[] = [];
      for await (const chunk of await opened.read({ folder: 'left', name })) chunks.push(chunk);
      return Buffer.concat(chunks).toString();
    }

    test('lists regular files with size and time, no folders and no links', async () => {
      await writeFile(at('ÁRBOL 1.csv'), 'twelve bytes');
      await utimes(at('ÁRBOL 1.csv'), 1_700_000_000, 1_700_000_000);
      await mkdir(at('a folder'));
      await symlink('/etc/hostname', at('a link.csv'));
      expect(await opened.list('left')).toEqual([
        { name: 'ÁRBOL 1.csv', bytes: 12, modifiedAt: 1_700_000_000_000 },
      ]);
    });

    test('has nothing in a folder that is not there yet', async () => {
      expect(await opened.list('taking')).toEqual([]);
    });

    test('moves a file once, and makes the folder', async () => {
      await writeFile(at('a.csv'), 'a');
      const [from, to] = [
        { folder: 'left', name: 'a.csv' },
        { folder: 'taking', name: '1-a.csv' },
      ] as const;
      // Each session makes its folders once.
      const other = await place.open();
      expect(await other.move(from, to)).toBe(true);
      expect(await other.move(from, to).catch(() => 'refused')).not.toBe(true);
      expect(await other.move(from, { folder: 'taking', name: '2-a.csv' })).toBe(false);
      await other.close();
      expect(await readdir(at('taking'))).toEqual(['1-a.csv']);
    });

    test('two who move the same file: one of them has it', async () => {
      await mkdir(at('taking'));
      await chmod(at('taking'), 0o777);
      await writeFile(at('a.csv'), 'a');
      const other = await place.open();
      const moves = await Promise.all(
        [opened, other].map((each, index) =>
          each.move({ folder: 'left', name: 'a.csv' }, { folder: 'taking', name: `${String(index)}-a.csv` }),
        ),
      );
      await other.close();
      expect(moves.filter(Boolean)).toHaveLength(1);
      expect(await readdir(at('taking'))).toHaveLength(1);
    });

    test('never replaces a file by a move', async () => {
      await mkdir(at('done'));
      await chmod(at('done'), 0o777);
      await writeFile(at('done', 'a.csv'), 'earlier');
      await writeFile(at('a.csv'), 'later');
      const move = opened.move({ folder: 'left', name: 'a.csv' }, { folder: 'done', name: 'a.csv' });
      await expect(move).rejects.toMatchObject({ type: 'SourceUnavailable' });
      expect(await readFile(at('done', 'a.csv'), 'utf8')).toBe('earlier');
      expect(await readFile(at('a.csv'), 'utf8')).toBe('later');
    });

    test('reads a file of megabytes byte for byte, and an empty one', async () => {
      const text = 'a line of a file, ünïcode and all\r\n'.repeat(100_000);
      await writeFile(at('a.csv'), text);
      await writeFile(at('empty.csv'), '');
      expect((await textOf('a.csv')) === text).toBe(true);
      expect(await textOf('empty.csv')).toBe('');
    });

    test('may be closed as soon as a file was read, or a part of it', async () => {
      const uncaught: unknown[] = [];
      const note = (error: unknown) => uncaught.push(error);
      process.on('uncaughtException', note);
      await writeFile(at('a.csv'), 'x'.repeat(20_000));
      try {
        for (let time = 0; time < 60; time += 1) {
          const again = await place.open();
          for await (const chunk of await again.read({ folder: 'left', name: 'a.csv' })) {
            if (chunk.length > 0 && time % 2 === 0) break;
          }
          await again.close();
        }
        // What the library says of a file that it could not close comes with the end of the connection.
        await new Promise((resolve) => setTimeout(resolve, 100));
      } finally {
        process.off('uncaughtException', note);
      }
      expect(uncaught).toEqual([]);
    });

    test('a file that is not there is a failure without its name', async () => {
      const failure = await textOf('SMITH.csv').catch((error: unknown) => error);
      expect(failure).toMatchObject({ type: 'SourceUnavailable' });
      expect(JSON.stringify([failure, (failure as Error).message])).not.toMatch(/SMITH/);
    });

    // In a folder root may read every file.
    test.skipIf(reads === 'root')('a file that may not be read is at fault itself', async () => {
      await writeFile(at('a.csv'), 'a', { mode: 0o000 });
      await expect(textOf('a.csv')).rejects.toMatchObject({ type: 'InvalidInput' });
    });

    test.skipIf(reads === 'root')(
      'a file that may not be read says so to a late reader, and keeps no other back',
      async () => {
        await writeFile(at('a.csv'), 'a', { mode: 0o000 });
        const late = async () => {
          const chunks = await opened.read({ folder: 'left', name: 'a.csv' });
          await sleep(200);
          for await (const _ of chunks) throw new Error('it was read');
        };
        await expect(late()).rejects.toMatchObject({ type: 'InvalidInput' });
        expect(await opened.list('left')).toHaveLength(1);
      },
    );

    test('writes a text, over an earlier one, and removes it, also twice', async () => {
      const named = { folder: 'left', name: 'a.txt' } as const;
      await opened.write(named, 'one and more');
      await opened.write(named, 'two');
      expect(await textOf('a.txt')).toBe('two');
      await opened.remove(named);
      await opened.remove(named);
      expect(await readdir(place.folder)).toEqual([]);
    });
  });
});

describe.skipIf(sshd === undefined)('an SFTP server that is not as it should be', () => {
  let server: SftpServer;
  beforeAll(async () => {
    server = await SftpServer.start(sshd!);
  });
  afterAll(() => server.stop());

  const failureOf = (place: Partial<SftpPlace>, patienceSeconds?: number) =>
    openSftp({ ...placeOn(server), ...place }, patienceSeconds).then(
      async (opened) => {
        await opened.close();
        return 'opened';
      },
      (error: unknown) => error,
    );

  test('with another host key gets no login; the message names the key that it has', async () => {
    expect(await failureOf({ hostKey: `SHA256:${'A'.repeat(43)}` })).toMatchObject({
      type: 'SourceUnavailable',
      retry: false,
      message: expect.stringContaining(server.hostKey) as string,
    });
  });

  test('that refuses the login says so, and is not asked again', async () => {
    expect(await failureOf({ user: 'somebody-else' })).toMatchObject({
      type: 'SourceUnavailable',
      retry: false,
      message: 'the SFTP server of the source vendor refuses the login',
    });
  });

  test('without the folder cannot be used', async () => {
    const opened = await openSftp({ ...placeOn(server), folder: '/nowhere' });
    await expect(opened.list('left')).rejects.toMatchObject({ type: 'SourceUnavailable' });
    await opened.close();
  });

  test('that has ended is tried again later, and works when it is back', async () => {
    await server.pause();
    expect(await failureOf({})).toMatchObject({ type: 'SourceUnavailable', retry: true });
    await server.resume();
    expect(await failureOf({})).toBe('opened');
  });

  test('that takes connections and never answers is given up', async () => {
    const silent: Server = createServer(() => undefined).listen(0, '127.0.0.1');
    await once(silent, 'listening');
    const { port } = silent.address() as { port: number };
    expect(await failureOf({ port }, 1)).toMatchObject({ type: 'SourceUnavailable', retry: true });
    silent.close();
  });
});

/** How a server asks for the password. */
const questions: Readonly<Record<string, (attempt: ssh2.AuthContext) => void>> = {
  password: (attempt) => {
    if (attempt.method === 'password' && attempt.password === 'right') attempt.accept();
    else attempt.reject(['password']);
  },
  'keyboard-interactive': (attempt) => {
    if (attempt.method !== 'keyboard-interactive') return attempt.reject(['keyboard-interactive']);
    attempt.prompt([{ prompt: 'Password: ', echo: false }], (answers) => {
      if (answers[0] === 'right') attempt.accept();
      else attempt.reject(['keyboard-interactive']);
    });
  },
};

interface OwnServer {
  readonly placeWith: (password: string) => SftpPlace;
  readonly close: () => void;
}

/** A server that asks and answers in its own way, where OpenSSH knows only one. */
async function anOwnServer(
  ask: (attempt: ssh2.AuthContext) => void,
  serve: (files: ssh2.SFTPWrapper) => void = () => undefined,
): Promise<OwnServer> {
  const key = ssh2.utils.generateKeyPairSync('ed25519');
  const server = new ssh2.Server({ hostKeys: [key.private] }, (client) => {
    client.on('error', () => undefined);
    client.on('authentication', ask);
    client.on('session', (accept) => accept().on('sftp', (open) => serve(open())));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  const digest = createHash('sha256')
    .update(Buffer.from(key.public.split(' ')[1]!, 'base64'))
    .digest('base64');
  return {
    placeWith: (password) => ({
      name: 'vendor',
      host: '127.0.0.1',
      port,
      user: 'reports',
      folder: '/drop',
      hostKey: `SHA256:${digest.replace('=', '')}`,
      password,
      privateKey: undefined,
    }),
    close: () => server.close(),
  };
}

test.each(Object.entries(questions))('logs in by %s, and tells a refused password', async (_, ask) => {
  const { placeWith, close } = await anOwnServer(ask);
  await (await openSftp(placeWith('right'))).close();
  await expect(openSftp(placeWith('wrong'))).rejects.toMatchObject({
    message: 'the SFTP server of the source vendor refuses the login',
  });
  close();
});

test.each([
  { title: 'the name alone', line: (name: string) => name },
  { title: 'nothing', line: () => '' },
  { title: 'a line as DOS has it', line: (name: string) => `11-27-26  10:00AM  10 ${name}` },
  { title: 'a line as ls has it', line: (name: string) => `-rw-r--r-- 1 u g 10 Nov 27 2026 ${name}` },
])('lists files of a server that shows people $title', async ({ line }) => {
  const attrs = { mode: 0o100644, uid: 0, gid: 0, size: 10, atime: 1, mtime: 1 };
  const names = ['notes 2026-10-20.csv', '-notes.csv'];
  const { placeWith, close } = await anOwnServer(questions['password']!, (files) => {
    let isListed = false;
    files.on('OPENDIR', (id) => files.handle(id, Buffer.from('drop')));
    files.on('READDIR', (id) => {
      if (isListed) return files.status(id, ssh2.utils.sftp.STATUS_CODE.EOF);
      isListed = true;
      files.name(
        id,
        names.map((filename) => ({ filename, longname: line(filename), attrs })),
      );
    });
    files.on('CLOSE', (id) => files.status(id, ssh2.utils.sftp.STATUS_CODE.OK));
    files.on('LSTAT', (id) => files.attrs(id, attrs));
  });
  const opened = await openSftp(placeWith('right'));
  expect(await opened.list('left')).toEqual(names.map((name) => ({ name, bytes: 10, modifiedAt: 1000 })));
  await opened.close();
  close();
});
