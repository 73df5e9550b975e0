/**
 * What people put where a key is expected may be anything, a password or a name too. A key is named where it is short and
 * plain, as keys are, and no long number; otherwise whoever wrote it finds it by its place.
 */
const plain = /^(?:[0-9]{1,3}|(?=[0-9-]{0,39}[A-Za-z_])[A-Za-z0-9_-]{1,40})$/;

/** The key, or that it is not told. */
export function tellableKey(key: PropertyKey): string {
  const text = String(key);
  return plain.test(text) ? text : `(a key of ${String(text.length)} characters)`;
}
