import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { parseDocument } from 'yaml';
import { csvText } from '../../demo/portal/data/csv.ts';
import { notesColumns } from '../../demo/portal/data/notes.ts';
import { faults, steps, type FaultName, type FaultSettings } from '../../demo/portal/faults.ts';
import { defaultSettings } from '../../demo/portal/settings.ts';
import type { IsoDate } from '../../src/domain/dates.ts';
import { isFailureType, type FailureType } from '../../src/domain/failures.ts';
import { runReportId, taskQueues } from '../../src/domain/names.ts';
import type { Period } from '../../src/domain/periods.ts';
import { eventsOf, runFailure } from './runHistory.ts';
import { System } from './system.ts';

/**
 * Walks every row of the stand-in's table of faults: each is set, one period is run through a real worker, and what
 * must have come of it is here. The portal holds another truth in each case, so a case that loads shows exactly that
 * truth, and one that fails shows what the case before had left.
 */

const period: Period = { from: '2026-10-16' as IsoDate, to: '2026-10-31' as IsoDate };

// What the test configuration allows a step at the portal.
const portalAttempts = 2;

type Ending = 'published' | 'held' | FailureType;
type Setting<Name extends FaultName> = Exclude<FaultSettings[Name], false | null>;

interface Expected<Name extends FaultName = FaultName> {
  readonly set: Setting<Name>;
  readonly ends: Ending;
  /** How often the password is sent in all. Each case begins signed out, so once is the least. */
  readonly submissions: number;
  /** The login is blocked by it: the next run fails with this, and sends nothing. */
  readonly blockedAs: FailureType | undefined;
}

function ends<Value>(
  set: Value,
  ending: Ending,
  { submissions = 1, blockedAs }: { submissions?: number; blockedAs?: FailureType } = {},
) {
  return { set, ends: ending, submissions, blockedAs } as const;
}

/** The portal refused the password, or said so: it is sent once, and not again until somebody unblocks it. */
function refused<Value>(set: Value, type: FailureType) {
  return ends(set, type, { blockedAs: type });
}

/** A step that failed at the portal is tried again with a fresh browser, so with a second login. */
const again = { submissions: portalAttempts };
/** Nothing to sign in to. */
const never = { submissions: 0 };
/** Nobody saw what became of the password, twice: a third time could lock the account. */
const unseen = { submissions: portalAttempts, blockedAs: 'PortalLoginRejected' } as const;

/** Where a session exists that can end. The logout comes after the run. */
const insideSteps = steps.filter((step) => step !== 'login' && step !== 'logout');

// More than gates.smallestRows, so that the gates judge; few enough to be read and loaded in no time.
const rowCount = 40;

// oxfmt-ignore
const expectations: { readonly [Name in FaultName]: readonly Expected<Name>[] } = {
  slow: [ends(100, 'published')],
  noConnection: [ends(true, 'PortalUnavailable', never)],
  // A browser asks again by itself where a connection that was kept open breaks.
  connectionReset: (['query', 'download'] as const).map((step) => ends(step, 'published')),
  http500Once: [
    ends('login', 'published'),
    ...(['query', 'download'] as const).map((step) =>
      ends(step, 'published', again),
    ),
  ],
  http500Always: [
    ends('login', 'PortalUnavailable', never),
    ends('query', 'PortalUnavailable', again),
  ],
  maintenancePage: [ends(true, 'PortalUnavailable', never)],
  redirectLoop: [ends(true, 'PortalUnavailable', unseen)],

  logoutDuring: insideSteps.map((step) => ends(step, 'published', again)),
  sessionTakenOver: [ends('billing', 'published', again)],
  expiredPage: [
    ends('app', 'published', again),
    ends('progress', 'published', again),
  ],

  slowLogin: [ends(1500, 'published')],
  passwordRefused: [refused(true, 'PortalLoginRejected')],
  accountLocked: [refused(true, 'PortalLocked')],
  passwordExpired: [refused(true, 'PortalLoginRejected')],
  mfaAsked: [ends(true, 'published')],
  otherFactorAsked: (['email', 'sms', 'push', 'question'] as const).map((factor) =>
    ends(factor, 'PortalMfaRequired'),
  ),
  cookieBanner: [ends(true, 'published')],

  permissionMissing: (['report', 'export', 'cells'] as const).map((right) =>
    ends(right, 'PortalPermissionMissing'),
  ),
  rowsHidden: [ends(true, 'held')],

  changedIds: [ends(true, 'published')],
  renamedLabel: [ends(true, 'PortalLayoutChanged', again)],
  movedButtons: [ends(true, 'published')],
  countNotShown: [ends(true, 'PortalLayoutChanged', again)],

  dialogInTheWay: [ends(true, 'published')],
  idleWarning: [ends(true, 'published')],
  popupWindow: [ends(true, 'published')],
  reportsInNewTab: [ends(true, 'published')],
  alertShown: [ends(true, 'published')],
  confirmAsked: [ends(true, 'published')],
  leaveQuestion: [ends(true, 'published')],

  pickerLoadsLate: [ends(true, 'published')],
  focusJumps: [ends('first', 'published'), ends('each', 'PortalLayoutChanged', again)],
  dateFieldIgnoresTyping: [ends(true, 'PortalLayoutChanged', again)],
  dateFieldReformats: [ends(true, 'PortalLayoutChanged', again)],
  dateFieldResets: [ends(true, 'PortalLayoutChanged', again)],
  pageReloads: [ends(true, 'published', again)],

  tooBusy: [ends(true, 'published', again)],
  loadingNeverEnds: [ends(true, 'ExportTimedOut', again)],
  unfilteredFirst: [ends(true, 'published')],
  noRows: [ends(true, 'held')],
  firstRowsOnly: [ends(10, 'ExportTruncated', again)],

  neverFinishes: [ends(true, 'ExportTimedOut', again)],
  exportQueued: [ends(1000, 'published')],
  exportFails: [ends(true, 'PortalUnavailable', again)],
  duplicateDownload: [ends(true, 'published')],
  strayDownload: [ends(true, 'ExportNotCsv')],

  cutAtByte: [ends(700, 'ExportTruncated', again)],
  cutUnannounced: [ends(700, 'ExportTruncated')],
  downloadStalls: [ends(700, 'ExportTimedOut', again)],
  sentCompressed: [ends(true, 'published')],
  downloadRenamed: [ends(true, 'published')],

  wrongReportDelivered: [ends(true, 'ExportWrongReport')],
  wrongDatesDelivered: [ends(true, 'ExportWrongPeriod')],
  staleFile: [ends(true, 'ExportWrongPeriod')],
  emptyFile: [ends(true, 'ExportTruncated', again)],
  headerOnly: [ends(true, 'ExportTruncated')],
  truncateAtByte: [20, 700].map((count) => ends(count, 'ExportTruncated')),
  truncateAtRow: [ends(rowCount - 1, 'ExportTruncated')],
  totalsLine: [ends(true, 'ExportWrongReport')],
  titleLine: [ends(true, 'ExportWrongReport')],
  columnMissing: [ends(true, 'SchemaDrift')],
  columnsReordered: [ends(true, 'published')],
  htmlAsCsv: [ends(true, 'ExportNotCsv')],
  jsonAsCsv: [ends(true, 'ExportNotCsv')],
  gzipFile: [ends(true, 'ExportNotCsv')],
  utf16: [ends(true, 'ExportNotCsv')],
  latin1: [ends(true, 'ExportNotCsv')],
  doubleEncoded: [ends(true, 'ExportNotCsv')],
};

interface Case extends Expected {
  readonly title: string;
  readonly fault: FaultName;
  /** Tells this case's truth from all others. */
  readonly number: number;
}

const cases: Case[] = (Object.keys(faults) as FaultName[])
  .flatMap((fault) => (expectations[fault] as readonly Expected[]).map((expected) => ({ fault, expected })))
  .map(({ fault, expected }, index) => caseOf(fault, expected, index + 1));

function caseOf(fault: FaultName, expected: Expected, number: number): Case {
  const title = expected.set === true ? fault : `${fault} (${String(expected.set)})`;
  return { ...expected, fault, title, number };
}

interface Note {
  readonly client: string;
  readonly caregiver: string;
  readonly day: number;
  readonly minute: number;
}

/** What is true in one case: the first note's minute of signing tells it from the other cases. */
function truthOf(number: number): Note[] {
  return Array.from({ length: rowCount }, (_, index) => ({
    client: index % 4 === 0 ? 'NÚÑEZ, INÉS' : `SAMPLE, CLIENT ${String.fromCodePoint(65 + (index % 9))}`,
    caregiver: index % 2 === 0 ? 'D’ARCY, ZOË' : 'HOLLOWAY, FABIAN',
    day: 16 + (index % 15),
    minute: index === 0 ? number : index,
  }));
}

const twoDigits = (value: number) => String(value).padStart(2, '0');

/** The portal's way to write it: 12 hours. */
function exportOf(notes: readonly Note[]): Buffer {
  const rows = notes.map(({ client, caregiver, day, minute }) => [
    client,
    caregiver,
    'URSULA BRANDYBUCK',
    'CN',
    `10/${day}/2026`,
    `10/${day}/2026 ${twoDigits(1 + Math.floor(minute / 60))}:${twoDigits(minute % 60)} PM`,
    '0',
  ]);
  return Buffer.from(csvText([notesColumns, ...rows], '\r\n'), 'utf8');
}

/** What the dashboards must find. */
function rowsOf(notes: readonly Note[]): Record<string, string>[] {
  return notes.map(({ client, caregiver, day, minute }, index) => ({
    source_line: String(index + 2),
    client,
    caregiver,
    client_supervisor: 'URSULA BRANDYBUCK',
    service_code: 'CN',
    date_of_service: `2026-10-${day}`,
    staff_signed_at: `2026-10-${day} ${String(13 + Math.floor(minute / 60))}:${twoDigits(minute % 60)}:00`,
    days_to_sign: '0',
  }));
}

const tableQuery = `SELECT source_line, client, caregiver, client_supervisor, service_code,
  CAST(date_of_service AS CHAR) AS date_of_service, CAST(staff_signed_at AS CHAR(19)) AS staff_signed_at, days_to_sign
  FROM notes ORDER BY period_start, source_line`;

/** A portal, a worker and a database of their own: what one of them is made to do, the others do not see. */
interface Stand {
  readonly system: System;
  /** What the tables must hold: the truth of the last case here that loaded. */
  loaded: Note[];
}

// Most of a case is waiting; three browsers at a time suit two cores.
const standCount = 3;
vi.setConfig({ maxConcurrency: standCount });

let folder: string;
let stands: Stand[];
/** Those that no case is using. */
let free: Stand[];

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'ehr-portal-faults-'));
  const recipe = await impatientRecipe();
  stands = await Promise.all(Array.from({ length: standCount }, () => openStand(recipe)));
  free = [...stands];
});
afterAll(async () => {
  await Promise.all(stands.map(({ system }) => system.stop()));
  await rm(folder, { recursive: true, force: true });
});

async function openStand(recipe: string): Promise<Stand> {
  const system = await System.start({
    config: [
      [['portal', 'recipe'], recipe],
      [['portal', 'attempts'], portalAttempts],
      [['portal', 'idleSeconds'], 60],
    ],
    portal: { delays: { pageMs: 0, lateMs: 0, queryMs: 0, exportMs: 0 } },
    environment: { EHR_PORTAL_TOTP_SECRET: defaultSettings().totpSecret },
  });
  await system.startWorker();
  const loaded = truthOf(0);
  await resetPortal(system, loaded);
  await (await start(system, 0)).result();
  return { system, loaded };
}

/** The demo recipe, for a portal that answers at once. */
async function impatientRecipe(): Promise<string> {
  const recipe = parseDocument(await readFile('config/portals/demo.yaml', 'utf8'));
  // Nothing here takes a second but what never comes; a machine that is busy with ten other things takes ten.
  const patience = 12;
  recipe.setIn(['patience', 'stepSeconds'], patience);
  recipe.setIn(['patience', 'downloadSeconds'], patience);
  const { report } = recipe.toJS() as { report: { patienceSeconds?: number }[] };
  for (const [index, step] of report.entries()) {
    if (step.patienceSeconds !== undefined) recipe.setIn(['report', index, 'patienceSeconds'], patience);
  }
  const file = path.join(folder, 'demo.yaml');
  await writeFile(file, recipe.toString());
  return file;
}

/** As if just started, so without a session, and with this to export. */
async function resetPortal({ portal }: System, truth: readonly Note[]): Promise<void> {
  await fetch(`${portal.url}/__control/reset`, { method: 'POST' });
  portal.settings.exports[`notes:${period.from}..${period.to}`] = exportOf(truth);
}

function start({ client }: System, number: number) {
  return client.workflow.start('runReport', {
    workflowId: `${runReportId('notes', period)}#${number}`,
    taskQueue: taskQueues.pipeline,
    args: [{ report: 'notes', ...period }],
  });
}

interface End {
  readonly ending: string;
  /** Of a failure. */
  readonly message: string;
}

/** How a run ended: its outcome, or the type of its failure. */
async function runOnce(system: System, number: number): Promise<End> {
  const handle = await start(system, number);
  try {
    const { outcome } = (await handle.result()) as { outcome: string };
    return { ending: outcome, message: '' };
  } catch {
    const events = await eventsOf(system.client, handle.workflowId, handle.firstExecutionRunId);
    const failure = runFailure(events);
    return { ending: failure?.applicationFailureInfo?.type ?? 'unknown', message: failure?.message ?? '' };
  }
}

function entries({ portal }: System, kind: string) {
  return portal.journal.filter((entry) => entry.kind === kind);
}

function strikes(system: System, fault: FaultName): number {
  return entries(system, 'fault-struck').filter((entry) => 'fault' in entry && entry.fault === fault).length;
}

/** Each text file of the evidence that a failure names, or the size of the download that was kept. */
async function evidenceOf(system: System, message: string): Promise<string[]> {
  const artifacts = path.join(system.folder, 'artifacts');
  const shown = /Evidence: ([\w.-]*\w)/.exec(message)?.[1];
  if (shown !== undefined) return readdir(path.join(artifacts, 'evidence', shown));
  const kept = /The file is kept: artifact:(\S+\.csv)/.exec(message)?.[1];
  if (kept === undefined) return [];
  const { size } = await stat(path.join(artifacts, kept));
  return size > 0 ? ['refused.csv'] : [];
}

function passwordsSent(system: System): number {
  return entries(system, 'login-submitted').length;
}

/** What a blocked login's next run says, and how often the password was sent by then; then as an operator unblocks it. */
async function nextRun(system: System, number: number): Promise<{ ending: string; submissions: number }> {
  const { ending } = await runOnce(system, number);
  await system.run('portal', 'unblock');
  return { ending, submissions: passwordsSent(system) };
}

test('every fault of the stand-in is walked', () => {
  const walked = Object.entries(expectations).filter(([, expected]) => expected.length > 0);
  expect(walked.map(([name]) => name).sort()).toEqual(Object.keys(faults).sort());
  expect(walked.length).toBeGreaterThanOrEqual(40);
});

/** Gives a stand to one case. */
async function atFreeStand(work: (stand: Stand) => Promise<void>): Promise<void> {
  const stand = free.pop();
  // As many cases go on at a time as there are stands.
  if (stand === undefined) throw new Error('more cases at once than stands');
  try {
    await work(stand);
  } finally {
    free.push(stand);
  }
}

async function expectEnding(stand: Stand, each: Case): Promise<void> {
  const { system } = stand;
  const truth = truthOf(each.number);
  await resetPortal(system, truth);
  Object.assign(system.portal.settings.faults, { [each.fault]: each.set });
  const { ending, message } = await runOnce(system, each.number);
  const seen = { struck: strikes(system, each.fault) > 0, submissions: passwordsSent(system) };
  const next = each.blockedAs === undefined ? undefined : await nextRun(system, each.number);
  if (each.ends === 'published') stand.loaded = truth;

  expect(`${ending} ${message}`).toMatch(new RegExp(`^${each.ends} `));
  expect(seen).toEqual({ struck: true, submissions: each.submissions });
  expect(next).toEqual(each.blockedAs && { ending: each.blockedAs, submissions: each.submissions });
  expect((await evidenceOf(system, message)).length > 0).toBe(isFailureType(each.ends));
  expect(await system.query(tableQuery)).toEqual(rowsOf(stand.loaded));
}

describe.concurrent('a run through a portal that misbehaves', () => {
  test.each(cases)('$title: $ends', (each) => atFreeStand((stand) => expectEnding(stand, each)));
});
