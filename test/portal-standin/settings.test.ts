import { describe, expect, test } from 'vitest';
import { faults } from '../../demo/portal/faults.ts';
import {
  changeSettings,
  defaultSettings,
  restoreSettings,
  visibleSettings,
} from '../../demo/portal/settings.ts';
import { withPortal } from './visitor.ts';

describe('a change of settings', () => {
  test('is made in place, so that a holder of a part of them sees it', () => {
    const settings = defaultSettings();
    const { delays, faults: live } = settings;
    changeSettings(settings, {
      delays: { exportMs: 5 },
      faults: { truncateAtRow: 3, logoutDuring: 'query' },
    });
    expect(delays).toEqual({ ...defaultSettings().delays, exportMs: 5 });
    expect(live).toMatchObject({ truncateAtRow: 3, logoutDuring: 'query', staleFile: false });
  });

  test.each([
    { title: 'an unknown fault', patch: { faults: { nothingSuch: true } }, says: 'nothingSuch' },
    { title: 'an unknown step', patch: { faults: { logoutDuring: 'lunch' } }, says: 'logoutDuring' },
    { title: 'a negative delay', patch: { delays: { pageMs: -1 } }, says: 'pageMs' },
    { title: 'a day that does not exist', patch: { data: { asOf: '2026-02-30' } }, says: 'asOf' },
    {
      title: 'an export that is no report',
      patch: { exports: { 'claims:2026-01-01': 'x' } },
      says: 'claims',
    },
  ])('to $title is refused, names it and changes nothing', ({ patch, says }) => {
    const settings = defaultSettings();
    expect(() => changeSettings(settings, { sessionSeconds: 5, ...patch })).toThrow(says);
    expect(settings).toEqual(defaultSettings());
  });

  test('can be taken back whole', () => {
    const settings = defaultSettings();
    changeSettings(settings, {
      passwords: { someone: 'x' },
      locked: { someone: true },
      exports: { 'notes:2026-10-01..2026-10-15': Buffer.from('a') },
      faults: { htmlAsCsv: true },
    });
    restoreSettings(settings, defaultSettings());
    expect(settings).toEqual(defaultSettings());
  });

  test('is shown without passwords, secrets and bytes', () => {
    const settings = defaultSettings();
    settings.exports['notes:2026-10-01..2026-10-15'] = Buffer.from('abc');
    const shown = JSON.stringify(visibleSettings(settings));
    expect(shown).not.toContain('demo-Passw0rd!');
    expect(shown).not.toContain(settings.totpSecret);
    expect(shown).toContain('"3 bytes"');
  });
});

test('every fault is off at first and says what it does', () => {
  const off = Object.values(defaultSettings().faults);
  expect(off.length).toBe(Object.keys(faults).length);
  expect(off.every((value) => value === false || value === null)).toBe(true);
  for (const { description } of Object.values(faults)) expect(description.length).toBeGreaterThan(10);
});

describe('the control API', () => {
  test('changes what is in force at once and says what is wrong with a change', async () => {
    await withPortal({}, async (portal) => {
      const patch = (body: unknown) =>
        fetch(`${portal.url}/__control/settings`, {
          method: 'PATCH',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify(body),
        });
      expect((await patch({ faults: { maintenancePage: true } })).status).toBe(200);
      expect(portal.settings.faults.maintenancePage).toBe(true);
      expect((await fetch(`${portal.url}/login`)).status).toBe(503);
      const refused = await patch({ faults: { maintenancePage: 'yes' } });
      expect(refused.status).toBe(400);
      expect(await refused.text()).toContain('faults.maintenancePage');
    });
  });

  test('resets to the settings that the portal was started with', async () => {
    await withPortal({ settings: { sessionSeconds: 7 } }, async (portal) => {
      portal.settings.sessionSeconds = 99;
      portal.settings.faults.emptyFile = true;
      await fetch(`${portal.url}/__control/reset`, { method: 'POST' });
      expect(portal.settings.sessionSeconds).toBe(7);
      expect(portal.settings.faults.emptyFile).toBe(false);
      expect(await (await fetch(`${portal.url}/__control/journal`)).json()).toEqual([]);
    });
  });
});
