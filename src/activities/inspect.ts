import type { Readable } from 'node:stream';
import { readHeader } from '../domain/contracts.ts';
import { PipelineError } from '../domain/failures.ts';
import { assertNoQuoteLost, assertNoRowInHeader, MaskedCells, PeriodCheck } from '../domain/inspect.ts';
import { EncodingCheck } from '../domain/mojibake.ts';
import type { RunIdentity } from '../domain/publication.ts';
import type { Rules } from '../domain/rules.ts';
import { openCsv } from './csv.ts';
import { beatPerRecords } from './heartbeats.ts';

/**
 * Reads an export through once before anything is made of it: it is whole, it is CSV, nothing in it is masked, it
 * is the right report and the right period. Returns how many records it has, the header not counted.
 */
export async function inspectExport(source: Readable, run: RunIdentity, rules: Rules): Promise<number> {
  const { header, blocks } = await openCsv(source);
  if (header === undefined) {
    throw new PipelineError('ExportTruncated', 'the export has no header', {
      hint: 'Download the export again. If it stays so, save it by hand and run the period with `file`.',
    });
  }
  assertNoRowInHeader(header);
  const layout = readHeader(run.report, header.cells, rules);
  const check = new PeriodCheck(run.report, run.period, layout);
  const masked = new MaskedCells(run.report, layout);
  const encoding = new EncodingCheck();
  const beat = beatPerRecords('checking the export');
  for await (const records of blocks) {
    for (const record of records) {
      assertNoQuoteLost(record, layout);
      check.add(record);
      masked.add(record);
      encoding.add(record);
    }
    await beat(records.length);
  }
  // Before the period: masked dates are in no period.
  masked.assertNone();
  encoding.assertSound();
  check.assertRightPeriod();
  return check.records;
}
