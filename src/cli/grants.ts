import { agencyHere } from '../config.ts';
import { checkVersion } from '../warehouse/migrate.ts';
import { readerGrants, type ReaderGrants } from '../warehouse/readers.ts';
import { print, type OutputOptions } from './output.ts';
import { withWarehouse } from './connections.ts';

/** Prints the SQL by which a database administrator gives others read access to the views. Changes nothing. */
export async function showGrants(options: OutputOptions): Promise<void> {
  const grants = await withWarehouse(async (warehouse) => {
    // The statements name views that older tables lack.
    await checkVersion(warehouse);
    return readerGrants(warehouse, agencyHere());
  });
  print(options, grants, () => grantWords(grants));
}

/** Everything but the statements is a comment, so that the whole output can be piped to the database. */
function grantWords(grants: ReaderGrants): string {
  const { database, server, roles, statements, formerRoles, pipelineAccounts, accountExample } = grants;
  return [
    `-- For a database administrator: two roles that read the views of ${database} and nothing else.`,
    `-- ${roles.coded} sees people by code and key, ${roles.names} sees their names too.`,
    `-- Written for ${server}. May be run again, as after a migration that brought new views.`,
    ...statements,
    '',
    '-- An account for each person or tool. Choose its name, host, password and role:',
    ...accountExample.map(asComment),
    '',
    '-- Accounts of the pipeline itself: migrate changes tables, and is best locked at other times; workers load; people',
    '-- with the client decide. Neither of the latter changes or deletes an audit event. Make the accounts, as above;',
    '-- run this while no worker runs, and again after a migration that brought new tables or views:',
    ...pipelineAccounts.map(asComment),
    '',
    '-- Earlier versions made two roles for the whole server, so that readers of one database read the next one too.',
    '-- Where the server has them: give each account its new role as above, then take these views from the old ones.',
    ...formerRoles.map(asComment),
    "-- Once no database needs them: DROP ROLE 'ehr_reader_coded', 'ehr_reader_names';",
  ].join('\n');
}

function asComment(statement: string): string {
  return `-- ${statement}`;
}
