import type { ResultSetHeader } from 'mysql2/promise';
import { PipelineError } from '../domain/failures.ts';

/** Strict mode refuses bad values, but rounds a surplus decimal with only a note. */
export function refuseSilentChange(result: ResultSetHeader, expectedRows: number, what: string): void {
  if (result.warningStatus === 0 && result.affectedRows === expectedRows) return;
  throw new PipelineError(
    'ReconciliationFailed',
    `The database changed or left out values of ${what} rows while taking them in.`,
    {
      hint: 'Nothing was published and the earlier figures stay. Compare the file with the column types of the table.',
      details: { warnings: result.warningStatus, expectedRows, foundRows: result.affectedRows },
    },
  );
}
