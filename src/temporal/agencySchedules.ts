import { ScheduleNotFoundError, type Client } from '@temporalio/client';
import { agencyId, agencyOfId, type Agency } from '../domain/agencyId.ts';
import { log } from '../observability/log.ts';
import { namespaceId } from './pollers.ts';
import { agencySchedules, type AgencySchedule, type ScheduleSettings } from './schedules.ts';
import { listedTimes, wantedTimes } from './scheduleTimes.ts';

/** The agencies that this worker serves, and where changes of schedules are recorded. */
export interface AgencyRegistry {
  /**
   * The agencies' settings by id, undefined for an agency whose settings have mistakes. Returns undefined if there are
   * no agencies, or none can be seen.
   */
  read(): Promise<ReadonlyMap<string, ScheduleSettings | undefined> | undefined>;
  /** Records a change in the audit, before it is made. */
  record(agency: Agency, change: ScheduleChange): Promise<void>;
}

export interface ScheduleChange {
  readonly change: 'update' | 'pause' | 'resume' | 'restore';
  readonly schedule: string;
  readonly details?: string;
}

/** A schedule of an agency, as the server lists it. */
export interface ListedSchedule {
  readonly id: string;
  readonly agency: string;
  readonly kind: AgencySchedule;
  /** When the schedule runs, in words. */
  readonly times: string;
  readonly paused: boolean;
  readonly note: string | undefined;
}

/** Rounds without an agency's folder before its schedules are paused: a share may be mounted again soon. */
const roundsBeforePause = 5;
const pausedFor = 'paused by a worker: EHR_AGENCIES has no folder';

export function pauseNote(agency: string): string {
  return `${pausedFor} ${agency}. A worker resumes the schedule when the folder is back.`;
}

/** Every schedule of an agency with an id, in this namespace. */
export async function listAgencySchedules(client: Client): Promise<ListedSchedule[]> {
  const listed: ListedSchedule[] = [];
  for await (const { scheduleId: id, spec, action, state } of client.schedule.list()) {
    const agency = agencyOfId(id);
    const kind = agencySchedules.find(
      (each) =>
        agency !== undefined && id === agencyId(agency, each.id) && action?.workflowType === each.type,
    );
    if (agency === undefined || kind === undefined) continue;
    listed.push({ id, agency, kind, times: listedTimes(spec), paused: state.paused, note: state.note });
  }
  return listed;
}

interface Parts {
  readonly client: Client;
  readonly registry: AgencyRegistry;
}

/**
 * Keeps the schedules of agencies as their settings say: corrects their times, and pauses those of an agency whose
 * folder is gone. Creates none that was never seen, and deletes none.
 */
export function createAgencySchedules({ client, registry }: Parts): () => Promise<void> {
  const seen = new Map<string, ListedSchedule>();
  const roundsGone = new Map<string, number>();
  /** The times that this worker has set: two workers with different folders must not change them back and forth. */
  const set = new Map<string, string>();
  let knownNamespace: string | undefined;

  /** Makes a change and returns whether it succeeded. If not, the next round tries again; the other schedules go on. */
  async function change(
    { id, agency }: ListedSchedule,
    what: Omit<ScheduleChange, 'schedule'>,
    work: () => Promise<unknown>,
  ): Promise<boolean> {
    const about = { agency, schedule: id, ...what };
    try {
      await registry.record(agency, { ...what, schedule: id });
      await work();
      log.warn(about, 'the schedule of an agency was changed');
      return true;
    } catch (error) {
      const type = error instanceof Error ? error.name : typeof error;
      log.warn({ ...about, type }, 'the schedule of an agency could not be changed');
      return false;
    }
  }

  async function withFolder(listed: ListedSchedule, settings: ScheduleSettings | undefined): Promise<void> {
    const { id, agency, kind, paused, note } = listed;
    const handle = client.schedule.getHandle(id);
    if (paused && note === pauseNote(agency)) {
      await change(listed, { change: 'resume' }, () => handle.unpause('the folder of the agency is back'));
    }
    const wanted = settings === undefined ? undefined : kind.wanted(settings, agency);
    if (settings === undefined || wanted === undefined) return;
    const times = wantedTimes(wanted.spec);
    if (times === listed.times || times === set.get(id)) return;
    // The list lags behind changes by seconds.
    const now = listedTimes((await handle.describe()).spec);
    const update = { change: 'update', details: `${now} becomes ${times}` } as const;
    if (now === times || (await change(listed, update, () => kind.apply(client, settings, agency)))) {
      set.set(id, times);
    }
  }

  async function withoutFolder(listed: ListedSchedule): Promise<void> {
    const { id, agency, paused } = listed;
    const rounds = (roundsGone.get(id) ?? 0) + 1;
    roundsGone.set(id, rounds);
    if (paused || rounds < roundsBeforePause) return;
    await change(listed, { change: 'pause' }, () => client.schedule.getHandle(id).pause(pauseNote(agency)));
  }

  async function restore(listed: ListedSchedule, settings: ScheduleSettings): Promise<void> {
    const { id, agency, kind, paused, note } = listed;
    await change(listed, { change: 'restore' }, async () => {
      await kind.apply(client, settings, agency);
      if (paused) await client.schedule.getHandle(id).pause(note ?? 'paused before');
    });
  }

  return async () => {
    const agencies = await registry.read();
    if (agencies === undefined) return;
    const namespace = await namespaceId(client.connection, client.options.namespace);
    const listed = await listAgencySchedules(client);
    const isNew = knownNamespace !== undefined && namespace !== knownNamespace;
    for (const each of isNew ? seen.values() : []) {
      const settings = agencies.get(each.agency);
      if (settings !== undefined && (await isGone(client, each.id))) await restore(each, settings);
    }
    for (const each of listed) {
      seen.set(each.id, each);
      if (!agencies.has(each.agency)) await withoutFolder(each);
      else {
        roundsGone.delete(each.id);
        await withFolder(each, agencies.get(each.agency));
      }
    }
    knownNamespace = namespace;
  };
}

/** Whether the schedule is still gone: another worker may have restored it. */
async function isGone(client: Client, id: string): Promise<boolean> {
  try {
    await client.schedule.getHandle(id).describe();
    return false;
  } catch (error) {
    if (error instanceof ScheduleNotFoundError) return true;
    throw error;
  }
}
