import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import type { WorkerProcess } from '../e2e/system.ts';

/** A worker that does not come up while its servers are there is a defect; while they restart it may take a few. */
const startsInARow = 30;
const pauseMilliseconds = 500;

/** Keeps so many workers running, as a service manager does: whichever ends is started again. */
export class Crew {
  /** Workers that ended although nobody killed them. */
  endedByThemselves = 0;
  readonly #start: () => Promise<WorkerProcess>;
  readonly #workers = new Set<WorkerProcess>();
  readonly #killed = new Set<WorkerProcess>();
  #dismissed = false;
  #lives: Promise<unknown> = Promise.resolve();

  constructor(start: () => Promise<WorkerProcess>) {
    this.#start = start;
  }

  /** Resolves once all are ready. */
  async hire(count: number): Promise<void> {
    const first = await Promise.all(Array.from({ length: count }, () => this.#join()));
    this.#lives = Promise.all(first.map((worker) => this.#keep(worker)));
    // Whoever dismisses the crew hears of it.
    this.#lives.catch(() => undefined);
  }

  get ready(): WorkerProcess[] {
    return Array.from(this.#workers).filter(({ running }) => running);
  }

  async kill(worker: WorkerProcess): Promise<void> {
    this.#killed.add(worker);
    await worker.kill();
  }

  /** Ends all in order. Throws where a worker could not be kept running. */
  async dismiss(): Promise<void> {
    this.#dismissed = true;
    await Promise.all(this.ready.map((worker) => worker.stop()));
    await this.#lives;
  }

  /** Kills all, and starts none of them again. */
  async abandon(): Promise<void> {
    this.#dismissed = true;
    await Promise.all(this.ready.map((worker) => worker.kill()));
    await this.#lives;
  }

  async #keep(first: WorkerProcess): Promise<void> {
    for (let worker = first; ; worker = await this.#join()) {
      if (worker.running) await once(worker.process, 'exit');
      this.#workers.delete(worker);
      if (this.#dismissed) return;
      if (!this.#killed.delete(worker)) this.endedByThemselves += 1;
    }
  }

  async #join(): Promise<WorkerProcess> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        const worker = await this.#start();
        this.#workers.add(worker);
        // Dismissed while it started.
        if (this.#dismissed) await worker.stop();
        return worker;
      } catch (error) {
        if (attempt === startsInARow || this.#dismissed) throw error;
        await sleep(pauseMilliseconds);
      }
    }
  }
}
