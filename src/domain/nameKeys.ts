import { createHmac } from 'node:crypto';

/**
 * Turns names into the keys by which rows are grouped and joined: the first 16 hex digits of HMAC-SHA-256 of the exact
 * name.
 */
export function createNameKeys(secret: string): (name: string) => string {
  return (name) => createHmac('sha256', secret).update(name, 'utf8').digest('hex').slice(0, 16);
}
