import { mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, expect, test } from 'vitest';
import { writeDashboardFiles } from '../../src/dashboard/writeFiles.ts';
import { someRows } from './someRows.ts';

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ehr-write-'));
  return () => rm(folder, { recursive: true, force: true });
});

test('an attempt whose time ran out while it printed leaves the files of the next one alone', async () => {
  await writeFile(join(folder, 'dashboard.html'), 'of the next attempt');
  const controller = new AbortController();
  const late = writeDashboardFiles(
    {
      folder,
      months: 12,
      names: false,
      qps: [],
      everyQp: false,
      paper: 'A4',
      signal: controller.signal,
    },
    {
      agency: null,
      clock: () => new Date(),
      timeZone: 'America/New_York',
      groupNames: {},
      figuresAre: 'authorization',
      rows: async () => someRows(),
      open: async () => controller.abort(new Error('too late')),
    },
  );
  await expect(late).rejects.toThrow('too late');
  expect(await readdir(folder)).toEqual(['dashboard.html']);
  expect(await readFile(join(folder, 'dashboard.html'), 'utf8')).toBe('of the next attempt');
});
