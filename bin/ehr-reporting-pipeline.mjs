#!/usr/bin/env node
// The client, from any folder: as `npm run build` made it, or from source where nothing is built, or less than is there.
import { existsSync, readdirSync, statSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const project = fileURLToPath(new URL('..', import.meta.url));
const built = path.join(project, 'dist/src/client.js');

if (isCurrent()) {
  await import(built);
} else {
  const { register } = await import('tsx/esm/api');
  register();
  await import('../src/client.ts');
}

/** A product that is installed without its source is what was built. */
function isCurrent() {
  if (!existsSync(built)) return false;
  const source = path.join(project, 'src');
  const { mtimeMs } = statSync(built);
  return (
    !existsSync(source) ||
    readdirSync(source, { recursive: true }).every(
      (file) => statSync(path.join(source, file)).mtimeMs <= mtimeMs,
    )
  );
}
