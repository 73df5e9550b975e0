import type { Random } from '../../demo/portal/data/random.ts';
import { loadPlaces, portalPlaces, stepPlaces } from './places.ts';

export const targets = ['worker', 'database', 'temporal', 'browser'] as const;
export type Target = (typeof targets)[number];

/** Where each target can be killed on purpose; beside that at random instants. */
const placesOf: Readonly<Record<Target, readonly string[]>> = {
  worker: [...stepPlaces, ...loadPlaces],
  database: [...stepPlaces, ...loadPlaces],
  temporal: [...stepPlaces, 'load: amid the rows', 'load: commit not answered'],
  browser: ['before loginAndDownload', 'after loginAndDownload', ...portalPlaces],
};

/** Who is next: all four within eight kills, the worker more often since most of the work is its. */
const rhythm: readonly Target[] = [
  'worker',
  'database',
  'browser',
  'temporal',
  'worker',
  'database',
  'worker',
  'temporal',
];

/** One kill in four strikes at no place in particular. */
const randomShare = 0.25;

const triesForRarePlaces = 6;
/** Within half a minute a stalled backfill has a browser again. */
const triesForAbsent = 8;

export const atRandom = 'at random';

/** Which kill comes next. Every place of every target has its turn before any has a second one. */
export class KillPlan {
  readonly #random: Random;
  readonly #rhythm: readonly Target[];
  readonly #left = new Map<Target, Set<string>>();
  #done = 0;
  #misses = 0;
  #absences = 0;

  constructor(random: Random, wanted: readonly Target[]) {
    this.#random = random;
    this.#rhythm = rhythm.filter((target) => wanted.includes(target));
  }

  /** The next target, and the places of which the first one reached is struck; none: at a random instant. */
  next(): { readonly target: Target; readonly places: ReadonlySet<string> } {
    const target = this.#rhythm[this.#done % this.#rhythm.length]!;
    const places = this.#random.chance(randomShare) ? new Set<string>() : this.#leftOf(target);
    return { target, places };
  }

  /** The target has been killed, so it is the next one's turn; and so has the place had its turn. */
  struck(target: Target, place: string): void {
    this.#done += 1;
    this.#leftOf(target).delete(place);
  }

  /** There was nobody to kill, e.g. no browser. The same is tried again, but not for ever. */
  notThere(): void {
    this.#absences += 1;
    if (this.#absences % triesForAbsent === 0) this.#done += 1;
  }

  /** None of the places left was reached in time. Some are rare: after a few tries all have their turn again. */
  missed(target: Target): void {
    this.#misses += 1;
    if (this.#misses % triesForRarePlaces === 0) this.#left.delete(target);
  }

  #leftOf(target: Target): Set<string> {
    const left = this.#left.get(target);
    if (left !== undefined && left.size > 0) return left;
    const fresh = new Set(placesOf[target]);
    this.#left.set(target, fresh);
    return fresh;
  }
}
