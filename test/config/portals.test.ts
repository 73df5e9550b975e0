import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { readPipelineConfig } from '../../src/config.ts';
import { openPortals, portalsInUse } from '../../src/wiring/portals.ts';
import { pipelineWith, problemsOf, temporaryFolder } from './pipelineFile.ts';

const shared = {
  EHR_PORTAL_URL: 'https://billing.example/login',
  EHR_PORTAL_USER: 'reports',
  EHR_PORTAL_PASSWORD: 'correct horse',
};
const ofNotes = {
  EHR_PORTAL_NOTES_URL: 'https://clinical.example/login',
  EHR_PORTAL_NOTES_USER: 'notes',
  EHR_PORTAL_NOTES_PASSWORD: 'battery staple',
};
const oneReport = { 'refreshPeriods: 2': 'refreshPeriods: 2, inUse: false' };

function configWith(change: Record<string, string> = {}, portal = '') {
  const folder = temporaryFolder();
  const text = pipelineWith({ 'idleSeconds: 60': `idleSeconds: 60${portal}`, ...change });
  mkdirSync(join(folder, 'portals'));
  for (const name of ['demo.yaml', 'other.yaml']) writeFileSync(join(folder, 'portals', name), '');
  writeFileSync(join(folder, 'pipeline.yaml'), text);
  return { folder, config: readPipelineConfig(join(folder, 'pipeline.yaml')) };
}

const ownRecipe = '\n  reports: { notes: { recipe: portals/other.yaml } }';

describe('the portals of the reports in use', () => {
  test('are one, unless something says otherwise', () => {
    const { config, folder } = configWith();
    expect(portalsInUse(config, shared)).toMatchObject([
      {
        reports: ['utilization', 'notes'],
        config: { recipe: join(folder, 'portals/demo.yaml') },
        settings: { url: 'https://billing.example/login', user: 'reports' },
      },
    ]);
  });

  test('are two where a report has a recipe and a login of its own', () => {
    const { config, folder } = configWith({}, ownRecipe);
    const portals = portalsInUse(config, { ...shared, ...ofNotes });
    expect(portals).toMatchObject([
      { reports: ['utilization'], settings: { user: 'reports', password: 'correct horse' } },
      {
        reports: ['notes'],
        config: { recipe: join(folder, 'portals/other.yaml') },
        settings: { url: 'https://clinical.example/login', user: 'notes', password: 'battery staple' },
      },
    ]);
  });

  test('share the login where only the recipe differs', () => {
    const [, notes] = portalsInUse(configWith({}, ownRecipe).config, shared);
    expect(notes).toMatchObject({ reports: ['notes'], settings: { user: 'reports' } });
  });

  test('share the recipe where only the login differs, but not the origins of the sign-in', () => {
    const origins = '\n  signInOrigins: [https://login.billing.example]';
    const [utilization, notes] = portalsInUse(configWith({}, origins).config, { ...shared, ...ofNotes });
    expect(utilization!.config.signInOrigins).toEqual(['https://login.billing.example']);
    expect(notes!.config.signInOrigins).toBeUndefined();
    expect(notes!.config.recipe).toBe(utilization!.config.recipe);
  });

  test('need no login for a report that is not in use', () => {
    expect(portalsInUse(configWith(oneReport).config, ofNotes)).toMatchObject([{ reports: ['notes'] }]);
  });

  test('take no half of a login', () => {
    const half = { ...shared, EHR_PORTAL_NOTES_URL: ofNotes.EHR_PORTAL_NOTES_URL };
    expect(() => portalsInUse(configWith().config, half)).toThrow(
      /EHR_PORTAL_NOTES_USER: not set.*\n.*EHR_PORTAL_NOTES_PASSWORD: not set/,
    );
  });

  test('a recipe that is not there is named', () => {
    expect(
      problemsOf(
        pipelineWith({ 'idleSeconds: 60': 'idleSeconds: 60\n  reports: { notes: { recipe: none.yaml } }' }),
      ),
    ).toEqual([
      expect.stringMatching(/^pipeline\.yaml:18: portal\.reports\.notes\.recipe: got .* wanted the path/),
    ]);
  });
});

test('a report that no portal has is refused by its name', async () => {
  const portals = await openPortals([], {
    timeZone: 'America/New_York',
    warehouse: {} as never,
    secrets: { loginKey: undefined, nameKey: 'x' },
    folder: '/nowhere',
  });
  const period = { from: '2026-10-01', to: '2026-10-15' } as never;
  const asked = portals.exportReport({
    report: 'notes',
    period,
    onProgress: () => undefined,
    signal: new AbortController().signal,
  });
  await expect(asked).rejects.toMatchObject({ type: 'InvalidInput', details: { report: 'notes' } });
});
