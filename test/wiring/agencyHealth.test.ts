import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { AgencyHealth } from '../../src/wiring/agencyHealth.ts';

const minute = 60_000;
let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'ehr-health-'));
  await mkdir(path.join(folder, 'acme'));
  await mkdir(path.join(folder, 'bolt'));
  vi.stubEnv('EHR_AGENCIES', folder);
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await rm(folder, { recursive: true });
});

interface Read {
  readonly agency: string;
  readonly minutes: number;
}

/** Lets the time pass in which nothing is read, up to so many minutes; `meanwhile` is called before each pause. */
async function during(
  minutes: number,
  meanwhile: (health: AgencyHealth, now: number) => unknown = () => undefined,
): Promise<{ health: AgencyHealth; reads: readonly Read[] }> {
  const reads: Read[] = [];
  const ended = new AbortController();
  let now = 0;
  const health: AgencyHealth = new AgencyHealth({
    now: () => now,
    pause: async (milliseconds) => {
      await meanwhile(health, now);
      now += milliseconds;
      if (now > minutes * minute) ended.abort();
    },
    reportsOf: (agency) => {
      reads.push({ agency, minutes: now / minute });
      return Promise.resolve(agency === 'bolt' ? undefined : []);
    },
  });
  await health.keepOn(ended.signal);
  return { health, reads };
}

test('each ledger is read at the start and each quarter of an hour', async () => {
  const { reads, health } = await during(31);
  expect(reads).toEqual(
    [0, 15, 30].flatMap((minutes) => [
      { agency: 'acme', minutes },
      { agency: 'bolt', minutes },
    ]),
  );
  // A database that does not answer is known as such.
  expect(health.all()).toEqual([
    { agency: 'acme', reports: [] },
    { agency: 'bolt', reports: undefined },
  ]);
});

test('the ledger of an agency whose run has ended is read at once, and only that one', async () => {
  const { reads } = await during(5, (health, now) => {
    if (now === 2 * minute) for (const id of ['bolt', 'nobody']) health.runEnded(id);
  });
  expect(reads.slice(2)).toEqual([{ agency: 'bolt', minutes: 2 + 0.5 / 60 }]);
});

test('agencies that come and go are noticed in the next round', async () => {
  const { reads, health } = await during(16, async (_health, now) => {
    if (now !== minute) return;
    await rm(path.join(folder, 'acme'), { recursive: true });
    await mkdir(path.join(folder, 'cove'));
  });
  expect(reads.slice(2).map(({ agency }) => agency)).toEqual(['bolt', 'cove']);
  expect(health.all().map(({ agency }) => agency)).toEqual(['bolt', 'cove']);
});

test('while the folder cannot be read, the agencies that were in it are read on', async () => {
  const { reads } = await during(16, async (_health, now) => {
    if (now === minute) vi.stubEnv('EHR_AGENCIES', path.join(folder, 'gone'));
    if (now > 15.5 * minute) vi.stubEnv('EHR_AGENCIES', folder);
    await Promise.resolve();
  });
  expect(reads.map(({ agency }) => agency)).toEqual(['acme', 'bolt', 'acme', 'bolt']);
});
