import { setTimeout as sleep } from 'node:timers/promises';
import type { Client } from '@temporalio/client';
import { printable } from '../domain/printable.ts';
import {
  hasVersioning,
  readDeployment,
  runningOn,
  setCurrentBuild,
  type Build,
  type Deployment,
} from '../temporal/deployment.ts';
import { recordAuditEventAlone } from '../warehouse/recordAuditEvent.ts';
import { thisUser } from '../wiring/thisUser.ts';
import { refused } from './commandErrors.ts';
import { print, type OutputOptions } from './output.ts';
import { table } from './table.ts';
import { withWarehouse } from './connections.ts';
import { withTemporal } from './temporalClient.ts';

export interface DeployOptions extends OutputOptions {
  readonly build?: string;
  /** Show only; change nothing. */
  readonly show?: boolean;
  /** False with --no-wait: do not wait until the other builds' runs have ended. */
  readonly wait: boolean;
}

/** Routes new runs to a build of the workers, and says when the other builds' runs have ended. */
export async function deploy(options: DeployOptions): Promise<void> {
  await withTemporal(async (client) => {
    await assertVersioning(client);
    if (options.show !== true) await makeCurrent(client, options);
    const builds =
      options.show === true || !options.wait ? await look(client) : await drained(client, options);
    print(options, builds, () => words(builds));
  });
}

async function makeCurrent(client: Client, { build: named, json }: DeployOptions): Promise<void> {
  const { connection, options } = client;
  const deployment = await deploymentOf(client);
  const build = named === undefined ? newestWithWorker(deployment) : assertKnown(named, deployment);
  if (!deployment.polling.has(build)) {
    throw refused(
      `no worker of build ${build} runs: new runs would wait`,
      'Start a worker of that build first.',
    );
  }
  if (deployment.current === build) return;
  await withWarehouse((warehouse) =>
    recordAuditEventAlone(warehouse, { action: 'deploy', actor: thisUser(), details: { build } }),
  );
  await setCurrentBuild(connection, options.namespace, { build, ifUnchanged: deployment });
  if (json !== true) console.log(`build ${build} takes the new runs from now on`);
}

function newestWithWorker({ builds, polling }: Deployment): string {
  const [newest] = newestFirst(builds.filter(({ id }) => polling.has(id)));
  if (newest !== undefined) return newest.id;
  throw refused('no worker runs that could take runs', 'Start one: npm run build && npm start');
}

function assertKnown(build: string, { builds }: Deployment): string {
  if (builds.some(({ id }) => id === build)) return build;
  const known = builds.map(({ id }) => printable(id)).join(', ');
  throw refused(
    `--build: there is no build ${printable(build)}; there are ${known}`,
    'Give one of these, or none for the newest with a worker.',
  );
}

async function deploymentOf({ connection, options }: Client): Promise<Deployment> {
  const deployment = await readDeployment(connection, options.namespace);
  if (deployment !== undefined) return deployment;
  throw refused('no worker has ever polled in this namespace', 'Start one: npm run build && npm start');
}

async function assertVersioning({ connection, options }: Client): Promise<void> {
  if (await hasVersioning(connection, options.namespace)) return;
  throw refused(
    'this Temporal server has no worker versioning: all workers take all runs',
    'End all runs before workers with other workflows start: docs/runbook.md, Upgrade.',
  );
}

interface BuildState {
  readonly build: string;
  /** Whether new runs go to this build. */
  readonly current: boolean;
  /** Whether a worker of this build polls for work. */
  readonly worker: boolean;
  readonly running: number;
}

async function look(client: Client): Promise<BuildState[]> {
  const { connection, options } = client;
  const { builds, current, polling } = await deploymentOf(client);
  const states: BuildState[] = [];
  for (const { id } of newestFirst(builds)) {
    const running = await runningOn(connection, options.namespace, id);
    const worker = polling.has(id);
    // Finished builds are left out.
    if (id === current || worker || running > 0) {
      states.push({ build: id, current: id === current, worker, running });
    }
  }
  return states;
}

function newestFirst(builds: readonly Build[]): Build[] {
  return builds.toSorted((one, other) => (one.createdAt < other.createdAt ? 1 : -1));
}

const pollSeconds = 5;
/** A backfill of years takes a night. Its runs continue even if this command stops waiting. */
const patienceHours = 24;

/** Waits until only the current build has runs, or until the other builds' runs have no worker to end them. */
async function drained(client: Client, { json }: DeployOptions): Promise<BuildState[]> {
  const until = Date.now() + patienceHours * 3_600_000;
  let lastPrinted = '';
  for (;;) {
    const builds = await look(client);
    const others = builds.filter(({ current, running }) => !current && running > 0);
    if (!others.some(({ worker }) => worker) || Date.now() > until) return builds;
    const now = others.map(({ build, running }) => `${printable(build)} has ${String(running)}`).join(', ');
    if (now !== lastPrinted && json !== true) console.log(`waiting for runs of earlier builds: ${now}`);
    lastPrinted = now;
    await sleep(pollSeconds * 1000);
  }
}

function words(builds: readonly BuildState[]): string {
  const rows = builds.map(({ build, current, worker, running }) => [
    printable(build),
    current ? 'yes' : 'no',
    worker ? 'yes' : 'no',
    String(running),
  ]);
  const others = builds.filter(({ current }) => !current);
  return [
    table(['build', 'takes new runs', 'worker', 'runs under way'], rows),
    ...others.map(({ build, worker, running }) => otherWords(printable(build), { worker, running })),
  ].join('\n');
}

function otherWords(build: string, { worker, running }: { worker: boolean; running: number }): string {
  if (running === 0) return `build ${build} has ended all its runs: its worker may be stopped`;
  return worker
    ? `build ${build} ends its runs: leave its worker running`
    : `build ${build} has runs and no worker: start one again, or see docs/runbook.md, Upgrade`;
}
