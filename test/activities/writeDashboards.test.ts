import { MockActivityEnvironment } from '@temporalio/testing';
import { describe, expect, test } from 'vitest';
import { createWriteDashboards } from '../../src/activities/writeDashboards.ts';
import { PipelineError } from '../../src/domain/failures.ts';
import type { Ports } from '../../src/ports.ts';

type Dashboards = NonNullable<Ports['dashboards']>;
type Mailed = Parameters<Dashboards['mail']>[0];

const page = { path: '/var/dashboards/dashboard.html', bytes: 5 };
const sent = { sent: 1, sentBefore: 0, notSent: 0, why: [] };

/** What the step gives and what it asked to mail. */
async function step(
  parts: Partial<Dashboards>,
  { attempt = 1 }: { attempt?: number } = {},
): Promise<{ result: unknown; mailed: Mailed[] }> {
  const mailed: Mailed[] = [];
  const dashboards: Dashboards = {
    folderName: 'dashboards',
    write: () => Promise.resolve([page]),
    mail: (pages) => {
      mailed.push(pages);
      return Promise.resolve(sent);
    },
    ...parts,
  };
  const environment = new MockActivityEnvironment({ attempt, retryPolicy: { maximumAttempts: 4 } });
  const result: unknown = await environment
    .run(createWriteDashboards({ dashboards }))
    .catch((error: unknown) => error);
  return { result, mailed };
}

function full(retry: boolean): PipelineError {
  return new PipelineError('DashboardsNotWritten', 'no room', { hint: 'Make some.', retry });
}

describe('after the dashboards are written', () => {
  test('those of today are mailed, and counted', async () => {
    const { result, mailed } = await step({});
    expect(mailed).toEqual([{ files: [page] }]);
    expect(result).toEqual({ kind: 'written', folder: 'dashboards', files: 1, bytes: 5, mails: sent });
  });

  test('nobody is mailed where nobody is to be', async () => {
    const { result } = await step({ mail: () => Promise.resolve(undefined) });
    expect(result).toEqual({ kind: 'written', folder: 'dashboards', files: 1, bytes: 5 });
  });

  test('a mail that cannot be sent fails nothing, and says no more than a code', async () => {
    const error = Object.assign(new Error('of ann@example.org'), { code: 'EACCES' });
    const { result } = await step({ mail: () => Promise.reject(error) });
    expect(result).toMatchObject({
      kind: 'written',
      mails: { notSent: 1, why: ['mails were not sent: EACCES'] },
    });
    expect(JSON.stringify(result)).not.toContain('ann');
  });

  test('it is told that nothing is loaded', async () => {
    const { result, mailed } = await step({ write: () => Promise.resolve(undefined) });
    expect(mailed).toEqual([{ files: [], missing: 'nothing is loaded yet' }]);
    expect(result).toEqual({ kind: 'nothing loaded', mails: sent });
  });
});

describe('dashboards that cannot be written', () => {
  test.each([
    { attempt: 1, retry: true, told: 0 },
    { attempt: 4, retry: true, told: 1 },
    { attempt: 1, retry: false, told: 1 },
  ])(
    'are told after the last attempt: $attempt of 4, tried again $retry',
    async ({ attempt, retry, told }) => {
      const { result, mailed } = await step({ write: () => Promise.reject(full(retry)) }, { attempt });
      expect(result).toMatchObject({ type: 'DashboardsNotWritten' });
      expect(mailed).toHaveLength(told);
      for (const pages of mailed)
        expect(pages).toEqual({ files: [], missing: 'the pages could not be written' });
    },
  );
});
