import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { startPortal, type RunningPortal } from '../../../demo/portal/portal.ts';
import { parseIsoDate } from '../../../src/domain/dates.ts';
import { periodContaining } from '../../../src/domain/periods.ts';
import type { LoginAnswer } from '../../../src/portal/login.ts';
import { parseRecipe } from '../../../src/portal/parseRecipe.ts';
import { RecipeTry, startOfRecipe, type TriedStep, type TryOptions } from '../../../src/portal/tryRecipe.ts';
import { demoCredentials, demoRecipeText, testBrowser } from './fixtures/sessions.ts';

let portal: RunningPortal;
let folder: string;
const steps: TriedStep[] = [];
const answers: LoginAnswer[] = [];

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'try-'));
  portal = await startPortal({
    settings: { delays: { pageMs: 0, lateMs: 0, queryMs: 0, exportMs: 0 }, data: { scale: 0.1 } },
  });
  steps.length = 0;
  answers.length = 0;
});
afterEach(async () => {
  await portal.close();
  await rm(folder, { recursive: true });
});

/** The recipe of the stand-in portal with some texts changed. */
async function recipeWith(...changes: readonly (readonly [from: string, to: string])[]) {
  let text = (await demoRecipeText()).replace('stepSeconds: 30', 'stepSeconds: 4');
  for (const [from, to] of changes) {
    expect(text).toContain(from);
    text = text.replaceAll(from, to);
  }
  return parseRecipe(text, 'acme.yaml');
}

async function trying(
  work: (attempt: RecipeTry) => Promise<void>,
  changes: Partial<TryOptions> = {},
): Promise<void> {
  const attempt = await RecipeTry.open({
    url: portal.url,
    browser: testBrowser(),
    credentials: demoCredentials,
    report: { name: 'notes', period: periodContaining('notes', parseIsoDate('2026-10-01')!) },
    evidenceDirectory: path.join(folder, 'evidence'),
    showPages: true,
    guard: {
      beforePasswordSubmit: async () => {},
      afterLogin: async (answer) => void answers.push(answer),
    },
    onStep: (step) => steps.push(step),
    signal: AbortSignal.timeout(500_000),
    ...changes,
  });
  try {
    await work(attempt);
  } finally {
    await attempt.close(await recipeWith());
  }
}

function submissions(): number {
  return portal.journal.filter(({ kind }) => kind === 'login-submitted').length;
}

const wrongLabel = ['{ label: Start Date }', '{ label: Begin Date }'] as const;

describe('a recipe that is tried', () => {
  test('goes through each step to the file, says what it found, and logs out', async () => {
    await trying(async (attempt) => {
      const end = await attempt.run(await recipeWith(), startOfRecipe);
      expect(end.kind).toBe('exported');
      if (end.kind !== 'exported') return;
      const lines = (await readFile(end.exported.path, 'utf8')).trimEnd().split('\n').length;
      expect(end.exported.portalRecords).toBe(lines - 1);
      await end.dispose();
      await expect(readFile(end.exported.path)).rejects.toThrow('ENOENT');
    });
    expect(steps.map(({ name }) => name)).toContain('run the report');
    expect(steps.find(({ name }) => name === 'enter the start date')).toMatchObject({
      section: 'report',
      outcome: 'done',
      found: 'field "Start Date": "10/01/2026"',
    });
    expect(steps.find(({ name }) => name === 'enter the password')?.found).toBe('field "Password"');
    expect(steps.find(({ name }) => name === 'enter the verification code')?.outcome).toBe('not wanted');
    expect(steps.at(-1)).toMatchObject({ section: 'download', name: 'export the report' });
    expect(answers).toEqual(['accepted']);
    expect(portal.journal.at(-1)).toMatchObject({ kind: 'session-ended', openSessions: 0 });
  });

  test('stops at the step that fails with what the page offers, and goes on from there once it is mended', async () => {
    await trying(async (attempt) => {
      const end = await attempt.run(await recipeWith(wrongLabel), startOfRecipe);
      expect(end).toMatchObject({
        kind: 'failed',
        section: 'report',
        name: 'enter the start date',
        type: 'PortalLayoutChanged',
        canGoOn: true,
      });
      if (end.kind !== 'failed') return;
      expect(end.nearest[0]).toBe('textbox "Start Date"');
      expect(end.outline.join('\n')).toContain('Harborlight EHR');
      expect(end.outline.join('\n')).not.toContain(demoCredentials.password);
      const evidence = path.join(folder, 'evidence', end.evidence);
      expect(await readdir(evidence)).toContain('outline.txt');
      expect(await readFile(path.join(evidence, 'outline.txt'), 'utf8')).not.toContain('Harborlight');

      steps.length = 0;
      const mended = await attempt.run(await recipeWith(), end);
      expect(mended.kind).toBe('exported');
      expect(steps[0]?.name).toBe('enter the start date');
      expect(submissions()).toBe(1);
    });
  });

  test('shows nothing of the page elsewhere than on a terminal', async () => {
    await trying(
      async (attempt) => {
        const changed = await recipeWith([
          'from: { role: combobox, name: Report }',
          'from: { label: Harborligh }',
        ]);
        const end = await attempt.run(changed, startOfRecipe);
        if (end.kind !== 'failed') throw new Error('It did not stop.');
        expect(JSON.stringify(end)).not.toContain('Harborlight');
      },
      { showPages: false },
    );
    expect(JSON.stringify(steps)).not.toContain('records found');
  });

  test('ends behind the step that was asked for, and sends no password twice', async () => {
    await trying(async (attempt) => {
      const recipe = await recipeWith();
      const end = await attempt.run(recipe, startOfRecipe, { section: 'report', index: 2 });
      expect(end).toEqual({ kind: 'reached', section: 'report', index: 3 });
      expect(steps.at(-1)?.name).toBe(recipe.report[2]!.name);
      expect(portal.journal.some(({ kind }) => kind === 'report-run')).toBe(false);
      // A second login of the same try.
      await expect(attempt.run(recipe, startOfRecipe)).rejects.toThrow('The password was sent once already');
    });
    expect(submissions()).toBe(1);
  });

  test('does not go on after a rejected password', async () => {
    portal.settings.passwords = { 'reports.bot': 'another one' };
    await trying(async (attempt) => {
      const recipe = await recipeWith();
      const end = await attempt.run(recipe, startOfRecipe);
      expect(end).toMatchObject({ kind: 'failed', type: 'PortalLoginRejected', canGoOn: false });
    });
    expect(submissions()).toBe(1);
    expect(answers).toEqual([{ rejected: 'PortalLoginRejected' }]);
  });

  test('goes on behind a page after the login that it did not know', async () => {
    await trying(async (attempt) => {
      const unknown = await recipeWith(
        ['- link: Billing', '- link: Invoices'],
        ['link: Billing', 'link: Invoices'],
      );
      const end = await attempt.run(unknown, startOfRecipe);
      expect(end).toMatchObject({ kind: 'failed', section: 'login', canGoOn: true });
      if (end.kind !== 'failed') return;
      const mended = await attempt.run(await recipeWith(), end, { section: 'report', index: 0 });
      expect(mended.kind).toBe('reached');
    });
    expect(submissions()).toBe(1);
    expect(answers).toEqual(['unknown-page', 'accepted']);
  });
});
