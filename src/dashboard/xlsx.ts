import writeXlsxFile, { type Cell as SheetCell } from 'write-excel-file/universal';
import { fileHeading, plainFigure, type TableCell, type ColumnKind, type Table } from './exports.ts';

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

/** A table, and lines that say what its figures are of; the first line names the page. */
export interface ScopedTable {
  readonly table: Table;
  readonly scope: readonly string[];
}

/** A workbook of the table and, on a second sheet, what the figures are of. The same table makes the same cells. */
export function xlsxFile({ table, scope }: ScopedTable): Promise<Blob> {
  return writeXlsxFile([tableSheet('Table', table), textSheet('Scope', scope)]).toBlob();
}

/** A workbook with a sheet for each table, before them a list of the sheets, and after them what the figures are of. */
export function xlsxWorkbook(tables: readonly ScopedTable[]): Promise<Blob> {
  const sheets = tables.map(({ table, scope }, place) => ({
    name: sheetName(table, place + 1),
    table,
    scope,
  }));
  const scopes = new Map(tables.map(({ scope }) => [scope[0] ?? '', scope]));
  return writeXlsxFile([
    textSheet(
      'Contents',
      sheets.map(({ name, table, scope }) => `${name}: ${table.caption}, ${scope[0] ?? ''}`),
    ),
    ...sheets.map(({ name, table }) => tableSheet(name, table)),
    textSheet(
      'Scope',
      [...scopes.values()].flatMap((lines) => lines.concat('')),
    ),
  ]).toBlob();
}

/** Excel takes so many characters; the number makes each name unlike the others. */
const longestSheetName = 31;

function sheetName({ caption }: Table, number: number): string {
  // These signs no sheet's name may have.
  return `${String(number)} ${caption.replaceAll(/[[\]:*?/\\]/g, ' ')}`.slice(0, longestSheetName).trim();
}

function tableSheet(name: string, { columns, rows, total }: Table) {
  const headings = columns.map((column) => textCell(fileHeading(column), 'bold'));
  const cellsOf = (cells: readonly TableCell[], weight?: 'bold') =>
    cells.map((cell, place) => sheetCell(cell, columns[place]!.kind, weight));
  return {
    sheet: name,
    stickyRowsCount: 1,
    columns: columns.map(({ kind }) => ({ width: columnCharacters[kind] })),
    data: [
      headings,
      ...rows.map(({ cells }) => cellsOf(cells)),
      ...(total === undefined ? [] : [cellsOf(total, 'bold')]),
    ],
  };
}

function textSheet(name: string, lines: readonly string[]) {
  return { sheet: name, columns: [{ width: 90 }], data: lines.map((line) => [textCell(line)]) };
}

function sheetCell(cell: TableCell, kind: ColumnKind, weight?: 'bold'): SheetCell {
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
