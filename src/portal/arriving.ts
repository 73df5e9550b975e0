import { mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PortalTrouble } from './trouble.ts';

/** The folder into which one browser saves what a portal sends, and how much that may be. */
export interface Arriving {
  readonly folder: string;
  readonly limitBytes: number;
}

/** Far beyond any report of one period, and far below what a disk holds. */
const usualLimitBytes = 2048 * 1024 * 1024;
/** Between two looks: a fast line brings some ten megabytes meanwhile. */
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

/** Throws once more has arrived than an export may be, whether as one file or as many. */
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

/** @throws PortalTrouble where the portal has announced, or sent, more than an export may be. */
export function assertFits(bytes: number | undefined, { limitBytes }: Arriving): void {
  if (bytes !== undefined && bytes > limitBytes) throw tooLarge(limitBytes);
}

async function bytesIn(folder: string): Promise<number> {
  const names = await readdir(folder).catch(() => []);
  const sizes = await Promise.all(
    names.map((name) =>
      stat(join(folder, name)).then(
        ({ size }) => size,
        // It was just finished under another name, or removed.
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
