import { setTimeout as sleep } from 'node:timers/promises';
import type { Random } from '../../demo/portal/data/random.ts';
import { isBrowser } from '../e2e/browserProcesses.ts';
import type { Held } from './arrivals.ts';
import type { Crew } from './crew.ts';
import { atRandom, type KillPlan, type Target } from './killPlan.ts';
import type { Site } from './site.ts';

/** Someone reaches most of the places several times within this. */
const placePatienceSeconds = 5;
/** A random instant lies within so many milliseconds; the pause lets the work get on between two kills. */
const randomWithinMilliseconds = 2_000;
const pauseMilliseconds = { least: 200, most: 1_200 };
/** How often it is looked whether there is a browser to kill. */
const browserPollMilliseconds = 50;

/** Kills by target and place. */
export type Kills = Map<Target, Map<string, number>>;

/** Kills what the plan says, where it says, with SIGKILL, and starts it again. */
export class Striker {
  readonly kills: Kills = new Map();
  /** Times that a target or a place was not there to be struck. */
  missed = 0;
  readonly #site: Site;
  readonly #crew: Crew;
  readonly #plan: KillPlan;
  readonly #random: Random;

  constructor(parts: { site: Site; crew: Crew; plan: KillPlan; random: Random }) {
    this.#site = parts.site;
    this.#crew = parts.crew;
    this.#plan = parts.plan;
    this.#random = parts.random;
  }

  get total(): number {
    return Array.from(this.kills.values()).reduce(
      (total, places) => total + Array.from(places.values()).reduce((sum, count) => sum + count, 0),
      0,
    );
  }

  /** One kill, or none where the target was not there. */
  async strike(): Promise<void> {
    await sleep(this.#random.between(pauseMilliseconds.least, pauseMilliseconds.most));
    const { target, places } = this.#plan.next();
    const held = await this.#heldAt(target, places);
    const done = await this.#kill(target, held).finally(() => held?.release());
    if (!done) {
      this.missed += 1;
      this.#plan.notThere();
      return;
    }
    const place = held?.place ?? atRandom;
    this.#plan.struck(target, place);
    this.#count(target, place);
  }

  async #heldAt(target: Target, places: ReadonlySet<string>): Promise<Held | undefined> {
    if (places.size === 0) {
      await sleep(this.#random.between(0, randomWithinMilliseconds));
      return undefined;
    }
    const held = await this.#site.arrivals.next(({ place }) => places.has(place), placePatienceSeconds);
    if (held === undefined) this.#plan.missed(target);
    return held;
  }

  #kill(target: Target, held: Held | undefined): Promise<boolean> {
    switch (target) {
      case 'worker':
        return this.#killWorker(held);
      case 'browser':
        return this.#killBrowser();
      case 'database':
        return this.#killServer(
          held,
          () => this.#site.killDatabase(),
          () => this.#site.restartDatabase(),
        );
      case 'temporal':
        return this.#killServer(
          held,
          () => this.#site.killTemporal(),
          () => this.#site.restartTemporal(),
        );
    }
  }

  /** The crew starts another one by itself. */
  async #killWorker(held: Held | undefined): Promise<boolean> {
    const { ready } = this.#crew;
    if (ready.length === 0) return false;
    const worker = held?.worker ?? this.#random.pick(ready);
    if (!worker.running) return false;
    await this.#crew.kill(worker);
    return true;
  }

  /** Any process of a browser: its main one, or one that draws a page. */
  async #killBrowser(): Promise<boolean> {
    const deadline = Date.now() + placePatienceSeconds * 1000;
    for (;;) {
      const living = await this.#site.browserProcesses();
      if (living.length > 0) return killBrowser(this.#random.pick(living));
      if (Date.now() > deadline) return false;
      await sleep(browserPollMilliseconds);
    }
  }

  /** Who is held goes on while the server is away, or once it is back. */
  async #killServer(
    held: Held | undefined,
    kill: () => Promise<void>,
    restart: () => Promise<void>,
  ): Promise<boolean> {
    await kill();
    if (this.#random.chance(0.5)) held?.release();
    await restart();
    return true;
  }

  #count(target: Target, place: string): void {
    const places = this.kills.get(target) ?? new Map<string, number>();
    places.set(place, (places.get(place) ?? 0) + 1);
    this.kills.set(target, places);
  }
}

/** It may have ended between the look and the kill, and its id may be another program's by then. */
async function killBrowser(pid: number): Promise<boolean> {
  if (!(await isBrowser(pid))) return false;
  try {
    process.kill(pid, 'SIGKILL');
    return true;
  } catch {
    return false;
  }
}
