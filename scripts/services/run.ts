import path from 'node:path';
import { Closing } from './closing.ts';
import { startDatabase, type DatabaseService } from './database.ts';
import { claimFolder, localFolder } from './folder.ts';
import type { Parts } from './parts.ts';
import { startTemporal, type TemporalService } from './temporal.ts';

/** Runs Temporal and the database until Ctrl-C. Gives the exit code. */
export async function runServices(parts: Parts): Promise<number> {
  const closing = new Closing();
  let code = 0;
  try {
    const folder = localFolder();
    closing.add('The folder', await claimFolder(folder));
    const { temporal, database } = await startBoth(parts, folder, closing);
    if (!closing.interrupted.aborted) {
      console.log(addresses(temporal, database));
      await interruption(closing.interrupted);
    }
    console.log('\nStopping.');
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    code = 1;
  }
  const failures = await closing.closeAll();
  for (const failure of failures) console.error(failure);
  return failures.length > 0 ? 1 : code;
}

async function startBoth(parts: Parts, folder: string, closing: Closing) {
  const { temporalCli, database: part } = parts;
  if (temporalCli === undefined || part.kind === 'url')
    throw new Error('The set-up found no servers to start.');
  const starting = {
    temporal: startTemporal({ cli: temporalCli, directory: path.join(folder, 'temporal') }),
    database: startDatabase({ part, directory: path.join(folder, 'database'), rights: 'ehr' }),
  };
  // Both are waited for even where one fails: the other is running by then and has to be stopped.
  const [temporal, database] = await Promise.allSettled([starting.temporal, starting.database]);
  if (temporal.status === 'fulfilled') closing.add('Temporal', temporal.value.stop);
  if (database.status === 'fulfilled') closing.add('The database', database.value.stop);
  return { temporal: await starting.temporal, database: await starting.database };
}

function addresses(temporal: TemporalService, database: DatabaseService): string {
  return [
    '',
    `Temporal   ${temporal.address}   Web UI ${temporal.uiUrl}`,
    `Database   ${new URL(database.url).host}, database ehr`,
    '',
    'For the worker and the client in other terminals:',
    '',
    `export TEMPORAL_ADDRESS=${temporal.address}`,
    `export DATABASE_URL=${database.url}`,
    '',
    'Ctrl-C stops both; what they hold stays.',
  ].join('\n');
}

function interruption(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
}
