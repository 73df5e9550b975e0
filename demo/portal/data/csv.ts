/** The portal's CSV: a cell is quoted only where it must be, and every line ends, the last one too. */
export function csvText(rows: readonly (readonly string[])[], lineEnd: string): string {
  return rows.map((cells) => cells.map(csvCell).join(',') + lineEnd).join('');
}

function csvCell(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
