import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, readFile, realpath, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createInbox } from '../../src/artifacts/inbox.ts';
import { handIn } from '../../src/cli/handIn.ts';

let root: string;
let inbox: string;

beforeAll(async () => {
  root = await realpath(await mkdtemp(path.join(tmpdir(), 'ehr-inbox-')));
  inbox = path.join(root, 'inbox');
  await mkdir(path.join(inbox, 'october'), { recursive: true });
  await writeFile(path.join(inbox, 'report.csv'), 'a');
  await writeFile(path.join(inbox, 'october', 'report.csv'), 'b');
  await writeFile(path.join(root, 'secret.csv'), 'c');
  // A folder beside it whose name begins like it.
  await mkdir(path.join(root, 'inbox-of-others'));
  await writeFile(path.join(root, 'inbox-of-others', 'report.csv'), 'd');
  await symlink(path.join(root, 'secret.csv'), path.join(inbox, 'link.csv'));
  await symlink(root, path.join(inbox, 'up'));
  await symlink(path.join(inbox, 'report.csv'), path.join(inbox, 'alias.csv'));
  await symlink(inbox, path.join(root, 'way-in'));
  await symlink('round.csv', path.join(inbox, 'round.csv'));
  execFileSync('mkfifo', [path.join(inbox, 'pipe.csv')]);
});
afterAll(() => rm(root, { recursive: true, force: true }));

describe('takes', () => {
  test.each([
    ['a name', () => 'report.csv', 'report.csv'],
    ['a path below it', () => 'october/report.csv', 'october/report.csv'],
    ['a path of the machine', () => path.join(inbox, 'report.csv'), 'report.csv'],
    ['a link that stays in it', () => 'alias.csv', 'report.csv'],
  ])('%s', async (_what, file, found) => {
    expect(await createInbox(inbox)(file())).toBe(path.join(inbox, found));
  });

  test('an inbox that is itself a link', async () => {
    expect(await createInbox(path.join(root, 'way-in'))(path.join(root, 'way-in', 'report.csv'))).toBe(
      path.join(inbox, 'report.csv'),
    );
  });
});

describe('refuses', () => {
  test.each([
    ['a file beside it', () => path.join(root, 'secret.csv')],
    ['a way up', () => '../secret.csv'],
    ['a way up and down', () => 'october/../../secret.csv'],
    ['the folder itself', () => '.'],
    ['a folder whose name begins like it', () => path.join(root, 'inbox-of-others', 'report.csv')],
    ['a link that leads out', () => 'link.csv'],
    ['a folder that leads out', () => 'up/secret.csv'],
    ['a device', () => '/dev/zero'],
    ['a file that is nowhere', () => '/nowhere/x.csv'],
  ])('%s, and names the setting', async (_what, file) => {
    await expect(createInbox(inbox)(file())).rejects.toMatchObject({
      type: 'InvalidInput',
      retry: false,
      message: 'file: it does not lie in the folder EHR_INBOX of the worker',
    });
  });

  test.each([
    ['what is not there', 'september.csv'],
    ['a name with a NUL', 'report.csv\u0000'],
    ['a name longer than the system allows', 'x'.repeat(300)],
    ['links in a circle', 'round.csv'],
    ['a path through a file', 'report.csv/september.csv'],
  ])('%s', async (_what, file) => {
    await expect(createInbox(inbox)(file)).rejects.toMatchObject({
      type: 'InvalidInput',
      message: 'file: there is no such file in the folder EHR_INBOX of the worker',
    });
  });
});

test('a copy of a source that another worker has made is looked for again', async () => {
  const copy = `sources/vendor/${'0'.repeat(16)}-1767225600000.csv`;
  await expect(createInbox(inbox)(copy)).rejects.toMatchObject({
    type: 'ArtifactStoreUnavailable',
    retry: true,
  });
});

describe('refuses what would never end, or has nothing to read', () => {
  test.each([
    ['a folder in it', 'october'],
    ['a pipe', 'pipe.csv'],
  ])('%s', async (_what, file) => {
    await expect(createInbox(inbox)(file)).rejects.toMatchObject({
      type: 'InvalidInput',
      message: 'file: it is a folder, a device or a pipe and no file',
    });
  });

  test('a device, where the inbox holds devices', async () => {
    await expect(createInbox('/dev')('/dev/zero')).rejects.toMatchObject({
      type: 'InvalidInput',
      message: 'file: it is a folder, a device or a pipe and no file',
    });
  });
});

describe('the client', () => {
  const before = process.env['EHR_ARTIFACTS'];
  beforeAll(() => {
    process.env['EHR_ARTIFACTS'] = root;
  });
  afterAll(() => {
    if (before === undefined) delete process.env['EHR_ARTIFACTS'];
    else process.env['EHR_ARTIFACTS'] = before;
  });

  test('copies a file from elsewhere into the inbox for the time of the run', async () => {
    const handed = await handIn(path.join(root, 'secret.csv'));
    const taken = await createInbox(inbox)(handed.path);
    expect(await readFile(taken, 'utf8')).toBe('c');
    await handed.remove();
    await expect(readFile(taken)).rejects.toMatchObject({ code: 'ENOENT' });
    expect(await readFile(path.join(root, 'secret.csv'), 'utf8')).toBe('c');
  });

  test('hands on what lies there already, and what it does not find', async () => {
    const there = await handIn(path.join(inbox, 'report.csv'));
    expect(there.path).toBe(path.join(inbox, 'report.csv'));
    await there.remove();
    expect(await readFile(path.join(inbox, 'report.csv'), 'utf8')).toBe('a');
    expect((await handIn('/nowhere/x.csv')).path).toBe('/nowhere/x.csv');
    const link = path.join(root, 'link-to-the-inbox');
    await symlink(inbox, link);
    const linked = await handIn(path.join(link, 'report.csv'));
    expect(await createInbox(inbox)(linked.path)).toBe(await realpath(path.join(inbox, 'report.csv')));
  });
});
