import writeXlsxFile, { type Cell as SheetCell } from 'write-excel-file/universal';
import { fileHeading, plainFigure, type Cell, type ColumnKind, type Table } from './exports.ts';

/** How Excel writes a kind of figure. Text cells are typed as text, so nothing in them is ever a formula. */
const formats: Readonly<Record<ColumnKind, string | undefined>> = {
  text: undefined,
  month: undefined,
  day: undefined,
  moment: undefined,
  period: undefined,
  count: '#,##0',
  dollars: '#,##0.00;[Red]-#,##0.00',
  percent: '0.00',
  days: '0.00',
};

const columnCharacters: Readonly<Record<ColumnKind, number>> = {
  text: 32,
  month: 12,
  day: 14,
  moment: 20,
  period: 36,
  count: 14,
  dollars: 18,
  percent: 16,
  days: 14,
};

/** A workbook of the table and, on a second sheet, what the figures are of. The same table makes the same cells. */
export function xlsxFile({ columns, rows, total }: Table, scope: readonly string[]): Promise<Blob> {
  const headings = columns.map((column) => textCell(fileHeading(column), 'bold'));
  const cellsOf = (cells: readonly Cell[], weight?: 'bold') =>
    cells.map((cell, place) => sheetCell(cell, columns[place]!.kind, weight));
  return writeXlsxFile([
    {
      sheet: 'Table',
      stickyRowsCount: 1,
      columns: columns.map(({ kind }) => ({ width: columnCharacters[kind] })),
      data: [
        headings,
        ...rows.map(({ cells }) => cellsOf(cells)),
        ...(total === undefined ? [] : [cellsOf(total, 'bold')]),
      ],
    },
    { sheet: 'Scope', columns: [{ width: 90 }], data: scope.map((line) => [textCell(line)]) },
  ]).toBlob();
}

function sheetCell(cell: Cell, kind: ColumnKind, weight?: 'bold'): SheetCell {
  if (cell === null) return null;
  if (typeof cell === 'string') return textCell(cell, weight);
  const format = formats[kind];
  return {
    type: Number,
    // The nearest number to the exact digits, which a spreadsheet holds in no other way.
    value: Number(plainFigure(cell, kind)),
    ...(format === undefined ? {} : { format }),
    ...(weight === undefined ? {} : { fontWeight: weight }),
  };
}

function textCell(text: string, weight?: 'bold'): SheetCell {
  return { type: String, value: text, ...(weight === undefined ? {} : { fontWeight: weight }) };
}
