import { loadClientConnectConfig } from '@temporalio/envconfig';
import type { Connection } from '@temporalio/client';
import { msToTs } from '@temporalio/common/lib/time.js';
import { createConnection } from 'mysql2/promise';
import { setTimeout as sleep } from 'node:timers/promises';
import { connectTo } from '../../src/temporal/connection.ts';

/**
 * The demo's made-up figures must never meet real ones: a published period replaces what was there, and a demo
 * worker on the real task queue would take real runs. So on servers that the environment names, the demo keeps
 * to a namespace and a database of its own.
 */
const demoNamespace = 'ehr-demo';
const demoSuffix = '_demo';

/** A server forgets closed runs after this; the least that it accepts is a day. */
const retentionSeconds = 3 * 86_400;
/** A new namespace takes up to 10 s to reach every part of a server. */
const namespaceSeconds = 30;

/** Makes the demo's namespace on the server of TEMPORAL_ADDRESS; gives the variables that lead there. */
export async function demoNamespaceOn(): Promise<Record<string, string>> {
  const { connectionOptions } = loadClientConnectConfig();
  const connection = await connectTo(connectionOptions);
  try {
    if (!(await hasNamespace(connection))) await createNamespace(connection);
  } finally {
    await connection.close();
  }
  console.log(`Using the Temporal server that the environment names, in the namespace ${demoNamespace}.`);
  return { TEMPORAL_NAMESPACE: demoNamespace };
}

async function hasNamespace(connection: Connection): Promise<boolean> {
  return connection.workflowService.describeNamespace({ namespace: demoNamespace }).then(
    () => true,
    () => false,
  );
}

async function createNamespace(connection: Connection): Promise<void> {
  await connection.workflowService.registerNamespace({
    namespace: demoNamespace,
    workflowExecutionRetentionPeriod: msToTs(retentionSeconds * 1000),
  });
  const deadline = Date.now() + namespaceSeconds * 1000;
  while (!(await hasNamespace(connection))) {
    if (Date.now() > deadline)
      throw new Error(`The namespace ${demoNamespace} was made but does not answer.`);
    await sleep(500);
  }
}

/** Makes the demo's database on the server of DATABASE_URL; gives the URL that leads there. */
export async function demoDatabaseOn(url: string): Promise<string> {
  const address = new URL(url);
  const name = decodeURIComponent(address.pathname.slice(1));
  if (name.endsWith(demoSuffix)) return url;
  const demoName = `${name}${demoSuffix}`;
  const connection = await createConnection(url);
  try {
    await connection.query('CREATE DATABASE IF NOT EXISTS ?? CHARACTER SET utf8mb4 COLLATE utf8mb4_bin', [
      demoName,
    ]);
  } catch (error) {
    throw new Error(
      `The demo needs a database of its own, and DATABASE_URL's user may not create ${demoName}. ` +
        `Create it and point DATABASE_URL at it, or unset DATABASE_URL to use a private server.`,
      { cause: error },
    );
  } finally {
    await connection.end();
  }
  console.log(`Using the database server that the environment names, in the database ${demoName}.`);
  address.pathname = `/${encodeURIComponent(demoName)}`;
  return address.href;
}
