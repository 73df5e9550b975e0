import { mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { parseDocument } from 'yaml';
import { reportBytes } from '../../demo/portal/data.ts';
import { noFaults, type FaultSettings } from '../../demo/portal/faults.ts';
import { defaultSettings } from '../../demo/portal/settings.ts';
import type { IsoDate } from '../../src/domain/dates.ts';
import { failureTypes, type FailureType } from '../../src/domain/failures.ts';
import { periodBefore, type Period } from '../../src/domain/periods.ts';
import type { ReportName } from '../../src/reports/index.ts';
import { runReportId, taskQueues } from '../../src/domain/temporalNames.ts';
import { leaksOf, privateTexts, textsWithin } from './leaks.ts';
import { activitySummaries, openConditions, currentDetails } from './runHistory.ts';
import { eventsOf, failedActivities, runFailure, type Failure } from './runHistory.ts';
import { secretsOf, System } from './system.ts';
import type { ShippedReport } from '../shippedReports.ts';

const october: Period = { from: '2026-10-16' as IsoDate, to: '2026-10-31' as IsoDate };
const september: Period = { from: '2026-09-01' as IsoDate, to: '2026-09-30' as IsoDate };
const periods = { notes: october, utilization: september } as const;

// What the test configuration allows a step at the portal.
const portalAttempts = 2;

interface Case {
  readonly title: string;
  readonly type: FailureType;
  /** The step in which it shows; none where the input is refused before the first one. */
  readonly step: string | undefined;
  readonly attempts: number;
  /** Words that an operator must find in the message. */
  readonly says: RegExp;
  /** What must be kept of the error behind it. */
  readonly cause?: RegExp;
  readonly report?: ShippedReport;
  readonly faults?: Partial<FaultSettings>;
  readonly input?: Readonly<Record<string, unknown>>;
  /** Makes a file to run from out of the true export. */
  readonly file?: (csv: string) => string;
  readonly arrange?: () => Promise<unknown> | void;
  readonly restore?: () => Promise<unknown> | void;
}

const atPortal = { step: 'loginAndDownload', attempts: portalAttempts } as const;
const atPortalOnce = { step: 'loginAndDownload', attempts: 1 } as const;
const fromFile = { step: 'takeFile', attempts: 1 } as const;
const user = 'reports.bot';

const cases: readonly Case[] = [
  {
    title: 'a password that the portal does not take',
    type: 'PortalLoginRejected',
    ...atPortalOnce,
    says: /Step "\w.*" of the recipe "demo".*password/,
    arrange: () => setPassword('another'),
    restore: () => setPassword(defaultSettings().passwords[user]!),
  },
  {
    title: 'an account that is locked',
    type: 'PortalLocked',
    ...atPortalOnce,
    says: /ask the portal administrator/i,
    arrange: () => setLocked(true),
    restore: () => setLocked(false),
  },
  {
    title: 'a one-time code without a secret to make it from',
    type: 'PortalMfaRequired',
    ...atPortalOnce,
    says: /one-time code, and no TOTP secret is set/,
    faults: { mfaAsked: true },
  },
  {
    title: 'a report that the account may not see',
    type: 'PortalPermissionMissing',
    ...atPortalOnce,
    says: /choose the report.*right to this report/,
    faults: { permissionMissing: 'report' },
  },
  {
    title: 'an export that the account may not make',
    type: 'PortalPermissionMissing',
    ...atPortalOnce,
    says: /export the report.*right to this report and its export/,
    faults: { permissionMissing: 'export' },
  },
  {
    title: 'a field with another name',
    type: 'PortalLayoutChanged',
    ...atPortal,
    says: /enter the start date.*Start Date.*The page offers \d+.*Evidence: .*fix that step of the recipe/,
    faults: { renamedLabel: true },
  },
  {
    title: 'a portal under maintenance',
    type: 'PortalUnavailable',
    ...atPortal,
    says: /Step ".*" of the recipe/,
    faults: { maintenancePage: true },
  },
  {
    title: 'an export that never ends',
    type: 'ExportTimedOut',
    ...atPortal,
    says: /no whole file came within \d+ s.*raise the patience/,
    faults: { neverFinishes: true },
  },
  {
    title: 'a web page instead of the export',
    type: 'ExportNotCsv',
    ...atPortal,
    says: /the export is a web page, not CSV/,
    faults: { htmlAsCsv: true },
  },
  {
    title: 'a web page handed in as the file, which is read only once',
    type: 'ExportNotCsv',
    ...fromFile,
    says: /the file that was handed in: the export is a web page.*Look at that file/,
    file: () => '<!DOCTYPE html>\n<p>Please sign in</p>\n',
  },
  {
    title: 'an export without a byte',
    type: 'ExportTruncated',
    ...atPortal,
    says: /the file is empty/,
    faults: { emptyFile: true },
  },
  {
    title: 'an export cut in the middle of a row',
    type: 'ExportTruncated',
    ...atPortal,
    says: /stops (after \d+ bytes|within a quoted cell)/,
    faults: { truncateAtByte: 2_000 },
  },
  {
    title: 'an export cut at the end of a row',
    type: 'ExportTruncated',
    ...atPortal,
    says: /the portal shows \d+ records and the export has 5/,
    faults: { truncateAtRow: 5 },
  },
  {
    title: 'an export of the period before',
    type: 'ExportWrongPeriod',
    ...atPortal,
    says: /\d+ of \d+ records of the notes export lie outside 2026-10-16\.\.2026-10-31/,
    faults: { wrongDatesDelivered: true },
  },
  {
    title: 'the other report',
    type: 'ExportWrongReport',
    ...atPortal,
    says: /the file is the utilization report, notes was asked for/,
    faults: { wrongReportDelivered: true },
  },
  {
    title: 'a range that is no whole period',
    type: 'InvalidInput',
    step: undefined,
    attempts: 0,
    says: /2026-10-16\.\.2026-10-30.*nearest whole range is 2026-10-16\.\.2026-10-31/,
    input: { report: 'notes', from: '2026-10-16', to: '2026-10-30' },
  },
  {
    title: 'a file that is not there',
    type: 'InvalidInput',
    ...fromFile,
    says: /takeFile: file: there is no such file/,
    input: { report: 'notes', ...october, file: 'no/such/file.csv' },
  },
  {
    title: 'a column with another name',
    type: 'SchemaDrift',
    ...fromFile,
    says: /lacks "days_to_sign"; unknown in it: .*columnAliases/,
    file: (csv) => csv.replace('Days to Sign', 'Days Until Signed'),
  },
  {
    title: 'a table that is gone',
    type: 'WarehouseUnavailable',
    step: 'load',
    attempts: 1,
    says: /a table or column is missing .*1146.*client -- migrate/,
    cause: /^code ER_NO_SUCH_TABLE, errno 1146$/,
    file: (csv) => csv,
    arrange: () => system.query('RENAME TABLE notes TO notes_elsewhere'),
    restore: () => system.query('RENAME TABLE notes_elsewhere TO notes'),
  },
  {
    title: 'a table that does not hold what it was given',
    type: 'ReconciliationFailed',
    step: 'load',
    attempts: 1,
    says: /days_to_sign: expected \d+, found \d+.*What to do/,
    file: (csv) => csv,
    arrange: () =>
      system.query(
        'CREATE TRIGGER meddler BEFORE INSERT ON notes FOR EACH ROW SET NEW.days_to_sign = NEW.days_to_sign + 1',
      ),
    restore: () => system.query('DROP TRIGGER meddler'),
  },
];

/**
 * Shown elsewhere: in lostFiles.test.ts, in the test of the retried step below, in the activities' own tests, and
 * what fails no run of a period in alerts.test.ts, dailyDashboards.test.ts and sources.test.ts; what needs a
 * portal of its own in test/real/portal/origins.test.ts and portalCases.test.ts.
 */
const elsewhere: readonly FailureType[] = [
  'AlertNotSent',
  'ArtifactMissing',
  'ArtifactStoreUnavailable',
  'DashboardsNotWritten',
  'ExportTooLarge',
  'InternalError',
  'PortalOriginRefused',
  'SourceUnavailable',
];

let system: System;
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'ehr-failures-'));
  system = await System.start({
    config: [
      [['portal', 'recipe'], await impatientRecipe()],
      [['portal', 'attempts'], portalAttempts],
    ],
    portal: { delays: { pageMs: 0, lateMs: 0, queryMs: 0, exportMs: 0 } },
  });
  await system.startWorker();
});
afterAll(async () => {
  await system.stop();
  await rm(folder, { recursive: true, force: true });
});

/** The demo recipe, for a portal that answers at once. */
async function impatientRecipe(): Promise<string> {
  const recipe = parseDocument(await readFile('config/portals/demo.yaml', 'utf8'));
  recipe.setIn(['patience', 'stepSeconds'], 8);
  recipe.setIn(['patience', 'downloadSeconds'], 5);
  const file = path.join(folder, 'demo.yaml');
  await writeFile(file, recipe.toString());
  return file;
}

function setPassword(password: string): void {
  system.portal.settings.passwords[user] = password;
}

function setLocked(locked: boolean): void {
  system.portal.settings.locked[user] = locked;
}

function exportOf(report: ShippedReport): string {
  return reportBytes('demo', report, periods[report], defaultSettings().data).toString('utf8');
}

async function inputOf({ report = 'notes', input, file }: Case): Promise<Readonly<Record<string, unknown>>> {
  if (input !== undefined) return input;
  if (file === undefined) return { report, ...periods[report] };
  const saved = path.join(folder, 'reportExport.csv');
  await writeFile(saved, file(exportOf(report)));
  return { report, ...periods[report], file: saved };
}

async function start(input: Readonly<Record<string, unknown>>) {
  const report = input['report'] as ReportName;
  return system.client.workflow.start('runReport', {
    workflowId: runReportId(report, { from: input['from'], to: input['to'] } as Period),
    taskQueue: taskQueues.pipeline,
    args: [input],
  });
}

// Where the project, its files and its user lie.
const machine = [fileURLToPath(new URL('../..', import.meta.url)), tmpdir(), homedir(), 'file://'];

describe('a run that fails says which step, what happened and what to do', () => {
  afterEach(async () => {
    Object.assign(system.portal.settings.faults, noFaults());
    await system.query('DELETE FROM portal_login');
  });

  test.each(cases)('$type: $title', async (each) => {
    Object.assign(system.portal.settings.faults, each.faults);
    await each.arrange?.();
    const handle = await start(await inputOf(each));
    try {
      await expect(handle.result()).rejects.toThrow('Workflow execution failed');
    } finally {
      await each.restore?.();
    }
    const { workflowId, firstExecutionRunId: runId } = handle;
    const events = await eventsOf(system.client, workflowId, runId);

    const failure = runFailure(events)!;
    expect(failure.applicationFailureInfo).toMatchObject({ type: each.type, nonRetryable: true });
    expect(failure.message).toMatch(openingOf(each));
    expect(failure.message).toMatch(each.says);
    expect(failure.message).toMatch(/[^.]\. What to do: \S.*[^.]\.?$/s);
    const texts = textsWithin(failure).join('\n');
    expect(machine.filter((place) => texts.includes(place))).toEqual([]);

    const failed = failedActivities(events).filter(({ activity }) => activity === each.step);
    expect(failed.map(({ attempts }) => attempts)).toEqual(each.step === undefined ? [] : [each.attempts]);
    for (const { failure: own } of failed) expectOriginKept(own, each);
    expect(activitySummaries(events).filter(([, summary]) => !/\w+ \w+/.test(summary))).toEqual([]);
    if (each.step !== undefined) await expectToldEverywhere(each, workflowId, runId);
  });

  test('every type of the list is shown, here or elsewhere', () => {
    const shown = new Set<string>([...cases.map(({ type }) => type), ...elsewhere]);
    expect([...shown].sort()).toEqual(Object.keys(failureTypes).sort());
  });

  test('they are found by report, period and outcome', async () => {
    const query = `EhrOutcome = "failed" AND EhrReport = "notes" AND EhrPeriodStart = "${october.from}"`;
    const { stdout } = await system.temporal('workflow', 'count', '--query', query);
    const withPeriod = cases.filter(({ step }) => step !== undefined);
    expect(stdout).toContain(`Total: ${String(withPeriod.length)}`);
  });

  test('a retried step says why while it waits, and goes on once a person has fixed it', async () => {
    const artifacts = path.join(system.folder, 'artifacts');
    await rename(artifacts, `${artifacts}-away`);
    await writeFile(artifacts, 'no folder');
    const handle = await start(await inputOf({ ...cases[0]!, file: (csv) => csv }));
    try {
      const pending = await pendingFailure(handle);
      expect(pending.applicationFailureInfo).toMatchObject({
        type: 'ArtifactStoreUnavailable',
        nonRetryable: false,
      });
      expect(pending.message).toMatch(/cannot be used \(\w+\)\. What to do: Check .*EHR_ARTIFACTS/);
      expect(openConditions(pending).at(-1)?.message).toMatch(/^code E[A-Z]+/);
    } finally {
      await rm(artifacts);
      await rename(`${artifacts}-away`, artifacts);
    }
    expect(await handle.result()).toMatchObject({ outcome: 'published' });
    const details = await currentDetails(system.client, handle.workflowId, handle.firstExecutionRunId);
    expect(details).toContain('**published**');
    expect(details).toMatch(/read \d+ = kept \d+ \+ left out 0 \+ rejected \d+/);
  });

  test('nothing that they leave behind names a person, an amount or a secret', async () => {
    const { data } = defaultSettings();
    const exports = Object.entries(periods).flatMap(([report, period]) => {
      const name = report as ReportName;
      return [period, periodBefore(name, period)].map((each) => reportBytes('demo', name, each, data));
    });
    const otherReport = reportBytes('demo', 'utilization', october, data);
    const secret = privateTexts([...exports, otherReport], secretsOf(system.environment));
    expect(await leaksOf(system, secret)).toEqual([]);
  });
});

/** The step comes first, and whether it was tried again. */
function openingOf({ step }: Case): RegExp {
  return step === undefined ? /^\w/ : new RegExp(`^${step}( gave up after its last attempt)?: `);
}

/** The class and code of what was thrown, and where: in the failure or in what caused it. */
function expectOriginKept(failure: Failure, { type, attempts, cause = /^\w/ }: Case): void {
  const mayRetry = failureTypes[type].retry && attempts > 1;
  expect(failure.applicationFailureInfo).toMatchObject({ type, nonRetryable: !mayRetry });
  const chain = openConditions(failure);
  expect(chain[1]?.applicationFailureInfo?.type).toMatch(/^\w*Error$/);
  expect(chain[1]?.message).toMatch(cause);
  expect(chain.map((each) => each.stackTrace).join('\n')).toMatch(/ at .*\(?src\/\w+\/\w+\.[jt]s:\d+:\d+\)?/);
}

/** The ledger and the run's details say the same; from the load on the counts are known. */
async function expectToldEverywhere({ type, step }: Case, workflowId: string, runId: string): Promise<void> {
  const [found] = await system.query('SELECT * FROM pipeline_run WHERE run_id = ?', [runId]);
  expect(found).toMatchObject({ outcome: 'failed', failure_type: type });
  const details = await currentDetails(system.client, workflowId, runId);
  expect(details).toContain(`**Failed in ${step!}: ${type}**`);
  expect(details).toContain('**What to do:** ');
  expect(details).toMatch(
    step === 'load' ? /read \d+ = kept \d+ \+ left out \d+ \+ rejected \d+/ : /^\*\*Failed/,
  );
}

const pendingPatienceSeconds = 600;

/** The failure of the attempt before, of a step that waits for its next one. */
async function pendingFailure(handle: Awaited<ReturnType<typeof start>>) {
  for (const until = Date.now() + pendingPatienceSeconds * 1000; Date.now() < until; await sleep(200)) {
    const { raw } = await handle.describe();
    const failure = raw.pendingActivities?.[0]?.lastFailure;
    if (failure) return failure;
  }
  throw new Error(`no step of ${handle.workflowId} failed within ${String(pendingPatienceSeconds)} s`);
}
