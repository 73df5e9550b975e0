import type { Readable } from 'node:stream';
import { PipelineError } from '../domain/failures.ts';
import { keptFileOf, openNamed, type KeptFile } from './keptFile.ts';
import { headerBytes, keyIdIn, Sealer, type DataKey } from './seal.ts';
import { SpooledFile } from './spool.ts';

/** Where files are kept, by their names there. */
export interface KeptPlace {
  /** All files, in pages, in no order. */
  list(): AsyncIterable<readonly { readonly name: string; readonly bytes: number }[]>;
  /** The bytes as they are kept, or the first ones only. Undefined if there is no such file. */
  read(name: string, firstBytes?: number): Promise<Readable | undefined>;
  /** A folder on this machine from which `replace` can take a file. */
  spoolFolder(name: string): string;
  /** Puts a local file in place of a kept one, all or nothing. It may be taken away. */
  replace(name: string, file: string): Promise<void>;
}

/** The first one seals. */
export type ResealingKeys = readonly [DataKey, ...DataKey[]];

/** What happened to the files. */
export interface Resealed {
  resealed: number;
  /** Sealed with the newest key before, or plain for others to read. */
  already: number;
  /** Names of those that cannot be opened, and stay as they are. */
  readonly notOpened: string[];
}

/** What happened to the files of one page, and their names. */
export interface ResealedPage extends Resealed {
  readonly names: readonly string[];
}

/**
 * Seals every kept file with the first key, file by file: each is the old one or the new one, whole. A stop anywhere
 * loses nothing, and the next call goes on. Plain files are sealed too, but not those that others put into the inbox.
 */
export async function* resealFiles(place: KeptPlace, keys: ResealingKeys): AsyncGenerator<ResealedPage> {
  for await (const page of place.list()) {
    const files = page.flatMap(({ name, bytes }) => {
      const file = keptFileOf(name);
      return file === undefined ? [] : [{ ...file, bytes }];
    });
    const resealed = { names: files.map(({ name }) => name), resealed: 0, already: 0, notOpened: [] };
    for (const file of files) await resealInto(resealed, place, file, keys);
    yield resealed;
  }
}

async function resealInto(
  page: Resealed,
  place: KeptPlace,
  file: KeptFile & { readonly bytes: number },
  keys: ResealingKeys,
): Promise<void> {
  try {
    if (await isDone(place, file, keys[0])) page.already += 1;
    else if (await reseal(place, file, keys)) page.resealed += 1;
  } catch (error) {
    if (!(error instanceof PipelineError) || error.type !== 'ArtifactMissing') throw error;
    page.notOpened.push(file.name);
  }
}

async function isDone(
  place: KeptPlace,
  { name, bytes, staysPlain }: KeptFile & { readonly bytes: number },
  newest: DataKey,
): Promise<boolean> {
  const id = await sealedBy(place, { name, bytes });
  return id === undefined ? staysPlain : id === newest.id;
}

/** The id of the key that sealed a kept file; undefined if it is plain or gone. */
export async function sealedBy(
  place: Pick<KeptPlace, 'read'>,
  { name, bytes }: { readonly name: string; readonly bytes: number },
): Promise<string | undefined> {
  if (bytes < headerBytes) return undefined;
  const head: Buffer[] = [];
  for await (const chunk of (await place.read(name, headerBytes)) ?? []) head.push(chunk as Buffer);
  return keyIdIn(Buffer.concat(head));
}

/** Returns false if the file is gone: retention has removed it meanwhile. */
async function reseal(place: KeptPlace, file: KeptFile, keys: ResealingKeys): Promise<boolean> {
  const body = await place.read(file.name);
  if (body === undefined) return false;
  const spooled = await SpooledFile.create(
    place.spoolFolder(file.name),
    'rekey',
    new Sealer(keys[0], file.purpose),
  );
  try {
    for await (const chunk of openNamed(body, file, keys)) await spooled.add(chunk);
    await spooled.finish();
    await place.replace(file.name, spooled.path);
  } finally {
    await spooled.remove();
  }
  return true;
}
