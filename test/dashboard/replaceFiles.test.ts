import { chown, mkdir, mkdtemp, readdir, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { replaceFiles } from '../../src/dashboard/replaceFiles.ts';

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ehr-replace-'));
  return () => rm(folder, { recursive: true, force: true });
});

describe('a folder of dashboards', () => {
  test('gets its files when all are made, readable by their owner only', async () => {
    await writeFile(join(folder, 'one.html'), 'old');
    const files = await replaceFiles(folder, async (unfinished) => {
      await unfinished.write('one.html', 'newer');
      expect(await readFile(join(folder, 'one.html'), 'utf8')).toBe('old');
      // As a browser prints: with rights of its own.
      await writeFile(unfinished.pathOf('two.pdf'), 'printed', { mode: 0o644 });
      expect(await readdir(folder)).toHaveLength(2);
    });
    expect(files).toEqual([
      { path: join(folder, 'one.html'), bytes: 5 },
      { path: join(folder, 'two.pdf'), bytes: 7 },
    ]);
    expect(await readFile(join(folder, 'one.html'), 'utf8')).toBe('newer');
    expect((await readdir(folder)).sort()).toEqual(['one.html', 'two.pdf']);
    for (const { path } of files) expect((await stat(path)).mode & 0o777).toBe(0o600);
  });

  test('stays as it was where making them fails', async () => {
    await writeFile(join(folder, 'one.html'), 'old');
    const broken = replaceFiles(folder, async (unfinished) => {
      await unfinished.write('one.html', 'half');
      throw new Error('the database went away');
    });
    await expect(broken).rejects.toThrow('the database went away');
    expect(await readdir(folder)).toEqual(['one.html']);
    expect(await readFile(join(folder, 'one.html'), 'utf8')).toBe('old');
  });

  test('is made where it is not there, for nobody else to look into', async () => {
    const inner = join(folder, 'a', 'b');
    await replaceFiles(inner, (unfinished) => unfinished.write('one.html', 'new'));
    expect((await stat(inner)).mode & 0o777).toBe(0o700);
  });

  test('is rid of what a killed writer left a day ago, and of nothing else', async () => {
    const [left, atWork] = [join(folder, '.unfinished-left'), join(folder, '.unfinished-at-work')];
    for (const place of [left, atWork]) await mkdir(place);
    await writeFile(join(left, 'one.html'), 'half');
    const twoDaysAgo = new Date(Date.now() - 48 * 3_600_000);
    await utimes(left, twoDaysAgo, twoDaysAgo);
    await replaceFiles(folder, (unfinished) => unfinished.write('one.html', 'new'));
    expect((await readdir(folder)).sort()).toEqual(['.unfinished-at-work', 'one.html']);
  });

  test.runIf(process.getuid?.() === 0)('keeps what another user left there', async () => {
    const theirs = join(folder, '.unfinished-theirs');
    await mkdir(theirs);
    await chown(theirs, 1, 1);
    const twoDaysAgo = new Date(Date.now() - 48 * 3_600_000);
    await utimes(theirs, twoDaysAgo, twoDaysAgo);
    await replaceFiles(folder, (unfinished) => unfinished.write('one.html', 'new'));
    expect((await readdir(folder)).sort()).toEqual(['.unfinished-theirs', 'one.html']);
  });

  test.each([
    { title: 'a file where the folder should be', place: 'file/dashboards', code: 'ENOTDIR', retry: false },
    { title: 'a file of its name', place: 'file', code: 'EEXIST', retry: false },
  ])('that cannot be: $title', async ({ place, code, retry }) => {
    await writeFile(join(folder, 'file'), '');
    await expect(replaceFiles(join(folder, place), async () => {})).rejects.toMatchObject({
      type: 'DashboardsNotWritten',
      message: `the folder for the dashboards cannot be written (${code})`,
      hint: expect.stringContaining('dashboards.folder'),
      retry,
    });
  });
});
