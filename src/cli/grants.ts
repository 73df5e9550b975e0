import { checkVersion } from '../warehouse/migrate.ts';
import { readerGrants, type ReaderGrants } from '../warehouse/readers.ts';
import { print, type OutputOptions } from './output.ts';
import { withWarehouse } from './session.ts';

/** The SQL by which a database administrator lets others read the views. Changes nothing. */
export async function showGrants(options: OutputOptions): Promise<void> {
  const grants = await withWarehouse(async (warehouse) => {
    // The statements name views: those of older tables are not all there.
    await checkVersion(warehouse);
    return readerGrants(warehouse);
  });
  print(options, grants, () => grantWords(grants));
}

/** All that is not a statement is a comment, so that the whole can be piped to the database. */
function grantWords({ database, server, statements, accountExample }: ReaderGrants): string {
  return [
    `-- For a database administrator: two roles that read the views of ${database} and nothing else.`,
    '-- ehr_reader_coded sees people by code and key, ehr_reader_names sees their names too.',
    `-- Written for ${server}. May be run again, as after a migration that brought new views.`,
    ...statements,
    '',
    '-- An account for each person or tool. Choose its name, host, password and role:',
    ...accountExample.map((statement) => `-- ${statement}`),
  ].join('\n');
}
