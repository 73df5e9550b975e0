import { createHash } from 'node:crypto';

/** Numbers that follow from a seed alone: the same seed gives the same sequence on every machine. */
export interface Random {
  /** A number in [0, 1). */
  next(): number;
  /** A whole number from `low` to `high`, both included. */
  between(low: number, high: number): number;
  chance(probability: number): boolean;
  pick<T>(choices: readonly T[]): T;
  /** Picks by weight: `[choice, weight]`, weights need not add up to anything. */
  weighted<T>(choices: readonly (readonly [T, number])[]): T;
}

/** Every part of the data has a generator of its own, so that no request changes what another one sees. */
export function randomFrom(...seedParts: readonly (string | number)[]): Random {
  const next = smallFastCounter(createHash('sha256').update(seedParts.join('\u0000')).digest());
  const between = (low: number, high: number) => low + Math.floor(next() * (high - low + 1));
  return {
    next,
    between,
    chance: (probability) => next() < probability,
    pick: (choices) => choices[between(0, choices.length - 1)]!,
    weighted: (choices) => pickByWeight(choices, next()),
  };
}

function pickByWeight<T>(choices: readonly (readonly [T, number])[], share: number): T {
  const total = choices.reduce((sum, [, weight]) => sum + weight, 0);
  let left = share * total;
  for (const [choice, weight] of choices) {
    left -= weight;
    if (left < 0) return choice;
  }
  return choices.at(-1)![0];
}

/** Chris Doty-Humphrey's sfc32: 128 bits of state, quick, and far better spread than the data need. */
function smallFastCounter(seed: Buffer): () => number {
  let [a, b, c, counter] = [seed.readInt32LE(0), seed.readInt32LE(4), seed.readInt32LE(8), 1];
  const next = () => {
    const sum = (a + b + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = ((c << 21) | (c >>> 11)) + sum;
    c |= 0;
    return (sum >>> 0) / 4_294_967_296;
  };
  return next;
}
