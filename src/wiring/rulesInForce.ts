import { createHash, createHmac } from 'node:crypto';
import type { PipelineConfig } from '../config.ts';

/**
 * The digest of all rules that a worker with this configuration and name key works under. Another name key gives other
 * keys in the tables, so it counts as another rule; only a digest of it is included.
 */
export function rulesInForce({ rulesSha256 }: Pick<PipelineConfig, 'rulesSha256'>, nameKey: string): string {
  return createHash('sha256')
    .update(`${rulesSha256}\n${keyPrint(nameKey)}`)
    .digest('hex');
}

/** Tells name keys apart and says nothing about them. */
export function nameKeyId(nameKey: string): string {
  return keyPrint(nameKey).slice(0, 16);
}

function keyPrint(nameKey: string): string {
  return createHmac('sha256', nameKey).update('which name key').digest('hex');
}
