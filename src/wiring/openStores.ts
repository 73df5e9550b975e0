import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { removeAbandoned } from '../artifacts/abandoned.ts';
import { createFolderStore } from '../artifacts/folderStore.ts';
import { artifactsDirectory, databaseSettings, type PipelineConfig } from '../config.ts';
import type { ArtifactStore } from '../domain/artifacts.ts';
import { respiteUnsaid } from '../domain/respite.ts';
import { log } from '../observability/log.ts';
import { openWarehouse, type Warehouse } from '../warehouse/connect.ts';
import { checkVersion } from '../warehouse/migrate.ts';
import { recordServices } from '../warehouse/serviceSettings.ts';
import { scratchFolder } from './connectPorts.ts';

/** A folder in the inbox for the client's copies, each kept for one run. */
export const handedInFolder = 'handed-in';

/** Creates the folders that steps need, and removes what earlier workers left in them. */
export async function prepareFolders({
  artifacts,
  inbox,
}: {
  artifacts: string;
  inbox: string;
}): Promise<void> {
  await mkdir(scratchFolder(artifacts), { recursive: true, mode: 0o700 });
  await removeAbandoned(scratchFolder(artifacts));
  await removeAbandoned(path.join(inbox, handedInFolder));
}

/** The database, after a check that its tables fit this version; its views follow this configuration. */
export async function openTables({ services }: Pick<PipelineConfig, 'services'>): Promise<Warehouse> {
  const warehouse = await openWarehouse(databaseSettings());
  await checkVersion(warehouse);
  await recordServices(warehouse, services);
  if (services.length === 0) log.warn(respiteUnsaid);
  return warehouse;
}

/** The files that runs kept. */
export function keptFiles(): ArtifactStore {
  return createFolderStore(artifactsDirectory());
}
