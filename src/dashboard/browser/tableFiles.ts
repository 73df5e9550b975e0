import { csvText, fileName } from '../exports.ts';
import { xlsxFile, xlsxWorkbook, type ScopedTable } from '../xlsx.ts';

export type FileFormat = 'CSV' | 'Excel';

export interface TableFile {
  readonly name: string;
  readonly content: Blob;
}

/** A table as a file, made here: nothing leaves this machine. */
export async function tableFile(
  format: FileFormat,
  { table, about, scope }: ScopedTable & { readonly about: string },
): Promise<TableFile> {
  const name = fileName(about);
  return format === 'CSV'
    ? { name: `${name}.csv`, content: new Blob([csvText(table)], { type: 'text/csv;charset=utf-8' }) }
    : { name: `${name}.xlsx`, content: await xlsxFile({ table, scope }) };
}

/** All tables in one file. */
export async function workbookFile(tables: readonly ScopedTable[]): Promise<TableFile> {
  return { name: 'all-tables.xlsx', content: await xlsxWorkbook(tables) };
}

/** Long enough for the browser to have read it. */
const keptMilliseconds = 10_000;

/** Offers the file to the reader as a download. */
export function save({ name, content }: TableFile): void {
  const address = URL.createObjectURL(content);
  const link = document.createElement('a');
  link.href = address;
  link.download = name;
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => {
    URL.revokeObjectURL(address);
  }, keptMilliseconds);
}
