import Table from 'cli-table3';
import stringWidth from 'string-width';
import { printableLines } from '../domain/printable.ts';

const gap = '  ';

/** No lines between cells and no colours: a table is as good in a file and with NO_COLOR as on a terminal. */
const plain = {
  chars: {
    top: '',
    'top-mid': '',
    'top-left': '',
    'top-right': '',
    bottom: '',
    'bottom-mid': '',
    'bottom-left': '',
    'bottom-right': '',
    left: '',
    'left-mid': '',
    mid: '',
    'mid-mid': '',
    right: '',
    'right-mid': '',
    middle: gap,
  },
  style: { 'padding-left': 0, 'padding-right': 0, head: [], border: [] },
};

/**
 * A table in which columns of numbers stand right. On a terminal its widest cells are broken between words until it
 * fits; a word, such as an id to copy, stays whole.
 * @param columns of the terminal; undefined for a file or a pipe
 */
export function table(
  headings: readonly string[],
  rows: readonly (readonly string[])[],
  columns = process.stdout.isTTY ? process.stdout.columns : undefined,
): string {
  const lines = [headings, ...rows].map((line) => line.map(printableLines));
  const cellsOf = headings.map((_, column) => lines.map((line) => line[column] ?? ''));
  const drawn = new Table({
    ...plain,
    colAligns: cellsOf.map(([, ...cells]) => (areNumbers(cells) ? 'right' : 'left')),
    ...(columns === undefined ? {} : { colWidths: widthsWithin(columns, cellsOf), wordWrap: true }),
  });
  drawn.push(...lines);
  return drawn
    .toString()
    .split('\n')
    .map((line) => line.trimEnd())
    .join('\n');
}

const number = /^[-+]?\$?\d[\d,]*(?:\.\d+)?(?: ?%)?$/;
const nothing = /^-?$/;

function areNumbers(cells: readonly string[]): boolean {
  return (
    cells.some((cell) => number.test(cell)) && cells.every((cell) => number.test(cell) || nothing.test(cell))
  );
}

/** The widths of the columns; the widest give way first, none below its longest word. */
function widthsWithin(room: number, cellsOf: readonly (readonly string[])[]): number[] {
  const widths = cellsOf.map((cells) => widest(cells.flatMap((cell) => cell.split('\n'))));
  const least = cellsOf.map((cells) => widest(cells.flatMap((cell) => cell.split(/\s+/))));
  let excess = widths.reduce((sum, width) => sum + width, (widths.length - 1) * gap.length) - room;
  for (; excess > 0; excess -= 1) {
    const giving = widths
      .map((width, column) => ({ width, column }))
      .filter(({ width, column }) => width > least[column]!)
      .reduce<{ width: number; column: number } | undefined>(
        (most, each) => (most === undefined || each.width > most.width ? each : most),
        undefined,
      );
    if (giving === undefined) break;
    widths[giving.column]! -= 1;
  }
  return widths;
}

function widest(words: readonly string[]): number {
  // The library takes 0 for no width at all.
  return Math.max(1, ...words.map((word) => stringWidth(word)));
}
