import { baseExport, type BaseExport } from './exports.ts';
import { mutations, type Mutation } from './mutations.ts';
import type { Report } from './oracle/terms.ts';
import { randomFrom, type Random } from './random.ts';

export interface Mutant {
  readonly number: number;
  readonly base: BaseExport;
  readonly applied: readonly Mutation[];
  readonly bytes: Buffer;
  /** The CSV that is packed or written as a workbook in them; absent where they are CSV. */
  readonly content?: Buffer;
}

// A mutation may change nothing (a file without quotes has none to lose); so often in a row is impossible.
const mostDraws = 100;

/** Mutant number so-and-so of that seed: always the same one, and never equal to its base. */
export function mutantOf(seed: string, report: Report, number: number): Mutant {
  const random = randomFrom(`${seed}/${report}/${String(number)}`);
  const base = baseExport(report, random);
  for (let draw = 0; draw < mostDraws; draw += 1) {
    const applied = drawMutations(random);
    const changed = applied.reduce((bytes, { apply }) => apply(bytes, random), base.bytes);
    if (changed !== base.bytes) return { number, base, applied, bytes: Buffer.from(changed, 'latin1') };
  }
  throw new Error(`mutant ${String(number)} of seed ${seed} is equal to its base`);
}

// What fails by itself, whatever else is wrong, is drawn alone only.
const combined = mutations.filter(({ alone }) => alone === undefined);

/** One to three, one alone half of the time. */
export function drawMutations(random: Random): Mutation[] {
  const count = random.pick([1, 1, 2, 3]);
  const from = count === 1 ? mutations : combined;
  return Array.from({ length: count }, () => drawn(from, random));
}

function drawn(from: readonly Mutation[], random: Random): Mutation {
  const mutation = random.pick(from);
  return mutation.slow === true && random.chance(90) ? drawn(from, random) : mutation;
}
