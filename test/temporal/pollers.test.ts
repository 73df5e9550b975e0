import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { workersOf, type TaskQueue } from '../../src/temporal/pollers.ts';

const workflows: TaskQueue = { name: 'ehr-pipeline', type: 'workflow' };
const exports_: TaskQueue = { name: 'ehr-portal', type: 'activity' };
const begin = new Date('2026-11-16T08:30:00Z').getTime();

/** A pause takes no time here, and the clock goes on by it. */
function pause(milliseconds: number): Promise<void> {
  vi.setSystemTime(Date.now() + milliseconds);
  return Promise.resolve();
}

beforeEach(() => void vi.useFakeTimers({ now: begin, toFake: ['Date'] }));
afterEach(() => void vi.useRealTimers());

/** Polls as the server knows them, as seconds before or after the beginning; one that is to come is not known yet. */
type Polls = Readonly<Record<string, Readonly<Record<string, readonly number[]>>>>;

async function workers(polls: Polls, { clockAhead = 0 } = {}) {
  const describeTaskQueue = ({ taskQueue }: { taskQueue: { name: string } }) => {
    const now = (Date.now() - begin) / 1000;
    const known = Object.entries(polls[taskQueue.name] ?? {}).map(([identity, at]) => {
      const seconds = begin / 1000 - clockAhead + Math.max(...at.filter((each) => each <= now));
      return { identity, lastAccessTime: { seconds, nanos: 0 } };
    });
    return Promise.resolve({ pollers: known });
  };
  const services = { workflowService: { describeTaskQueue } } as never;
  const found = await workersOf(services, 'default', [workflows, exports_], pause);
  return { found, seconds: (Date.now() - begin) / 1000 };
}

describe('the workers of the queues', () => {
  test('are known at once if they asked within half a minute', async () => {
    const { found, seconds } = await workers({
      'ehr-pipeline': { '1@host': [-20], '0@host': [-200] },
      'ehr-portal': { '1@host': [-29] },
    });
    expect(found.map(({ present }) => present)).toEqual([['1@host'], ['1@host']]);
    expect(seconds).toBe(0);
  });

  test('are waited for until their next poll is overdue', async () => {
    const { found, seconds } = await workers({
      'ehr-pipeline': { '1@host': [-55, 5] },
      'ehr-portal': { '1@host': [-55, 5] },
    });
    expect(found.map(({ present }) => present)).toEqual([['1@host'], ['1@host']]);
    expect(seconds).toBe(6);
  });

  test('that have gone are gone half a minute later', async () => {
    const { found, seconds } = await workers({
      'ehr-pipeline': { '1@host': [-31] },
      'ehr-portal': { '1@host': [-31] },
    });
    expect(found).toMatchObject([
      { present: [], gone: { identity: '1@host', silentSeconds: 65 } },
      { present: [], gone: { identity: '1@host', silentSeconds: 65 } },
    ]);
    expect(seconds).toBeLessThanOrEqual(36);
  });

  test('that are busy at the portal are there, as long as they ask for something else', async () => {
    const { found } = await workers({
      'ehr-pipeline': { '1@host': [-3] },
      'ehr-portal': { '1@host': [-280] },
    });
    expect(found[1]).toEqual({ queue: exports_, present: ['1@host'] });
  });

  test('are none where the server knows of none', async () => {
    const { found, seconds } = await workers({});
    expect(found).toEqual([
      { queue: workflows, present: [] },
      { queue: exports_, present: [] },
    ]);
    expect(seconds).toBe(0);
  });

  test('are found under a clock that is ahead', async () => {
    const polls = { 'ehr-pipeline': { '1@host': [-5, 55] }, 'ehr-portal': { '1@host': [-5, 55] } };
    const { found } = await workers(polls, { clockAhead: 3_600 });
    expect(found[0]!.present).toEqual(['1@host']);
  });
});
