import type { CellKind } from './sheetCells.ts';

/** The cells of one record of an export. */
export interface RecordCells {
  /**
   * As csv-parse returns them. For a record in place, each access makes new texts and does not cache them: read in
   * place where possible.
   */
  readonly cells: readonly string[];
  /** Set for a record on one line of the file. */
  readonly inPlace?: CellsInPlace | undefined;
  /** Set for a record of a workbook: what it says that each cell holds. */
  readonly kinds?: readonly CellKind[];
}

/** One record of an export. */
export interface ExportRecord extends RecordCells {
  /** 1-based line where the record starts; the header is line 1. */
  readonly line: number;
}

/** Cells at their place in the bytes of a UTF-8 file. */
export interface CellsInPlace {
  readonly bytes: Buffer;
  /**
   * Start and end (exclusive) of each cell in bytes: `spans[first + 2 * cell]` and the next entry. Quotes around a cell
   * are left out, those within are doubled.
   */
  readonly spans: Int32Array;
  readonly first: number;
  readonly width: number;
  /** Whether the whole record is ASCII. */
  readonly ascii: boolean;
}

/** The number of cells in the record. */
export function widthOf(record: RecordCells): number {
  return record.inPlace?.width ?? record.cells.length;
}

/** Whether every cell is blank. */
export function isBlank(record: RecordCells): boolean {
  const { inPlace } = record;
  if (inPlace === undefined) return record.cells.every((cell) => cell.trim() === '');
  const { bytes, spans, first, width } = inPlace;
  for (let cell = 0; cell < width; cell += 1) {
    const to = spans[first + 2 * cell + 1]!;
    for (let at = spans[first + 2 * cell]!; at < to; at += 1) {
      // Blanks beyond ASCII are rare, so this decodes the text.
      if (bytes[at]! > lastOfAscii) return record.cells.every((text) => text.trim() === '');
      if (bytes[at]! > space || bytes[at]! < tab || (bytes[at]! > carriageReturn && bytes[at]! < space)) {
        return false;
      }
    }
  }
  return true;
}

const [tab, carriageReturn, space] = [0x09, 0x0d, 0x20];

/** Whether a cell is known to be ASCII without decoding it. */
export function isAsciiInPlace({ inPlace }: Pick<RecordCells, 'inPlace'>, position: number): boolean {
  if (inPlace === undefined) return false;
  const { bytes, spans, first } = inPlace;
  const to = spans[first + 2 * position + 1]!;
  for (let at = spans[first + 2 * position]!; at < to; at += 1) if (bytes[at]! > lastOfAscii) return false;
  return true;
}

const lastOfAscii = 0x7f;

/** The text of a quoted cell, its doubled quotes undone; an unquoted cell contains none. */
export function unquoted(cell: string): string {
  return cell.includes('"') ? cell.replaceAll('""', '"') : cell;
}
