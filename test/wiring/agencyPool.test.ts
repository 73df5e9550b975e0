import { once } from 'node:events';
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { expect, onTestFinished, test, vi } from 'vitest';
import { freePort } from '../../scripts/services/ports.ts';
import { createAgencyActivities } from '../../src/activities/interceptors/createActivities.ts';
import { log } from '../../src/observability/log.ts';
import type { Ports } from '../../src/ports.ts';
import { AgencyPool, agencyChannels, opening } from '../../src/wiring/agencyPool.ts';
import { startWebhookReceiver } from '../alerts/webhookReceiver.ts';

/** Agencies whose ports are their ids. */
function agenciesOf(
  failing: ReadonlySet<string> = new Set(),
  closing: (id: string) => Promise<void> = () => Promise.resolve(),
) {
  const opened: string[] = [];
  const closed: string[] = [];
  const agencies = new AgencyPool('home' as unknown as Ports, async (id) => {
    opened.push(id);
    await Promise.resolve();
    if (failing.has(id)) throw new Error(`no ${id}`);
    return {
      ports: id as unknown as Ports,
      close: () => {
        closed.push(id);
        return closing(id);
      },
    };
  });
  return {
    agencies,
    opened,
    closed,
    use: (id?: string) => agencies.use(id, (ports) => Promise.resolve(ports)),
  };
}

test('each is opened once, for its first step', async () => {
  const { opened, use } = agenciesOf();
  expect(await Promise.all([use('acme'), use('acme'), use('bolt'), use()])).toEqual([
    'acme',
    'acme',
    'bolt',
    'home',
  ]);
  expect(opened).toEqual(['acme', 'bolt']);
});

test('of more than twenty without a step those unused for longest are closed, and opened again', async () => {
  const { opened, closed, use, agencies } = agenciesOf();
  const end = new AbortController();
  const busy = agencies.use('busy', () => once(end.signal, 'abort'));
  for (let index = 0; index < 25; index += 1) await use(`agency-${String(index)}`);
  expect(closed).toEqual(['agency-0', 'agency-1', 'agency-2', 'agency-3', 'agency-4', 'agency-5']);
  await use('agency-0');
  expect(opened.filter((id) => id === 'agency-0')).toHaveLength(2);
  end.abort();
  await busy;
  await agencies.close();
  expect(new Set(closed)).toEqual(new Set(opened));
});

test('one that cannot be opened is tried again by the next step', async () => {
  const failing = new Set(['acme']);
  const { opened, use } = agenciesOf(failing);
  await expect(use('acme')).rejects.toThrow('no acme');
  failing.delete('acme');
  expect(await use('acme')).toBe('acme');
  expect(opened).toEqual(['acme', 'acme']);
});

async function useAll(use: (id: string) => Promise<unknown>, count: number): Promise<void> {
  for (let index = 0; index < count; index += 1) await use(`agency-${String(index)}`);
}

/** Against hangs. */
const patience = { timeout: 10_000 };

test(
  'a step of one waits for no other that is being closed, which its own step opens again',
  patience,
  async () => {
    const { opened, closed, use } = agenciesOf(new Set(), () => new Promise(() => {}));
    await useAll(use, 21);
    expect(closed).toEqual(['agency-0']);
    expect(await use('agency-0')).toBe('agency-0');
    expect(opened.filter((id) => id === 'agency-0')).toHaveLength(2);
  },
);

test('the end waits for those that are being closed', patience, async () => {
  const end = new AbortController();
  const { use, agencies } = agenciesOf(new Set(), async (id) => {
    if (id === 'agency-0') await once(end.signal, 'abort');
  });
  await useAll(use, 21);
  let isOver = false;
  const over = agencies.close().then(() => (isOver = true));
  await setImmediate();
  expect(isOver).toBe(false);
  end.abort();
  await over;
});

test('one that cannot be closed is told in the log, and fails nothing', async () => {
  const { use, agencies } = agenciesOf(new Set(), () => Promise.reject(new TypeError('no answer')));
  const warn = vi.spyOn(log, 'warn').mockReturnValue();
  try {
    await useAll(use, 21);
    await agencies.close();
    expect(warn.mock.calls[0]).toEqual([
      { agency: 'agency-0', type: 'TypeError' },
      'an agency did not close',
    ]);
    expect(warn).toHaveBeenCalledTimes(21);
  } finally {
    warn.mockRestore();
  }
});

const rules = new URL('../../config/', import.meta.url);

test('one whose database is away, and that no step has opened yet, is told of that', async () => {
  const folder = await mkdtemp(path.join(tmpdir(), 'ehr-agencies-'));
  const receiver = await startWebhookReceiver();
  onTestFinished(async () => {
    vi.unstubAllEnvs();
    await receiver.close();
    await rm(folder, { recursive: true });
  });
  const own = path.join(folder, 'agencies/acme');
  await cp(rules, own, { recursive: true });
  const yaml = await readFile(new URL('pipeline.yaml', rules), 'utf8');
  await writeFile(path.join(own, 'pipeline.yaml'), yaml.replace(/^( *webhook: )none/m, '$1slack'));
  const secrets = {
    DATABASE_URL: `mysql://ehr:secret@127.0.0.1:${String(await freePort())}/ehr`,
    EHR_ALERT_WEBHOOK_URL: receiver.url,
    EHR_NAME_KEY: 'an invented key for the tests, 0123456789',
    EHR_PORTAL_URL: 'http://127.0.0.1:9',
    EHR_PORTAL_USER: 'reports.bot',
    EHR_PORTAL_PASSWORD: 'invented',
  };
  await mkdir(path.join(own, 'secrets'));
  for (const [name, value] of Object.entries(secrets)) {
    await writeFile(path.join(own, 'secrets', name), value, { mode: 0o600 });
  }
  vi.stubEnv('EHR_AGENCIES', path.join(folder, 'agencies'));
  vi.stubEnv('EHR_ARTIFACTS', path.join(folder, 'artifacts'));

  const { use } = new AgencyPool('home' as unknown as Ports, opening({} as never));
  const { findAlerts, planAlerts, tellDatabase } = createAgencyActivities('pipeline', use, agencyChannels);
  const agency = 'acme';
  await expect(findAlerts!({ agency })).rejects.toMatchObject({ type: 'WarehouseUnavailable' });
  expect(await planAlerts!({ agency })).toEqual({ channels: ['webhook'] });
  await tellDatabase!({ agency, channel: 'webhook', event: 'began' });
  expect(receiver.taken).toEqual([
    expect.objectContaining({ text: expect.stringMatching(/^\W*acme: /) as string }),
  ]);
});
