import path from 'node:path';
import type { Closing } from '../services/closing.ts';
import { startDatabase } from '../services/database.ts';
import type { Parts } from '../services/parts.ts';
import { portFrom } from '../services/ports.ts';
import { startTemporal } from '../services/temporal.ts';
import { demoEnvironment, type DemoEnvironment, type DemoServers } from './environment.ts';
import { demoDatabaseOn, demoNamespaceOn } from './named-servers.ts';

/** Starts Temporal and the database, or makes a place of the demo's own on the servers that are named. */
export async function startServers(parts: Parts, folder: string, closing: Closing): Promise<DemoEnvironment> {
  console.log('\nStarting Temporal and the database.');
  const [temporal, databaseUrl, portalPort] = await Promise.allSettled([
    temporalFor(parts, folder, closing),
    databaseFor(parts, folder, closing),
    portFrom('PORTAL_PORT'),
  ]);
  // All were waited for, so that whatever started is known and gets stopped; now the first failure may speak.
  for (const outcome of [temporal, databaseUrl, portalPort]) {
    if (outcome.status === 'rejected') throw outcome.reason;
  }
  closing.interrupted.throwIfAborted();
  return demoEnvironment(folder, {
    ...valueOf(temporal),
    databaseUrl: valueOf(databaseUrl),
    portalPort: valueOf(portalPort),
    browser: parts.browser,
  });
}

function valueOf<T>(outcome: PromiseSettledResult<T>): T {
  if (outcome.status === 'rejected') throw outcome.reason;
  return outcome.value;
}

async function temporalFor(
  parts: Parts,
  folder: string,
  closing: Closing,
): Promise<Pick<DemoServers, 'temporal' | 'uiUrl'>> {
  if (parts.temporalAddress !== undefined) return { temporal: await demoNamespaceOn(), uiUrl: undefined };
  if (parts.temporalCli === undefined) throw new Error('The set-up found no Temporal CLI.');
  const server = await startTemporal({ cli: parts.temporalCli, directory: path.join(folder, 'temporal') });
  closing.add('Temporal', server.stop);
  console.log(`Temporal is up. Web UI: ${server.uiUrl}`);
  return {
    temporal: { TEMPORAL_ADDRESS: server.address, TEMPORAL_NAMESPACE: server.namespace },
    uiUrl: server.uiUrl,
  };
}

async function databaseFor(parts: Parts, folder: string, closing: Closing): Promise<string> {
  if (parts.database === undefined) throw new Error('The set-up found no database.');
  if (parts.database.kind === 'url') return demoDatabaseOn(parts.database.url);
  const directory = path.join(folder, 'database');
  const server = await startDatabase({ part: parts.database, directory, rights: 'ehr' });
  closing.add('The database', server.stop);
  console.log(`The database is up on ${new URL(server.url).host}.`);
  return server.url;
}
