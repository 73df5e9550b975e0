import { setTimeout as sleep } from 'node:timers/promises';
import {
  agenciesFolder,
  agencyEnvironment,
  agencyIds,
  configPath,
  databaseSettings,
  databaseUrl,
  readPipelineConfig,
  reportsInUse,
} from '../config.ts';
import { log } from '../observability/log.ts';
import type { HealthOfAgency } from '../observability/metrics/pipelineMetrics.ts';
import { openWarehouse } from '../warehouse/connect.ts';
import { DatabaseProbe } from '../warehouse/reportHealth.ts';

/** Held runs that a person decides, and periods that turn stale, show after this at the latest. */
const roundMinutes = 15;
const lookMilliseconds = 500;

/** Time, and what a ledger says, for tests without either. */
interface HealthParts {
  readonly now: () => number;
  /** Ends early, without an error, at the signal. */
  readonly pause: (milliseconds: number, signal: AbortSignal) => Promise<void>;
  /** Undefined if its settings are wrong or its database does not answer. */
  readonly reportsOf: (agency: string) => Promise<HealthOfAgency['reports']>;
}

/**
 * What the ledgers of the agencies say: each is read when a run of it has ended on this worker, and all of them each
 * quarter of an hour, one after another on one connection.
 */
export class AgencyHealth {
  readonly #due = new Set<string>();
  readonly #known = new Map<string, HealthOfAgency>();
  #ids: ReadonlySet<string> = new Set();
  readonly #parts: HealthParts;

  constructor(parts: HealthParts = { now: Date.now, pause, reportsOf }) {
    this.#parts = parts;
  }

  /** Whether there is an agency of that id: nothing else may become a label. */
  has(id: string): boolean {
    if (!this.#ids.has(id)) this.#ids = new Set(agencyIds());
    return this.#ids.has(id);
  }

  runEnded(id: string): void {
    if (this.has(id)) this.#due.add(id);
  }

  /** What every agency's ledger said when it was last read. */
  all(): readonly HealthOfAgency[] {
    return [...this.#known.values()];
  }

  async keepOn(signal: AbortSignal): Promise<void> {
    if (agenciesFolder() === undefined) return;
    const { now } = this.#parts;
    let nextRound = -Infinity;
    while (!signal.aborted) {
      if (now() >= nextRound) {
        this.#beginRound();
        nextRound = now() + roundMinutes * 60_000;
      }
      const [agency] = this.#due;
      if (agency === undefined) {
        await this.#parts.pause(lookMilliseconds, signal);
        continue;
      }
      this.#due.delete(agency);
      const health = { agency, reports: await this.#parts.reportsOf(agency) };
      if (this.#ids.has(agency)) this.#known.set(agency, health);
    }
  }

  #beginRound(): void {
    try {
      this.#ids = new Set(agencyIds());
    } catch {
      log.warn('the folder of the agencies cannot be read; metrics keep to those that were in it');
    }
    for (const id of this.#known.keys()) if (!this.#ids.has(id)) this.#known.delete(id);
    for (const id of this.#ids) this.#due.add(id);
  }
}

async function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  await sleep(milliseconds, undefined, { signal, ref: false }).catch(() => undefined);
}

async function reportsOf(agency: string): Promise<HealthOfAgency['reports']> {
  try {
    const env = agencyEnvironment(agency);
    const inUse = reportsInUse(readPipelineConfig(configPath(env)));
    const warehouse = await openWarehouse({
      ...databaseSettings(env),
      currentUrl: () => databaseUrl(env),
      poolSize: 1,
    });
    const probe = new DatabaseProbe(warehouse, inUse);
    try {
      return await probe.reports();
    } finally {
      await probe.close();
      await warehouse.close();
    }
  } catch {
    return undefined;
  }
}
