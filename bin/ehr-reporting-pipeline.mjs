#!/usr/bin/env node
// The client, from any folder: as `npm run build` made it, or from source where nothing is built.
import { existsSync } from 'node:fs';

const built = new URL('../dist/src/client.js', import.meta.url);

if (existsSync(built)) {
  await import(built.href);
} else {
  const { register } = await import('tsx/esm/api');
  register();
  await import('../src/client.ts');
}
