import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { defaultSettings } from '../../demo/portal/settings.ts';
import { isFailureType } from '../../src/domain/failures.ts';
import { runReportId, taskQueues } from '../../src/domain/temporalNames.ts';
import {
  casesOf,
  faultPeriod,
  impatientRecipe,
  passwordsSent,
  portalAttempts,
  resetPortal,
  strikes,
  truthOf,
  twoDigits,
  type FaultCase,
  type Note,
} from '../real/portal/fixtures/faultCases.ts';
import { productFaults, type RunEnd } from '../real/portal/fixtures/productFaults.ts';
import { evidenceOf, Stands } from '../real/portal/fixtures/stands.ts';
import { eventsOf, runFailure } from './runHistory.ts';
import { System } from './system.ts';

/**
 * Walks the rows of the stand-in's table of faults in which more than the step at the portal has a say: each is
 * set, one period is run through a real worker, and what must have come of it is here. The portal holds another
 * truth in each case, so a case that loads shows exactly that truth, and one that fails shows what the case before
 * had left. The other rows, and more ways to set these, are in test/real/portal/faults.test.ts.
 */

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

// A stand is a worker, a database and a browser: it costs as much as a few cases.
const standCount = 2;
vi.setConfig({ maxConcurrency: standCount });

let folder: string;
let stands: Stands<Stand>;

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'ehr-portal-faults-'));
  const recipe = path.join(folder, 'demo.yaml');
  await writeFile(recipe, await impatientRecipe());
  stands = new Stands(await Promise.all(Array.from({ length: standCount }, () => openStand(recipe))));
});
afterAll(async () => {
  await Promise.all(stands.all.map(({ system }) => system.stop()));
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
  await resetPortal(system.portal, loaded);
  await (await start(system, 0)).result();
  return { system, loaded };
}

function start({ client }: System, number: number) {
  return client.workflow.start('runReport', {
    workflowId: `${runReportId('notes', faultPeriod)}#${number}`,
    taskQueue: taskQueues.pipeline,
    args: [{ report: 'notes', ...faultPeriod }],
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

/**
 * What a blocked login's next run says, and how often the password was sent by then; then as an operator unblocks
 * it.
 */
async function nextRun(system: System, number: number): Promise<{ ending: string; submissions: number }> {
  const { ending } = await runOnce(system, number);
  await system.run('portal', 'unblock');
  return { ending, submissions: passwordsSent(system.portal) };
}

async function expectEnding(stand: Stand, each: FaultCase<RunEnd>): Promise<void> {
  const { system } = stand;
  const truth = truthOf(each.number);
  await resetPortal(system.portal, truth);
  Object.assign(system.portal.settings.faults, { [each.fault]: each.set });
  const { ending, message } = await runOnce(system, each.number);
  const seen = { struck: strikes(system.portal, each.fault) > 0, submissions: passwordsSent(system.portal) };
  const next = each.blockedAs === undefined ? undefined : await nextRun(system, each.number);
  // Of what happened: where it is not what must happen, this case alone fails.
  if (ending === 'published') stand.loaded = truth;

  expect(`${ending} ${message}`).toMatch(new RegExp(`^${each.ends} `));
  expect(seen).toEqual({ struck: true, submissions: each.submissions });
  expect(next).toEqual(each.blockedAs && { ending: each.blockedAs, submissions: each.submissions });
  expect((await evidenceOf(path.join(system.folder, 'artifacts'), message)).length > 0).toBe(
    isFailureType(each.ends),
  );
  expect(await system.query(tableQuery)).toEqual(rowsOf(stand.loaded));
}

describe.concurrent('a run through a portal that misbehaves', () => {
  test.each(casesOf(productFaults))('$title: $ends', (each) =>
    stands.use((stand) => expectEnding(stand, each)),
  );
});
