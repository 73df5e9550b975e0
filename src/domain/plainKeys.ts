/**
 * Where a key is expected, people may type anything, even a password or a name. A key is shown only if it is short and
 * plain, as keys are, and no long number; otherwise its author finds it by its place.
 */
const plain = /^(?:[0-9]{1,3}|(?=[0-9-]{0,39}[A-Za-z_])[A-Za-z0-9_-]{1,40})$/;

/** The key, or a text that says that it is not shown. */
export function displayKey(key: PropertyKey): string {
  const text = String(key);
  return plain.test(text) ? text : `(a key of ${String(text.length)} characters)`;
}
