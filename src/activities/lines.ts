import type { Readable } from 'node:stream';
import { textOf } from './text.ts';

const newline = 0x0a;

/**
 * The lines of a row file in blocks as they are read, without their newlines. Only `\n` ends a line: node:readline
 * would also break at U+2028, which a name may hold.
 */
export async function* readLineBlocks(source: Readable): AsyncGenerator<readonly string[]> {
  let rest: Buffer = Buffer.alloc(0);
  for await (const chunk of source as AsyncIterable<Buffer>) {
    const bytes = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    // A newline is never a part of another character, so that what comes before it can be decoded.
    const end = bytes.lastIndexOf(newline);
    rest = bytes.subarray(end + 1);
    if (end >= 0) yield textOf(bytes.subarray(0, end)).split('\n');
  }
  if (rest.length > 0) throw new RangeError('a row file ends within a line');
}

/** The same lines one by one, where there are not many. */
export async function* readLines(source: Readable): AsyncGenerator<string> {
  for await (const lines of readLineBlocks(source)) yield* lines;
}
