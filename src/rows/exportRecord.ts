/** The cells of one record of an export. */
export interface RecordCells {
  /** As csv-parse gives them. Of cells in place each time made anew, so that whoever can reads those. */
  readonly cells: readonly string[];
  /** Of a record that stands on one line of the file. */
  readonly inPlace?: CellsInPlace | undefined;
}

/** One record of an export. */
export interface ExportRecord extends RecordCells {
  /** 1-based line where the record starts; the header is line 1. */
  readonly line: number;
}

/** Cells as they stand in the bytes of a file in UTF-8. */
export interface CellsInPlace {
  readonly bytes: Buffer;
  /**
   * From which byte to which each cell goes, the last one excluded: `spans[first + 2 * cell]` and the one behind it.
   * Quotes around a cell are left out, those within are doubled.
   */
  readonly spans: Int32Array;
  readonly first: number;
  readonly width: number;
  /** Whether all of it is ASCII. */
  readonly ascii: boolean;
}

/** How many cells the record has. */
export function widthOf(record: RecordCells): number {
  return record.inPlace?.width ?? record.cells.length;
}

/** Whether no cell has anything but blanks in it. */
export function isBlank(record: RecordCells): boolean {
  const { inPlace } = record;
  if (inPlace === undefined) return record.cells.every((cell) => cell.trim() === '');
  const { bytes, spans, first, width } = inPlace;
  for (let cell = 0; cell < width; cell += 1) {
    const to = spans[first + 2 * cell + 1]!;
    for (let at = spans[first + 2 * cell]!; at < to; at += 1) {
      // Blanks beyond ASCII are seldom, and told by their text.
      if (bytes[at]! > lastOfAscii) return record.cells.every((text) => text.trim() === '');
      if (bytes[at]! > space || bytes[at]! < tab || (bytes[at]! > carriageReturn && bytes[at]! < space)) {
        return false;
      }
    }
  }
  return true;
}

const [tab, carriageReturn, space] = [0x09, 0x0d, 0x20];

/** Whether a cell can be seen to be of nothing but ASCII without reading it. */
export function isAsciiInPlace({ inPlace }: Pick<RecordCells, 'inPlace'>, position: number): boolean {
  if (inPlace === undefined) return false;
  const { bytes, spans, first } = inPlace;
  const to = spans[first + 2 * position + 1]!;
  for (let at = spans[first + 2 * position]!; at < to; at += 1) if (bytes[at]! > lastOfAscii) return false;
  return true;
}

const lastOfAscii = 0x7f;

/** The text of a cell whose quotes are doubled; one that is not in quotes has none. */
export function unquoted(cell: string): string {
  return cell.includes('"') ? cell.replaceAll('""', '"') : cell;
}
