import { createHmac } from 'node:crypto';
import { nameCode } from './nameCodes.ts';
import { remembering } from '../rows/remembering.ts';

/**
 * Turns names into the keys by which rows are grouped and joined: the first 16 hex digits of HMAC-SHA-256 of the exact
 * name.
 */
export function createNameKeys(secret: string): (name: string) => string {
  return (name) => createHmac('sha256', secret).update(name, 'utf8').digest('hex').slice(0, 16);
}

/** What the tables show of a person besides the name: a label for reading, and the identity. */
export interface NameLabels {
  readonly code: string;
  readonly key: string;
}

/** Both for any name, each computed once. */
export function createNameLabels(nameKey: (name: string) => string): (name: string) => NameLabels {
  return remembering((name) => ({ code: nameCode(name), key: nameKey(name) }));
}
