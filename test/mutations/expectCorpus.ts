import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, inject } from 'vitest';
import { runCorpus } from './corpus.ts';
import { mutations } from './mutations.ts';
import type { Report } from './oracle/terms.ts';

declare module 'vitest' {
  interface ProvidedContext {
    mutants: { seed: string; count: number; only: number | null; folder: string };
  }
}

/** Half of the mutants asked for, since there are two reports; the summary at the end shows what came of them. */
export async function expectAllMutantsRight(report: Report): Promise<void> {
  const { seed, count, only, folder } = inject('mutants');
  const share = only === null ? { from: 0, count: Math.ceil(count / 2) } : { from: only, count: 1 };
  const result = await runCorpus(report, { seed, ...share });
  await writeFile(path.join(folder, `${report}.json`), JSON.stringify(result));
  expect(result.wrong, `${String(result.wrongCount)} mutants of seed ${seed}`).toEqual([]);
  expect(result.leftBehind).toEqual([]);
  expect(result.mutants).toBe(share.count);
  // Below a thousand a rare kind may not come up, and a corpus that refuses all, or nothing, would prove nothing.
  if (share.count < 1000) return;
  expect(Object.keys(result.byKind).sort()).toEqual(mutations.map(({ kind }) => kind).sort());
  for (const outcome of ['exact', 'quarantine', 'ExportNotCsv', 'ExportTruncated', 'SchemaDrift']) {
    expect(result.outcomes[outcome]).toBeGreaterThan(share.count / 50);
  }
}
