import type { WorkerProcess } from '../e2e/system.ts';
import type { DatabaseProxy } from './databaseProxy.ts';

/** What a worker says when one of its steps is at a place. */
export interface Arrival {
  readonly kind: 'arrival';
  readonly id: number;
  readonly place: string;
  readonly workflowId: string;
}

/** What it says of an error that no step translated: where it came from, as Temporal has it, too. */
export interface Defect {
  readonly kind: 'defect';
  readonly text: string;
}

/** What it hears: go on, with or without something that happens to it on the way. */
export interface Answer {
  readonly id: number;
  readonly meanwhile?:
    | { readonly kind: 'shift-clock'; readonly hours: number }
    | { readonly kind: 'exhaust-memory' };
}

/** A step or a statement that waits at a place until `release`; it is let go by itself after 15 s. */
export interface Held {
  readonly place: string;
  /** Of a step; a statement does not say whose it is. */
  readonly workflowId?: string;
  /** Whose step or statement it is; what happens at the portal is nobody's. */
  readonly worker?: WorkerProcess;
  readonly release: (meanwhile?: Answer['meanwhile']) => void;
}

type Wanted = (held: Held) => boolean;

export interface Watch {
  readonly wants: Wanted;
  /** Must release what it is given. */
  readonly take: (held: Held) => void;
}

/** More of them say no more. */
const keptDefects = 20;

/** Where the steps are. Nothing is held but what someone is waiting for. */
export class Arrivals {
  /** Errors that no step translated, each kind once. */
  readonly defects = new Set<string>();
  readonly #watches = new Set<Watch>();

  /** The worker's steps, and its statements on their way to the database, are told here. */
  follow(worker: WorkerProcess, proxy: DatabaseProxy): void {
    proxy.onPlace = (place, release) => this.arrive({ place, worker, release });
    worker.onMessage((message) => {
      if (isDefect(message)) this.#keepDefect(message);
      if (!isArrival(message)) return;
      const release: Held['release'] = (meanwhile) => {
        if (!worker.process.connected) return;
        const answer: Answer = { id: message.id, ...(meanwhile === undefined ? {} : { meanwhile }) };
        // It may have been killed meanwhile.
        worker.process.send(answer, () => undefined);
      };
      this.arrive({ place: message.place, workflowId: message.workflowId, worker, release });
    });
  }

  #keepDefect({ text }: Defect): void {
    if (this.defects.size < keptDefects) this.defects.add(text);
  }

  /** The first one who wants it has it; without one it goes on. */
  arrive(held: Held): void {
    const watch = Array.from(this.#watches).find(({ wants }) => wants(held));
    if (watch === undefined) held.release();
    else watch.take(held);
  }

  /** Gives what ends the watch. */
  watch(watch: Watch): () => void {
    this.#watches.add(watch);
    return () => this.#watches.delete(watch);
  }

  /** The next arrival that is wanted, held; undefined where there is none in that time. */
  next(wants: Wanted, seconds: number): Promise<Held | undefined> {
    return new Promise((resolve) => {
      const timer = setTimeout(() => end(undefined), seconds * 1000);
      const end = (held: Held | undefined) => {
        clearTimeout(timer);
        endWatch();
        resolve(held);
      };
      const endWatch = this.watch({ wants, take: end });
    });
  }
}

function isArrival(message: unknown): message is Arrival {
  return (message as Arrival | null)?.kind === 'arrival';
}

function isDefect(message: unknown): message is Defect {
  return (message as Defect | null)?.kind === 'defect';
}
