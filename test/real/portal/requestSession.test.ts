import { mkdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { startPortal, type RunningPortal } from '../../../demo/portal/portal.ts';
import { periodContaining } from '../../../src/domain/periods.ts';
import { parseIsoDate } from '../../../src/domain/dates.ts';
import type { ExportRequest, PortalSession } from '../../../src/portal/session.ts';
import { reportNames } from '../../../src/reports/index.ts';
import { RequestSession } from '../../e2e/requestSession.ts';
import { demoCredentials, demoRecipeText, failureOf, startSession } from './fixtures/sessions.ts';

const quick = { pageMs: 0, lateMs: 0, queryMs: 0, exportMs: 0 };
const october = parseIsoDate('2026-10-01')!;

/** Everything that a step sees of two exports over one login, and what the portal notes of them. */
async function exportsThrough(
  portal: RunningPortal,
  {
    session,
    request,
    guard,
  }: {
    session: Pick<PortalSession, 'exportReport' | 'rehearse' | 'close'>;
    request: (changes?: Partial<ExportRequest>) => ExportRequest;
    guard: readonly string[];
  },
) {
  const seen = [];
  for (const report of reportNames) {
    const asked = request({ report, period: periodContaining(report, october) });
    // As the login queue does.
    await mkdir(asked.attemptDirectory, { recursive: true });
    const { path: file, ...facts } = await session.exportReport(asked);
    const inAttempt = path.dirname(file) === asked.attemptDirectory;
    seen.push({ ...facts, inAttempt, bytes: (await readFile(file)).toString('base64') });
  }
  await session.close();
  const entries = portal.journal.map((entry) => ({ ...entry, at: undefined }));
  // A browser may agree a second time before the portal has taken the first.
  const journal = entries.filter(({ kind }, at) => kind !== 'consented' || entries[at - 1]?.kind !== kind);
  return { seen, guard: [...guard], journal };
}

describe('a session by requests alone, for tests of what comes after the export', () => {
  test.each([
    { title: 'as it is', settings: {} },
    {
      title: 'that asks for consent and leaves out a column',
      settings: { consentBanner: true, faults: { columnMissing: true } },
    },
  ])('brings what the browser brings, and the portal $title notes the same of it', async ({ settings }) => {
    const options = { settings: { delays: quick, consentBanner: false, ...settings } };
    const [one, other] = [await startPortal(options), await startPortal(options)];
    await using at = await startSession(one.url, await demoRecipeText());
    try {
      const byBrowser = await exportsThrough(one, at);
      const session = new RequestSession({ url: other.url, credentials: demoCredentials });
      at.guard.splice(0);
      expect(await exportsThrough(other, { ...at, session })).toEqual(byBrowser);
    } finally {
      await Promise.all([one.close(), other.close()]);
    }
  });

  test('does not send a password that the guard keeps back', async () => {
    const portal = await startPortal({ settings: { delays: quick } });
    await using at = await startSession(portal.url, await demoRecipeText());
    try {
      const session = new RequestSession({ url: portal.url, credentials: demoCredentials });
      const refusal = new Error('not now');
      const refused = at.request({ beforePasswordSubmit: () => Promise.reject(refusal) });
      await expect(session.exportReport(refused)).rejects.toBe(refusal);
      expect(portal.journal).toEqual([]);
    } finally {
      await portal.close();
    }
  });

  test('fails as the browser does where the portal refuses the password', async () => {
    const portal = await startPortal({ settings: { delays: quick } });
    const credentials = { ...demoCredentials, password: 'another' };
    await using at = await startSession(portal.url, await demoRecipeText(), { credentials });
    try {
      const { type } = await failureOf(at.session.exportReport(at.request()));
      const guarded = at.guard.splice(0);
      const session = new RequestSession({ url: portal.url, credentials });
      const failure = await failureOf(session.exportReport(at.request()));
      expect([failure.type, at.guard]).toEqual([type, guarded]);
      expect(type).toBe('PortalLoginRejected');
    } finally {
      await portal.close();
    }
  });

  test('ends with the caller’s reason', async () => {
    const portal = await startPortal({ settings: { delays: { ...quick, exportMs: 600_000 } } });
    await using at = await startSession(portal.url, await demoRecipeText());
    try {
      const session = new RequestSession({ url: portal.url, credentials: demoCredentials });
      const cancel = new AbortController();
      const reason = new Error('cancelled by the caller');
      const request = at.request({
        signal: cancel.signal,
        onProgress: ({ percent }) => {
          if (percent !== undefined) cancel.abort(reason);
        },
      });
      await expect(session.exportReport(request)).rejects.toBe(reason);
    } finally {
      await portal.close();
    }
  });
});
