import { isUtf8 } from 'node:buffer';
import type { Readable } from 'node:stream';
import type { LineCells } from '../domain/rowCells.ts';
import { splitRows } from './rowLines.ts';
import { textOf } from './text.ts';

const newline = 0x0a;

/**
 * The lines of a row file in blocks as they are read, without their newlines. Only `\n` ends a line: node:readline
 * would also break at U+2028, which a name may contain.
 */
async function* readLineBlocks(source: Readable): AsyncGenerator<readonly string[]> {
  for await (const lines of wholeLines(source)) {
    if (!isUtf8(lines)) throw new RangeError('a row file holds bytes that are no UTF-8');
    yield textOf(lines.subarray(0, -1)).split('\n');
  }
}

/** The rows of a file with `width` cells a line, in blocks, each in place in the bytes that were read. */
export async function* readRowBlocks(source: Readable, width: number): AsyncGenerator<readonly LineCells[]> {
  for await (const lines of wholeLines(source)) yield splitRows(lines, width);
}

/** The file's content, in pieces that end with a line. */
async function* wholeLines(source: Readable): AsyncGenerator<Buffer> {
  let rest: Buffer = Buffer.alloc(0);
  for await (const chunk of source as AsyncIterable<Buffer>) {
    const bytes = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    // A newline is never part of another character, so everything before it can be decoded.
    const end = bytes.lastIndexOf(newline) + 1;
    rest = bytes.subarray(end);
    if (end > 0) yield bytes.subarray(0, end);
  }
  if (rest.length > 0) throw new RangeError('a row file ends within a line');
}

/** Reads lines one by one, for short files. */
export async function* readLines(source: Readable): AsyncGenerator<string> {
  for await (const lines of readLineBlocks(source)) yield* lines;
}
