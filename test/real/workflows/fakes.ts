import type { PipelineActivities, PortalActivities } from '../../../src/activities/index.ts';
import type {
  AggregateMade,
  CategorizeMade,
  CleanMade,
  ExportMade,
  Made,
} from '../../../src/activities/contracts.ts';
import type { AlertActivities } from '../../../src/alerts/activities.ts';
import type { DashboardActivities } from '../../../src/dashboard/activity.ts';
import type { ArtifactRef } from '../../../src/domain/artifacts.ts';
import { PipelineError, type FailureType } from '../../../src/domain/failures.ts';

/** Every step that the workflows call, with the types of the real ones: a changed contract is a type error here. */
export type Activities = PipelineActivities & PortalActivities & AlertActivities & DashboardActivities;

function fileOf(name: string, rows: number): ArtifactRef {
  const digit = (name.length % 10).toString();
  return { uri: `artifact:${name}`, sha256: digit.repeat(64), bytes: rows * 100, rows };
}

export const anExport: ExportMade = {
  file: fileOf('export.csv', 10),
  exportedAt: '2026-10-16T08:00:00.000Z',
};

export const aClean: CleanMade = {
  rows: fileOf('clean.tsv', 7),
  rejected: fileOf('rejected.tsv', 2),
  excluded: fileOf('excluded.tsv', 1),
  accounting: { read: 10, loaded: 7, excluded: 1, rejected: 2, dollars: {} },
  movedToLincs: 0,
  warnings: {},
  extraColumns: [],
  rulesSha256: 'a'.repeat(64),
};

export const aCategorize: CategorizeMade = {
  rows: fileOf('categorized.tsv', 7),
  warnings: {},
  rulesSha256: 'a'.repeat(64),
  codeVersion: 'c'.repeat(16),
};

export const anAggregate: AggregateMade = {
  rollups: fileOf('rollups.tsv', 3),
  unknownServices: fileOf('unknown.tsv', 0),
  sums: { days_to_sign: '12' },
  unknownRows: 0,
};

export const allMade: Made = {
  export: anExport,
  clean: aClean,
  categorize: aCategorize,
  aggregate: anAggregate,
};

/** A day on which all goes well. */
export const goodDay: Activities = {
  planRun: () => Promise.resolve({ portalAttempts: 2, portalRetrySeconds: 0.05, ended: true }),
  planDailyRun: ({ day }) =>
    Promise.resolve({ day: (day ?? '2026-11-16') as never, periods: [], concurrency: 2, runTimeoutHours: 1 }),
  planBackfill: () => Promise.resolve({ concurrency: 2, runTimeoutHours: 1, periodsPerRun: 100 }),
  takeFile: () => Promise.resolve(anExport),
  loginAndDownload: () => Promise.resolve(anExport),
  clean: () => Promise.resolve(aClean),
  categorize: () => Promise.resolve(aCategorize),
  aggregate: () => Promise.resolve(anAggregate),
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
        details: fileOf('changes.tsv', 7),
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
  awaitRun: () => Promise.resolve(),
  writeDashboards: () => Promise.resolve({ kind: 'off' }),
  planAlerts: () => Promise.resolve({ channels: ['webhook', 'mail'] }),
  findAlerts: () => Promise.resolve({ tellings: [] }),
  tellAlert: ({ conditions }) => Promise.resolve({ told: conditions.length }),
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
