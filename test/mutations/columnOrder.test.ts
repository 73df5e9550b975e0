import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { assert, asyncProperty, constantFrom, integer } from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { baseExport, type BaseExport } from './exports.ts';
import { mutations } from './mutations.ts';
import { PipelineSteps } from './pipelineSteps.ts';
import { randomFrom } from './random.ts';

let root: string;
beforeAll(async () => {
  root = await mkdtemp(path.join(tmpdir(), 'ehr-columns-'));
});
afterAll(() => rm(root, { recursive: true, force: true }));

const moved = mutations.find(({ kind }) => kind === 'columns moved')!;

test('the order of columns changes nothing that is made of an export', async () => {
  const steps = new PipelineSteps(root, 'a key');
  const reports = constantFrom('utilization' as const, 'notes' as const);
  const property = asyncProperty(reports, integer(), async (report, seed) => {
    const random = randomFrom(String(seed));
    const base = baseExport(report, random);
    const other = moved.apply(base.bytes, random);
    const [one, two] = [base.bytes, other].map((bytes) => Buffer.from(bytes, 'latin1'));
    const first = await madeOf(steps, one!, base);
    expect(await madeOf(steps, two!, base)).toEqual(first);
  });
  await assert(property, { numRuns: 50 });
});

/** What the steps made, but for the export itself. */
async function madeOf(steps: PipelineSteps, bytes: Buffer, base: BaseExport) {
  const outcome = await steps.process(bytes, base);
  if (outcome.kind === 'failed') throw outcome.failure;
  const { export: _, ...made } = outcome.made;
  return made;
}
