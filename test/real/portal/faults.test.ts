import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { MockActivityEnvironment } from '@temporalio/testing';
import { DefaultLogger } from '@temporalio/worker';
import { ApplicationFailure } from '@temporalio/common';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { faults } from '../../../demo/portal/faults.ts';
import { startPortal, type RunningPortal } from '../../../demo/portal/portal.ts';
import { defaultSettings } from '../../../demo/portal/settings.ts';
import type { ExportMade, StepInput } from '../../../src/activities/contracts.ts';
import { asActivityFailure } from '../../../src/activities/interceptors/failureConversion.ts';
import { createLoginAndDownload } from '../../../src/activities/loginAndDownload.ts';
import { createFolderStore } from '../../../src/artifacts/folderStore.ts';
import type { ArtifactRef } from '../../../src/domain/artifacts.ts';
import type { LoginInUse, PortalExport, Ports } from '../../../src/ports.ts';
import type { RunIdentity } from '../../../src/domain/runIdentity.ts';
import { BrowserPlaces } from '../../../src/portal/browserPlaces.ts';
import { PortalLoginQueue } from '../../../src/portal/loginQueue.ts';
import { parseRecipe } from '../../../src/portal/parseRecipe.ts';
import { PortalSession } from '../../../src/portal/session.ts';
import { readRules } from '../../mutations/rules.ts';
import { exportFile, logIn, postData, withPortal } from '../../portal-standin/visitor.ts';
import {
  casesOf,
  exportOf,
  faultPeriod,
  impatientRecipe,
  passwordsSent,
  portalAttempts,
  resetPortal,
  rowCount,
  setTruth,
  strikes,
  truthOf,
  type Note,
  type FaultCase,
} from './fixtures/faultCases.ts';
import { productFaults } from './fixtures/productFaults.ts';
import { demoCredentials, testBrowser } from './fixtures/sessions.ts';
import { evidenceOf, Stands } from './fixtures/stands.ts';
import { stepFaults, type StepEnd } from './fixtures/stepFaults.ts';

/**
 * Walks the stand-in's table of faults through the step at the portal, with a real browser: each is set, the step
 * exports one period, again where that may help, and what must have come of it is here. What needs the whole product,
 * such as a login that stays blocked, is in test/e2e/portalFaults.test.ts.
 */

/** A portal and a session of their own: what one of them is made to do, the others do not see. */
interface Stand {
  readonly portal: RunningPortal;
  readonly queue: PortalLoginQueue;
  readonly artifacts: string;
  readonly exportOnce: () => Promise<ArtifactRef>;
  /** The newest session of the queue. */
  session: PortalSession | undefined;
  /** Whether the session of the last export lives on. */
  signedIn: boolean;
}

// Half of a case is waiting; more of them in one process would wait for it on a machine that is busy with other things.
const standCount = 2;
vi.setConfig({ maxConcurrency: standCount });

const run: RunIdentity = {
  runId: '0197f3c2-5a1e-7c44-9d2b-6f0a1b2c3d4e',
  workflowId: `notes:${faultPeriod.from}..${faultPeriod.to}`,
  report: 'notes',
  period: faultPeriod,
  source: 'portal',
  startedAt: '2026-11-01T08:00:00.000Z',
};

let folder: string;
let stands: Stands<Stand>;

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'ehr-portal-faults-'));
  const recipe = await impatientRecipe();
  stands = new Stands(
    await Promise.all(
      Array.from({ length: standCount }, (_, index) => openStand(recipe, path.join(folder, String(index)))),
    ),
  );
});
afterAll(async () => {
  await Promise.all(stands.all.map(({ queue }) => queue.close()));
  await Promise.all(stands.all.map(({ portal }) => portal.close()));
  await rm(folder, { recursive: true, force: true });
});

async function openStand(recipe: string, artifacts: string): Promise<Stand> {
  const portal = await startPortal({
    settings: { delays: { pageMs: 0, lateMs: 0, queryMs: 0, exportMs: 0 } },
  });
  const queue = new PortalLoginQueue({
    openSession: () =>
      (stand.session = PortalSession.open({
        recipe: parseRecipe(recipe, 'demo.yaml'),
        url: portal.url,
        credentials: { ...demoCredentials, totpSecret: defaultSettings().totpSecret },
        browser: testBrowser(),
        evidenceDirectory: path.join(artifacts, 'evidence'),
        showPatientData: false,
      })),
    // Nobody else uses the login, and nothing blocks it.
    takeTurn: () => Promise.resolve({ release: () => Promise.resolve(), lost: new AbortController().signal }),
    someoneWaits: () => Promise.resolve(false),
    refuseBlocked: () => Promise.resolve(),
    clock: () => Promise.resolve(run.startedAt),
    beforePasswordSubmit: () => Promise.resolve(),
    afterLogin: () => Promise.resolve(),
    idleSeconds: 600,
    patienceSeconds: 600,
    places: new BrowserPlaces(Infinity),
    downloadsFolder: path.join(artifacts, 'downloads'),
  });
  const stand: Omit<Stand, 'exportOnce'> = { portal, queue, artifacts, session: undefined, signedIn: false };
  const exportOnce = stepAt(artifacts, {
    async exportReport(request) {
      // A failure closes the browser.
      stand.signedIn = false;
      const exported = await queue.exportReport(request);
      stand.signedIn = true;
      return exported;
    },
  });
  return Object.assign(stand, { exportOnce });
}

/** The step as a worker runs it, with what it has of the portal. */
function stepAt(artifacts: string, portal: Ports['portal']): () => Promise<ArtifactRef> {
  const step = createLoginAndDownload({
    portal,
    artifacts: createFolderStore(artifacts),
    // All that the step reads of them.
    settings: { rules: readRules([]) } as Ports['settings'],
  });
  const environment = new MockActivityEnvironment(undefined, { logger: new DefaultLogger('ERROR') });
  return async () => {
    const made = await environment.run<[StepInput], ExportMade | LoginInUse, typeof step>(step, { run });
    if ('loginInUse' in made) throw new Error('somebody else uses the login of this test');
    return made.file;
  };
}

/** What a browser would have taken from the portal, with the count that its page shows. */
async function takenByHttp(portal: RunningPortal, into: string): Promise<PortalExport> {
  const question = { report: run.report, ...faultPeriod };
  const { cookie } = await logIn(portal);
  const { found } = await postData(portal, cookie, '/api/report', question);
  const sent = await exportFile(portal, question);
  const taken = path.join(into, 'taken.csv');
  await writeFile(taken, Buffer.from(await sent.arrayBuffer()));
  const length = sent.headers.get('content-length');
  return {
    path: taken,
    exportedAt: run.startedAt,
    portalRecords: Number(found),
    ...(length === null ? {} : { contentLength: Number(length) }),
    dispose: () => Promise.resolve(),
  };
}

/** How the step ended: what it has exported, or the failure as Temporal gets it. */
interface End {
  readonly ending: string;
  readonly file: ArtifactRef | undefined;
  readonly message: string;
  /** Temporal would try the step again. */
  readonly retry: boolean;
}

/** Tries the step as often as Temporal would, up to this. */
async function runStep(exportOnce: Stand['exportOnce'], attempts: number): Promise<End> {
  try {
    return { ending: 'exported', file: await exportOnce(), message: '', retry: false };
  } catch (error) {
    const failure = asActivityFailure(error, { activity: 'loginAndDownload', cancelled: false });
    if (!(failure instanceof ApplicationFailure)) throw error;
    const retry = failure.nonRetryable !== true;
    if (retry && attempts > 1) return runStep(exportOnce, attempts - 1);
    return { ending: failure.type ?? 'unknown', file: undefined, message: failure.message, retry };
  }
}

async function whatIsKept(
  artifacts: string,
  { file, message }: End,
  truth: readonly Note[],
): Promise<string> {
  if (file === undefined) return (await evidenceOf(artifacts, message)).length > 0 ? 'evidence' : 'nothing';
  const exported = await readFile(path.join(artifacts, file.uri.replace('artifact:', '')));
  return file.rows === rowCount && exported.equals(exportOf(truth)) ? 'the truth' : exported.toString('utf8');
}

async function expectEnding(stand: Stand, each: FaultCase<StepEnd>): Promise<void> {
  const { portal } = stand;
  const truth = truthOf(each.number);
  if (each.signedOut) {
    await resetPortal(portal, truth);
    stand.signedIn = false;
  } else {
    setTruth(portal, truth);
  }
  const sent = passwordsSent(portal);
  const struck = strikes(portal, each.fault);
  Object.assign(portal.settings.faults, { [each.fault]: each.set });
  const first = stand.signedIn ? 0 : each.logins;
  const exports = each.ends === 'exported';
  const least = first + (exports && each.again === true ? each.logins : 0);
  const most = first + (exports && each.again !== false ? each.logins : 0);
  // A second attempt fails as the first did, and costs as much. That it begins with a fresh browser and a login is
  // seen of those that it helps.
  const end = await runStep(stand.exportOnce, exports ? portalAttempts : 1);

  expect(`${end.ending} ${end.message}`).toMatch(new RegExp(`^${each.ends} `));
  expect(end.message).toContain(each.step === undefined ? '' : `Step "${each.step}" `);
  expect(strikes(portal, each.fault)).toBeGreaterThan(struck);
  expect(passwordsSent(portal) - sent).toBeGreaterThanOrEqual(least);
  expect(passwordsSent(portal) - sent).toBeLessThanOrEqual(most);
  // Of a failure: whether the next attempt would begin with a fresh browser.
  const again = exports ? each.again : end.retry && stand.session?.isOpen === false;
  expect(again).toBe(each.again);
  expect(await whatIsKept(stand.artifacts, end, truth)).toBe(exports ? 'the truth' : 'evidence');
}

async function expectRefused(each: FaultCase<StepEnd>): Promise<void> {
  const into = await mkdtemp(path.join(folder, 'http-'));
  await withPortal({}, async (portal) => {
    const truth = truthOf(each.number);
    setTruth(portal, truth);
    Object.assign(portal.settings.faults, { [each.fault]: each.set });
    const exportOnce = stepAt(into, { exportReport: () => takenByHttp(portal, into) });
    const end = await runStep(exportOnce, 1);
    expect(`${end.ending} ${end.message}`).toMatch(new RegExp(`^${each.ends} `));
    expect(strikes(portal, each.fault)).toBe(1);
    expect(await whatIsKept(into, end, truth)).toBe('evidence');
  });
}

test('every fault of the stand-in is walked, here or through the whole product', () => {
  const walked = [stepFaults, productFaults].flatMap((expectations) =>
    Object.entries(expectations)
      .filter(([, ends]) => ends.length > 0)
      .map(([name]) => name),
  );
  expect([...new Set(walked)].sort()).toEqual(Object.keys(faults).sort());
});

const cases = casesOf(stepFaults);

describe.concurrent('a step at a portal that misbehaves', () => {
  test.each(cases.filter(({ by }) => by === 'browser'))('$title: $ends', (each) =>
    stands.use((stand) => expectEnding(stand, each)),
  );
});

test.each(cases.filter(({ by }) => by === 'http'))(
  'a file that is taken by HTTP, $title: $ends',
  expectRefused,
);
