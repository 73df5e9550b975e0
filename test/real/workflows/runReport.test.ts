import { randomUUID } from 'node:crypto';
import { defaultPayloadConverter } from '@temporalio/common';
import { Worker } from '@temporalio/worker';
import { DeterminismViolationError } from '@temporalio/workflow';
import { afterAll, beforeAll, beforeEach, describe, expect, inject, test } from 'vitest';
import { taskQueues } from '../../../src/domain/temporalNames.ts';
import type { GateReason } from '../../../src/domain/publication.ts';
import { progressNow } from '../../../src/cli/progressNow.ts';
import {
  aCategorize,
  aClean,
  allMade,
  anAggregate,
  anExport,
  failing,
  failure,
  first,
  goodDay,
} from './fakes.ts';
import { failureOfRun, isCancelled, untilCancelled, WorkflowWorker } from './workflowWorker.ts';

/** One period, and what people decide about it: which steps are called with what, and how it ends. */
let worker: WorkflowWorker;
beforeAll(async () => {
  worker = await WorkflowWorker.start();
});
afterAll(() => worker.close());
beforeEach(() => worker.use({}));

const october = { report: 'notes', from: '2026-10-16', to: '2026-10-31' };
const stepsToMake = ['planRun', 'loginAndDownload', 'clean', 'categorize', 'aggregate'];
const stepsOfRun = [...stepsToMake, 'load'];
const stepsOfPreview = [...stepsToMake, 'assess'];
const reasons: GateReason[] = [{ gate: 'empty-over-rows', message: 'The period shows 7 rows.' }];
const held = () => Promise.resolve({ kind: 'held', reasons } as const);
const inUse = () => Promise.resolve({ loginInUse: 'on another worker, or by a person' });
const planned = (portalRetrySeconds: number) => () =>
  Promise.resolve({ portalAttempts: 1, portalRetrySeconds });
const lost = (madeBy: string) => failing('ArtifactMissing', { madeBy });

async function outcomeLabel(workflowId: string): Promise<unknown> {
  const { searchAttributes } = await worker.client.workflow.getHandle(workflowId).describe();
  return searchAttributes['EhrOutcome'];
}

describe('a run of one period', () => {
  test('calls each step once and hands on what the one before has made', async () => {
    const handle = await worker.start('runReport', october);
    expect(await handle.result()).toEqual({
      outcome: 'published',
      run: handle.firstExecutionRunId,
      rowsRead: 10,
      rowsLoaded: 7,
      rowsExcluded: 1,
      rowsRejected: 2,
    });
    const { startTime } = await handle.describe();
    const run = {
      runId: handle.firstExecutionRunId,
      workflowId: handle.workflowId,
      report: 'notes',
      period: { from: october.from, to: october.to },
      source: 'portal',
      startedAt: startTime.toISOString(),
    };
    expect(worker.calls).toEqual([
      { step: 'planRun', input: { run } },
      { step: 'loginAndDownload', input: { run } },
      { step: 'clean', input: { run, export: anExport.file } },
      { step: 'categorize', input: { run, clean: aClean } },
      { step: 'aggregate', input: { run, categorize: aCategorize } },
      { step: 'load', input: { run, made: allMade } },
    ]);
    expect(await outcomeLabel(handle.workflowId)).toEqual(['published']);
  });

  test('of a file takes that and never logs in', async () => {
    await worker.run('runReport', { ...october, file: 'saved.csv' });
    expect(worker.steps()).toEqual(stepsOfRun.with(1, 'takeFile'));
    expect(worker.inputsOf('takeFile')).toMatchObject([{ file: 'saved.csv', run: { source: 'file' } }]);
  });

  test.each([
    { force: true, handedOn: true },
    { force: false, handedOn: undefined },
  ])('with force: $force', async ({ force, handedOn }) => {
    await worker.run('runReport', { ...october, force });
    expect((worker.inputsOf('load') as { force?: true }[]).map((input) => input.force)).toEqual([handedOn]);
  });

  test('that is held says why, and is no failure', async () => {
    worker.use({ load: held });
    const handle = await worker.start('runReport', october);
    expect(await handle.result()).toMatchObject({ outcome: 'held', heldBecause: reasons });
    expect(await outcomeLabel(handle.workflowId)).toEqual(['held']);
    expect(worker.steps()).not.toContain('recordOutcome');
  });

  test.each([
    { kind: 'unchanged', publishedRunId: randomUUID() },
    { kind: 'superseded', by: randomUUID() },
  ] as const)('that is $kind', async (published) => {
    worker.use({ load: () => Promise.resolve(published) });
    expect(await worker.run('runReport', october)).toMatchObject({ outcome: published.kind });
  });

  test('counts its warnings and the rows that were moved', async () => {
    worker.use({
      clean: () =>
        Promise.resolve({
          ...aClean,
          movedToLincs: 3,
          movedDollars: '120.50',
          warnings: { 'signed-early': 2 },
        }),
      aggregate: () => Promise.resolve({ ...anAggregate, unknownRows: 4 }),
    });
    expect(await worker.run('runReport', october)).toMatchObject({
      rowsMoved: 3,
      dollarsMoved: '120.50',
      warnings: { 'signed-early': 2, 'unknown-service': 4 },
    });
  });

  test('says where it is', async () => {
    const reached = worker.gate();
    const go = worker.gate();
    worker.use({
      categorize: async () => {
        reached.resolve();
        await go.promise;
        return aCategorize;
      },
    });
    const handle = await worker.start('runReport', october);
    await reached.promise;
    expect(await handle.query('progress')).toEqual({
      step: 'categorize',
      report: october.report,
      made: { export: anExport, clean: aClean },
    });
    go.resolve();
    await handle.result();
    expect(await handle.query('progress')).toEqual({ step: 'done', report: october.report, made: allMade });
  });
});

/** A run that asked twice and then gave up, as if the second answer had been "in use" so many hours after the first. */
async function replayedAfter(hours: number): Promise<Error | undefined> {
  worker.use({ planRun: planned(1), loginAndDownload: first(1, inUse, failing('ExportTimedOut')) });
  const handle = await worker.start('runReport', october);
  expect((await failureOfRun(handle)).type).toBe('ExportTimedOut');
  const history = await handle.fetchHistory();
  const events = history.events!;
  const gaveUp = events.findIndex((each) => isThere(each.activityTaskFailedEventAttributes));
  const answer = events[gaveUp]!;
  const failed = answer.activityTaskFailedEventAttributes!;
  const of = { scheduledEventId: failed.scheduledEventId!, startedEventId: failed.startedEventId! };
  const result = { payloads: [defaultPayloadConverter.toPayload(await inUse())] };
  const done = events.find((each) => isThere(each.activityTaskCompletedEventAttributes))!;
  answer.eventType = done.eventType!;
  answer.activityTaskCompletedEventAttributes = { ...of, result };
  delete answer.activityTaskFailedEventAttributes;
  for (const { eventTime } of events.slice(gaveUp)) {
    eventTime!.seconds = eventTime!.seconds!.add(hours * 3600);
  }
  const options = { workflowBundle: { codePath: inject('workflowTests').bundlePath } };
  return Worker.runReplayHistory(options, history, handle.workflowId).then(
    () => undefined,
    (error: unknown) => error as Error,
  );
}

function isThere(attributes: object | null | undefined): boolean {
  return attributes !== null && attributes !== undefined;
}

describe('a portal login in use', () => {
  test('is asked for again, with no step under way meanwhile', async () => {
    worker.use({ loginAndDownload: first(3, inUse, goodDay.loginAndDownload) });
    expect(await worker.run('runReport', october)).toMatchObject({ outcome: 'published' });
    expect(worker.steps()).toEqual(
      stepsOfRun.flatMap((step) => (step === 'loginAndDownload' ? Array<string>(4).fill(step) : [step])),
    );
  });

  test('is named where the run is looked at, and can be cancelled there', async () => {
    worker.use({ planRun: planned(3600), loginAndDownload: inUse });
    const handle = await worker.start('runReport', october);
    await expect
      .poll(() => handle.query('progress'), { timeout: 60_000 })
      .toEqual({
        step: 'loginAndDownload',
        report: october.report,
        waitingFor: 'the portal login, in use on another worker, or by a person',
        made: {},
      });
    const metadata = await handle.query<{ currentDetails: string }>('__temporal_workflow_metadata');
    expect(metadata.currentDetails).toMatch(
      /notes 2026-10-16\.\.2026-10-31 waits for the portal login, in use on another worker, or by a person, since \d{4}-\d\d-\d\d \d\d:\d\d UTC\. It asks again every 3600 s/,
    );
    expect(await progressNow(handle)).toMatchObject({
      run: { step: 'loginAndDownload', doing: 'the portal login, in use on another worker, or by a person' },
    });
    await handle.cancel();
    expect(await isCancelled(handle)).toBe(true);
    expect(worker.inputsOf('recordOutcome')).toMatchObject([{ outcome: 'cancelled' }]);
  });

  test('fails the run in time to record that, where the server is to end it', async () => {
    worker.use({ planRun: planned(1), loginAndDownload: inUse });
    const handle = await worker.client.workflow.start('runReport', {
      workflowId: 'soon-over',
      taskQueue: taskQueues.pipeline,
      args: [october],
      workflowExecutionTimeout: '605 s',
    });
    expect(await failureOfRun(handle)).toMatchObject({
      type: 'ExportTimedOut',
      message: expect.stringMatching(
        /the portal login stayed in use for 0\.0 hours, at last on another worker/,
      ),
    });
    expect(worker.inputsOf('recordOutcome')).toMatchObject([
      { outcome: 'failed', failureType: 'ExportTimedOut' },
    ]);
  });

  test('fails the run after six hours, and not before', async () => {
    expect(await replayedAfter(6)).toBeUndefined();
    // Before, the run would sleep once more.
    expect(await replayedAfter(5.9)).toBeInstanceOf(DeterminismViolationError);
  });
});

describe('a file that was lost', () => {
  test.each([
    {
      file: 'the rows of categorize',
      missedBy: 'load',
      madeBy: 'categorize',
      again: ['categorize', 'aggregate', 'load'],
    },
    {
      file: 'the rows of clean',
      missedBy: 'categorize',
      madeBy: 'clean',
      again: ['clean', 'categorize', 'aggregate', 'load'],
    },
    { file: 'the export', missedBy: 'clean', madeBy: 'loginAndDownload', again: stepsOfRun.slice(1) },
  ] as const)(
    '$file, missed by $missedBy, is made again by its step',
    async ({ missedBy, madeBy, again }) => {
      worker.use({ [missedBy]: first(1, lost(madeBy), goodDay[missedBy] as () => Promise<never>) });
      expect(await worker.run('runReport', october)).toMatchObject({ outcome: 'published' });
      const before = stepsOfRun.slice(0, stepsOfRun.indexOf(missedBy) + 1);
      expect(worker.steps()).toEqual([...before, ...again]);
    },
  );

  test('twice fails the run', async () => {
    worker.use({ load: lost('clean') });
    const { type, message } = await worker.failureOf('runReport', october);
    expect({ type, message }).toEqual({
      type: 'ArtifactMissing',
      message: 'load: It went wrong. What to do: Mend it.',
    });
    expect(worker.inputsOf('load')).toHaveLength(2);
    expect(worker.inputsOf('loginAndDownload')).toHaveLength(1);
  });
});

describe('a run that fails', () => {
  test('for a refused password tries no second time, and is written down', async () => {
    worker.use({ loginAndDownload: failing('PortalLoginRejected') });
    const handle = await worker.start('runReport', october);
    const { type, message, nonRetryable } = await failureOfRun(handle);
    expect({ type, message, nonRetryable }).toEqual({
      type: 'PortalLoginRejected',
      message: 'loginAndDownload: It went wrong. What to do: Mend it.',
      nonRetryable: true,
    });
    expect(worker.steps()).toEqual(['planRun', 'loginAndDownload', 'recordOutcome']);
    expect(worker.inputsOf('recordOutcome')).toEqual([
      {
        run: expect.objectContaining({ runId: handle.firstExecutionRunId }) as object,
        outcome: 'failed',
        files: {},
        failureType: 'PortalLoginRejected',
        failureMessage: 'It went wrong. What to do: Mend it.',
      },
    ]);
    expect(await outcomeLabel(handle.workflowId)).toEqual(['failed']);
  });

  test('at the portal is tried as often as the plan says', async () => {
    const unavailable = failure('PortalUnavailable');
    worker.use({
      planRun: () => Promise.resolve({ portalAttempts: 3, portalRetrySeconds: 0.05 }),
      loginAndDownload: () => Promise.reject(Object.assign(unavailable, { retry: true })),
    });
    const { type, message } = await worker.failureOf('runReport', october);
    expect(type).toBe('PortalUnavailable');
    expect(message).toMatch(/^loginAndDownload gave up after its last attempt: /);
    expect(worker.inputsOf('loginAndDownload')).toHaveLength(3);
  });

  test('at its load leaves in the ledger what it had counted and from which export', async () => {
    worker.use({ load: failing('ReconciliationFailed') });
    expect(await worker.failureOf('runReport', october)).toMatchObject({ type: 'ReconciliationFailed' });
    expect(worker.inputsOf('recordOutcome')).toMatchObject([
      {
        outcome: 'failed',
        files: allMade,
        failureType: 'ReconciliationFailed',
        counts: { accounting: aClean.accounting, movedToLincs: 0, warnings: {} },
        versions: { exportSha256: anExport.file.sha256 },
        exportedAt: anExport.exportedAt,
      },
    ]);
  });

  test('keeps its own failure where the ledger cannot be written either', async () => {
    worker.use({ load: failing('SchemaDrift'), recordOutcome: failing('WarehouseUnavailable') });
    expect(await worker.failureOf('runReport', october)).toMatchObject({ type: 'SchemaDrift' });
  });

  test('by an error that no step translated is a defect', async () => {
    worker.use({ clean: () => Promise.reject(failure('InternalError')) });
    expect(await worker.failureOf('runReport', october)).toMatchObject({ type: 'InternalError' });
  });

  test('for a period of the future has logged in nowhere', async () => {
    worker.use({ planRun: failing('InvalidInput') });
    expect(await worker.failureOf('runReport', october)).toMatchObject({ type: 'InvalidInput' });
    expect(worker.steps()).toEqual(['planRun', 'recordOutcome']);
  });
});

test('a run that is cancelled in a step ends with it, as cancelled', async () => {
  const reached = worker.gate();
  worker.use({
    loginAndDownload: () => {
      reached.resolve();
      return untilCancelled();
    },
  });
  const handle = await worker.start('runReport', october);
  await reached.promise;
  await handle.cancel();
  expect(await isCancelled(handle)).toBe(true);
  expect(worker.inputsOf('recordOutcome')).toMatchObject([{ outcome: 'cancelled', files: {} }]);
  expect(worker.steps()).toEqual(['planRun', 'loginAndDownload', 'recordOutcome']);
  expect(await outcomeLabel(handle.workflowId)).toEqual(['cancelled']);
});

describe('an input that is none', () => {
  test.each([
    { input: undefined, says: /must be one JSON object \{report, from, to, file\?, force\?\}/ },
    { input: [october], says: /must be one JSON object/ },
    { input: { ...october, report: 'visits' }, says: /report: must be one of/ },
    { input: { ...october, to: undefined }, says: /to: is missing/ },
    { input: { ...october, until: '2026-10-31' }, says: /until: no such field/ },
    {
      input: { ...october, from: '2026-10-17' },
      says: /no whole billing cycles .* nearest whole range is 2026-10-16\.\.2026-10-31/,
    },
    { input: { ...october, from: '2026-10-01' }, says: /are several billing cycles/ },
    { input: { ...october, to: '2026-10-01' }, says: /is before from/ },
  ])('$says', async ({ input, says }) => {
    const { type, message } = await worker.failureOf('runReport', input);
    expect(type).toBe('InvalidInput');
    expect(message).toMatch(says);
    expect(worker.calls).toEqual([]);
  });
});

describe('a preview', () => {
  test('compares where a run would load, and writes nothing down', async () => {
    const { assessment, made } = (await worker.run('preview', { ...october, force: true })) as {
      assessment: object;
      made: object;
    };
    expect(assessment).toMatchObject({ wouldBe: 'published' });
    expect(made).toEqual(allMade);
    expect(worker.steps()).toEqual(stepsOfPreview);
    expect(worker.inputsOf('assess')).toMatchObject([{ made: allMade, force: true }]);
  });

  test('makes a lost file again, and fails without an entry in the ledger', async () => {
    worker.use({ assess: lost('aggregate') });
    expect(await worker.failureOf('preview', october)).toMatchObject({ type: 'ArtifactMissing' });
    expect(worker.steps()).toEqual([...stepsOfPreview, 'aggregate', 'assess']);
  });
});

describe('a person’s decision', () => {
  const decided = { run: randomUUID(), reason: 'billing has closed those cases', by: 'R. Okafor' };

  test.each([
    { workflow: 'publishHeld', kind: 'approve', restores: undefined },
    { workflow: 'rollback', kind: 'rollback', restores: decided.run },
  ])('$workflow loads what the ledger has of the run, and no more', async ({ workflow, kind, restores }) => {
    const handle = await worker.start(workflow, decided);
    const result = (await handle.result()) as { outcome: string; run: string };
    const { startTime } = await handle.describe();
    expect(result).toMatchObject({ outcome: 'published', rowsLoaded: 7 });
    expect(result.run).toBe(kind === 'approve' ? decided.run : handle.firstExecutionRunId);
    expect(worker.steps()).toEqual(['takeDecision', 'load']);
    expect(worker.inputsOf('takeDecision')).toEqual([
      {
        kind,
        ...decided,
        workflow: {
          workflowId: handle.workflowId,
          runId: handle.firstExecutionRunId,
          startedAt: startTime.toISOString(),
        },
      },
    ]);
    const { by, reason } = decided;
    expect(worker.inputsOf('load')).toMatchObject([
      { made: allMade, decision: { kind, by, reason, ...(restores === undefined ? {} : { restores }) } },
    ]);
  });

  test.each([
    { workflow: 'publishHeld', why: 'a held run stays held', entries: [] },
    { workflow: 'rollback', why: 'it is a run of its own', entries: [{ outcome: 'failed', files: allMade }] },
  ])('$workflow whose load fails: $why', async ({ workflow, entries }) => {
    worker.use({ load: failing('ReconciliationFailed') });
    expect(await worker.failureOf(workflow, decided)).toMatchObject({ type: 'ReconciliationFailed' });
    expect(worker.inputsOf('recordOutcome')).toHaveLength(entries.length);
    expect(worker.inputsOf('recordOutcome')).toMatchObject(entries);
  });

  test.each(['publishHeld', 'rollback'])(
    '%s of a run that cannot be decided about loads nothing',
    async (workflow) => {
      worker.use({ takeDecision: failing('InvalidInput') });
      expect(await worker.failureOf(workflow, decided)).toMatchObject({ type: 'InvalidInput' });
      expect(worker.steps()).toEqual(['takeDecision']);
    },
  );

  test('needs a reason and a run id', async () => {
    const { type, message } = await worker.failureOf('publishHeld', { run: 'notes' });
    expect(type).toBe('InvalidInput');
    expect(message).toMatch(/run: must be the run id.*reason: is missing/);
    expect(worker.calls).toEqual([]);
  });
});
