import path from 'node:path';

/** The modules that workers of tests load before their own code. */
export const preloads = ['test/faults/preload.mjs', 'test/e2e/twoDaysAhead.mjs'];

/** Where the global set-up builds one of them, beside the product. */
export function builtPreload(built: string, preload: string): string {
  return path.join(built, 'preloads', `${path.basename(preload, '.mjs')}.js`);
}
