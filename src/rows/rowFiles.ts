import type { LineCells } from '../domain/rowCells.ts';
import { scaledFromBytes, type Scale } from '../domain/decimals.ts';
import type { NameLabels } from './nameLabels.ts';
import { sourceLine, type Cell, type Readings, type ReportDefinition, type Row } from '../reports/report.ts';
import { isFigure, type TableType } from '../reports/tableTypes.ts';
import type { LineWriter } from './lineWriter.ts';
import { RememberedCells } from './rememberedCells.ts';
import { decodeCell, isNullCell } from './tsv.ts';

/**
 * The files of rows that the steps pass to each other, TSV in the form that `LOAD DATA` reads (see tsv.ts). A million
 * rows have twenty million cells, so a step reads only the cells it needs and copies the others as they are.
 */

/** How the cells of one column are written in a row file and read back. */
interface CellForm {
  write(out: LineWriter, value: Cell): void;
  /** Reads the cells of one column in place; `to` is exclusive. */
  createReader(): (bytes: Buffer, from: number, to: number) => string | number;
}

const text: CellForm = {
  write: (out, value) => out.text(value as string),
  createReader() {
    const remembered = new RememberedCells(decodeCell);
    return (bytes, from, to) => remembered.at(bytes, from, to);
  },
};

function figure(scale: Scale): CellForm {
  return {
    write: (out, value) => out.figure(value as number, scale),
    createReader: () => (bytes, from, to) => scaledFromBytes(bytes, from, to, scale),
  };
}

function formOf(type: TableType): CellForm {
  return isFigure(type) ? figure(type.scale) : text;
}

function writeCell(out: LineWriter, form: CellForm, value: Cell): void {
  if (value === null) out.null();
  else form.write(out, value);
  out.endCell();
}

/** Writes what is stored of a record: the line on which it starts, and its cells by export column. */
export function cleanRowWriter({
  storedCells,
}: ReportDefinition): (out: LineWriter, line: number, values: Readings) => void {
  const lineForm = formOf(sourceLine.type);
  const cells = storedCells.map(({ from, of, type }) => ({ from, of, form: formOf(type) }));
  return (out, line, values) => {
    writeCell(out, lineForm, line);
    for (const { from, of, form } of cells) writeCell(out, form, of(values[from]));
    out.endLine();
  };
}

interface NamedColumn {
  readonly name: string;
  readonly type: TableType;
}

/** Columns of the file that `clean` passes to `categorize`, in file order. */
function cleanColumns({ storedCells }: ReportDefinition): readonly NamedColumn[] {
  return [sourceLine, ...storedCells];
}

/** Reads the clean rows of lines with a fixed number of cells. */
interface RowReader {
  readonly width: number;
  /** The row in a line's cells. Each property is decoded on each access. */
  readonly rowOf: (cells: LineCells) => Row;
}

/** Rows with all their properties, like those of an object literal. */
export function cleanRowReader(report: ReportDefinition): RowReader {
  const columns = cleanColumns(report);
  class CellRow {
    readonly cells: LineCells;

    constructor(cells: LineCells) {
      this.cells = cells;
    }
  }
  columns.forEach((column, index) => {
    const read = createCellReader(column, index);
    Object.defineProperty(CellRow.prototype, column.name, {
      get(this: CellRow) {
        return read(this.cells);
      },
    });
  });
  return { width: columns.length, rowOf: (cells) => new CellRow(cells) as unknown as Row };
}

type CellReader = (cells: LineCells) => Cell;

function createCellReader({ type }: NamedColumn, index: number): CellReader {
  const read = formOf(type).createReader();
  return ({ bytes, starts, first }) => {
    const from = starts[first + index]!;
    const to = starts[first + index + 1]! - 1;
    return isNullCell(bytes, from, to) ? null : read(bytes, from, to);
  };
}

/** Returns the reader of a column's cells in categorized rows: the same one at each call for a column. */
export function categorizedCells({ tableColumns }: ReportDefinition): {
  readonly width: number;
  readonly column: (name: string) => CellReader;
} {
  const readers = new Map<string, CellReader>();
  const create = (name: string) => {
    const index = tableColumns.findIndex((column) => column.name === name);
    const reader = readOnce(createCellReader(tableColumns[index]!, index));
    readers.set(name, reader);
    return reader;
  };
  return { width: tableColumns.length, column: (name) => readers.get(name) ?? create(name) };
}

/** Several sums read the same cells of a row, one after the other. */
function readOnce(read: CellReader): CellReader {
  let last: LineCells | undefined;
  let value: Cell = null;
  return (cells) => {
    if (cells === last) return value;
    value = read(cells);
    last = cells;
    return value;
  };
}

/** What `categorize` adds to a clean row: the code and key of each person, null for no one, and the derived columns. */
interface AddedCells {
  readonly people: readonly (NameLabels | null)[];
  readonly derived: Row;
}

/** Writes the line of a categorized row: the cells of the clean one, and between them the added columns. */
export function categorizedRowWriter(
  report: ReportDefinition,
): (out: LineWriter, cells: LineCells, added: AddedCells) => void {
  const pieces = categorizedPieces(report);
  return (out, { bytes, starts, first }, added) => {
    for (const piece of pieces) {
      if ('form' in piece) writeCell(out, piece.form, piece.added(added));
      else {
        out.copy(bytes, starts[first + piece.from]!, starts[first + piece.to]! - 1);
        out.endCell();
      }
    }
    out.endLine();
  };
}

/** A piece of a categorized row's line: an added cell, or cells to copy; `to` is exclusive. */
type Piece =
  | { readonly form: CellForm; readonly added: (added: AddedCells) => Cell }
  | { readonly from: number; readonly to: number };

function categorizedPieces(report: ReportDefinition): readonly Piece[] {
  const cleanNames = cleanColumns(report).map(({ name }) => name);
  const pieces: Piece[] = [];
  for (const column of report.tableColumns) {
    const added = addedCell(report, column.name);
    const last = pieces.at(-1);
    const from = cleanNames.indexOf(column.name);
    if (added !== undefined) pieces.push({ form: formOf(column.type), added });
    else if (last !== undefined && 'to' in last && last.to === from) {
      pieces[pieces.length - 1] = { from: last.from, to: from + 1 };
    } else pieces.push({ from, to: from + 1 });
  }
  return pieces;
}

function addedCell(
  { people, derivedColumns }: ReportDefinition,
  column: string,
): ((added: AddedCells) => Cell) | undefined {
  if (derivedColumns.includes(column)) return ({ derived }) => derived[column]!;
  const person = people.findIndex(({ code, key }) => column === code || column === key);
  if (person === -1) return undefined;
  const label = people[person]!.code === column ? 'code' : 'key';
  return (added) => added.people[person]?.[label] ?? null;
}
