import { array, assert, constantFrom, integer, oneof, property, string, tuple } from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decimalText, scales } from '../../src/domain/decimals.ts';
import { LineWriter } from '../../src/rows/lineWriter.ts';
import { encodeTsv } from '../../src/rows/tsv.ts';

/** One line of these cells. */
function lineOf(cells: readonly ((out: LineWriter) => void)[]): string {
  const out = new LineWriter();
  for (const cell of cells) {
    cell(out);
    out.endCell();
  }
  out.endLine();
  return out.take().toString();
}

describe('a line is written as encodeTsv writes it', () => {
  test('texts of any letters, and none', () => {
    const letters = string({
      unit: constantFrom('a', ' ', '\t', '\n', '\r', '\0', '\\', '\u0001', 'É', '漢', '🙂'),
    });
    const text = oneof(letters, constantFrom(null, 'x'.repeat(70_000), '漢'.repeat(70_000)));
    assert(
      property(array(text, { minLength: 1, maxLength: 5 }), (texts) => {
        const cells = texts.map(
          (value) => (out: LineWriter) => (value === null ? out.null() : out.text(value)),
        );
        expect(lineOf(cells)).toBe(encodeTsv(texts));
      }),
    );
  });

  test('figures of up to fourteen digits, with any decimals', () => {
    const edges = [
      0,
      -0,
      9,
      10,
      -1,
      99,
      100,
      2 ** 31 - 1,
      2 ** 31,
      -(2 ** 31),
      2 ** 32,
      10 ** 14 - 1,
      1 - 10 ** 14,
    ];
    const figure = oneof(
      constantFrom(...edges),
      integer({ min: 1 - 10 ** 14, max: 10 ** 14 - 1 }),
      integer(),
    );
    const scale = constantFrom(...Object.values(scales));
    assert(
      property(array(tuple(figure, scale), { minLength: 1 }), (figures) => {
        const cells = figures.map(
          ([scaled, decimals]) =>
            (out: LineWriter) =>
              out.figure(scaled, decimals),
        );
        expect(lineOf(cells)).toBe(
          encodeTsv(figures.map(([scaled, decimals]) => decimalText(scaled, decimals))),
        );
      }),
    );
  });

  test('bytes that are passed on, however many', () => {
    const source = Buffer.from(`1\tÉ${'x'.repeat(200_000)}\t3`);
    const copied = (out: LineWriter) => out.copy(source, 2, source.length - 2);
    expect(lineOf([copied, copied])).toBe(`É${'x'.repeat(200_000)}\tÉ${'x'.repeat(200_000)}\n`);
  });
});

test('what has been taken is not written again', () => {
  const out = new LineWriter();
  const write = (text: string) => {
    out.text(text);
    out.endCell();
    out.endLine();
    return out.take().toString();
  };
  expect([write('a'), write('bc'), out.take().toString()]).toEqual(['a\n', 'bc\n', '']);
});
