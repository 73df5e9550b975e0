import { Readable } from 'node:stream';
import { constants, gunzipSync } from 'node:zlib';
import { PipelineError } from '../domain/failures.ts';
import { plainFile, type Format, type Packing } from '../domain/fileForm.ts';
import { openArchive } from './archive.ts';
import type { ExportRecord } from './exportRecord.ts';
import { FileSample } from './fileSample.ts';
import { unpacked } from './unpacking.ts';
import { readWorkbook } from './workbook.ts';

/** What the first bytes say of a file, and what is in it as far as the sample shows it. */
export interface SeenContainer {
  readonly format: Format | 'xls';
  readonly packed: Packing;
  /** The text in it; undefined if it cannot be seen. */
  readonly text: FileSample | undefined;
  /** The first rows of a workbook. */
  readonly rows: readonly ExportRecord[];
}

/** Looks into packed files and workbooks. */
export async function seeContainer(sample: FileSample): Promise<SeenContainer> {
  const start = sample.beginning.subarray(0, 8).toString('latin1');
  if (start.startsWith('\u001f\u008b')) {
    return { format: 'csv', packed: 'gzip', text: gunzipped(sample), rows: [] };
  }
  if (start === '\u00d0\u00cf\u0011\u00e0\u00a1\u00b1\u001a\u00e1') {
    return { format: 'xls', packed: 'none', text: undefined, rows: [] };
  }
  if (!start.startsWith('PK\u0003\u0004')) return { format: 'csv', packed: 'none', text: sample, rows: [] };
  if (isWorkbook(sample)) {
    return { format: 'xlsx', packed: 'none', text: undefined, rows: await rowsIn(sample) };
  }
  return await zipped(sample);
}

/** These are the first files of any workbook, and their names are not packed. */
function isWorkbook({ beginning }: FileSample): boolean {
  return ['[Content_Types].xml', '_rels/.rels', 'xl/'].some((name) => beginning.includes(name));
}

/** The most that is unpacked: as much as a sample holds of a file that is not packed. */
const mostBytes = 256 * 1024;

function gunzipped({ beginning }: FileSample): FileSample | undefined {
  try {
    const bytes = gunzipSync(beginning, { finishFlush: constants.Z_SYNC_FLUSH });
    return sampleOf(bytes.subarray(0, mostBytes), bytes.length <= mostBytes);
  } catch {
    // Damaged: there is nothing to see.
    return undefined;
  }
}

function sampleOf(bytes: Buffer, isWhole: boolean): FileSample {
  const inner = new FileSample();
  inner.add(bytes);
  if (!isWhole) inner.add(Buffer.alloc(1));
  return inner;
}

async function zipped(sample: FileSample): Promise<SeenContainer> {
  const found = { packed: 'zip', text: undefined, rows: [] } as const;
  if (!sample.isWhole) return { ...found, format: 'csv' };
  return await seen<SeenContainer>({ ...found, format: 'csv' }, async () => {
    const { names } = await openArchive(bytesOf(sample));
    if (names.some((name) => name.endsWith('.xlsx'))) return { ...found, format: 'xlsx' };
    const inner = new FileSample();
    for await (const chunk of unpacked(bytesOf(sample), { packed: 'zip', format: 'csv' })) inner.add(chunk);
    return { ...found, format: 'csv', text: inner };
  });
}

async function rowsIn(sample: FileSample): Promise<readonly ExportRecord[]> {
  if (!sample.isWhole) return [];
  return await seen<readonly ExportRecord[]>([], async () => {
    const rows = new FileSample();
    for await (const block of readWorkbook(bytesOf(sample), plainFile)) rows.addRows(block);
    return rows.rows;
  });
}

function bytesOf({ beginning }: FileSample): AsyncIterable<Buffer> {
  return Readable.from([beginning]) as AsyncIterable<Buffer>;
}

/** What can be seen; `nothing` of a damaged file. */
async function seen<Result>(nothing: Result, look: () => Promise<Result>): Promise<Result> {
  try {
    return await look();
  } catch (error) {
    if (error instanceof PipelineError) return nothing;
    throw error;
  }
}
