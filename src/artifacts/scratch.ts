import { appendFile, mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import type { Scratch } from '../domain/artifacts.ts';
import { translated } from './disk.ts';

/**
 * Creates scratch folders below `root` that only their owner can read. They hold patient data, so they must not be in
 * the system's temporary folder, where a killed worker would leave them for good.
 */
export function createScratch(root: string): () => Promise<Scratch> {
  return () =>
    translated(async () => {
      await mkdir(root, { recursive: true, mode: 0o700 });
      const folder = await mkdtemp(path.join(root, 'compare-'));
      const at = (file: string) => path.join(folder, file);
      return {
        append: (file, text) => translated(() => appendFile(at(file), text, { mode: 0o600 })),
        read: (file) => translated(() => readFile(at(file), 'utf8')),
        remove: () => translated(() => rm(folder, { recursive: true, force: true })),
      };
    });
}
