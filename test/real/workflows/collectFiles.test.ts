import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Activities } from '../../../src/activities/index.ts';
import type { Claimed, ClaimedFile } from '../../../src/activities/contracts.ts';
import { unreachableSources } from '../../../src/temporal/sourcesRounds.ts';
import { failing, first, goodDay, madeOf } from './fakes.ts';
import { failureOfRun, isCancelled, untilCancelled, WorkflowWorker } from './workflowWorker.ts';

/** A round of the sources: what is run, in which order, where each file ends, and when the round has failed. */
let worker: WorkflowWorker;
beforeAll(async () => {
  worker = await WorkflowWorker.start();
});
afterAll(() => worker.close());
beforeEach(() => worker.use({}));

const firstHalf = { from: '2026-10-01', to: '2026-10-15' } as never;
const secondHalf = { from: '2026-10-16', to: '2026-10-31' } as never;

function aFile(id: string, period: never, modifiedAt: number): ClaimedFile {
  const file = `sources/vendor/${id}-${String(modifiedAt)}.csv`;
  return { id, bytes: 12, modifiedAt, found: { kind: 'period', report: 'notes', period, file } };
}

const one = aFile('0000000000000001', secondHalf, 3_000);
const older = aFile('0000000000000002', secondHalf, 1_000);
const other = aFile('0000000000000003', firstHalf, 2_000);
const unfit: ClaimedFile = {
  id: '0000000000000004',
  bytes: 12,
  modifiedAt: 4_000,
  found: { kind: 'refused', type: 'ExportWrongPeriod', message: 'It has rows of two periods.' },
};

/** What each source has. */
function having(claimed: Readonly<Record<string, Partial<Claimed>>>, concurrency = 2): Partial<Activities> {
  return {
    planSources: () => Promise.resolve({ sources: Object.keys(claimed), concurrency, runTimeoutHours: 1 }),
    claimFiles: ({ source }) => Promise.resolve({ files: [], unmatched: 0, waiting: 0, ...claimed[source] }),
  };
}

/** Where each file ended. */
function ends(): unknown[] {
  const settled = worker.inputsOf('settleFile') as Parameters<Activities['settleFile']>[0][];
  return settled.map(({ source, id, end }) => `${source} ${id.at(-1)!} ${end.to}`).sort();
}

test('without files a round ends with counts', async () => {
  worker.use(having({ vendor: { unmatched: 2, waiting: 1 }, staff: { unmatched: 1 } }));
  expect(await worker.run('collectFiles', undefined)).toEqual({
    taken: 0,
    done: {},
    refused: 0,
    again: 0,
    unmatched: 3,
    waiting: 1,
    failed: 0,
    failures: [],
  });
  expect(worker.steps()).toEqual(['planSources', 'claimFiles', 'claimFiles']);
});

test('runs each file under the id of its period, and puts it away', async () => {
  worker.use(having({ vendor: { files: [one] }, staff: { files: [other] } }));
  expect(await worker.run('collectFiles', {})).toMatchObject({ taken: 2, done: { published: 2 }, failed: 0 });
  const taken = worker.inputsOf('takeFile') as Parameters<Activities['takeFile']>[0][];
  expect(taken.map(({ run, file }) => `${run.workflowId} ${run.source} ${file}`).sort()).toEqual([
    'notes:2026-10-01..2026-10-15 file sources/vendor/0000000000000003-2000.csv',
    'notes:2026-10-16..2026-10-31 file sources/vendor/0000000000000001-3000.csv',
  ]);
  expect(worker.steps()).not.toContain('loginAndDownload');
  expect(ends()).toEqual(['staff 3 done', 'vendor 1 done']);
});

test('files of one period go one after the other, the oldest first, whichever source they are of', async () => {
  let [now, most] = [0, 0];
  worker.use({
    ...having({ vendor: { files: [one] }, staff: { files: [older] } }, 5),
    load: async () => {
      now += 1;
      most = Math.max(most, now);
      await new Promise((resolve) => setTimeout(resolve, 50));
      now -= 1;
      return { kind: 'published', rows: 7, replacedRows: 0 };
    },
  });
  await worker.run('collectFiles', {});
  const taken = worker.inputsOf('takeFile') as Parameters<Activities['takeFile']>[0][];
  expect(taken.map(({ file }) => file)).toEqual([
    'sources/vendor/0000000000000002-1000.csv',
    'sources/vendor/0000000000000001-3000.csv',
  ]);
  expect(most).toBe(1);
});

test('a file that was written on after it was taken is counted for the next round', async () => {
  worker.use({
    ...having({ vendor: { files: [one] } }),
    settleFile: () => Promise.resolve({ changed: true }),
  });
  expect(await worker.run('collectFiles', {})).toMatchObject({ done: { published: 1 }, again: 1, failed: 0 });
});

test.each(['unchanged', 'superseded', 'held'] as const)(
  'a file whose run ends as %s is done',
  async (kind) => {
    const ending = { unchanged: { kind }, superseded: { kind, by: 'r' }, held: { kind, reasons: [] } }[kind];
    worker.use({ ...having({ vendor: { files: [one] } }), load: () => Promise.resolve(ending as never) });
    expect(await worker.run('collectFiles', {})).toMatchObject({ done: { [kind]: 1 } });
    expect(ends()).toEqual(['vendor 1 done']);
  },
);

describe('a round fails', () => {
  test('if a file is refused before its run: the reason goes with it, and the others are run', async () => {
    worker.use(having({ vendor: { files: [unfit, one] } }));
    const { type, message, details } = await worker.failureOf('collectFiles', {});
    expect(type).toBe('ExportWrongPeriod');
    expect(message).toMatch(
      /^in a round of the sources 1 failed, of 2 files taken 1 were refused — vendor 0000000000000004 ExportWrongPeriod: It has rows of two periods/,
    );
    expect(details).toEqual([
      { failed: 1, taken: 2, refused: 1, again: 0, done: { published: 1 }, unreachable: [] },
    ]);
    expect(ends()).toEqual(['vendor 1 done', 'vendor 4 refused']);
    expect(worker.inputsOf('settleFile')).toContainEqual({
      source: 'vendor',
      id: unfit.id,
      claimed: { bytes: 12, modifiedAt: 4_000 },
      end: { to: 'refused', type: 'ExportWrongPeriod', message: 'It has rows of two periods.' },
    });
  });

  test('if a run fails by the file: it is refused', async () => {
    worker.use({ ...having({ vendor: { files: [one, other] } }), clean: failing('SchemaDrift') });
    const { type } = await worker.failureOf('collectFiles', {});
    expect(type).toBe('SchemaDrift');
    expect(ends()).toEqual(['vendor 1 refused', 'vendor 3 refused']);
  });

  test.each(['WarehouseUnavailable', 'ArtifactStoreUnavailable', 'InternalError'] as const)(
    'if a run fails by %s: the file stays for the next round',
    async (failure) => {
      worker.use({ ...having({ vendor: { files: [one] } }), load: failing(failure) });
      expect(await worker.failureOf('collectFiles', {})).toMatchObject({
        type: failure,
        details: [{ failed: 1, taken: 1, refused: 0, again: 1, done: {} }],
      });
      expect(ends()).toEqual(['vendor 1 again']);
    },
  );

  test('if a source cannot be reached: the other one is taken all the same', async () => {
    const { claimFiles } = having({ staff: { files: [one] } });
    worker.use({
      ...having({ vendor: {}, staff: {} }),
      claimFiles: (input) =>
        input.source === 'vendor' ? failing('SourceUnavailable')() : claimFiles!(input),
    });
    const { type, message, details } = await worker.failureOf('collectFiles', {});
    expect(type).toBe('SourceUnavailable');
    expect(details).toMatchObject([{ unreachable: ['vendor'] }]);
    expect(message).toContain('— vendor SourceUnavailable: It went wrong');
    expect(ends()).toEqual(['staff 1 done']);
    // What is alerted, and when it is over.
    const unreachable = () => unreachableSources(worker.client);
    await expect.poll(unreachable, { timeout: 60_000 }).toEqual(['vendor']);
    worker.use(having({ vendor: {}, staff: {} }));
    await worker.run('collectFiles', {});
    await expect.poll(unreachable, { timeout: 60_000 }).toEqual([]);
  });

  test('if a file cannot be put away', async () => {
    worker.use({ ...having({ vendor: { files: [one] } }), settleFile: failing('SourceUnavailable') });
    expect(await worker.failureOf('collectFiles', {})).toMatchObject({
      type: 'SourceUnavailable',
      details: [{ failed: 1, done: { published: 1 } }],
    });
  });
});

test('a newer file of a period waits where an older one has to, so that it is not loaded first', async () => {
  worker.use({
    ...having({ vendor: { files: [one, older, other] } }),
    clean: failing('ArtifactStoreUnavailable'),
  });
  expect(await worker.failureOf('collectFiles', {})).toMatchObject({
    details: [{ failed: 2, taken: 3, refused: 0, again: 3, done: {} }],
  });
  const taken = worker.inputsOf('takeFile') as Parameters<Activities['takeFile']>[0][];
  expect(taken.map(({ file }) => file).sort()).toEqual([
    'sources/vendor/0000000000000002-1000.csv',
    'sources/vendor/0000000000000003-2000.csv',
  ]);
  expect(ends()).toEqual(['vendor 1 again', 'vendor 2 again', 'vendor 3 again']);
});

test.each(['cancel', 'terminate'] as const)(
  'a file whose run a person ends (%s) stays for the next round, and a newer one of the period waits',
  async (how) => {
    const reached = worker.gate();
    worker.use({
      ...having({ vendor: { files: [one, older] } }),
      clean: first(
        1,
        () => {
          reached.resolve();
          return untilCancelled();
        },
        goodDay.clean,
      ),
    });
    const round = await worker.start('collectFiles', {});
    await reached.promise;
    await worker.client.workflow.getHandle('notes:2026-10-16..2026-10-31')[how]();
    expect(await failureOfRun(round)).toMatchObject({
      type: 'InvalidInput',
      details: [{ failed: 1, taken: 2, refused: 0, again: 2, done: {} }],
    });
    expect(worker.inputsOf('takeFile')).toHaveLength(1);
    expect(ends()).toEqual(['vendor 1 again', 'vendor 2 again']);
  },
);

test('a newer file of a period is run where an older one was refused', async () => {
  worker.use({
    ...having({ vendor: { files: [one, older] } }),
    takeFile: (input) => (input.file.includes('0002-') ? failing('ExportNotCsv')() : goodDay.takeFile(input)),
  });
  expect(await worker.failureOf('collectFiles', {})).toMatchObject({ details: [{ done: { published: 1 } }] });
  expect(ends()).toEqual(['vendor 1 done', 'vendor 2 refused']);
});

test('a cancelled round cancels its runs, and leaves their files for the next one', async () => {
  const reached = worker.gate();
  worker.use({
    ...having({ vendor: { files: [one] } }),
    clean: async () => {
      reached.resolve();
      return untilCancelled();
    },
  });
  const round = await worker.start('collectFiles', {});
  await reached.promise;
  await round.cancel();
  expect(await isCancelled(round)).toBe(true);
  expect(worker.steps()).not.toContain('settleFile');
});

test('a period that another run has waits for it', async () => {
  const [reached, go] = [worker.gate(), worker.gate()];
  worker.use({
    ...having({ vendor: { files: [one] } }),
    clean: async ({ run }) => {
      reached.resolve();
      await go.promise;
      return madeOf(run).clean;
    },
    awaitRun: async (input) => {
      go.resolve();
      await running.result();
      return goodDay.awaitRun(input);
    },
  });
  const running = await worker.start(
    'runReport',
    { report: 'notes', from: '2026-10-16', to: '2026-10-31' },
    'notes:2026-10-16..2026-10-31',
  );
  await reached.promise;
  expect(await worker.run('collectFiles', {})).toMatchObject({ done: { published: 1 } });
  expect(worker.inputsOf('load')).toHaveLength(2);
});

test('a second round, under whatever id, leaves the files to the one that is under way', async () => {
  const [reached, go] = [worker.gate(), worker.gate()];
  worker.use({
    ...having({ vendor: { files: [one] } }),
    clean: async ({ run }) => {
      reached.resolve();
      await go.promise;
      return madeOf(run).clean;
    },
  });
  const scheduled = await worker.start('collectFiles', undefined, 'sources-2026-11-16T08:30:00Z');
  await reached.promise;
  expect(await worker.run('collectFiles', undefined)).toEqual({ skipped: 'another round is under way' });
  await expect(worker.start('collectFiles', {}, 'sources')).rejects.toThrow(/already started/);
  go.resolve();
  expect(await scheduled.result()).toMatchObject({ taken: 1, done: { published: 1 } });
  expect(worker.inputsOf('claimFiles')).toHaveLength(1);
});

test('what a round has begun goes before the starts of others, which have 3', async () => {
  worker.use(having({ vendor: { files: [one] } }));
  await worker.run('collectFiles', undefined);
  for (const id of ['sources', 'notes:2026-10-16..2026-10-31']) {
    const { priority } = await worker.client.workflow.getHandle(id).describe();
    expect(priority?.priorityKey).toBe(2);
  }
});

test('refuses an input', async () => {
  const { type, message } = await worker.failureOf('collectFiles', { source: 'vendor' });
  expect(type).toBe('InvalidInput');
  expect(message).toMatch(/source: no such field/);
  expect(worker.calls).toEqual([]);
});
