/**
 * Freezes a value and everything in it. `Object.freeze` leaves Maps and Sets open, so their mutating methods are closed
 * too.
 */
export function frozen<Value>(value: Value): Value {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value;
  if (value instanceof Map || value instanceof Set) closeWriters(value);
  for (const inner of Object.values(value)) frozen(inner);
  return Object.freeze(value);
}

function closeWriters(collection: object): void {
  for (const writer of ['set', 'add', 'delete', 'clear']) {
    Object.defineProperty(collection, writer, { value: refuse });
  }
}

function refuse(): never {
  throw new TypeError('The configuration is frozen.');
}
