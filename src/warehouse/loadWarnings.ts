import type { PoolConnection, ResultSetHeader, RowDataPacket } from 'mysql2/promise';
import { PipelineError } from '../domain/failures.ts';

const nothingPublished = 'Nothing was published and the earlier figures stay.';

/**
 * LOAD DATA LOCAL turns bad values, clipped numbers and duplicate keys into warnings even in strict mode, and a
 * multi-row insert rounds a surplus decimal with a note. Reads only levels and numbers: the texts quote values.
 * @param what the kind of rows, for the message
 * @throws PipelineError ReconciliationFailed
 */
export async function refuseWarnings(
  connection: PoolConnection,
  { warningStatus: warnings }: Pick<ResultSetHeader, 'warningStatus'>,
  what: string,
): Promise<void> {
  if (warnings === 0) return;
  const [rows] = await connection.query<RowDataPacket[]>('SHOW WARNINGS LIMIT 100');
  const codes = [...new Set(rows.map((row) => Number(row['Code'])))];
  throw new PipelineError(
    'ReconciliationFailed',
    `The database changed or left out values of ${String(warnings)} cells or rows of ${what} (numbers ${codes.join(', ')}).`,
    {
      hint: `${nothingPublished} 1062 is a duplicate line number, 1264 a number that is too large, 1265 and 1366 a value of the wrong kind.`,
      details: { warnings, codes },
    },
  );
}

/** @throws PipelineError ReconciliationFailed if the database took in another number of rows than it was given */
export function refuseOtherCount(expected: number, found: number, what: string): void {
  if (expected === found) return;
  throw new PipelineError(
    'ReconciliationFailed',
    `The database took in ${String(found)} rows of ${what}, ${String(expected)} were expected.`,
    {
      hint: `${nothingPublished} Compare the file with the counts of the step that wrote it.`,
      details: { expected, found },
    },
  );
}
