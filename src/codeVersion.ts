import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** Folders whose code decides what figures come out. */
const decidingFolders = ['domain', 'activities'];

/** Changes whenever code does that could change a figure, committed or not: 16 hex digits. */
export function codeVersion(): string {
  return versionOf(import.meta.url);
}

/** Of the code that runs here and, where it runs from source, of what `npm run build` has made of it. */
export function codeVersions(): string[] {
  const built = new URL('../dist/src/', import.meta.url);
  return [codeVersion(), ...(existsSync(built) ? [versionOf(built.href)] : [])];
}

function versionOf(root: string): string {
  const hash = createHash('sha256');
  for (const folder of decidingFolders) {
    const url = new URL(`${folder}/`, root);
    for (const file of readdirSync(url).sort()) {
      hash.update(`${folder}/${file}\n`).update(readFileSync(fileURLToPath(new URL(file, url))));
    }
  }
  return hash.digest('hex').slice(0, 16);
}
