import { createRequire } from 'node:module';
import type * as Playwright from 'playwright';

/**
 * Playwright, which takes sixty megabytes that few processes need, so it is loaded late. By `require`: `import` would
 * have Node read its megabytes once more, to look for the names that they export.
 */
export function loadPlaywright(): typeof Playwright {
  return createRequire(import.meta.url)('playwright') as typeof Playwright;
}
