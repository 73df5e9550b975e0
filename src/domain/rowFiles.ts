import { scaledFromBytes, type Scale } from './decimals.ts';
import type { NameLabels } from './nameKeys.ts';
import { sourceLine, type Cell, type Readings, type ReportDefinition, type Row } from '../reports/report.ts';
import { isFigure, type TableType } from '../reports/tableTypes.ts';
import type { LineWriter } from '../rows/lineWriter.ts';
import { RememberedCells } from '../rows/rememberedCells.ts';
import type { LineCells } from '../rows/rowLines.ts';
import { decodeCell, isNullCell } from '../rows/tsv.ts';

/**
 * The files of rows that the steps hand to each other, TSV in the form that `LOAD DATA` reads (see tsv.ts). A million
 * rows have twenty million cells, so that a step reads the cells it needs and passes the others on as they are written.
 */

/** How the cells of one column are written in a row file and read back. */
interface CellForm {
  write(out: LineWriter, value: Cell): void;
  /** Reads the cells of one column, each from where it stands, `to` excluded. */
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

/** Writes what is stored of a record: the line where it starts, and its cells by export column. */
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

/** Columns of the file that `clean` hands to `categorize`, in file order. */
function cleanColumns({ storedCells }: ReportDefinition): readonly NamedColumn[] {
  return [sourceLine, ...storedCells];
}

/** Reads the clean rows of lines that have so many cells. */
interface RowReader {
  readonly width: number;
  /** The row that a line's cells hold. Each property is decoded when it is asked for, and each time. */
  readonly rowOf: (cells: LineCells) => Row;
}

/** Rows whose properties are all there, as those of an object written out would be. */
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

/** Gives what reads the cells of a column of categorized rows. */
export function categorizedCells({ tableColumns }: ReportDefinition): {
  readonly width: number;
  readonly column: (name: string) => CellReader;
} {
  return {
    width: tableColumns.length,
    column: (name) => {
      const index = tableColumns.findIndex((column) => column.name === name);
      return createCellReader(tableColumns[index]!, index);
    },
  };
}

/** What `categorize` adds to a clean row: the code and key of each person, null for nobody, and what is derived. */
interface AddedCells {
  readonly people: readonly (NameLabels | null)[];
  readonly derived: Row;
}

/** Writes the line of a categorized row: the cells of the clean one, and between them the columns that were added. */
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

/** What a line of a categorized row is put together of: a cell that was added, or cells to pass on, `to` excluded. */
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
