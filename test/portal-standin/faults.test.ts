import { describe, expect, test } from 'vitest';
import type { FaultSettings } from '../../demo/portal/faults.ts';
import type { RunningPortal } from '../../demo/portal/portal.ts';
import { logIn, withPortal } from './visitor.ts';

/** Signs in before the fault is set, so that it strikes the requests under test only. */
async function statuses(portal: RunningPortal, faults: Partial<FaultSettings>, paths: string[]) {
  const { cookie } = await logIn(portal);
  Object.assign(portal.settings.faults, faults);
  const seen: number[] = [];
  for (const path of paths) {
    const response = await fetch(portal.url + path, { headers: { cookie }, redirect: 'manual' });
    seen.push(response.status);
  }
  return seen;
}

const [navigation, billing, app] = ['/api/navigation', '/api/billing', '/app'];

const cases: { title: string; faults: Partial<FaultSettings>; paths: string[]; seen: number[] }[] = [
  {
    title: 'an error once, at the next request',
    faults: { http500Once: true },
    paths: [app, navigation, billing],
    seen: [500, 200, 200],
  },
  {
    title: 'an error once, at the step named',
    faults: { http500Once: 'billing' },
    paths: [navigation, billing, billing],
    seen: [200, 500, 200],
  },
  {
    title: 'an error always, at the step named',
    faults: { http500Always: 'billing' },
    paths: [navigation, billing, billing],
    seen: [200, 500, 500],
  },
  {
    title: 'maintenance, everywhere',
    faults: { maintenancePage: true },
    paths: [app, navigation],
    seen: [503, 503],
  },
  {
    title: 'a page that says so, with status 200, where a session ends',
    faults: { expiredPage: 'navigation' },
    paths: [app, navigation, billing],
    seen: [200, 200, 401],
  },
  {
    title: 'a circle of redirects',
    faults: { redirectLoop: true },
    paths: [app, navigation],
    seen: [303, 200],
  },
  {
    title: 'a session taken over, for pages and data alike',
    faults: { sessionTakenOver: 'navigation' },
    paths: [app, navigation, billing, app],
    seen: [200, 401, 401, 303],
  },
];

describe('a fault', () => {
  test.each(cases)('brings $title', async ({ faults, paths, seen }) => {
    await withPortal({}, async (portal) => {
      expect(await statuses(portal, faults, paths)).toEqual(seen);
    });
  });

  test('is reported in the journal when it has struck', async () => {
    await withPortal({}, async (portal) => {
      await statuses(portal, { http500Once: 'billing' }, [navigation, billing, billing]);
      const struck = portal.journal.filter(({ kind }) => kind === 'fault-struck');
      expect(struck).toMatchObject([{ fault: 'http500Once', step: 'billing' }]);
    });
  });

  test('closes connections instead of answering', async () => {
    await withPortal({ settings: { faults: { noConnection: true } } }, async (portal) => {
      await expect(fetch(`${portal.url}/login`)).rejects.toThrow('fetch failed');
      // Whoever steers the portal still reaches it.
      expect((await fetch(`${portal.url}/__control/journal`)).status).toBe(200);
    });
  });

  test('that slows the portal down delays each answer', async () => {
    await withPortal({ settings: { faults: { slow: 150 } } }, async (portal) => {
      const start = performance.now();
      await fetch(`${portal.url}/login`);
      // Timers may fire up to a millisecond early.
      expect(performance.now() - start).toBeGreaterThanOrEqual(149);
    });
  });
});
