import { readFile } from 'node:fs/promises';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { startPortal, type RunningPortal } from '../../../demo/portal/portal.ts';
import {
  demoCredentials,
  demoRecipeText,
  failureOf,
  startSession,
  type TestSession,
} from './fixtures/sessions.ts';
import { useFullBrowser } from './fixtures/fullBrowser.ts';

const recipeText = await demoRecipeText();
const hastyRecipe = recipeText
  .replace('stepSeconds: 30', 'stepSeconds: 4')
  .replace('downloadSeconds: 900', 'downloadSeconds: 3');
/** Gives the logout 30 seconds instead of 5, which a busy machine may need. */
const lastingRecipe = recipeText.replace('stepSeconds: 30', 'stepSeconds: 30\n  logoutSeconds: 30');
/** Patient where a login is judged, which a busy machine may take its time for. */
const patientRecipe = recipeText.replace('stepSeconds: 30', 'stepSeconds: 10');
const quick = { pageMs: 0, lateMs: 0, queryMs: 0, exportMs: 0 };

type Settings = NonNullable<Parameters<typeof startPortal>[0]>['settings'];

const open: AsyncDisposable[] = [];

afterEach(async () => {
  for (const resource of open.splice(0).toReversed()) await resource[Symbol.asyncDispose]();
});

async function visit(
  settings: Settings = {},
  changes: Parameters<typeof startSession>[2] & { recipe?: never; recipeText?: string } = {},
): Promise<{ portal: RunningPortal; at: TestSession }> {
  const portal = await startPortal({ settings: { delays: quick, ...settings } });
  open.push({ [Symbol.asyncDispose]: () => portal.close() });
  const { recipeText: text = hastyRecipe, ...options } = changes;
  const at = await startSession(portal.url, text, options);
  open.push(at);
  return { portal, at };
}

function kinds(portal: RunningPortal): string[] {
  return portal.journal.map(({ kind }) => kind);
}

function submissions(portal: RunningPortal): number {
  return kinds(portal).filter((kind) => kind === 'login-submitted').length;
}

describe('an export', () => {
  useFullBrowser();

  test('brings the file, the portal’s own count, and keeps the login for the next', async () => {
    const { portal, at } = await visit({ delays: { lateMs: 200, exportMs: 600 } }, { recipeText });
    const notes = await at.session.exportReport(at.request());
    const utilization = await at.session.exportReport(at.request({ report: 'utilization' }));
    const lines = (await readFile(notes.path, 'utf8')).trim().split('\r\n').length;
    expect(notes.portalRecords).toBe(lines - 1);
    expect(await readFile(utilization.path, 'utf8')).toMatch(/^\uFEFF?Client,QP,/);
    expect(at.guard).toEqual(['submit', 'accepted']);
    expect(submissions(portal)).toBe(1);
    await at.session.close();
    expect(kinds(portal).at(-1)).toBe('session-ended');
    expect(kinds(portal)).toContain('logout');
    expect(at.closed).toEqual([true]);
  });

  test('says which step is under way and how far the export is', async () => {
    const { at } = await visit({ delays: { exportMs: 2500 } }, { recipeText });
    await at.session.exportReport(at.request());
    expect(at.steps.map(({ step }) => step)).toContain('run the report');
    const percents = at.steps.flatMap(({ percent }) => (percent === undefined ? [] : [percent]));
    expect(Math.max(...percents)).toBeGreaterThan(0);
  });

  test('after the first reuses the login and the browser', async () => {
    const { at, portal } = await visit({}, { recipeText });
    for (let count = 0; count < 4; count += 1) await at.session.exportReport(at.request());
    expect(kinds(portal).filter((kind) => kind === 'login-submitted')).toHaveLength(1);
    expect(kinds(portal).filter((kind) => kind === 'export-delivered')).toHaveLength(4);
    expect(at.closed).toEqual([]);
  });

  test('answers a one-time code from the secret, and the next session with another one', async () => {
    const totpSecret = 'KVXGS5DFMRAWY3BA';
    const credentials = { ...demoCredentials, totpSecret };
    const { at, portal } = await visit(
      { faults: { mfaAsked: true }, totpSecret },
      { recipeText, credentials },
    );
    await at.session.exportReport(at.request());
    expect(at.guard).toEqual(['submit', 'accepted']);
    await at.session.close();
    // On another worker too: it cannot know which code was used.
    const next = await startSession(portal.url, recipeText, { credentials });
    open.push(next);
    await next.session.exportReport(next.request());
    expect(portal.journal.filter(({ kind }) => kind === 'code-submitted')).toMatchObject([
      { ok: true },
      { ok: true },
    ]);
  });
});

describe('trouble that a second login or a click mends', () => {
  const passing: { title: string; settings: Settings; guard?: string[] }[] = [
    {
      // Nobody can tell whether the password was taken, but it was not rejected.
      title: 'the session ends as soon as it has begun',
      settings: { faults: { logoutDuring: 'app' } },
      guard: ['submit', 'submit', 'accepted'],
    },
    { title: 'the session ends in the query', settings: { faults: { logoutDuring: 'query' } } },
  ];

  const twice = ['submit', 'accepted', 'submit', 'accepted'];

  test.each(passing)('$title', async ({ settings, guard = twice }) => {
    const { portal, at } = await visit(settings, { recipeText: patientRecipe });
    await at.session.exportReport(at.request());
    expect(at.guard).toEqual(guard);
    expect(submissions(portal)).toBe(2);
  });

  test('a session that ran out between two exports', async () => {
    const { portal, at } = await visit({}, { recipeText });
    await at.session.exportReport(at.request());
    portal.settings.faults.logoutDuring = 'app';
    await at.session.exportReport(at.request());
    expect(at.guard).toEqual(['submit', 'accepted', 'submit', 'accepted']);
  });
});

interface Fault {
  readonly title: string;
  readonly settings: Settings;
  readonly type: string;
  readonly guard: string[];
  readonly step?: string;
  readonly changes?: Parameters<typeof visit>[1];
}

const accepted = ['submit', 'accepted'];
const rejected = ['submit', 'rejected: PortalLoginRejected'];

/** Those of the stand-in that need no other settings are walked by faults.test.ts. */
const faults: Fault[] = [
  {
    title: 'a wrong password',
    settings: {},
    changes: { credentials: { ...demoCredentials, password: 'not-the-Passw0rd' } },
    type: 'PortalLoginRejected',
    guard: rejected,
  },
  {
    title: 'a wrong password, in words that the recipe does not know',
    settings: {},
    changes: {
      credentials: { ...demoCredentials, password: 'not-the-Passw0rd' },
      recipeText: hastyRecipe.replace('user name or password is incorrect', 'no such text'),
    },
    type: 'PortalLoginRejected',
    guard: rejected,
  },
  {
    title: 'a locked account',
    settings: { locked: { 'reports.bot': true } },
    type: 'PortalLocked',
    guard: ['submit', 'rejected: PortalLocked'],
  },
  {
    title: 'a second factor without a secret',
    settings: { faults: { mfaAsked: true } },
    type: 'PortalMfaRequired',
    guard: accepted,
    step: 'enter the verification code',
  },
  {
    title: 'a wrong second factor',
    settings: { faults: { mfaAsked: true } },
    changes: { credentials: { ...demoCredentials, totpSecret: 'JBSWY3DPEHPK3PXP' } },
    type: 'PortalMfaRequired',
    guard: accepted,
  },
  {
    title: 'a renamed label',
    settings: { faults: { renamedLabel: true } },
    type: 'PortalLayoutChanged',
    guard: accepted,
    step: 'enter the start date',
  },
  {
    title: 'an error in the export',
    settings: { faults: { http500Always: 'export' } },
    type: 'PortalUnavailable',
    guard: accepted,
  },
];

describe('a failure has its type', () => {
  test.each(faults)('$title is $type', async ({ settings, type, guard, step, changes = {} }) => {
    const { portal, at } = await visit(settings, changes);
    const failure = await failureOf(at.session.exportReport(at.request()));
    expect(failure.type).toBe(type);
    expect(at.guard).toEqual(guard);
    expect(submissions(portal)).toBe(guard.length === 0 ? 0 : 1);
    expect(failure.details['step']).toBe(step ?? failure.details['step']);
    expect(failure.hint).not.toBe('');
  });
});

test('a cancel in mid-export logs out', async () => {
  const { portal, at } = await visit({ faults: { neverFinishes: true } }, { recipeText: lastingRecipe });
  const cancel = new AbortController();
  const reason = new Error('cancelled by the caller');
  const exporting = at.session.exportReport(at.request({ signal: cancel.signal }));
  exporting.catch(() => {});
  await vi.waitFor(() => expect(kinds(portal)).toContain('export-started'), { timeout: 300_000 });
  cancel.abort(reason);
  await expect(exporting).rejects.toBe(reason);
  expect(kinds(portal)).toContain('logout');
  expect(at.closed).toEqual([true]);
});

test('a cancel while the portal signs in logs out of the session that it opened', async () => {
  const { portal, at } = await visit(
    { delays: { ...quick, pageMs: 700 }, consentBanner: false },
    { recipeText: lastingRecipe },
  );
  const cancel = new AbortController();
  const exporting = at.session.exportReport(at.request({ signal: cancel.signal }));
  exporting.catch(() => {});
  await vi.waitFor(() => expect(kinds(portal)).toContain('session-opened'), { timeout: 300_000 });
  // The page that shows who is signed in comes later.
  cancel.abort(new Error('cancelled by the caller'));
  await expect(exporting).rejects.toThrow('cancelled by the caller');
  expect(portal.journal.at(-1)).toMatchObject({ kind: 'session-ended', reason: 'logout', openSessions: 0 });
  expect(at.closed).toEqual([true]);
});

test('a guard that refuses keeps the password from being sent', async () => {
  const { portal, at } = await visit();
  const blocked = new Error('blocked');
  const request = at.request({ beforePasswordSubmit: () => Promise.reject(blocked) });
  await expect(at.session.exportReport(request)).rejects.toBe(blocked);
  expect(submissions(portal)).toBe(0);
  expect(at.session.isOpen).toBe(false);
});
