import type { PoolConnection, RowDataPacket } from 'mysql2/promise';
import type { ShownRows } from '../domain/publication.ts';
import type { RunIdentity } from '../domain/runIdentity.ts';
import { scales } from '../domain/decimals.ts';
import { LineWriter } from '../rows/lineWriter.ts';
import { reports } from '../reports/index.ts';
import type { OnRows } from './bulkRows.ts';
import { publishedSums, type CurrentPeriod } from './periodRow.ts';

/** About half a megabyte; larger pages read no faster. */
const rowsPerPage = 2000;

/**
 * The rows that the period shows, as lines of the row file that they were loaded from: the session keeps decimals,
 * dates and times as the server's text (see connect.ts). Null before the first publication. The lines belong to the
 * connection's transaction, and can be read once.
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

/**
 * Pages along the key. The server looks up the next page while this one is converted and consumed. If the consumer
 * stops, that query is awaited, so that the connection is free for the next statement.
 */
async function* shownPages(
  connection: PoolConnection,
  { report, period }: RunIdentity,
  onRows: OnRows,
): AsyncGenerator<Buffer> {
  const columns = reports[report].rowColumns.map((column) => `\`${column}\``).join(', ');
  const sql = `SELECT ${columns} FROM \`${report}\` WHERE period_start = ? AND source_line > ?
    ORDER BY source_line LIMIT ${String(rowsPerPage)}`;
  const pageBehind = async (line: number): Promise<readonly StoredRow[]> => {
    const values = [period.from, line];
    const [page] = await connection.query<RowDataPacket[][]>({ sql, values, rowsAsArray: true });
    return page as unknown as readonly StoredRow[];
  };
  const out = new LineWriter();
  let read = 0;
  let next: Promise<readonly StoredRow[]> | undefined = pageBehind(0);
  try {
    while (next !== undefined) {
      const rows: readonly StoredRow[] = await next;
      next = rows.length < rowsPerPage ? undefined : pageBehind(Number(rows.at(-1)![0]));
      for (const row of rows) writeRow(out, row);
      // The consumer reads ahead, so the bytes must stay valid beyond the next page.
      if (rows.length > 0) yield Buffer.from(out.take());
      read += rows.length;
      onRows(read);
    }
  } finally {
    await next?.catch(() => undefined);
  }
}

/** Whole numbers arrive as numbers, everything else as text. */
type StoredRow = readonly (string | number | null)[];

function writeRow(out: LineWriter, row: StoredRow): void {
  for (const value of row) {
    if (value === null) out.null();
    else if (typeof value === 'number') out.figure(value, scales.days);
    else out.text(value);
    out.endCell();
  }
  out.endLine();
}
