import { splitAgency, type Agency } from '../../domain/agencyId.ts';
import { hintFor } from '../../domain/failures.ts';
import type { AlertChannelPorts, Ports, UsePorts } from '../../ports.ts';
import { activitiesByQueue, type ActivitiesOn, type Declared, type Queue } from '../index.ts';
import { storeWithHeartbeats } from '../parts/storeWithHeartbeats.ts';
import { createPlanAlerts } from '../planAlerts.ts';
import { createTellDatabase } from '../tellDatabase.ts';

/**
 * The activities of a queue with these ports. They send heartbeats while the store works; the step at the portal sends
 * its own, from beginning to end.
 */
export function createActivities<Name extends Queue>(queue: Name, ports: Ports): ActivitiesOn<Name> {
  const given = queue === 'portal' ? ports : { ...ports, artifacts: storeWithHeartbeats(ports.artifacts) };
  const declared: Readonly<Record<string, Declared<unknown>>> = activitiesByQueue[queue];
  return Object.fromEntries(
    Object.entries(declared).map(([name, { create }]) => [name, create(given)]),
  ) as ActivitiesOn<Name>;
}

type Call = (...input: unknown[]) => Promise<unknown>;
type Calls = Readonly<Record<string, Call>>;

/** They tell that an agency's database is away, so they do not wait for it. */
const withChannelsAlone: Readonly<
  Record<string, (ports: AlertChannelPorts) => (...input: never[]) => unknown>
> = {
  planAlerts: createPlanAlerts,
  tellDatabase: createTellDatabase,
};

/**
 * The activities of a queue; each call uses the ports of the agency that its input names.
 * @param channelsOf finds the channels of an agency with an id
 */
export function createAgencyActivities(
  queue: Queue,
  use: UsePorts,
  channelsOf: (agency: string) => Promise<AlertChannelPorts>,
): Record<string, Call> {
  const known = new WeakMap<Ports, Calls>();
  const activitiesWith = (ports: Ports) => {
    const activities = known.get(ports) ?? (createActivities(queue, ports) as Calls);
    known.set(ports, activities);
    return activities;
  };
  const calling =
    (name: string): Call =>
    async (...input) => {
      const { agency, args } = splitAgency(input);
      const create = withChannelsAlone[name];
      if (agency !== undefined && create !== undefined) {
        const call = create(await channelsOf(agency)) as Call;
        return hintsFor(agency, await call(...args));
      }
      return use(agency, async (ports) => hintsFor(agency, await activitiesWith(ports)[name]!(...args)));
    };
  return Object.fromEntries(Object.keys(activitiesByQueue[queue]).map((name) => [name, calling(name)]));
}

/** What a step returns is plain JSON; the commands in its texts, such as why a run is held, act for the agency. */
function hintsFor(agency: Agency, result: unknown): unknown {
  if (agency === undefined || result === undefined) return result;
  return JSON.parse(JSON.stringify(result), (_, value: unknown) =>
    typeof value === 'string' ? hintFor(agency, value) : value,
  ) as unknown;
}
