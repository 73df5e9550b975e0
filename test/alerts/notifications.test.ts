import { array, assert, boolean, constantFrom, property, record, uniqueArray } from 'fast-check';
import { describe, expect, test } from 'vitest';
import { conditionKey, newsOf } from '../../src/alerts/openConditions.ts';
import type { AlertCondition, ChannelName, NotifiedCondition } from '../../src/domain/alertConditions.ts';
import { dueNotifications, type Notification } from '../../src/alerts/notifications.ts';
import type { IsoDate } from '../../src/domain/dates.ts';
import { anEndedRun } from './someFacts.ts';

const hour = 3_600_000;
const start = Date.parse('2026-11-16T12:00:00Z');

function failed(
  day: string,
  failureType: 'PortalUnavailable' | 'SchemaDrift' = 'PortalUnavailable',
): AlertCondition {
  const { report, period, workflowId, runId } = anEndedRun({ report: 'notes', day });
  return { kind: 'failed', report, period, failureType, workflowId, runId };
}
const paused: AlertCondition = { kind: 'schedule', state: 'paused' };
const missing = (report: 'notes' | 'utilization'): AlertCondition => ({
  kind: 'missing',
  report,
  period: { from: '2026-11-01' as IsoDate, to: '2026-11-15' as IsoDate },
  startsAt: '2026-11-16T08:30:00.000Z',
});

/** What the table keeps, without a database: a notification that was sent is noted, and one that was not is not. */
class Memory {
  notified: NotifiedCondition[] = [];

  note({ channel, event, causes: conditions }: Notification, at: Date): void {
    const keys = new Set(conditions.map(conditionKey));
    this.notified = this.notified.filter(
      (each) => each.channel !== channel || !keys.has(conditionKey(each.condition)),
    );
    if (event === 'over') return;
    const notifiedAt = at.toISOString();
    this.notified.push(
      ...conditions.map((condition) => ({ channel, condition, since: notifiedAt, notifiedAt })),
    );
  }

  round(
    conditions: readonly AlertCondition[],
    options: { hours?: number; remindAfterHours?: number; channels?: ChannelName[] } = {},
  ) {
    const { hours = 0, remindAfterHours = 0, channels = ['webhook'] } = options;
    const now = new Date(start + hours * hour);
    const due = dueNotifications({ channels, conditions, notified: this.notified, now, remindAfterHours });
    for (const notification of due) this.note(notification, now);
    return due.map(
      ({ channel, event, causes: told }) => `${channel} ${event} ${told.map(conditionKey).join(' ')}`,
    );
  }
}

describe('a condition', () => {
  test('is reported once over a hundred rounds, and its end once', () => {
    const memory = new Memory();
    expect(memory.round([paused])).toEqual(['webhook began schedule']);
    for (let round = 0; round < 100; round += 1) expect(memory.round([paused], { hours: round })).toEqual([]);
    expect(memory.round([])).toEqual(['webhook over schedule']);
    expect(memory.round([])).toEqual([]);
  });

  test('that turns into another kind of failure is reported again, and has one end', () => {
    const memory = new Memory();
    memory.round([failed('2026-07-01')]);
    const key = 'failed:notes:2026-07-01..2026-07-15';
    expect(memory.round([failed('2026-07-01', 'SchemaDrift')])).toEqual([`webhook began ${key}`]);
    expect(memory.round([failed('2026-07-01', 'SchemaDrift')])).toEqual([]);
    expect(memory.round([])).toEqual([`webhook over ${key}`]);
  });

  test('that lasts is reported again only where the configuration says so, each time after so many hours', () => {
    const memory = new Memory();
    const told = [0, 11, 12, 13, 23, 24].map((hours) =>
      memory.round([paused], { hours, remindAfterHours: 12 }),
    );
    expect(told).toEqual([
      ['webhook began schedule'],
      [],
      ['webhook lasts schedule'],
      [],
      [],
      ['webhook lasts schedule'],
    ]);
  });

  test('is reported to a channel that came later, and by each channel for itself', () => {
    const memory = new Memory();
    memory.round([paused]);
    expect(memory.round([paused], { channels: ['webhook', 'mail'] })).toEqual(['mail began schedule']);
    expect(memory.round([], { channels: ['webhook', 'mail'] })).toEqual([
      'webhook over schedule',
      'mail over schedule',
    ]);
  });
});

describe('one message', () => {
  test('one names all periods that failed alike, another one those that did not', () => {
    const conditions = [failed('2026-07-01'), failed('2026-07-16'), failed('2026-08-01', 'SchemaDrift')];
    expect(new Memory().round(conditions)).toEqual([
      'webhook began failed:notes:2026-07-01..2026-07-15 failed:notes:2026-07-16..2026-07-31',
      'webhook began failed:notes:2026-08-01..2026-08-15',
    ]);
  });

  test('reports both reports that are missing', () => {
    expect(new Memory().round([missing('utilization'), missing('notes')])).toEqual([
      'webhook began missing:utilization missing:notes',
    ]);
  });
});

describe('whatever happens', () => {
  const all = [
    paused,
    { kind: 'schedule', state: 'absent' } as AlertCondition,
    missing('notes'),
    failed('2026-07-01'),
    failed('2026-07-01', 'SchemaDrift'),
    failed('2026-07-16'),
  ];
  // A condition stands once in a state of things.
  const state = uniqueArray(constantFrom(...all), { selector: conditionKey });
  /** What stands, and for each message whether the channel takes it. */
  const roundOf = record({ conditions: state, taken: array(boolean(), { maxLength: 12 }) });

  test('what was taken is reported once until it changes, and what was not is reported again', () => {
    assert(
      property(array(roundOf, { maxLength: 20 }), (rounds) => {
        const memory = new Memory();
        /** What people believe who read every message that was taken. */
        const believed = new Map<string, string>();
        const toldForNothing: string[] = [];
        for (const { conditions, taken } of rounds) {
          const channels: ChannelName[] = ['mail'];
          const now = new Date(start);
          const due = dueNotifications({
            channels,
            conditions,
            notified: memory.notified,
            now,
            remindAfterHours: 0,
          });
          for (const [index, notification] of due.entries()) {
            if (taken[index] === false) continue;
            for (const condition of notification.causes) {
              const key = conditionKey(condition);
              const before = believed.get(key);
              if (notification.event === 'over') believed.delete(key);
              else believed.set(key, newsOf(condition));
              if (believed.get(key) === before) toldForNothing.push(key);
            }
            memory.note(notification, now);
          }
        }
        expect(toldForNothing).toEqual([]);
        // A last round whose messages are all taken leaves them with the truth.
        const last = rounds.at(-1)?.conditions ?? [];
        memory.round(last, { channels: ['mail'] });
        expect(
          memory.notified.map(({ condition }) => [conditionKey(condition), newsOf(condition)].join()).sort(),
        ).toEqual(last.map((condition) => [conditionKey(condition), newsOf(condition)].join()).sort());
        expect(memory.round(last, { channels: ['mail'] })).toEqual([]);
      }),
    );
  });
});
