import { EventEmitter, once } from 'node:events';

/** One running browser. */
export interface BrowserPlace {
  /** The browser has nothing to do: it ends, by `end`, as soon as another login needs the place. */
  idle(end: () => void): void;
  busy(): void;
  /** The browser has ended; again does nothing. */
  free(): void;
}

interface Taken {
  /** Set while the browser is idle, until it was asked to end. */
  end?: (() => void) | undefined;
}

/** How many browsers run in this process: each takes some 300 MB. */
export class BrowserPlaces {
  readonly #most: number;
  /** The one that is idle for the longest time is the first of the idle ones. */
  readonly #taken = new Set<Taken>();
  readonly #changes = new EventEmitter().setMaxListeners(0);

  /** Infinity: as many as there are logins. */
  constructor(most: number) {
    this.#most = most;
  }

  /** Waits for a place, and ends an idle browser for it. @throws the signal's reason */
  async take({ signal, onWait }: { signal: AbortSignal; onWait: () => void }): Promise<BrowserPlace> {
    while (this.#taken.size >= this.#most) {
      this.#endIdle();
      onWait();
      await once(this.#changes, 'change', { signal }).catch((error: unknown) => {
        signal.throwIfAborted();
        throw error;
      });
    }
    const taken: Taken = {};
    this.#taken.add(taken);
    return this.#placeOf(taken);
  }

  #endIdle(): void {
    const idle = [...this.#taken].find(({ end }) => end !== undefined);
    const end = idle?.end;
    if (idle !== undefined) idle.end = undefined;
    end?.();
  }

  #placeOf(taken: Taken): BrowserPlace {
    return {
      idle: (end) => {
        taken.end = end;
        this.#taken.delete(taken);
        this.#taken.add(taken);
        this.#changes.emit('change');
      },
      busy: () => {
        taken.end = undefined;
      },
      free: () => {
        this.#taken.delete(taken);
        this.#changes.emit('change');
      },
    };
  }
}
