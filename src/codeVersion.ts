import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** Folders whose code decides what figures come out. */
const decidingFolders = ['domain', 'activities'];

/** Changes whenever code does that could change a figure, committed or not: 16 hex digits. */
export function codeVersion(): string {
  const hash = createHash('sha256');
  for (const folder of decidingFolders) {
    const url = new URL(`${folder}/`, import.meta.url);
    for (const file of readdirSync(url).sort()) {
      hash.update(`${folder}/${file}\n`).update(readFileSync(fileURLToPath(new URL(file, url))));
    }
  }
  return hash.digest('hex').slice(0, 16);
}
