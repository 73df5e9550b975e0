import { array, assert, constantFrom, oneof, property, string, tuple } from 'fast-check';
import { expect, test } from 'vitest';
import { RememberedCells } from '../../src/rows/rememberedCells.ts';

/** What it makes of each text, which stands between others in the bytes. */
function readAll(cells: RememberedCells<string>, texts: readonly string[]): string[] {
  return texts.map((text) => {
    const from = Buffer.byteLength('é,');
    const bytes = Buffer.from(`é,${text},é`);
    return cells.at(bytes, from, from + Buffer.byteLength(text));
  });
}

test('every cell reads as its own text, also one that takes the place of another', () => {
  // More different ones than there are places, twice over.
  const texts = Array.from({ length: 20_000 }, (_, index) => `SMITH, JOHN ${String(index % 10_000)}`);
  expect(readAll(new RememberedCells((cell) => cell), texts)).toEqual(texts);
});

test('a cell that comes again is read once', () => {
  let reads = 0;
  const cells = new RememberedCells((cell) => {
    reads += 1;
    return cell;
  });
  expect(readAll(cells, ['DS', 'RCI', 'DS', '', 'DS', ''])).toEqual(['DS', 'RCI', 'DS', '', 'DS', '']);
  expect(reads).toBe(3);
});

test('cells of any letters and lengths read as their own texts', () => {
  const cells = new RememberedCells((cell) => cell);
  const short = string({ unit: constantFrom('a', 'b', 'É', '漢', '🙂', '\0'), maxLength: 5 });
  const long = tuple(short, constantFrom(10, 61, 62, 63, 64, 65, 200)).map(
    ([text, size]) => text + 'x'.repeat(size),
  );
  assert(
    property(array(oneof(short, long)), (texts) => {
      expect(readAll(cells, texts)).toEqual(texts);
    }),
  );
});

test('what cannot be read is not remembered as something else', () => {
  let fails = true;
  const cells = new RememberedCells((cell) => {
    if (fails) throw new RangeError('not now');
    return cell;
  });
  expect(() => readAll(cells, ['DS'])).toThrow(RangeError);
  fails = false;
  expect(readAll(cells, ['DS'])).toEqual(['DS']);
});
