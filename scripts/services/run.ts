import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { Closing } from './closing.ts';
import type { DatabaseService } from './database-service.ts';
import { startDatabase } from './database.ts';
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
      console.log(addresses(temporal, await urlFile(folder, database)));
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
  if (temporalCli === undefined || part === undefined || part.kind === 'url')
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

interface Reachable {
  readonly host: string;
  /** Holds the address with the password, for its owner's eyes. */
  readonly file: string;
}

async function urlFile(folder: string, { url }: DatabaseService): Promise<Reachable> {
  const file = path.join(folder, 'database', 'url');
  await writeFile(file, `${url}\n`, { mode: 0o600 });
  return { host: new URL(url).host, file };
}

/** The password stays in its file: what is printed here ends up in scroll-backs and logs. */
function addresses(temporal: TemporalService, database: Reachable): string {
  return [
    '',
    `Temporal   ${temporal.address}   Web UI ${temporal.uiUrl}`,
    `Database   ${database.host}, database ehr`,
    '',
    'For the worker and the client in other terminals:',
    '',
    `export TEMPORAL_ADDRESS=${temporal.address}`,
    `export DATABASE_URL_FILE=${quoted(database.file)}`,
    '',
    'Ctrl-C stops both; what they hold stays.',
  ].join('\n');
}

/** For a shell. */
function quoted(text: string): string {
  return /^[\w./-]+$/.test(text) ? text : `'${text.replaceAll("'", String.raw`'\''`)}'`;
}

function interruption(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
}
