import { Readable } from 'node:stream';
import { array, assert, asyncProperty, constantFrom, integer } from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readCsv } from '../../src/rows/csv.ts';
import { PipelineError } from '../../src/domain/failures.ts';
import type { ExportRecord } from '../../src/rows/exportRecord.ts';
import { mutantOf } from '../mutations/mutants.ts';
import { textsOf } from './recordTexts.ts';

interface Reading {
  readonly records: readonly ExportRecord[];
  readonly failure?: string;
}

/** All records with their lines, or the type of the failure. */
async function readInChunks(bytes: Buffer, sizes: readonly number[]): Promise<Reading> {
  const records: ExportRecord[] = [];
  try {
    for await (const block of readCsv(Readable.from(chunksOf(bytes, sizes))))
      records.push(...block.map(textsOf));
    return { records };
  } catch (error) {
    if (!(error instanceof PipelineError)) throw error;
    return { records: [], failure: error.type };
  }
}

/** The sizes in turn, over and over. */
function* chunksOf(bytes: Buffer, sizes: readonly number[]): Generator<Buffer> {
  for (let at = 0, turn = 0; at < bytes.length; turn += 1) {
    const size = sizes[turn % sizes.length]!;
    yield bytes.subarray(at, at + size);
    at += size;
  }
}

// Larger ones take long byte by byte, and hold nothing that smaller ones do not.
const largest = 20_000;

function smallMutant(report: 'utilization' | 'notes', number: number): Buffer {
  return mutantOf('chunks', report, number).bytes.subarray(0, largest);
}

describe('how a file comes in chunks changes neither its records, nor their lines, nor the failure', () => {
  test('sound exports and broken ones, in chunks of any sizes', async () => {
    const sizes = array(integer({ min: 1, max: 300 }), { minLength: 1, maxLength: 8 });
    const reports = constantFrom('utilization' as const, 'notes' as const);
    const property = asyncProperty(
      reports,
      integer({ min: 0, max: 1_000_000 }),
      sizes,
      async (report, number, chunkSizes) => {
        const bytes = smallMutant(report, number);
        expect(await readInChunks(bytes, chunkSizes)).toEqual(await readInChunks(bytes, [largest]));
      },
    );
    await assert(property, { numRuns: 300 });
  });

  const starts: readonly { title: string; bytes: Buffer }[] = [
    { title: 'a web page', bytes: Buffer.from('<!DOCTYPE html>\n<p>a,b\n') },
    { title: 'a web page after a mark and blanks', bytes: Buffer.from('\uFEFF\r\n  <html>\n') },
    { title: 'JSON', bytes: Buffer.from('[{"a":1}]\n') },
    { title: 'UTF-16', bytes: Buffer.from('\uFEFFa,b\n1,2\n', 'utf16le') },
    { title: 'a NUL after a closing quote', bytes: Buffer.from('a,b\n"SMITH"\0,2\n') },
    { title: 'a NUL far behind the beginning', bytes: Buffer.from(`a,b\n${'x,y\n'.repeat(2000)}1,\0\n`) },
    { title: 'half a character at the end of a line', bytes: Buffer.from('a,b\n\xC3\n', 'latin1') },
  ];

  test.each(starts)('$title is ExportNotCsv in chunks of every size', async ({ bytes }) => {
    for (let size = 1; size <= Math.min(bytes.length, 64); size += 1) {
      expect(await readInChunks(bytes, [size])).toEqual({ records: [], failure: 'ExportNotCsv' });
    }
  });
});
