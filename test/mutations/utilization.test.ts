import { test } from 'vitest';
import { expectAllMutantsRight } from './expectCorpus.ts';

test('every mutant of a utilization export ends in exact rows, quarantine or a typed failure', async () => {
  await expectAllMutantsRight('utilization');
});
