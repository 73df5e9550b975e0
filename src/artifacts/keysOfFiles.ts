import { randomInt } from 'node:crypto';
import { keptFileOf } from './keptFile.ts';
import { sealedBy, type KeptPlace } from './resealing.ts';

/** More is not listed: a folder of ten years has about 100,000. */
const mostListed = 20_000;
const mostRead = 40;

/** The key that sealed each file of a sample, by its id; undefined for a plain file. */
export async function keysOfSample(places: readonly KeptPlace[]): Promise<(string | undefined)[]> {
  const keys: (string | undefined)[] = [];
  for (const place of places) {
    for (const file of await sampleOf(place)) keys.push(await sealedBy(place, file));
  }
  return keys;
}

/** Each file that is listed has the same chance. */
async function sampleOf(place: KeptPlace): Promise<{ name: string; bytes: number }[]> {
  const sample: { name: string; bytes: number }[] = [];
  let listed = 0;
  for await (const page of place.list()) {
    for (const file of page) {
      if (keptFileOf(file.name) === undefined) continue;
      listed += 1;
      const at = listed <= mostRead ? listed - 1 : randomInt(listed);
      if (at < mostRead) sample[at] = file;
    }
    if (listed >= mostListed) break;
  }
  return sample;
}
