import path from 'node:path';
import { startDatabaseInDocker } from './database-docker.ts';
import { startDatabaseServer } from './database-server.ts';
import type { DatabaseOptions, DatabaseService } from './database-service.ts';

/** Starts a private database server on the loopback, with the database `ehr` and one user for it. */
export function startDatabase(options: DatabaseOptions): Promise<DatabaseService> {
  const absolute = { ...options, directory: path.resolve(options.directory) };
  const { part } = absolute;
  return part.kind === 'docker'
    ? startDatabaseInDocker(absolute)
    : startDatabaseServer({ ...absolute, server: part.path });
}
