import { Readable } from 'node:stream';
import { assert, asyncProperty, constantFrom, integer } from 'fast-check';
import { expect, test } from 'vitest';
import { readCsv, type CsvReader } from '../../src/activities/csv.ts';
import { PipelineError } from '../../src/domain/failures.ts';
import type { ExportRecord } from '../../src/domain/readRecord.ts';
import { mutantOf } from './mutants.ts';

interface Reading {
  readonly records: readonly ExportRecord[];
  /** Its type: a file with two faults may be refused for either. */
  readonly failure: string | undefined;
}

/** All records with their lines up to the end or a failure; one that came with it does not count. */
async function readingOf(bytes: Buffer, reader: CsvReader, chunkBytes: number): Promise<Reading> {
  const chunks = function* () {
    for (let at = 0; at < bytes.length; at += chunkBytes) yield bytes.subarray(at, at + chunkBytes);
  };
  const records: ExportRecord[] = [];
  try {
    for await (const block of readCsv(Readable.from(chunks()), reader)) records.push(...block);
    return { records, failure: undefined };
  } catch (error) {
    if (!(error instanceof PipelineError)) throw error;
    return { records: [], failure: error.type };
  }
}

// As many as go through the steps in the test of those.
const mutants = 10_000;

test('the scanner and csv-parse give the same records, lines and failures of any broken export', async () => {
  const property = asyncProperty(
    constantFrom('utilization' as const, 'notes' as const),
    integer({ min: 0, max: 1_000_000 }),
    constantFrom(97, 4_096, 65_536),
    async (report, number, chunkBytes) => {
      const { bytes } = mutantOf('scanner', report, number);
      const judge = await readingOf(bytes, 'csv-parse', chunkBytes);
      expect(await readingOf(bytes, 'scanner', chunkBytes)).toEqual(judge);
    },
  );
  await assert(property, { numRuns: mutants });
});
