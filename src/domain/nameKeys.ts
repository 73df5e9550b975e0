import { createHmac } from 'node:crypto';

/**
 * Turns names into the keys that rows are grouped and joined by: the first 16 hex digits of HMAC-SHA-256 of
 * the exact name. Keeps the keys of names already seen, up to `maximumCached`: one file names the same
 * people again and again, and 50,000 short strings are a few megabytes.
 */
export function createNameKeys(secret: string, maximumCached = 50_000): (name: string) => string {
  const seen = new Map<string, string>();
  return (name) => {
    const known = seen.get(name);
    if (known !== undefined) return known;
    const key = createHmac('sha256', secret).update(name, 'utf8').digest('hex').slice(0, 16);
    if (seen.size >= maximumCached) seen.clear();
    seen.set(name, key);
    return key;
  };
}
