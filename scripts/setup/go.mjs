import { onPath } from './cache.mjs';
import { run } from './run.mjs';

/** Building the Temporal server took 3 to 6 minutes on 2 cores; a busy machine may need several times that. */
const buildSeconds = 2_700;

export async function hasGo() {
  return (await onPath('go')) !== undefined;
}

/**
 * @param {readonly string[]} args
 * @param {{ env?: Record<string, string>, cwd?: string }} [options]
 */
export function go(args, options = {}) {
  return run('go', args, { timeoutSeconds: buildSeconds, ...options });
}
