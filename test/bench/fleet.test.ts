import { expect, test } from 'vitest';
import { parseOptions } from '../../bench/fleet/options.ts';
import { useOf } from '../../bench/fleet/processes.ts';
import type { FleetResult } from '../../bench/fleet/result.ts';
import { spread } from '../../bench/fleet/scheduledRuns.ts';
import { fleetTables } from '../../bench/fleet/tables.ts';

test('median, 95th percentile and largest, of any number of values in any order', () => {
  const hundred = Array.from({ length: 100 }, (_, index) => ((index * 37) % 100) + 1);
  expect(spread(hundred)).toEqual({ median: 50.5, p95: 95, most: 100 });
  expect(spread([3, 1, 2])).toEqual({ median: 2, p95: 3, most: 3 });
  expect(spread([0.04])).toEqual({ median: 0, p95: 0, most: 0 });
});

const result: FleetResult = {
  agencies: 1000,
  browsers: 2,
  workers: 1,
  rows: 200,
  temporalVersion: '1.31.0',
  runs: 1010,
  scheduled: {
    startsOverSeconds: 598.2,
    lateSeconds: { median: 0.1, p95: 0.3, most: 1.2 },
    publishedSeconds: { median: 4.4, p95: 9.1, most: 20.5 },
    daySeconds: undefined,
    browserRuns: 10,
    wholeSeconds: 1612.4,
    historyEvents: 88,
    historyBytes: 41_234,
  },
  processes: [{ name: 'Temporal', cpuSeconds: 505, memoryMib: 612, peakMib: 1024 }],
  connections: { warehouses: 83, temporal: 40 },
  temporalMegabytes: 1310,
  waiting: [],
};

const cells = (line: string) => line.split('|').map((cell) => cell.trim());

test('the tables have each figure under its heading', () => {
  const text = fleetTables(result);
  const rows = text.split('\n').map(cells);
  const row = (first: string) => rows.find(([, name]) => name === first)?.slice(2, -1);
  expect(text).toContain('1,000 agencies that take a file of 200 rows, 2 that run their day');
  expect(row('seconds')).toEqual(['median', '95 %', 'most']);
  expect(row('a schedule starts after its time')).toEqual(['0.1', '0.3', '1.2']);
  expect(row("start of an agency's round to its file published")).toEqual(['4.4', '9.1', '20.5']);
  // 505 CPU seconds over 1,010 runs.
  expect(row('Temporal')).toEqual(['0.50', '505', '612', '1,024']);
  expect(row("connections to the agencies' database, at most")).toEqual(['83']);
  // Nothing is said of what was not measured.
  expect(text).not.toContain('a day through the portal');
  expect(text).not.toContain('fairness');
});

test('one agency behind another is told with and without fairness', () => {
  const smallSeconds = { median: 28.9, p95: 29.5, most: 29.5 };
  const waiting = [
    { fairness: false, backlog: 40, backlogSeconds: 66.1, smallSeconds: { ...smallSeconds, median: 56.2 } },
    { fairness: true, backlog: 40, backlogSeconds: 67.3, smallSeconds },
  ];
  const text = fleetTables({ ...result, waiting });
  expect(text).toContain('starts 40 runs at once');
  expect(text).toMatch(/\| false +\| +56\.2 \| +29\.5 \| +66\.1 \|/);
  expect(text).toMatch(/\| true +\| +28\.9 \| +29\.5 \| +67\.3 \|/);
});

test('options have bounds', () => {
  expect(parseOptions(['--agencies', '10', '--browsers', '0'])).toMatchObject({ agencies: 10, browsers: 0 });
});

test.runIf(process.platform === 'linux')('what a process uses is read of the system', async () => {
  const before = process.cpuUsage();
  const use = await useOf(process.pid);
  const after = process.cpuUsage();
  // Ticks are a hundredth of a second; children that have ended count too.
  expect(use.cpuSeconds).toBeGreaterThanOrEqual((before.user + before.system) / 1e6 - 0.05);
  expect(use.cpuSeconds).toBeGreaterThan(0);
  expect(after.user).toBeGreaterThanOrEqual(before.user);
  expect(use.memoryMib).toBeGreaterThan(20);
  expect(use.peakMib).toBeGreaterThanOrEqual(use.memoryMib);
});
