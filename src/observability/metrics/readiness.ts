import { text, type Answer } from './server.ts';

/** Why something that a worker needs is missing, in words without secrets; undefined if it is there. */
export type Need = () => Promise<string | undefined>;

/**
 * Whether the worker can take steps: 200, or 503 with a line for each missing need. What a worker can do without is
 * only named.
 */
export async function readiness(
  needs: readonly Need[],
  limitations: readonly string[] = [],
): Promise<Answer> {
  const missing = await Promise.all(needs.map((need) => need()));
  const reasons = missing.filter((reason) => reason !== undefined);
  if (reasons.length === 0)
    return text(200, ['ready', ...limitations.map((what) => `but ${what}`)].join('\n'));
  return text(503, reasons.map((reason) => `not ready: ${reason}`).join('\n'));
}
