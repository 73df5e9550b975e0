import { mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PortalTrouble } from './trouble.ts';

/** The folder into which one browser saves downloads, and the largest size allowed. */
export interface Arriving {
  readonly folder: string;
  readonly limitBytes: number;
}

/** Far larger than any report of one period, and far smaller than a disk. */
const usualLimitBytes = 2048 * 1024 * 1024;
/** How often the folder is checked. A fast line brings about ten megabytes in this time. */
const lookMilliseconds = 250;

export async function openArriving(options: {
  readonly parent: string | undefined;
  readonly limitBytes: number | undefined;
}): Promise<Arriving> {
  const folder = await mkdtemp(join(options.parent ?? tmpdir(), 'arriving-'));
  return { folder, limitBytes: options.limitBytes ?? usualLimitBytes };
}

export async function closeArriving({ folder }: Arriving): Promise<void> {
  await rm(folder, { recursive: true, force: true });
}

/** `look` throws once the files in the folder, one or many, exceed the limit. */
export function watchArriving({ folder, limitBytes }: Arriving): { look: () => Promise<void> } {
  let looked = 0;
  return {
    look: async () => {
      if (Date.now() - looked < lookMilliseconds) return;
      looked = Date.now();
      if ((await bytesIn(folder)) > limitBytes) throw tooLarge(limitBytes);
    },
  };
}

/** @throws PortalTrouble if the announced or received size exceeds the limit. */
export function assertFits(bytes: number | undefined, { limitBytes }: Arriving): void {
  if (bytes !== undefined && bytes > limitBytes) throw tooLarge(limitBytes);
}

async function bytesIn(folder: string): Promise<number> {
  const names = await readdir(folder).catch(() => []);
  const sizes = await Promise.all(
    names.map((name) =>
      stat(join(folder, name)).then(
        ({ size }) => size,
        // The file was just renamed on completion, or removed.
        () => 0,
      ),
    ),
  );
  return sizes.reduce((sum, size) => sum + size, 0);
}

function tooLarge(limitBytes: number): PortalTrouble {
  const megabytes = Math.round(limitBytes / 1024 / 1024);
  return new PortalTrouble('ExportTooLarge', `the export is larger than ${megabytes} MB and was broken off`, {
    details: { limitBytes },
  });
}
