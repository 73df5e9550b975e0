import type { PoolConnection, RowDataPacket } from 'mysql2/promise';
import type { RunIdentity, ShownRows } from '../domain/publication.ts';
import { rowColumns } from '../domain/tables.ts';
import { encodeTsv } from '../domain/tsv.ts';
import type { OnRows } from './bulkRows.ts';
import { publishedSums, type CurrentPeriod } from './periodRow.ts';

/** A few MB at a time, however large the period is; larger pages read no faster. */
const rowsPerPage = 5000;

/**
 * The rows that the period shows, read back as the lines of the row file that brought them in: the session keeps
 * decimals, dates and times as the text that the server makes of them (see connect.ts). Null where nothing has
 * been published. The lines are of the transaction that the connection is in, and can be read once.
 */
export function shownRows(
  connection: PoolConnection,
  run: RunIdentity,
  current: CurrentPeriod | undefined,
  onRows: OnRows,
): ShownRows | null {
  if (current === undefined || current.runId === null) return null;
  return {
    runId: current.runId,
    rows: current.rowCount ?? 0,
    sums: publishedSums(current),
    pages: shownPages(connection, run, onRows),
  };
}

/** Along the key, so that a consumer may stop after any page and the connection is free for the next statement. */
async function* shownPages(
  connection: PoolConnection,
  { report, period }: RunIdentity,
  onRows: OnRows,
): AsyncGenerator<string[]> {
  const columns = rowColumns[report].map((column) => `\`${column}\``).join(', ');
  const sql = `SELECT ${columns} FROM \`${report}\` WHERE period_start = ? AND source_line > ?
    ORDER BY source_line LIMIT ${String(rowsPerPage)}`;
  let read = 0;
  let lastLine = 0;
  for (;;) {
    const values = [period.from, lastLine];
    const [page] = await connection.query<RowDataPacket[][]>({ sql, values, rowsAsArray: true });
    const rows = page as unknown as readonly StoredRow[];
    if (rows.length > 0) yield rows.map(lineOf);
    read += rows.length;
    onRows(read);
    if (rows.length < rowsPerPage) return;
    lastLine = Number(rows.at(-1)![0]);
  }
}

/** Whole numbers arrive as numbers, everything else as text. */
type StoredRow = readonly (string | number | null)[];

function lineOf(row: StoredRow): string {
  return encodeTsv(row.map((value) => (value === null ? null : String(value)))).slice(0, -1);
}
