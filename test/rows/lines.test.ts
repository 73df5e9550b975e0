import { Readable } from 'node:stream';
import { array, assert, asyncProperty, constantFrom, integer, string } from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readLines } from '../../src/rows/lines.ts';

async function linesOf(bytes: Buffer, chunkBytes = bytes.length): Promise<string[]> {
  const chunks: Buffer[] = [];
  for (let at = 0; at < bytes.length; at += chunkBytes) chunks.push(bytes.subarray(at, at + chunkBytes));
  const lines: string[] = [];
  for await (const line of readLines(Readable.from(chunks))) lines.push(line);
  return lines;
}

describe('the lines of a row file', () => {
  const files = [
    { title: 'an empty file has none', text: '', lines: [] },
    { title: 'one line', text: 'a\tb\n', lines: ['a\tb'] },
    { title: 'an empty line is a line', text: 'a\n\nb\n', lines: ['a', '', 'b'] },
    { title: 'a carriage return is no line end', text: 'a\rb\r\n', lines: ['a\rb\r'] },
    { title: 'nor is U+2028, which a name may hold', text: 'a\u2028b\u0085c\n', lines: ['a\u2028b\u0085c'] },
  ];

  test.each(files)('$title', async ({ text, lines }) => {
    expect(await linesOf(Buffer.from(text))).toEqual(lines);
  });

  test('come out the same however the bytes are cut, letters of several bytes included', async () => {
    const line = string({ unit: constantFrom('a', '\t', 'É', '漢', '🙂', '\u2028', '\r', '\\') });
    await assert(
      asyncProperty(array(line), integer({ min: 1, max: 7 }), async (lines, chunkBytes) => {
        const bytes = Buffer.from(lines.map((each) => `${each}\n`).join(''));
        expect(await linesOf(bytes, chunkBytes)).toEqual(lines);
      }),
    );
  });

  test('a file that ends within a line is refused, after the whole lines', async () => {
    await expect(linesOf(Buffer.from('a\nb'))).rejects.toThrow(/ends within a line/);
  });

  test('bytes that are no UTF-8 are refused', async () => {
    await expect(linesOf(Buffer.from([0x61, 0xff, 0x0a]))).rejects.toThrow(/no UTF-8/);
  });
});
