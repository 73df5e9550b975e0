import { Readable } from 'node:stream';
import { assert, asyncProperty, constantFrom, integer } from 'fast-check';
import { expect, inject, test } from 'vitest';
import { readCsv, type CsvReader } from '../../src/rows/csv.ts';
import { createClassifier } from '../../src/rows/classifyRecord.ts';
import { readHeader } from '../../src/rows/exportHeader.ts';
import type { IsoDate } from '../../src/domain/dates.ts';
import { PipelineError } from '../../src/domain/failures.ts';
import { assertNoQuoteLost, MaskedCells, PeriodCheck } from '../../src/rows/exportChecks.ts';
import { EncodingCheck } from '../../src/rows/mojibake.ts';
import type { ExportRecord } from '../../src/rows/exportRecord.ts';
import { textsOf } from '../rows/recordTexts.ts';
import type { BaseExport } from './exports.ts';
import { mutantOf, type Mutant } from './mutants.ts';
import { readRules } from './rules.ts';

const rules = readRules(['RCI']);

interface Reading {
  readonly records: readonly Pick<ExportRecord, 'line' | 'cells'>[];
  /** What cleaning makes of those behind the header, and how much of all is in order. */
  readonly judged: unknown;
  /** Its type: a file with two faults may be refused for either. */
  readonly failure: string | undefined;
}

/**
 * All records with their lines, and what comes of them, up to the end or a failure; one that came with it does not
 * count.
 */
async function readingOf({ base, bytes }: Mutant, reader: CsvReader, chunkBytes: number): Promise<Reading> {
  const chunks = function* () {
    for (let at = 0; at < bytes.length; at += chunkBytes) yield bytes.subarray(at, at + chunkBytes);
  };
  const records: ExportRecord[] = [];
  try {
    for await (const block of readCsv(Readable.from(chunks()), reader)) records.push(...block);
    return {
      records: records.map(textsOf),
      judged: told(() => judgedAs(base, records)),
      failure: undefined,
    };
  } catch (error) {
    if (!(error instanceof PipelineError)) throw error;
    return { records: [], judged: undefined, failure: error.type };
  }
}

/** @throws PipelineError where there is no header, or something else is wrong with the export as a whole */
function judgedAs({ report, from, to }: BaseExport, [header, ...records]: readonly ExportRecord[]): unknown {
  const period = { from: from as IsoDate, to: to as IsoDate };
  const layout = readHeader(report, header?.cells ?? [], rules);
  const judge = createClassifier(report, { layout, period, rules });
  const [check, masked, encoding] = [
    new PeriodCheck(report, period, layout),
    new MaskedCells(report, layout),
    new EncodingCheck(),
  ];
  const judgements = records.map((record) => {
    assertNoQuoteLost(record, layout);
    for (const each of [check, masked, encoding]) each.add(record);
    return judge(record);
  });
  const whole = [() => masked.assertNone(), () => encoding.assertSound(), () => check.assertRightPeriod()];
  return { judgements, whole: whole.map(told) };
}

/** What it gives, or the message that it fails with. */
function told(act: () => unknown): unknown {
  try {
    return act();
  } catch (error) {
    if (!(error instanceof PipelineError)) throw error;
    return error.message;
  }
}

/** As many as go through the steps in the test of those: MUTANTS says how many. */
const { count } = inject('mutants');

test('the scanner and csv-parse give the same records, lines, rows, rejects and failures of any broken export', async () => {
  const property = asyncProperty(
    constantFrom('utilization' as const, 'notes' as const),
    integer({ min: 0, max: 1_000_000 }),
    constantFrom(97, 4_096, 65_536),
    async (report, number, chunkBytes) => {
      const mutant = mutantOf('scanner', report, number);
      const judge = await readingOf(mutant, 'csv-parse', chunkBytes);
      expect(await readingOf(mutant, 'scanner', chunkBytes)).toEqual(judge);
    },
  );
  await assert(property, { numRuns: count });
});
