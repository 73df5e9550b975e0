import type { LineCells } from '../../src/domain/rowCells.ts';
import { array, assert, constantFrom, integer, property, record, tuple } from 'fast-check';
import { describe, expect, test } from 'vitest';
import { RowAlignment, type Side } from '../../src/rows/rowAlignment.ts';
import { lineText, splitRows } from '../../src/rows/rowLines.ts';

const width = 2;

/** Rows of these texts, on lines from 2 on. */
function rowsOf(texts: readonly string[]): LineCells[] {
  const lines = texts.map((text, index) => `${String(index + 2)}\t${text}\n`);
  return splitRows(Buffer.from(lines.join('')), width);
}

/** What is left over of each side, as texts; sides come in blocks of so many rows. */
function align(before: readonly string[], after: readonly string[], blockRows: Record<Side, number>) {
  const left: Record<Side, string[]> = { before: [], after: [] };
  const alignment = new RowAlignment(width, (side, row) =>
    left[side].push(lineText(row, width).split('\t')[1]!),
  );
  const rows = { before: rowsOf(before), after: rowsOf(after) };
  for (let side = alignment.wanted; side !== undefined; side = alignment.wanted) {
    if (rows[side].length === 0) alignment.end(side);
    else alignment.add(side, rows[side].splice(0, blockRows[side]));
  }
  return { ...left, same: alignment.same };
}

const blocks = { before: 7, after: 100 };

function manyTexts(rows: number): string[] {
  return Array.from({ length: rows }, (_, index) => `row ${String(index)}`);
}

describe('rows that are the same go by in step', () => {
  const texts = manyTexts(1000);

  test.each([
    { title: 'nothing has changed', after: texts, before: [], left: [], same: 1000 },
    {
      title: 'rows came at the start',
      after: ['a', 'b', ...texts],
      before: [],
      left: ['a', 'b'],
      same: 1000,
    },
    {
      title: 'rows went at the start',
      after: texts.slice(2),
      before: ['row 0', 'row 1'],
      left: [],
      same: 998,
    },
    {
      title: 'every hundredth is another',
      after: texts.map((text, index) => (index % 100 === 0 ? `${text}!` : text)),
      before: texts.filter((_, index) => index % 100 === 0),
      left: texts.filter((_, index) => index % 100 === 0).map((text) => `${text}!`),
      same: 990,
    },
    {
      title: 'rows came here and went there',
      after: [...texts.slice(0, 300), 'a', ...texts.slice(300, 600), ...texts.slice(610)],
      before: texts.slice(600, 610),
      left: ['a'],
      same: 990,
    },
    { title: 'the last row went', after: texts.slice(0, -1), before: ['row 999'], left: [], same: 999 },
  ])('where $title', ({ after, before, left, same }) => {
    expect(align(texts, after, blocks)).toEqual({ before, after: left, same });
  });

  test('a first load and a last one', () => {
    expect(align([], ['a'], blocks)).toEqual({ before: [], after: ['a'], same: 0 });
    expect(align(['a'], [], blocks)).toEqual({ before: ['a'], after: [], same: 0 });
    expect(align([], [], blocks)).toEqual({ before: [], after: [], same: 0 });
  });
});

test('whatever came, went or moved, what goes by is the same on both sides and nothing is lost', () => {
  const text = constantFrom('a', 'b', 'c', 'd', 'e');
  const size = integer({ min: 1, max: 30 });
  assert(
    property(
      array(text, { maxLength: 60 }),
      array(text, { maxLength: 60 }),
      record({ before: size, after: size }),
      (before, after, blockRows) => {
        const found = align(before, after, blockRows);
        expect(minus(before, found.before)).toEqual(minus(after, found.after));
        expect(minus(before, found.before)).toHaveLength(found.same);
      },
    ),
  );
});

test('a side whose rows are all others, however long, is left over whole', () => {
  assert(
    property(tuple(integer({ min: 0, max: 300 }), integer({ min: 0, max: 300 })), ([one, other]) => {
      const [before, after] = [manyTexts(one), manyTexts(other).map((text) => `other ${text}`)];
      expect(align(before, after, blocks)).toEqual({ before, after, same: 0 });
    }),
  );
});

/** What is left of the texts without those, sorted. */
function minus(texts: readonly string[], without: readonly string[]): string[] {
  const left = [...texts];
  for (const text of without) left.splice(left.indexOf(text), 1);
  return left.sort();
}
