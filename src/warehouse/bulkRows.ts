import { Readable } from 'node:stream';
import type { PoolConnection, ResultSetHeader } from 'mysql2/promise';
import { PipelineError } from '../domain/failures.ts';
import type { PublishRequest } from '../domain/publication.ts';
import { reports } from '../reports/index.ts';
import { readLines } from '../rows/lines.ts';
import { decodeTsv } from '../rows/tsv.ts';
import { RowsChecksum } from './checksum.ts';
import type { Warehouse } from './connect.ts';
import { isLocalInfileRefused } from './failure.ts';
import { refuseOtherCount, refuseWarnings } from './loadWarnings.ts';

/** Called with the number of records sent so far, each time it grows. */
export type OnRows = (rows: number) => void;

/**
 * Loads the file's rows into the emptied period in whichever way the server allows; the resulting table is the same.
 * Returns the checksum of the rows as loaded. Throws `ReconciliationFailed` if the database changed, clipped or left
 * out a value.
 */
export async function bringInRows(
  warehouse: Pick<Warehouse, 'bulk' | 'maxPacketBytes'>,
  connection: PoolConnection,
  request: PublishRequest,
  onRows: OnRows,
): Promise<string> {
  const { report, period, runId } = request.run;
  const checksum = new RowsChecksum(report, { periodEnd: period.to, runId });
  const passing = { ...request, openRows: () => addingUp(request.openRows(), checksum) };
  const loaded = warehouse.bulk === 'local-infile' && (await loadFile(connection, passing, onRows));
  if (!loaded) await insertRows(connection, passing, warehouse.maxPacketBytes, onRows);
  const total = checksum.total();
  // LOAD DATA takes a tab after a backslash for text, so it may find all cells in a line in which we do not.
  if (total === undefined) throw otherCells({ expectedCells: reports[report].rowColumns.length });
  return total;
}

/** Passes the same bytes on; reads nothing until the file is requested. */
function addingUp(file: Readable, checksum: RowsChecksum): Readable {
  return Readable.from(
    (async function* pieces() {
      for await (const piece of file) {
        const chunk = typeof piece === 'string' ? Buffer.from(piece) : piece;
        checksum.add(chunk);
        yield chunk;
      }
    })(),
    { objectMode: false },
  );
}

/** One statement for the whole file. False if the server no longer allows LOAD DATA LOCAL. */
async function loadFile(
  connection: PoolConnection,
  request: PublishRequest,
  onRows: OnRows,
): Promise<boolean> {
  const { run, expected } = request;
  const columns = reports[run.report].rowColumns.map((column) => `\`${column}\``).join(', ');
  const source = openSource(request, onRows);
  try {
    const [result] = await connection.query<ResultSetHeader>({
      // The file name is only a label: the driver sends the stream, whatever the server asks for.
      sql: `LOAD DATA LOCAL INFILE 'rows.tsv' INTO TABLE \`${run.report}\` CHARACTER SET utf8mb4
        FIELDS TERMINATED BY '\\t' ESCAPED BY '\\\\' LINES TERMINATED BY '\\n'
        (${columns}) SET period_start = ?, period_end = ?, run_id = ?`,
      values: [run.period.from, run.period.to, run.runId],
      infileStreamFactory: source.start,
    });
    await refuseWarnings(connection, result, run.report);
    refuseOtherCount(expected.rows, result.affectedRows, run.report);
    return true;
  } catch (error) {
    if (isLocalInfileRefused(error)) return false;
    // The server may still be waiting for the file's end: no other statement may follow on this connection.
    connection.destroy();
    throw error;
  } finally {
    source.stop();
  }
}

interface Source {
  /** Opens the file; the driver calls it when the server asks for the rows. */
  readonly start: () => Readable;
  readonly stop: () => void;
}

function openSource({ openRows }: PublishRequest, onRows: OnRows): Source {
  let file: Readable | undefined;
  let chunks: Readable | undefined;
  return {
    start: () => {
      file = openRows();
      chunks = Readable.from(countedChunks(file, onRows));
      return chunks;
    },
    stop: () => {
      chunks?.destroy();
      (file as Partial<Readable> | undefined)?.destroy?.();
    },
  };
}

/** Throws if the file breaks off; a bare stream would leave the driver waiting forever. */
async function* countedChunks(file: Readable, onRows: OnRows): AsyncGenerator<Buffer> {
  let rows = 0;
  for await (const piece of file) {
    const chunk = typeof piece === 'string' ? Buffer.from(piece) : piece;
    // An empty packet would mean the end of the file.
    if (chunk.length === 0) continue;
    rows += countLines(chunk);
    yield chunk;
    onRows(rows);
  }
}

const newline = 0x0a;

function countLines(chunk: Buffer): number {
  let lines = 0;
  for (let at = chunk.indexOf(newline); at !== -1; at = chunk.indexOf(newline, at + 1)) lines += 1;
  return lines;
}

/** 1000 and 5000 rows a statement measured alike; the smaller number needs less memory on both sides. */
const rowsPerInsert = 1000;
/** Escaping can double a value and quotes add to it: a quarter of the server's limit is always small enough. */
const packetShare = 4;

/** Multi-row inserts through the driver, more than twice as fast as through Drizzle's builder. */
async function insertRows(
  connection: PoolConnection,
  request: PublishRequest,
  maxPacketBytes: number,
  onRows: OnRows,
): Promise<void> {
  const { run, expected } = request;
  const columns = [...reports[run.report].rowColumns, 'period_start', 'period_end', 'run_id'];
  const names = columns.map((column) => `\`${column}\``).join(', ');
  const sql = `INSERT INTO \`${run.report}\` (${names}) VALUES ?`;
  const origin = [run.period.from, run.period.to, run.runId];
  let inserted = 0;
  for await (const lines of lineBatches(request.openRows(), maxPacketBytes / packetShare)) {
    const rows = lines.map((line) => cellsOf(line, reports[run.report].rowColumns.length).concat(origin));
    const [result] = await connection.query<ResultSetHeader>(sql, [rows]);
    await refuseWarnings(connection, result, run.report);
    inserted += result.affectedRows;
    onRows(inserted);
  }
  refuseOtherCount(expected.rows, inserted, run.report);
}

function cellsOf(line: string, expectedCells: number) {
  const cells = decodeTsv(line);
  if (cells.length === expectedCells) return cells;
  throw otherCells({ expectedCells, foundCells: cells.length });
}

function otherCells(details: {
  readonly expectedCells: number;
  readonly foundCells?: number;
}): PipelineError {
  return new PipelineError('ReconciliationFailed', 'A record of the row file has another number of cells.', {
    hint: 'The published figures are unchanged. The step that wrote the file and the load disagree on the columns.',
    details,
  });
}

/** Whole lines, without their newline, in groups bounded by rows and by bytes. */
async function* lineBatches(file: Readable, maxBytes: number): AsyncGenerator<string[]> {
  let lines: string[] = [];
  let bytes = 0;
  for await (const line of linesToLoad(file)) {
    const lineBytes = Buffer.byteLength(line);
    if (lines.length === rowsPerInsert || (lines.length > 0 && bytes + lineBytes > maxBytes)) {
      yield lines;
      lines = [];
      bytes = 0;
    }
    lines.push(line);
    bytes += lineBytes;
  }
  if (lines.length > 0) yield lines;
}

async function* linesToLoad(file: Readable): AsyncGenerator<string> {
  try {
    yield* readLines(file);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new PipelineError('ReconciliationFailed', `The row file cannot be loaded: ${error.message}.`, {
      hint: 'The published figures are unchanged. The file was altered after it was written, or its writer is at fault.',
    });
  }
}
