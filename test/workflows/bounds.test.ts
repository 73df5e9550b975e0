import { homedir, tmpdir } from 'node:os';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { recordedHistories, type RecordedEvent } from '../histories/histories.ts';

const histories = recordedHistories();

interface Scheduled {
  readonly activityType: { readonly name: string };
  readonly taskQueue: { readonly name: string };
  readonly startToCloseTimeout?: string;
  readonly heartbeatTimeout?: string;
  readonly retryPolicy?: { readonly maximumAttempts?: number; readonly backoffCoefficient?: number };
}

const scheduled = histories.flatMap(({ name, events }) =>
  events.flatMap((event) => {
    const attributes = event['activityTaskScheduledEventAttributes'] as Scheduled | undefined;
    return attributes === undefined ? [] : [{ name, ...attributes }];
  }),
);
const activities = [...new Set(scheduled.map(({ activityType }) => activityType.name))].sort();

/** Durations in a history are seconds: `1800s`; `0s` is none. */
function seconds(duration: string | undefined): number {
  return Number.parseFloat(duration ?? '0');
}

/** How long a hung step can go unnoticed: to the next heartbeat, or to its time limit where it has none. */
function longestSilence({ heartbeatTimeout, startToCloseTimeout }: Scheduled): number {
  return seconds(heartbeatTimeout) || seconds(startToCloseTimeout);
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
// Longer without a sign of life, and a step that hangs would be noticed too late.
const longestSilenceSeconds = 60;

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
      expect(each.retryPolicy?.maximumAttempts).toBeGreaterThanOrEqual(1);
      expect(each.retryPolicy?.maximumAttempts).toBeLessThanOrEqual(50);
      expect(seconds(each.startToCloseTimeout)).toBeGreaterThan(0);
      expect(longestSilence(each)).toBeLessThanOrEqual(longestSilenceSeconds);
    }
  });

  test('only the export runs on the portal’s queue', () => {
    const atPortal = scheduled.filter(({ taskQueue }) => taskQueue.name === 'ehr-portal');
    expect(new Set(atPortal.map(({ activityType }) => activityType.name))).toEqual(
      new Set(['loginAndDownload']),
    );
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
