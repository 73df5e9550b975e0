import { setTimeout as sleep } from 'node:timers/promises';
import { ScheduleNotFoundError, type Client } from '@temporalio/client';
import { createAgencySchedules, type AgencyRegistry } from './agencySchedules.ts';
import { hasAlerts } from '../domain/alertChannels.ts';
import { alertScheduleId, scheduleId, sourcesScheduleId } from '../domain/temporalNames.ts';
import { log } from '../observability/log.ts';
import {
  applyAlertSchedule,
  applySchedule,
  applySourcesSchedule,
  type ScheduleSettings,
} from './schedules.ts';
import {
  certainlyDeserted,
  desertedNow,
  isPassing,
  readDeployment,
  setCurrentBuild,
  takeoverOf,
  type DeployMode,
  type Deserted,
  type Takeover,
} from './deployment.ts';
import { namespaceId } from './pollers.ts';
import { ensureSearchAttributes } from './searchAttributes.ts';

export interface UpkeepParts {
  readonly client: Client;
  readonly config: ScheduleSettings;
  /** The worker's build and what it does about new runs; undefined if the server has no versioning. */
  readonly deploy:
    | {
        readonly build: string;
        readonly mode: DeployMode;
        /** Takes over runs whose own build has no worker left. */
        readonly moveRuns: () => Promise<void>;
      }
    | undefined;
  /** The agencies with an id that this worker serves, and the audit. */
  readonly registry: AgencyRegistry;
  /** Whether a round of alerts has ever run, according to the database. */
  readonly alertsWereOn: () => Promise<boolean>;
}

/** Keeps what a worker needs on the Temporal server in place as long as the worker lives. */
export interface Upkeep {
  /** Waits until it is settled which build takes new runs: the server must have seen this worker first. */
  settle(signal: AbortSignal): Promise<void>;
  /** One check that also restores whatever can be restored. */
  round(): Promise<void>;
  /** A round each minute until the signal: a server that has lost everything is soon restored. Never rejects. */
  keepOn(signal: AbortSignal): Promise<void>;
  /** What the last round found missing and did not restore, as text. */
  readonly missing: () => readonly string[];
}

const roundSeconds = 60;

/** How long to wait for the server to see this worker, which polls within a second; a busy server records it later. */
const registrationSeconds = 60;
const registrationPauseMilliseconds = 200;

export function createUpkeep(parts: UpkeepParts): Upkeep {
  const schedules = rememberSchedules(parts);
  const maintainAgencySchedules = createAgencySchedules(parts);
  const takeNewRuns = createTakeover(parts);
  let lacking: readonly string[] = [];
  const round = async () => {
    try {
      await ensureSearchAttributes(parts.client.connection, parts.client.options.namespace);
      lacking = await schedules.maintain();
      const buildState = await takeNewRuns();
      // An older build may have other folders of agencies.
      if (buildState === 'current' || parts.deploy === undefined) await maintainAgencySchedules();
      if (buildState === 'current') await parts.deploy?.moveRuns();
    } catch (error) {
      // The readiness probe reports a server that is down; the next round checks again.
      log.warn({ class: nameOf(error) }, 'what Temporal must have could not be maintained');
    }
  };
  const settled = async () => {
    try {
      return await takeNewRuns();
    } catch (error) {
      log.warn({ class: nameOf(error) }, 'Temporal did not let this build take the new runs');
      return 'leave';
    }
  };
  return {
    async settle(signal) {
      const until = Date.now() + registrationSeconds * 1000;
      while (!signal.aborted && Date.now() < until) {
        if ((await settled()) !== 'wait') return;
        await pause(registrationPauseMilliseconds, signal);
      }
      if (signal.aborted) return;
      log.warn(
        { seconds: registrationSeconds },
        'Temporal has not registered this build yet; the next round tries again',
      );
    },
    round,
    async keepOn(signal) {
      while (!signal.aborted) {
        await pause(roundSeconds * 1000, signal);
        if (!signal.aborted) await round();
      }
    },
    missing: () => lacking,
  };
}

async function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  await sleep(milliseconds, undefined, { signal }).catch(() => undefined);
}

/** Takes new runs if this build should; returns whether it has them. */
function createTakeover({ client, deploy }: UpkeepParts): () => Promise<'current' | 'leave' | 'wait'> {
  const { connection, options } = client;
  let lastLogged = '';
  // A new namespace knows nothing of what was settled in the old one.
  let settledIn: string | undefined;
  let deserted: Deserted | undefined;
  return async () => {
    if (deploy === undefined) return 'leave';
    const { build, mode } = deploy;
    try {
      const namespace = await namespaceId(connection, options.namespace);
      const deployment = await readDeployment(connection, options.namespace);
      const settled = settledIn === namespace;
      const now = performance.now();
      deserted = desertedNow(deserted, deployment, now);
      const desertedBefore = certainlyDeserted(deserted, now);
      const takeover = takeoverOf(build, deployment, { mode, settled, desertedBefore });
      if (takeover.kind === 'take' && deployment !== undefined) {
        await setCurrentBuild(connection, options.namespace, { build, ifUnchanged: deployment });
      }
      const saying = JSON.stringify(takeover);
      if (saying !== lastLogged) logTakeover(build, takeover, deployment?.current);
      lastLogged = saying;
      if (takeover.kind !== 'wait') settledIn = namespace;
      return takeover.kind === 'take' ? 'current' : takeover.kind;
    } catch (error) {
      if (!isPassing(error)) throw error;
      return 'wait';
    }
  };
}

function logTakeover(build: string, takeover: Takeover, before: string | undefined): void {
  if (takeover.kind === 'leave') {
    log.warn(
      { build, current: takeover.current },
      `this build ends its own runs and takes no new ones; to let it take them: npm run client -- deploy --build ${build}`,
    );
  } else if (takeover.kind === 'take') {
    log.info({ build, before, because: takeover.because }, 'this build takes the new runs from now on');
  }
}

interface SeenSchedule {
  readonly paused: boolean;
  readonly note: string | undefined;
}

/**
 * Restores schedules only if the whole namespace is new, because then no one deleted them on purpose. A schedule
 * missing from the same namespace is only reported: its deletion may be intended.
 */
function rememberSchedules({ client, config, registry, alertsWereOn }: UpkeepParts) {
  const seen = new Map<string, SeenSchedule>();
  let knownNamespace: string | undefined;
  const applying = new Map([
    [scheduleId, applySchedule],
    [alertScheduleId, applyAlertSchedule],
    [sourcesScheduleId, applySourcesSchedule],
  ]);
  const apply = (id: string) => applying.get(id)!(client, config);

  async function restore(id: string, before: SeenSchedule): Promise<void> {
    await registry.record(undefined, { change: 'restore', schedule: id });
    await apply(id);
    if (before.paused) await client.schedule.getHandle(id).pause(before.note ?? 'paused before');
    log.warn({ schedule: id }, 'Temporal has lost its schedules; this one was made again');
  }

  return {
    async maintain(): Promise<string[]> {
      const namespace = await namespaceId(client.connection, client.options.namespace);
      const isFirst = knownNamespace === undefined;
      const isNew = !isFirst && namespace !== knownNamespace;
      const lacking: string[] = [];
      for (const id of applying.keys()) {
        const now = await describe(client, id);
        const before = seen.get(id);
        if (now !== undefined) seen.set(id, now);
        else if (isNew && before !== undefined) await restore(id, before);
        else if (isFirst && id === alertScheduleId && hasAlerts(config) && (await alertsWereOn())) {
          // The alert rounds report whatever else is missing; without them no one would know.
          await restore(id, { paused: false, note: undefined });
        } else if (before !== undefined) lacking.push(`the schedule ${id} is gone`);
      }
      knownNamespace = namespace;
      return lacking;
    },
  };
}

async function describe(client: Client, id: string): Promise<SeenSchedule | undefined> {
  try {
    const { state } = await client.schedule.getHandle(id).describe();
    return { paused: state.paused, note: state.note };
  } catch (error) {
    if (error instanceof ScheduleNotFoundError) return undefined;
    throw error;
  }
}

function nameOf(error: unknown): string {
  return error instanceof Error ? error.name : typeof error;
}
