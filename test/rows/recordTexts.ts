import type { ExportRecord } from '../../src/rows/exportRecord.ts';

/** A record by its line and its texts, wherever those are. */
export function textsOf({ line, cells }: ExportRecord): Pick<ExportRecord, 'line' | 'cells'> {
  return { line, cells };
}
