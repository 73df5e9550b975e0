import { createReadStream } from 'node:fs';
import { readHeader } from '../domain/contracts.ts';
import { PipelineError } from '../domain/failures.ts';
import { PeriodCheck } from '../domain/inspect.ts';
import type { RunIdentity } from '../domain/publication.ts';
import { readCsv } from './csv.ts';
import { beatPerRecords } from './heartbeats.ts';

/**
 * Reads an export through once before anything is made of it: it is whole, it is CSV, it is the right report
 * and the right period. Returns how many records it has, the header not counted.
 */
export async function inspectExport(path: string, run: RunIdentity): Promise<number> {
  const records = readCsv(createReadStream(path));
  const header = await records.next();
  if (header.done === true) {
    throw new PipelineError('ExportTruncated', 'the export has no header', {
      hint: 'Download the export again. If it stays so, save it by hand and run the period with `file`.',
    });
  }
  const layout = readHeader(run.report, header.value.cells);
  const check = new PeriodCheck(run.report, run.period, layout);
  const beat = beatPerRecords('checking the export');
  for await (const record of records) {
    check.add(record);
    await beat();
  }
  check.assertRightPeriod();
  return check.records;
}
