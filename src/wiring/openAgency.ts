import type { Client } from '@temporalio/client';
import {
  configPath,
  inboxDirectory,
  loginKey,
  nameKey,
  readPipelineConfig,
  scratchDirectory,
  type Environment,
  type PipelineConfig,
} from '../config.ts';
import type { Agency } from '../domain/agencyId.ts';
import type { Ports } from '../ports.ts';
import type { Warehouse } from '../warehouse/connect.ts';
import { logAuditHeads } from './auditHeadLog.ts';
import { alertChannels } from './connectAlerts.ts';
import { connectPorts } from './connectPorts.ts';
import { tidyLeftBehindUntil } from './leftBehind.ts';
import { openStores, prepareFolders } from './openStores.ts';
import { openTables } from './openTables.ts';
import type { LoginQueueParts } from './portalLoginQueue.ts';
import { openPortals, portalsInUse } from './portals.ts';

/** An agency's configuration, with everything that its steps need opened. */
export interface OpenAgency {
  readonly config: PipelineConfig;
  readonly warehouse: Warehouse;
  portsWith(client: Client): Ports;
  /** Logs out of its portals; again does nothing. */
  signOut(): Promise<void>;
  /** Signs out, and closes its database. */
  close(): Promise<void>;
}

/** @throws ConfigError or PipelineError if something of it is wrong or cannot be reached; nothing is left open then */
export async function openAgency({
  agency,
  env,
  onExport,
  places,
  poolSize,
}: {
  readonly agency: Agency;
  readonly env: Environment;
  readonly onExport: LoginQueueParts['onExport'];
  readonly places: LoginQueueParts['places'];
  /** Connections to its database at most. Default: as many as one agency alone needs. */
  readonly poolSize?: number;
}): Promise<OpenAgency> {
  const config = readPipelineConfig(configPath(env));
  const secret = nameKey(env);
  const secrets = { loginKey: loginKey(env), nameKey: secret };
  const channels = await alertChannels(config, env);
  const portals = portalsInUse(config, env);
  const folder = scratchDirectory(env);
  const inbox = inboxDirectory(env);
  await prepareFolders(folder);
  const stores = openStores({ folder, inbox, env });
  const warehouse = await openTables(config, { agency, env, poolSize });
  try {
    const loginQueue = await openPortals(portals, {
      timeZone: config.organisation.timeZone,
      warehouse,
      secrets,
      env,
      folder,
      keepEvidence: stores.keepEvidence,
      onExport,
      places,
    });
    const closing = new AbortController();
    void logAuditHeads(warehouse, { agency, signal: closing.signal });
    void tidyLeftBehindUntil(stores, closing.signal);
    const portalLogins = portals.map(({ reports }) => reports);
    const parts = {
      agency,
      env,
      config,
      secret,
      folder,
      stores,
      warehouse,
      loginQueue,
      portalLogins,
      channels,
    };
    return {
      config,
      warehouse,
      portsWith: (client) => connectPorts({ ...parts, client }),
      signOut: () => loginQueue.close(),
      async close() {
        closing.abort();
        await loginQueue.close();
        await warehouse.close();
      },
    };
  } catch (error) {
    await warehouse.close();
    throw error;
  }
}
