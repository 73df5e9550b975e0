import type { Readable } from 'node:stream';
import { splitRows, type LineCells } from './rowLines.ts';
import { textOf } from './text.ts';

const newline = 0x0a;

/**
 * The lines of a row file in blocks as they are read, without their newlines. Only `\n` ends a line: node:readline
 * would also break at U+2028, which a name may hold.
 */
async function* readLineBlocks(source: Readable): AsyncGenerator<readonly string[]> {
  for await (const lines of wholeLines(source)) yield textOf(lines.subarray(0, -1)).split('\n');
}

/** The rows of a file whose lines have so many cells, in blocks, each where it stands in the bytes that were read. */
export async function* readRowBlocks(source: Readable, width: number): AsyncGenerator<readonly LineCells[]> {
  for await (const lines of wholeLines(source)) yield splitRows(lines, width);
}

/** What the file holds, in pieces that end with a line. */
async function* wholeLines(source: Readable): AsyncGenerator<Buffer> {
  let rest: Buffer = Buffer.alloc(0);
  for await (const chunk of source as AsyncIterable<Buffer>) {
    const bytes = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    // A newline is never a part of another character, so that what comes before it can be decoded.
    const end = bytes.lastIndexOf(newline) + 1;
    rest = bytes.subarray(end);
    if (end > 0) yield bytes.subarray(0, end);
  }
  if (rest.length > 0) throw new RangeError('a row file ends within a line');
}

/** The same lines one by one, where there are not many. */
export async function* readLines(source: Readable): AsyncGenerator<string> {
  for await (const lines of readLineBlocks(source)) yield* lines;
}
