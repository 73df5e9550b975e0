import path from 'node:path';
import { taskQueues } from '../../src/domain/temporalNames.ts';
import { startChild, waitUntilReady, type Child } from '../services/child.ts';
import type { Closing } from '../services/closing.ts';
import { programEnvironment, type DemoEnvironment } from './environment.ts';
import type { TemporalView } from './temporal-view.ts';

const portalReadySeconds = 60;
const portalStopSeconds = 10;
/** The worker bundles its workflows first, which takes 5 to 10 s on 2 cores, more when they are busy. */
const workerReadySeconds = 120;
/** Above the grace time of config/pipeline.yaml (120 s), in which a running export may finish. */
const workerStopSeconds = 150;

/** What Node needs to run the project's TypeScript. */
export const typescript = ['--import', 'tsx'] as const;

export async function startPortal(environment: DemoEnvironment, closing: Closing): Promise<void> {
  const url = environment.variables['EHR_PORTAL_URL']!;
  const script = path.resolve('demo/portal/main.ts');
  const portal = await startChild({
    name: 'The stand-in portal',
    command: process.execPath,
    args: [...typescript, script],
    env: {
      ...programEnvironment(environment),
      PORTAL_PORT: String(environment.portalPort),
      PORTAL_HOST: '127.0.0.1',
      // So that notes wait for a signature today.
      PORTAL_AS_OF: 'today',
    },
    logFile: path.join(environment.logFolder, 'portal.log'),
    stopSeconds: portalStopSeconds,
    pidFile: path.join(environment.folder, 'portal.pid'),
    mark: script,
  });
  closing.add(portal.name, portal.stop);
  await waitUntilReady(portal, { seconds: portalReadySeconds, isReady: () => answers(url) });
  console.log(`The stand-in portal is up: ${url}`);
}

function answers(url: string): Promise<boolean> {
  return fetch(url, { signal: AbortSignal.timeout(2_000) }).then(
    () => true,
    () => false,
  );
}

/**
 * Starts the worker and waits until it asks for work.
 * @returns aborted when the user interrupts the demo or the worker ends by itself
 */
export async function startWorker(
  environment: DemoEnvironment,
  temporal: TemporalView,
  closing: Closing,
): Promise<AbortSignal> {
  const startedAt = new Date();
  const script = path.resolve('src/worker.ts');
  const worker = await startChild({
    name: 'The worker',
    command: process.execPath,
    args: [...typescript, script],
    env: programEnvironment(environment),
    logFile: path.join(environment.logFolder, 'worker.log'),
    stopSeconds: workerStopSeconds,
    pidFile: path.join(environment.folder, 'worker.pid'),
    mark: script,
  });
  closing.add(worker.name, worker.stop);
  await waitUntilReady(worker, {
    seconds: workerReadySeconds,
    isReady: () => temporal.hasPollers(taskQueues.pipeline, startedAt),
  });
  console.log('The worker is up.');
  return AbortSignal.any([closing.interrupted, endOf(worker)]);
}

function endOf(worker: Child): AbortSignal {
  const controller = new AbortController();
  void worker.ended.then((how) => {
    controller.abort(new Error(`The worker ended by itself (${how}). Its log: ${worker.logFile}`));
  });
  return controller.signal;
}
