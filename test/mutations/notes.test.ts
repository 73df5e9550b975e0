import { test } from 'vitest';
import { expectAllMutantsRight } from './expectCorpus.ts';

test('every mutant of a notes export ends in exact rows, quarantine or a typed failure', async () => {
  await expectAllMutantsRight('notes');
});
