import { nameCode } from '../domain/nameCodes.ts';
import { remembering } from './remembering.ts';

/** What the tables show of a person besides the name: a label for reading, and the identity. */
export interface NameLabels {
  readonly code: string;
  readonly key: string;
}

/** Both for any name, each computed once. */
export function createNameLabels(nameKey: (name: string) => string): (name: string) => NameLabels {
  return remembering((name) => ({ code: nameCode(name), key: nameKey(name) }));
}
