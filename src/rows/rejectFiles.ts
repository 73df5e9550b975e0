import type { RejectedRow } from '../domain/publication.ts';
import { decodeTsv, encodeTsv } from './tsv.ts';

/** One line, with its newline, of the file of rejected rows that `clean` makes. */
export function encodeReject({ sourceLine, column, rule, reason }: RejectedRow): string {
  return encodeTsv([String(sourceLine), column, rule, reason]);
}

/** The inverse of `encodeReject`, for a line without its newline. */
export function decodeReject(line: string): RejectedRow {
  const [sourceLine, column, rule, reason] = decodeTsv(line);
  return { sourceLine: Number(sourceLine), column: column!, rule: rule!, reason: reason! };
}
