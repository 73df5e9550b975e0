import type { Client } from '@temporalio/client';
import {
  agenciesFolder,
  agencyEnvironment,
  ConfigError,
  configPath,
  readPipelineConfig,
  type Environment,
} from '../config.ts';
import { PipelineError } from '../domain/failures.ts';
import { log } from '../observability/log.ts';
import { BrowserPlaces } from '../portal/browserPlaces.ts';
import type { AlertChannelPorts, Ports, UsePorts } from '../ports.ts';
import { alertChannels } from './connectAlerts.ts';
import { openAgency } from './openAgency.ts';
import type { LoginQueueParts } from './portalLoginQueue.ts';

/** Agencies that stay open at a time, each with a pool of connections, while no step of theirs runs. */
const mostOpen = 20;
/** A step or two of an agency run at a time. */
const poolSize = 4;

interface Opened {
  readonly ports: Ports;
  close(): Promise<void>;
}

interface Entry {
  readonly opened: Promise<Opened>;
  users: number;
}

/** The agencies of EHR_AGENCIES, each opened for its first step. */
export class AgencyPool {
  readonly #home: Ports;
  readonly #open: (id: string) => Promise<Opened>;
  /** In order of last use, the latest at the end. */
  readonly #entries = new Map<string, Entry>();
  readonly #closings = new Set<Promise<void>>();

  /** `home`: the ports of the agency without an id. */
  constructor(home: Ports, open: (id: string) => Promise<Opened>) {
    this.#home = home;
    this.#open = open;
  }

  readonly use: UsePorts = async (agency, work) => {
    if (agency === undefined) return work(this.#home);
    const entry = this.#entryOf(agency);
    entry.users += 1;
    try {
      return await work((await entry.opened).ports);
    } finally {
      entry.users -= 1;
      this.#closeIdle();
    }
  };

  /** Call once no step is in progress. */
  async close(): Promise<void> {
    for (const [id, entry] of this.#entries) this.#beginClosing(id, entry);
    await Promise.all(this.#closings);
  }

  #entryOf(id: string): Entry {
    const entry = this.#entries.get(id) ?? this.#begin(id);
    this.#entries.delete(id);
    this.#entries.set(id, entry);
    return entry;
  }

  #begin(id: string): Entry {
    const entry: Entry = { opened: this.#open(id), users: 0 };
    // The next step tries again: the mistake may be fixed by then.
    entry.opened.catch(() => {
      if (this.#entries.get(id) === entry) this.#entries.delete(id);
    });
    return entry;
  }

  #closeIdle(): void {
    const idle = [...this.#entries].filter(([, { users }]) => users === 0);
    const superfluous = idle.slice(0, Math.max(0, this.#entries.size - mostOpen));
    for (const [id, entry] of superfluous) this.#beginClosing(id, entry);
  }

  /**
   * No step waits for it: to log out of a portal takes up to half a minute, in which a step that has ended sends no
   * heartbeat. One that comes meanwhile opens the agency again, and waits for the portal's login as for another worker's.
   */
  #beginClosing(id: string, entry: Entry): void {
    this.#entries.delete(id);
    const closing = closeEntry(id, entry).finally(() => this.#closings.delete(closing));
    this.#closings.add(closing);
  }
}

async function closeEntry(id: string, { opened }: Entry): Promise<void> {
  try {
    await (await opened).close();
  } catch (error) {
    log.warn(
      { agency: id, type: error instanceof Error ? error.name : 'unknown' },
      'an agency did not close',
    );
  }
}

/** The browsers of all agencies together. An agency alone keeps a browser for each of its logins, two at most. */
export function browserPlaces(browsers: number): BrowserPlaces {
  return new BrowserPlaces(agenciesFolder() === undefined ? Infinity : browsers);
}

/**
 * Returns a function that opens an agency of the registry by its id.
 * @throws PipelineError InvalidInput, from that function, if there is no such agency or its settings are wrong
 */
export function opening(parts: { client: Client } & Required<Pick<LoginQueueParts, 'onExport' | 'places'>>) {
  return (id: string): Promise<Opened> =>
    ofAgency(id, async (env) => {
      const { client, ...shared } = parts;
      const agency = await openAgency({ agency: id, env, ...shared, poolSize });
      return { ports: agency.portsWith(client), close: () => agency.close() };
    });
}

/**
 * Where the alerts of an agency of the registry go. Does not open it: what they tell may be that its database is away.
 * @throws PipelineError InvalidInput if there is no such agency or its settings are wrong
 */
export function agencyChannels(id: string): Promise<AlertChannelPorts> {
  return ofAgency(id, async (env) => {
    const channels = await alertChannels(readPipelineConfig(configPath(env)), env);
    return { alerts: { agency: id, channels } };
  });
}

async function ofAgency<Made>(id: string, make: (env: Environment) => Promise<Made>): Promise<Made> {
  try {
    return await make(agencyEnvironment(id));
  } catch (error) {
    throw error instanceof ConfigError ? wrongAgency(id, error) : error;
  }
}

/** The problems themselves name paths of this machine, and stay in its log. */
function wrongAgency(id: string, { problems }: ConfigError): PipelineError {
  log.error({ agency: id, problems }, 'an agency cannot be opened');
  return new PipelineError(
    'InvalidInput',
    `agency: the settings of ${id} have mistakes, ${String(problems.length)} in number, or it is none of the agencies here`,
    { hint: `See them with npm run client -- agencies check ${id}`, details: { agency: id } },
  );
}
