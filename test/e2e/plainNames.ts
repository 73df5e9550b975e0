import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'vitest';
import { reportBytes } from '../../demo/portal/data.ts';
import type { Period } from '../../src/domain/periods.ts';
import { leaksIn, privateTexts, type PrivateTexts } from './leaks.ts';
import type { System } from './system.ts';

/** An export of the stand-in's people, saved by hand. */
export const golden = fileURLToPath(new URL('../golden/notes-2026-10-16/reportExport.csv', import.meta.url));

const cycle = { from: '2026-10-16', to: '2026-10-31' } as Period;
const month = { from: '2026-09-01', to: '2026-09-30' } as Period;

export async function filesAt(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  return entries.filter((entry) => entry.isFile()).map(({ parentPath, name }) => path.join(parentPath, name));
}

/** Files below the folders that hold the whole name of a person, in any case. */
export async function namingSomebody(folders: readonly string[], secret: PrivateTexts): Promise<string[]> {
  const found: string[] = [];
  for (const file of (await Promise.all(folders.map(filesAt))).flat()) {
    // A file that is under way may be gone again.
    const text = await readFile(file, 'utf8').catch(() => '');
    if (leaksIn(text, secret).some(({ kind }) => kind === 'name')) found.push(file);
  }
  return found;
}

/**
 * Kills a worker of these settings while the browser writes a download. Returns the names that no file may hold.
 * @param downloads where a name is seen in plain text before, so that the search does find one
 */
export async function killedWhileDownloading(
  system: System,
  { downloads, worker }: { readonly downloads: string; readonly worker?: NodeJS.ProcessEnv },
): Promise<PrivateTexts> {
  const { data, faults } = system.portal.settings;
  faults.downloadStalls = 4000;
  const secret = privateTexts(
    [
      await readFile(golden),
      reportBytes('demo', 'notes', cycle, data),
      reportBytes('demo', 'utilization', month, data),
    ],
    [],
  );
  const killed = await system.startWorker(worker);
  await system.run('run', 'utilization', '--from', month.from, '--to', month.to, '--no-wait');
  await expect.poll(() => namingSomebody([downloads], secret), { timeout: 300_000 }).not.toEqual([]);
  await killed.kill();
  faults.downloadStalls = null;
  return secret;
}
