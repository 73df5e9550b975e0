import { rm } from 'node:fs/promises';
import path from 'node:path';
import { DefaultLogger, NativeConnection, Runtime, Worker } from '@temporalio/worker';
import { FailureInterceptor } from '../../src/activities/interceptors/failureInterceptor.ts';
import { createActivities } from '../../src/activities/interceptors/createActivities.ts';
import type { Ports } from '../../src/ports.ts';
import type { ArtifactStore } from '../../src/domain/artifacts.ts';
import { createFolderStore } from '../../src/artifacts/folderStore.ts';
import { readPipelineConfig } from '../../src/config.ts';
import { connectPorts } from '../../src/wiring/connectPorts.ts';
import { openStores } from '../../src/wiring/openStores.ts';
import { ensureSearchAttributes } from '../../src/temporal/searchAttributes.ts';
import { openWarehouse, type Warehouse } from '../../src/warehouse/connect.ts';
import { taskQueues } from '../../src/domain/temporalNames.ts';
import type { System } from '../e2e/system.ts';

// Before any connection: the runtime is one per process.
Runtime.install({ logger: new DefaultLogger('WARN') });

/** Which files get lost: those of a step, for the first so many times that somebody opens one. */
export interface Losses {
  readonly step: string;
  readonly times: number;
}

/**
 * The true steps and the true database, with files that vanish just before the next step reads them. It serves
 * runs from files only, and only while `work` goes on.
 */
export async function withLosingWorker<Result>(
  system: System,
  losses: Losses,
  work: () => Promise<Result>,
): Promise<Result> {
  const connection = await NativeConnection.connect({ address: system.environment['TEMPORAL_ADDRESS']! });
  const warehouse = await openWarehouse({ url: system.environment['DATABASE_URL']! });
  try {
    await ensureSearchAttributes(connection, system.namespace);
    const worker = await Worker.create({
      connection,
      namespace: system.namespace,
      taskQueue: taskQueues.pipeline,
      workflowBundle: { codePath: system.environment['EHR_WORKFLOW_BUNDLE']! },
      activities: createActivities('pipeline', losingPorts(system, warehouse, losses)),
      interceptors: { activity: [(context) => ({ inbound: new FailureInterceptor(context) })] },
    });
    return await worker.runUntil(work);
  } finally {
    await warehouse.close();
    await connection.close();
  }
}

function losingPorts(system: System, warehouse: Warehouse, losses: Losses): Ports {
  const folder = system.environment['EHR_ARTIFACTS']!;
  const ports = connectPorts({
    config: readPipelineConfig(system.environment['EHR_CONFIG']!),
    secret: system.environment['EHR_NAME_KEY']!,
    folder,
    stores: openStores({ folder, inbox: system.environment['EHR_INBOX']! }),
    warehouse,
    loginQueue: { exportReport: () => Promise.reject(new Error('runs from files only')) },
    client: system.client,
    channels: [],
  });
  return { ...ports, artifacts: losingStore(folder, losses) };
}

function losingStore(root: string, { step, times }: Losses): ArtifactStore {
  const store = createFolderStore(root);
  let lost = 0;
  return {
    create: (place) => store.create(place),
    async open(ref) {
      if (lost < times && ref.uri.includes(`/${step}-`)) {
        lost += 1;
        await rm(path.join(root, ref.uri.replace('artifact:', '')));
      }
      return store.open(ref);
    },
    list: () => store.list(),
    remove: (uri) => store.remove(uri),
  };
}
