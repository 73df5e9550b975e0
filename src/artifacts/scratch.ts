import { randomBytes } from 'node:crypto';
import { appendFile, mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import type { Scratch } from '../domain/artifacts.ts';
import { PipelineError } from '../domain/failures.ts';
import { translated } from './disk.ts';
import { dataKey, keyBytes, NotOpened, Opener, Sealer } from './seal.ts';

/**
 * Creates scratch folders below `root` that only their owner can read. They hold patient data, so they are sealed with
 * a key that is kept nowhere, and are not in the system's temporary folder, where a killed worker would leave them for
 * good.
 */
export function createScratch(root: string): () => Promise<Scratch> {
  const key = dataKey(randomBytes(keyBytes));
  return () =>
    translated(async () => {
      await mkdir(root, { recursive: true, mode: 0o700 });
      const folder = await mkdtemp(path.join(root, 'compare-'));
      const sealers = new Map<string, Sealer>();
      const at = (file: string) => path.join(folder, file);
      const append = (file: string, sealed: readonly Buffer[]) =>
        translated(() => appendFile(at(file), Buffer.concat(sealed), { mode: 0o600 }));
      const sealerOf = (file: string) => {
        const sealer = sealers.get(file) ?? new Sealer(key, file);
        sealers.set(file, sealer);
        return sealer;
      };
      return {
        append: (file, text) => append(file, sealerOf(file).push(Buffer.from(text))),
        read: async (file) => {
          await append(file, sealerOf(file).end());
          return openText(await translated(() => readFile(at(file))), new Opener([key], file));
        },
        remove: () => translated(() => rm(folder, { recursive: true, force: true })),
      };
    });
}

function openText(sealed: Buffer, opener: Opener): string {
  try {
    return Buffer.concat([...opener.push(sealed), ...opener.end()]).toString('utf8');
  } catch (error) {
    if (!(error instanceof NotOpened)) throw error;
    throw new PipelineError('ArtifactStoreUnavailable', `a scratch file ${error.message}`, {
      hint: 'The step runs again by itself. If it stays so, look at the disk of that machine, and who else writes to it.',
      cause: error,
    });
  }
}
