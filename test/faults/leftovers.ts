import { setTimeout as sleep } from 'node:timers/promises';
import { loginLock } from '../../src/wiring/portalLoginQueue.ts';
import { loginNames } from '../../src/warehouse/portalLogins.ts';
import { databases, type Site } from './site.ts';

/**
 * An idle session is logged out after a few seconds, and a browser closes within a second; a busy machine needs
 * more.
 */
const patienceSeconds = 30;

/** What is still there after the work: browsers, portal sessions, the login's lock, runs. Empty where all is well. */
export async function leftovers(site: Site): Promise<string[]> {
  const deadline = Date.now() + patienceSeconds * 1000;
  for (;;) {
    const found = await look(site);
    if (found.length === 0 || Date.now() > deadline) return found;
    await sleep(500);
  }
}

async function look(site: Site): Promise<string[]> {
  const [browsers, lockFree, running] = await Promise.all([
    site.browserProcesses(),
    isLoginFree(site),
    runningWorkflows(site),
  ]);
  const sessions = openSessions(site);
  return [
    ...(browsers.length === 0 ? [] : [`${String(browsers.length)} browser processes are left`]),
    ...(sessions === 0 ? [] : [`${String(sessions)} portal sessions are left`]),
    ...(lockFree ? [] : ["the login's lock is taken"]),
    ...(running === 0 ? [] : [`${String(running)} workflows are still running`]),
  ];
}

/** The lock of the portal login that all workers share. */
export function loginLockOf(site: Site): string {
  const { current } = loginNames(
    { url: site.portal.url, user: 'reports.bot', password: '', recipe: '' },
    { loginKey: undefined, nameKey: '' },
  );
  return loginLock({ database: databases.disturbed }, current);
}

async function isLoginFree(site: Site): Promise<boolean> {
  const [row] = await site.query(databases.disturbed, 'SELECT IS_FREE_LOCK(?) AS free', [loginLockOf(site)]);
  return row!['free'] === '1';
}

function openSessions(site: Site): number {
  const last = site.portal.journal.findLast(
    ({ kind }) => kind === 'session-opened' || kind === 'session-ended',
  );
  return last !== undefined && 'openSessions' in last ? last.openSessions : 0;
}

async function runningWorkflows(site: Site): Promise<number> {
  const { count } = await site.client.workflow.count("ExecutionStatus = 'Running'");
  return count;
}
