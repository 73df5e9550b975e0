import type { Readable } from 'node:stream';

/**
 * The lines of a row file, without their newlines. Only `\n` ends a line: node:readline would also break at
 * U+2028, which a name may hold.
 */
export async function* readLines(source: Readable): AsyncGenerator<string> {
  source.setEncoding('utf8');
  let rest = '';
  for await (const chunk of source as AsyncIterable<string>) {
    const lines = (rest + chunk).split('\n');
    rest = lines.pop()!;
    yield* lines;
  }
  if (rest !== '') throw new RangeError('a row file ends within a line');
}
