import { homedir, tmpdir } from 'node:os';
import { fileURLToPath } from 'node:url';
import { msOptionalToNumber } from '@temporalio/common/lib/time.js';
import type { ActivityOptions } from '@temporalio/workflow';
import { describe, expect, test } from 'vitest';
import { limits, portalLimits } from '../../src/workflows/activityProxies.ts';
import { recordedHistories, type RecordedEvent } from '../histories/histories.ts';

const histories = recordedHistories();

type Limits = Pick<
  ActivityOptions,
  'startToCloseTimeout' | 'scheduleToCloseTimeout' | 'heartbeatTimeout' | 'retry'
>;

/** Durations are texts as in the options, `1800s`; `0s` is none. */
interface Scheduled extends Omit<Limits, 'retry'> {
  readonly activityType: { readonly name: string };
  readonly taskQueue: { readonly name: string };
  readonly retryPolicy?: Limits['retry'];
}

const scheduled = histories.flatMap(({ name, events }) =>
  events.flatMap((event) => {
    const attributes = event['activityTaskScheduledEventAttributes'] as Scheduled | undefined;
    return attributes === undefined ? [] : [{ name, ...attributes }];
  }),
);
const activities = [...new Set(scheduled.map(({ activityType }) => activityType.name))].sort();

function seconds(duration: Limits['heartbeatTimeout']): number {
  return (msOptionalToNumber(duration) ?? 0) / 1000;
}

// Longer without a sign of life, and a step that hangs would be noticed too late.
const longestSilenceSeconds = 60;
// The longest that the configuration allows between two tries of the portal.
const longestPauseSeconds = 3600;

function expectBounded({ startToCloseTimeout, heartbeatTimeout, retry }: Limits): void {
  expect(retry?.maximumAttempts).toBeGreaterThanOrEqual(1);
  expect(retry?.maximumAttempts).toBeLessThanOrEqual(50);
  expect(seconds(startToCloseTimeout)).toBeGreaterThan(0);
  // A hung step is noticed by the next heartbeat, or at its time limit where it has none.
  expect(seconds(heartbeatTimeout) || seconds(startToCloseTimeout)).toBeLessThanOrEqual(
    longestSilenceSeconds,
  );
  // Without a maximum, the server takes a hundred times the first pause.
  const longestPause = seconds(retry?.maximumInterval) || 100 * seconds(retry?.initialInterval);
  expect(longestPause).toBeGreaterThan(0);
  expect(longestPause).toBeLessThanOrEqual(longestPauseSeconds);
}

/** Steps that need no heartbeat, since their time limit is as quick. */
const quick = [
  'findAlerts',
  'planAlerts',
  'planBackfill',
  'planDailyRun',
  'planRun',
  'planSources',
  'recordOutcome',
  'takeDecision',
  'tellAlert',
  'tellDatabase',
];

describe('every step is bounded', () => {
  test('the histories hold every step but the one that waits for another run', () => {
    expect(activities).toEqual(
      [
        'aggregate',
        'assess',
        'categorize',
        'claimFiles',
        'clean',
        'load',
        'loginAndDownload',
        'settleFile',
        'takeFile',
        'tidy',
        'writeDashboards',
        ...quick,
      ].sort(),
    );
  });

  test.each(activities)('%s', (activity) => {
    for (const each of scheduled.filter(({ activityType }) => activityType.name === activity)) {
      expectBounded({ ...each, retry: each.retryPolicy ?? {} });
    }
  });

  test('only the export runs on the portal’s queue', () => {
    const atPortal = scheduled.filter(({ taskQueue }) => taskQueue.name === 'ehr-portal');
    expect(new Set(atPortal.map(({ activityType }) => activityType.name))).toEqual(
      new Set(['loginAndDownload']),
    );
  });
});

const classes = Object.entries<Limits>({
  ...limits,
  portal: portalLimits({ portalAttempts: 2, portalRetrySeconds: longestPauseSeconds }),
});

/** A history keeps the limits of the day it was recorded: these are those of today, by which workflows schedule. */
describe('every class of steps is bounded', () => {
  test.each(classes)('%s', (_, options) => expectBounded(options));

  test('over all attempts too, but for steps that wait for a worker as long as their run may', () => {
    const endless = classes.filter(([, { scheduleToCloseTimeout }]) => !seconds(scheduleToCloseTimeout));
    expect(endless.map(([name]) => name)).toEqual(['transform', 'warehouse', 'portal']);
  });
});

/** What Temporal warns at for one payload; every event must be far from it, whatever the file's size. */
const warningBytes = 256 * 1024;

describe('histories hold references and counts', () => {
  test.each(histories)('no event of $name is large', ({ events }) => {
    const sizes = events.map((event) => Buffer.byteLength(JSON.stringify(event)));
    expect(Math.max(...sizes)).toBeLessThan(warningBytes / 16);
  });

  test.each(histories)('every step of $name says what it is about', ({ events }) => {
    const steps = events.filter((event) => 'activityTaskScheduledEventAttributes' in event);
    for (const step of steps) expect(summaryOf(step)).toMatch(/^[\w :.-]+ [\w :.-]+$/);
  });

  test.each(histories)('$name names no machine', ({ events }) => {
    const text = decoded(events);
    const places = [fileURLToPath(new URL('../..', import.meta.url)), tmpdir(), homedir(), 'file://'];
    expect(places.filter((place) => text.includes(place))).toEqual([]);
    const identities = Array.from(text.matchAll(/"identity":"([^"]*)"/g), (match) => match[1]);
    expect(new Set(identities)).toEqual(new Set(['worker@host']));
  });
});

function summaryOf(event: RecordedEvent): string {
  const metadata = event['userMetadata'] as { summary?: { data: string } } | undefined;
  return JSON.parse(Buffer.from(metadata?.summary?.data ?? 'IiI=', 'base64').toString('utf8')) as string;
}

/** The history as text, with its payloads readable. */
function decoded(events: readonly RecordedEvent[]): string {
  return JSON.stringify(events, (key, value: unknown) =>
    key === 'data' && typeof value === 'string' ? Buffer.from(value, 'base64').toString('utf8') : value,
  );
}
