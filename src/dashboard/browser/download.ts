import { csvText, fileName, type Table } from '../exports.ts';
import { xlsxFile } from '../xlsx.ts';

/** Hands a table to the reader as a file, made here: nothing leaves this machine. */
export function saveCsv(table: Table, about: string): void {
  save(new Blob([csvText(table)], { type: 'text/csv;charset=utf-8' }), `${fileName(about)}.csv`);
}

export async function saveXlsx(table: Table, about: string, scope: readonly string[]): Promise<void> {
  save(await xlsxFile(table, scope), `${fileName(about)}.xlsx`);
}

/** Long enough for the browser to have read it. */
const keptMilliseconds = 10_000;

function save(file: Blob, name: string): void {
  const address = URL.createObjectURL(file);
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
