import { expect, inject, test } from 'vitest';
import { runCorpus } from './corpus.ts';
import { formedMutantOf } from './formedMutants.ts';

/** One for ten plain mutants: `MUTANTS=100000` makes 10,000 of them. */
const share = 10;

test.each(['utilization', 'notes'] as const)(
  'every mutant of a %s export in another form ends in exact rows, quarantine or a typed failure',
  async (report) => {
    const { seed, count, only } = inject('mutants');
    const numbers =
      only === null ? { from: 0, count: Math.ceil(count / share / 2) } : { from: only, count: 1 };
    const result = await runCorpus(report, { seed, ...numbers }, formedMutantOf);
    expect(result.wrong, `${String(result.wrongCount)} mutants of seed ${seed}`).toEqual([]);
    expect(result.leftBehind).toEqual([]);
    expect(result.mutants).toBe(numbers.count);
  },
);
