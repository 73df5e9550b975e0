import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Activities } from '../../../src/activities/index.ts';
import type { PlannedPeriod } from '../../../src/activities/contracts.ts';
import type { DailyPlanInput } from '../../../src/activities/planDailyRun.ts';
import type { IsoDate } from '../../../src/domain/dates.ts';
import { runReportId } from '../../../src/domain/temporalNames.ts';
import { periodsNewestFirst } from '../../../src/domain/periods.ts';
import { failing, failure, madeOf } from './fakes.ts';
import { failureOfRun, isCancelled, untilCancelled, WorkflowWorker } from './workflowWorker.ts';

/** Daily runs and backfills: which periods they run, in which order, and what one period's end means for the others. */
let worker: WorkflowWorker;
beforeAll(async () => {
  worker = await WorkflowWorker.start();
});
afterAll(() => worker.close());
beforeEach(() => worker.use({}));

type Run = Parameters<Activities['loginAndDownload']>[0];

const range = { from: '2026-07-01' as IsoDate, to: '2026-09-15' as IsoDate };
const newestFirst = ['2026-09-01', '2026-08-16', '2026-08-01', '2026-07-16', '2026-07-01'];
const due: PlannedPeriod[] = periodsNewestFirst('notes', range)
  .slice(0, 3)
  .map((period) => ({ report: 'notes', period }));
const ids = due.map(({ report, period }) => runReportId(report, period));
const day = '2026-09-20' as IsoDate;

/** Runs of a second each end in time on a busy machine. */
const hangingSeconds = 30;

/** One period after the other, so that their order is a fact. */
function planning(concurrency = 1): Pick<Activities, 'planDailyRun'> {
  return {
    planDailyRun: () => Promise.resolve({ day, periods: due, concurrency, runTimeoutHours: 1 }),
  };
}

function planningBackfill(periodsPerRun: number, concurrency = 1): Pick<Activities, 'planBackfill'> {
  return { planBackfill: () => Promise.resolve({ concurrency, runTimeoutHours: 1, periodsPerRun }) };
}

/** The first days of the periods that a step was called for. */
function periodsOf(step: keyof Activities): string[] {
  return (worker.inputsOf(step) as Run[]).map(({ run }) => run.period.from);
}

/** The export of the period that begins on this day ends so, all others well. */
function exportOf(from: string, ending: () => Promise<never>): Pick<Activities, 'loginAndDownload'> {
  return {
    loginAndDownload: ({ run }) =>
      run.period.from === from ? ending() : Promise.resolve(madeOf(run).export),
  };
}

describe('a daily run', () => {
  test('runs the planned periods under their ids, then writes the dashboards and removes old files', async () => {
    worker.use(planning());
    expect(await worker.run('dailyRun', { day: '2026-09-20', reports: ['notes'] })).toEqual({
      day,
      total: 3,
      done: { published: 3 },
      failed: 0,
      notAttempted: 0,
      failures: [],
      held: [],
    });
    expect((worker.inputsOf('load') as Run[]).map(({ run }) => run.workflowId)).toEqual(ids);
    expect(worker.steps().slice(-2)).toEqual(['writeDashboards', 'tidy']);
  });

  test('hands the plan its day, its reports and the instant that it was meant for', async () => {
    const handle = await worker.start('dailyRun', { day: '2026-09-20', reports: ['notes'] });
    await handle.result();
    const { startTime } = await handle.describe();
    const expected: DailyPlanInput = { day, reports: ['notes'], instant: startTime.toISOString() };
    expect(worker.inputsOf('planDailyRun')).toEqual([expected]);
  });

  test.each([{ input: undefined }, { input: {} }])('of today needs no input: $input', async ({ input }) => {
    expect(await worker.run('dailyRun', input)).toMatchObject({ day: '2026-11-16', total: 0 });
  });

  test('with a failed period goes on, writes the dashboards and fails like it', async () => {
    worker.use({ ...planning(), ...exportOf(due[1]!.period.from, failing('PortalPermissionMissing')) });
    const { type, message, details } = await worker.failureOf('dailyRun', {});
    expect(type).toBe('PortalPermissionMissing');
    expect(message).toMatch(
      /^1 of 3 periods failed, 0 not attempted — notes:2026-08-16\.\.2026-08-31 PortalPermissionMissing: /,
    );
    expect(details).toEqual([{ failed: 1, notAttempted: 0, done: { published: 2 } }]);
    expect(periodsOf('load')).toEqual([due[0]!.period.from, due[2]!.period.from]);
    expect(worker.steps().slice(-2)).toEqual(['writeDashboards', 'tidy']);
  });

  test('goes on with the reports of another login where one is refused', async () => {
    const periods = due.map((each, nth) => ({ ...each, login: nth === 1 ? 1 : 0 }));
    const planDailyRun = () => Promise.resolve({ day, periods, concurrency: 1, runTimeoutHours: 1 });
    worker.use({ planDailyRun, ...exportOf(due[0]!.period.from, failing('PortalLocked')) });
    const { message } = await worker.failureOf('dailyRun', {});
    expect(message).toMatch(/^1 of 3 periods failed, 1 not attempted/);
    expect(periodsOf('loginAndDownload')).toEqual([due[0]!.period.from, due[1]!.period.from]);
    expect(periodsOf('load')).toEqual([due[1]!.period.from]);
  });

  test('leaves the rest alone once the portal refuses the login', async () => {
    worker.use({ ...planning(), ...exportOf(due[1]!.period.from, failing('PortalLocked')) });
    const { type, message } = await worker.failureOf('dailyRun', {});
    expect(type).toBe('PortalLocked');
    expect(message).toMatch(/^1 of 3 periods failed, 1 not attempted/);
    expect(periodsOf('loginAndDownload')).toEqual([due[0]!.period.from, due[1]!.period.from]);
  });

  test('does so too for any failure whose details say that the login is blocked', async () => {
    const unknownPage = failing('PortalLayoutChanged', { loginBlocked: true });
    worker.use({ ...planning(), ...exportOf(due[0]!.period.from, unknownPage) });
    expect(await worker.failureOf('dailyRun', {})).toMatchObject({
      type: 'PortalLayoutChanged',
      details: [{ failed: 1, notAttempted: 2 }],
    });
  });

  test('names its held periods, and is found as held', async () => {
    const reasons = [{ gate: 'far-from-median', message: 'The period has 7 rows.' }];
    worker.use({ ...planning(), load: () => Promise.resolve({ kind: 'held', reasons }) });
    const handle = await worker.start('dailyRun', {});
    expect(await handle.result()).toMatchObject({
      done: { held: 3 },
      held: ids.map((id) => ({ id, gates: ['far-from-median'] })),
    });
    const { searchAttributes } = await handle.describe();
    expect(searchAttributes['EhrOutcome']).toEqual(['held']);
  });

  test.each([
    { title: 'written', result: { kind: 'written', folder: 'dashboards', files: 4, bytes: 9 } as const },
    { title: 'of nothing', result: { kind: 'nothing loaded' } as const },
  ])('reports its dashboards: $title', async ({ result }) => {
    worker.use({ ...planning(), writeDashboards: () => Promise.resolve(result) });
    expect(await worker.run('dailyRun', {})).toMatchObject({ dashboards: result });
  });

  test('without the dashboards that were asked for fails, and says that the periods stay', async () => {
    worker.use({ ...planning(), writeDashboards: failing('DashboardsNotWritten') });
    const { type, message } = await worker.failureOf('dailyRun', {});
    expect(type).toBe('DashboardsNotWritten');
    expect(message).toMatch(/^All 3 periods ended without a failure \(published 3\) and stay as they are/);
  });

  test('reports the files that it removed', async () => {
    const result = { kind: 'tidied', files: { exports: 3 }, bytes: 9, more: true } as const;
    worker.use({ ...planning(), tidy: () => Promise.resolve(result) });
    expect(await worker.run('dailyRun', {})).toMatchObject({ done: { published: 3 }, tidy: result });
  });

  test('that cannot remove old files ends well all the same, and says so', async () => {
    worker.use({ ...planning(), tidy: failing('ArtifactStoreUnavailable') });
    expect(await worker.run('dailyRun', {})).toMatchObject({
      done: { published: 3 },
      failed: 0,
      tidy: {
        kind: 'failed',
        type: 'ArtifactStoreUnavailable',
        message: expect.stringMatching(/Mend it/) as string,
      },
    });
  });

  test('waits for a period that is already running, and then runs its own', async () => {
    const [blocking] = due;
    const id = ids[0]!;
    const go = worker.gate();
    const reached = worker.gate();
    let other = true;
    worker.use({
      ...planning(),
      loginAndDownload: async ({ run }) => {
        if (other) {
          other = false;
          reached.resolve();
          await go.promise;
        }
        return madeOf(run).export;
      },
      awaitRun: async ({ workflowId }) => {
        if (worker.inputsOf('awaitRun').length === 1) return true;
        go.resolve();
        await worker.client.workflow.getHandle(workflowId).result();
        return false;
      },
    });
    const theirs = await worker.start('runReport', { report: 'notes', ...blocking!.period }, id);
    await reached.promise;
    expect(await worker.run('dailyRun', {})).toMatchObject({ done: { published: 3 } });
    expect(worker.inputsOf('awaitRun')).toEqual([{ workflowId: id }, { workflowId: id }]);
    const runs = (worker.inputsOf('load') as Run[]).filter(({ run }) => run.workflowId === id);
    expect(runs).toHaveLength(2);
    expect(runs[0]!.run.runId).toBe(theirs.firstExecutionRunId);
    expect(runs[1]!.run.runId).not.toBe(theirs.firstExecutionRunId);
  });

  test('that is cancelled ends after its periods, which are cancelled with it', async () => {
    const reached = worker.gate();
    worker.use({
      ...planning(),
      loginAndDownload: () => {
        reached.resolve();
        return untilCancelled();
      },
    });
    const handle = await worker.start('dailyRun', {});
    await reached.promise;
    await handle.cancel();
    expect(await isCancelled(handle)).toBe(true);
    expect(worker.inputsOf('recordOutcome')).toMatchObject([
      { outcome: 'cancelled', run: { workflowId: ids[0] } },
    ]);
    expect(periodsOf('loginAndDownload')).toEqual([due[0]!.period.from]);
  });

  test.each([
    { how: 'cancelled', end: 'cancel', says: 'the run was cancelled' },
    { how: 'terminated', end: 'terminate', says: 'the run was terminated in Temporal' },
  ] as const)('goes on past a period that alone is $how, and fails', async ({ end, says }) => {
    const reached = worker.gate();
    worker.use({
      ...planning(),
      ...exportOf(due[0]!.period.from, () => {
        reached.resolve();
        return untilCancelled();
      }),
    });
    const handle = await worker.start('dailyRun', {});
    await reached.promise;
    await worker.client.workflow.getHandle(ids[0]!)[end]();
    const { type, message } = await failureOfRun(handle);
    expect(type).toBe('InvalidInput');
    expect(message).toContain(`1 of 3 periods failed, 0 not attempted — ${ids[0]!} InvalidInput: ${says}`);
    expect(periodsOf('load')).toEqual([due[1]!.period.from, due[2]!.period.from]);
    expect(worker.inputsOf('recordOutcome')).toMatchObject([
      { outcome: 'cancelled', run: { workflowId: ids[0], source: 'portal', period: due[0]!.period } },
    ]);
  });

  test('records the end of a run that hung until the server ended it, and goes on', async () => {
    worker.use({
      planDailyRun: () =>
        Promise.resolve({ day, periods: due, concurrency: 1, runTimeoutHours: hangingSeconds / 3600 }),
      ...exportOf(due[0]!.period.from, untilCancelled),
    });
    const { type, message } = await worker.failureOf('dailyRun', {});
    expect(type).toBe('InternalError');
    expect(message).toContain(`1 of 3 periods failed, 0 not attempted — ${ids[0]!} InternalError`);
    expect(periodsOf('load')).toEqual([due[1]!.period.from, due[2]!.period.from]);
    expect(worker.inputsOf('recordOutcome')).toMatchObject([
      {
        outcome: 'failed',
        failureType: 'InternalError',
        run: { workflowId: ids[0], period: due[0]!.period },
      },
    ]);
  });

  test.each([
    { input: { day: '2026-02-30' }, says: /day: must be an existing day/ },
    { input: { reports: [] }, says: /reports: must be a list of reports/ },
    { input: { reports: ['notes', 'notes'] }, says: /reports: must be a list of reports, each once/ },
    { input: { on: '2026-02-01' }, says: /on: no such field/ },
  ])('refuses an input that is none: $says', async ({ input, says }) => {
    const { type, message } = await worker.failureOf('dailyRun', input);
    expect(type).toBe('InvalidInput');
    expect(message).toMatch(says);
    expect(worker.calls).toEqual([]);
  });
});

describe('a backfill', () => {
  test('runs its periods newest first', async () => {
    worker.use(planningBackfill(100));
    expect(await worker.run('backfill', { report: 'notes', ...range })).toMatchObject({
      total: 5,
      done: { published: 5 },
    });
    expect(periodsOf('load')).toEqual(newestFirst);
    expect(worker.inputsOf('planBackfill')).toEqual([{ report: 'notes', range }]);
    expect(worker.steps()).not.toContain('writeDashboards');
  });

  test.each([
    { by: 'the plan', asked: undefined, atOnce: 2 },
    { by: 'its input', asked: 3, atOnce: 3 },
  ])('has as many periods under way as $by says', async ({ asked, atOnce }) => {
    let [now, most] = [0, 0];
    const full = worker.gate();
    worker.use({
      ...planningBackfill(100, 2),
      loginAndDownload: async ({ run }) => {
        now += 1;
        most = Math.max(most, now);
        if (now === atOnce) full.resolve();
        await full.promise;
        now -= 1;
        return madeOf(run).export;
      },
    });
    const input = { report: 'notes', ...range, ...(asked === undefined ? {} : { concurrency: asked }) };
    await worker.run('backfill', input);
    expect(most).toBe(atOnce);
  });

  test('continues as new with what it has counted, and asks for the plan again', async () => {
    worker.use(planningBackfill(2));
    const handle = await worker.start('backfill', { report: 'notes', ...range });
    expect(await handle.result()).toMatchObject({ total: 5, done: { published: 5 }, notAttempted: 0 });
    expect(periodsOf('load')).toEqual(newestFirst);
    expect(worker.inputsOf('planBackfill')).toHaveLength(3);
    const { runId } = await worker.client.workflow.getHandle(handle.workflowId).describe();
    expect(runId).not.toBe(handle.firstExecutionRunId);
  });

  test('carries a failed and a held period along, and fails at its end', async () => {
    const reasons = [{ gate: 'far-from-median', message: 'The period has 7 rows.' }];
    worker.use({
      ...planningBackfill(2),
      ...exportOf(newestFirst[0]!, failing('ExportNotCsv')),
      load: ({ run }) =>
        Promise.resolve(
          run.period.from === newestFirst[1]
            ? { kind: 'held', reasons }
            : { kind: 'published', rows: 7, replacedRows: 0 },
        ),
    });
    const handle = await worker.start('backfill', { report: 'notes', ...range });
    const { type, message, details } = await failureOfRun(handle);
    expect(type).toBe('ExportNotCsv');
    expect(message).toMatch(
      /^1 of 5 periods failed, 0 not attempted — notes:2026-09-01\.\.2026-09-15 ExportNotCsv: /,
    );
    expect(details).toEqual([{ failed: 1, notAttempted: 0, done: { held: 1, published: 3 } }]);
    const last = worker.client.workflow.getHandle(handle.workflowId);
    expect(await last.query('progress')).toMatchObject({
      held: [{ id: 'notes:2026-08-16..2026-08-31', gates: ['far-from-median'] }],
    });
  });

  test('attempts nothing more, in no further run either, once the login is refused', async () => {
    worker.use({ ...planningBackfill(2), ...exportOf(newestFirst[0]!, failing('PortalMfaRequired')) });
    const { type, message } = await worker.failureOf('backfill', { report: 'notes', ...range });
    expect(type).toBe('PortalMfaRequired');
    expect(message).toMatch(/^1 of 5 periods failed, 4 not attempted/);
    expect(periodsOf('loginAndDownload')).toEqual([newestFirst[0]]);
    expect(worker.inputsOf('planBackfill')).toHaveLength(1);
  });

  test('reports its progress', async () => {
    const reached = worker.gate();
    const go = worker.gate();
    worker.use({
      ...planningBackfill(100),
      loginAndDownload: async ({ run }) => {
        if (run.period.from === newestFirst[2]) {
          reached.resolve();
          await go.promise;
        }
        return madeOf(run).export;
      },
    });
    const handle = await worker.start('backfill', { report: 'notes', ...range });
    await reached.promise;
    expect(await handle.query('progress')).toMatchObject({ total: 5, done: { published: 2 }, failed: 0 });
    go.resolve();
    await handle.result();
  });

  test.each([
    { input: { report: 'notes', from: '2026-07-02', to: '2026-09-15' }, says: /no whole billing cycles/ },
    { input: { report: 'utilization', from: '1980-01-01', to: '2026-09-30' }, says: /at most 30/ },
    {
      input: { report: 'notes', ...range, concurrency: 0 },
      says: /concurrency: must be a whole number from 1 to 20/,
    },
  ])('refuses an input that is none: $says', async ({ input, says }) => {
    const { type, message } = await worker.failureOf('backfill', input);
    expect(type).toBe('InvalidInput');
    expect(message).toMatch(says);
    expect(worker.calls).toEqual([]);
  });

  test('of the future runs no period', async () => {
    worker.use({ planBackfill: () => Promise.reject(failure('InvalidInput')) });
    expect(await worker.failureOf('backfill', { report: 'notes', ...range })).toMatchObject({
      type: 'InvalidInput',
    });
    expect(worker.steps()).toEqual(['planBackfill']);
  });
});
