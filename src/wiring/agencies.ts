import type { Client } from '@temporalio/client';
import { agencyEnvironment, ConfigError } from '../config.ts';
import { PipelineError } from '../domain/failures.ts';
import { log } from '../observability/log.ts';
import type { Ports, UsePorts } from '../ports.ts';
import { openAgency, type OpenAgency } from './openAgency.ts';
import type { LoginQueueParts } from './portalLoginQueue.ts';

/** Agencies that stay open at a time, each with a pool of connections, while no step of theirs runs. */
const mostOpen = 20;
/** A step or two of an agency run at a time. */
const poolSize = 4;

interface Entry {
  readonly opened: Promise<{ readonly agency: OpenAgency; readonly ports: Ports }>;
  users: number;
}

/** The agencies of EHR_AGENCIES, each opened for its first step. */
export class Agencies {
  readonly #home: Ports;
  readonly #client: Client;
  readonly #onExport: LoginQueueParts['onExport'];
  /** The one used last is the last. */
  readonly #open = new Map<string, Entry>();

  /** `home`: the ports of the agency without an id. */
  constructor(home: Ports, { client, onExport }: { client: Client; onExport: LoginQueueParts['onExport'] }) {
    this.#home = home;
    this.#client = client;
    this.#onExport = onExport;
  }

  readonly use: UsePorts = async (agency, work) => {
    if (agency === undefined) return work(this.#home);
    const entry = this.#entryOf(agency);
    entry.users += 1;
    try {
      return await work((await entry.opened).ports);
    } finally {
      entry.users -= 1;
      await this.#closeIdle();
    }
  };

  /** No step may be under way. */
  async close(): Promise<void> {
    const entries = [...this.#open];
    this.#open.clear();
    for (const [id, entry] of entries) await closeEntry(id, entry);
  }

  #entryOf(id: string): Entry {
    const entry = this.#open.get(id) ?? this.#begin(id);
    this.#open.delete(id);
    this.#open.set(id, entry);
    return entry;
  }

  #begin(id: string): Entry {
    const entry: Entry = { opened: this.#openNow(id), users: 0 };
    // The next step tries again: a mistake may be mended by then.
    entry.opened.catch(() => {
      if (this.#open.get(id) === entry) this.#open.delete(id);
    });
    return entry;
  }

  async #openNow(id: string) {
    try {
      const env = agencyEnvironment(id);
      const agency = await openAgency({ agency: id, env, onExport: this.#onExport, poolSize });
      return { agency, ports: agency.portsWith(this.#client) };
    } catch (error) {
      throw error instanceof ConfigError ? wrongAgency(id, error) : error;
    }
  }

  async #closeIdle(): Promise<void> {
    const idle = [...this.#open].filter(([, { users }]) => users === 0);
    for (const [id, entry] of idle.slice(0, Math.max(0, this.#open.size - mostOpen))) {
      this.#open.delete(id);
      await closeEntry(id, entry);
    }
  }
}

async function closeEntry(id: string, { opened }: Entry): Promise<void> {
  try {
    await (await opened).agency.close();
  } catch (error) {
    log.warn(
      { agency: id, type: error instanceof Error ? error.name : 'unknown' },
      'an agency did not close',
    );
  }
}

/** The problems themselves name paths of this machine, and stay in its log. */
function wrongAgency(id: string, { problems }: ConfigError): PipelineError {
  log.error({ agency: id, problems }, 'an agency cannot be opened');
  return new PipelineError(
    'InvalidInput',
    `agency: the settings of ${id} have ${String(problems.length)} mistakes`,
    {
      hint: `See them with npm run client -- --agency ${id} doctor`,
      details: { agency: id },
    },
  );
}
