import type { Activities } from '../../../src/activities/index.ts';
import type { Made } from '../../../src/activities/contracts.ts';
import type { ArtifactRef } from '../../../src/domain/artifacts.ts';
import type { IsoDate } from '../../../src/domain/dates.ts';
import { PipelineError, type FailureType } from '../../../src/domain/failures.ts';

import type { RunIdentity } from '../../../src/domain/runIdentity.ts';

type Period = Pick<RunIdentity, 'report' | 'period'>;

const october: Period = {
  report: 'notes',
  period: { from: '2026-10-16' as IsoDate, to: '2026-10-31' as IsoDate },
};

function fileOf({ report, period }: Period, name: string, rows: number): ArtifactRef {
  const folder = `${report}/${period.from}..${period.to}`;
  const digit = (name.length % 10).toString();
  return { uri: `artifact:${folder}/${name}`, sha256: digit.repeat(64), bytes: rows * 100, rows };
}

/** What the steps of a run make; a step takes files of its own report and period only. */
export function madeOf(run: Period): Made {
  return {
    export: { file: fileOf(run, 'export.csv', 10), exportedAt: '2026-10-16T08:00:00.000Z' },
    clean: {
      rows: fileOf(run, 'clean.tsv', 7),
      rejected: fileOf(run, 'rejected.tsv', 2),
      excluded: fileOf(run, 'excluded.tsv', 1),
      accounting: { read: 10, loaded: 7, excluded: 1, rejected: 2, dollars: {} },
      movedToLincs: 0,
      warnings: {},
      extraColumns: [],
      rulesSha256: 'a'.repeat(64),
    },
    categorize: {
      rows: fileOf(run, 'categorized.tsv', 7),
      warnings: {},
      rulesSha256: 'a'.repeat(64),
      codeVersion: 'c'.repeat(16),
    },
    aggregate: {
      rollups: fileOf(run, 'rollups.tsv', 3),
      unknownServices: fileOf(run, 'unknown.tsv', 0),
      sums: { days_to_sign: '12' },
      unknownRows: 0,
    },
  };
}

/** Of notes in the second half of October. */
export const allMade = madeOf(october);
export const { export: anExport, clean: aClean, categorize: aCategorize, aggregate: anAggregate } = allMade;

/** A day on which all goes well. The types are those of the real steps: a changed contract is a type error here. */
export const goodDay: Activities = {
  planRun: () => Promise.resolve({ portalAttempts: 2, portalRetrySeconds: 0.05 }),
  planDailyRun: ({ day }) =>
    Promise.resolve({ day: (day ?? '2026-11-16') as never, periods: [], concurrency: 2, runTimeoutHours: 1 }),
  planBackfill: () => Promise.resolve({ concurrency: 2, runTimeoutHours: 1, periodsPerRun: 100 }),
  takeFile: ({ run }) => Promise.resolve(madeOf(run).export),
  loginAndDownload: ({ run }) => Promise.resolve(madeOf(run).export),
  clean: ({ run }) => Promise.resolve(madeOf(run).clean),
  categorize: ({ run }) => Promise.resolve(madeOf(run).categorize),
  aggregate: ({ run }) => Promise.resolve(madeOf(run).aggregate),
  load: () => Promise.resolve({ kind: 'published', rows: 7, replacedRows: 0 }),
  assess: () =>
    Promise.resolve({
      wouldBe: 'published',
      reasons: [],
      changes: {
        since: null,
        added: 7,
        removed: 0,
        changed: 0,
        same: 0,
        dollars: {},
        details: fileOf(october, 'changes.tsv', 7),
      },
      warnings: {},
      preliminary: false,
    }),
  takeDecision: ({ run, kind, reason, by, workflow }) =>
    Promise.resolve({
      run: {
        runId: kind === 'approve' ? run : workflow.runId,
        workflowId: workflow.workflowId,
        report: 'notes',
        period: { from: '2026-10-16' as never, to: '2026-10-31' as never },
        source: kind === 'approve' ? 'portal' : 'rollback',
        startedAt: '2026-11-01T08:00:00.000Z',
      },
      made: allMade,
      decision: { kind, by: by ?? 'somebody', reason, ...(kind === 'rollback' ? { restores: run } : {}) },
    }),
  recordOutcome: () => Promise.resolve(),
  awaitRun: () => Promise.resolve(false),
  planSources: () => Promise.resolve({ sources: [], concurrency: 2, runTimeoutHours: 1 }),
  claimFiles: () => Promise.resolve({ files: [], unmatched: 0, waiting: 0 }),
  settleFile: () => Promise.resolve({ changed: false }),
  writeDashboards: () => Promise.resolve({ kind: 'off' }),
  tidy: () => Promise.resolve({ kind: 'off' }),
  planAlerts: () => Promise.resolve({ channels: ['webhook', 'mail'] }),
  findAlerts: () => Promise.resolve({ tellings: [] }),
  tellAlert: ({ causes }) => Promise.resolve({ told: causes.length }),
  tellDatabase: () => Promise.resolve(),
};

/** Fails for good, as the real step does where a retry cannot help. */
export function failing(type: FailureType, details: Record<string, unknown> = {}): () => Promise<never> {
  return () => Promise.reject(failure(type, details));
}

export function failure(type: FailureType, details: Record<string, unknown> = {}): PipelineError {
  return new PipelineError(type, 'It went wrong.', { hint: 'Mend it.', retry: false, details });
}

/** The first calls do the one, all later ones the other. */
export function first<Step extends (...args: never[]) => unknown>(
  times: number,
  early: Step,
  late: Step,
): Step {
  let calls = 0;
  return ((...args: Parameters<Step>) => {
    calls += 1;
    return calls <= times ? early(...args) : late(...args);
  }) as Step;
}
