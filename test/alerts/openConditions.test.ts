import { describe, expect, test } from 'vitest';
import { openConditions, conditionKey, newsOf, type AlertFacts } from '../../src/alerts/openConditions.ts';
import { outcomes } from '../../src/domain/publication.ts';
import { reportNames } from '../../src/reports/index.ts';
import { aHeldRun, anEndedRun, someFacts } from './someFacts.ts';

const login = 'd2b3b10ee5b8c1f7d2b3b10ee5b8c1f7';
const utilizationDone = anEndedRun({ report: 'utilization' });
const keys = (facts: Partial<AlertFacts>) => openConditions(someFacts(facts)).map(conditionKey);

describe('what stands', () => {
  test.each<{ title: string; facts: Partial<AlertFacts>; keys: string[] }>([
    {
      title: 'nothing about a report that is not in use',
      facts: { lastRuns: [anEndedRun({ report: 'notes' })], reports: ['notes'] },
      keys: [],
    },
    { title: 'nothing, where both due periods were seen to', facts: {}, keys: [] },
    {
      title: 'a period whose last run failed, due or not',
      facts: {
        lastRuns: [
          ...someFacts().lastRuns,
          anEndedRun({
            report: 'notes',
            day: '2026-07-01',
            outcome: 'failed',
            finishedAt: '2026-08-01T00:00:00Z',
          }),
        ],
      },
      keys: ['failed:notes:2026-07-01..2026-07-15'],
    },
    {
      title: 'a held run of a period, and not the older one that waits too',
      facts: { held: [aHeldRun({ gates: ['empty'] }), aHeldRun()] },
      keys: ['held:notes:2026-11-01..2026-11-15'],
    },
    {
      title: 'a login that is blocked, and none of the runs that failed for it',
      facts: {
        blockedLogins: [{ login, failureType: 'PortalLoginRejected' }],
        lastRuns: [
          utilizationDone,
          anEndedRun({ report: 'notes', outcome: 'failed', failureType: 'PortalLoginRejected' }),
        ],
      },
      keys: [`login:${login}`],
    },
    {
      title: 'a schedule that is paused, and not the runs that are missing for it',
      facts: { lastRuns: [], schedule: { state: 'paused', createdAt: '2026-01-01T00:00:00.000Z' } },
      keys: ['schedule'],
    },
    {
      title: 'each source that cannot be reached',
      facts: { unreachable: ['staff', 'vendor'] },
      keys: ['source:staff', 'source:vendor'],
    },
    {
      title: 'pages that were not mailed, once',
      facts: { pages: { state: 'not-mailed', workflowId: 'daily', runId: 'a run' } },
      keys: ['pages'],
    },
    {
      title: 'a schedule that is gone',
      facts: { lastRuns: [], schedule: { state: 'absent' } },
      keys: ['schedule'],
    },
    {
      title: 'both reports, where no run ever ended',
      facts: { lastRuns: [] },
      keys: ['missing:utilization', 'missing:notes'],
    },
    {
      title: 'a report whose last run was the day before',
      facts: {
        lastRuns: [utilizationDone, anEndedRun({ report: 'notes', finishedAt: '2026-11-15T08:35:00Z' })],
      },
      keys: ['missing:notes'],
    },
    {
      title: 'a report that was run since, but for another period',
      facts: { lastRuns: [utilizationDone, anEndedRun({ report: 'notes', day: '2026-10-16' })] },
      keys: ['missing:notes'],
    },
    {
      title: 'a failure of a kind that this version does not know',
      facts: {
        lastRuns: [
          ...someFacts().lastRuns,
          anEndedRun({ report: 'notes', day: '2026-07-01', outcome: 'failed', failureType: null }),
        ],
      },
      keys: ['failed:notes:2026-07-01..2026-07-15'],
    },
  ])('$title', ({ facts, keys: wanted }) => {
    expect(keys(facts)).toEqual(wanted);
  });

  test('every report is missing, where no run ever ended and nothing says which are in use', () => {
    const { reports: _, ...facts } = someFacts({ lastRuns: [] });
    expect(openConditions(facts).map(conditionKey)).toEqual(reportNames.map((name) => `missing:${name}`));
  });
});

describe('a due period is seen to', () => {
  test.each(outcomes.filter((outcome) => outcome !== 'cancelled'))('by a run that ended as %s', (outcome) => {
    const lastRuns = [utilizationDone, anEndedRun({ report: 'notes', outcome })];
    expect(keys({ lastRuns })).not.toContain('missing:notes');
  });

  test('by none that was cancelled', () => {
    const lastRuns = [utilizationDone, anEndedRun({ report: 'notes', outcome: 'cancelled' })];
    expect(keys({ lastRuns })).toEqual(['missing:notes']);
  });
});

describe('the due hour', () => {
  const yesterdays = [
    anEndedRun({ report: 'utilization', finishedAt: '2026-11-15T08:35:00Z' }),
    // On the 15th the first half of November has not ended.
    anEndedRun({ report: 'notes', day: '2026-10-16', finishedAt: '2026-11-15T08:35:00Z' }),
  ];

  test.each([
    { title: 'has not come a minute before', now: '2026-11-16T11:29:00Z', missing: [] },
    {
      title: 'has come to the minute',
      now: '2026-11-16T11:30:00Z',
      missing: ['missing:utilization', 'missing:notes'],
    },
    { title: 'of yesterday counts after midnight', now: '2026-11-16T06:00:00Z', missing: [] },
  ])('$title', ({ now, missing }) => {
    expect(keys({ now: new Date(now), lastRuns: yesterdays })).toEqual(missing);
  });

  test('is that of the day, not later by an hour, when clocks have gone forward', () => {
    // On 2027-03-14 New York has no 02:00, and its 03:30 is 07:30 in UTC.
    const finishedAt = '2027-03-14T07:29:00Z';
    const lastRuns = [
      anEndedRun({ report: 'utilization', day: '2027-02-01', finishedAt }),
      anEndedRun({ report: 'notes', day: '2027-02-16', finishedAt }),
    ];
    const at = (now: string) => keys({ now: new Date(now), lastRuns });
    expect(at('2027-03-14T10:29:00Z')).toEqual([]);
    expect(at('2027-03-14T10:30:00Z')).toEqual(['missing:utilization', 'missing:notes']);
  });

  test('is no matter for starts that lie before the schedule was made', () => {
    const schedule = { state: 'active', createdAt: '2026-11-16T12:00:00.000Z' } as const;
    expect(keys({ lastRuns: [], schedule })).toEqual([]);
  });
});

test.each([
  {
    title: 'the kind of a failure',
    one: { outcome: 'failed', failureType: 'PortalUnavailable' },
    other: { outcome: 'failed', failureType: 'SchemaDrift' },
  },
] as const)('$title is news, not another condition', ({ one, other }) => {
  const causeOf = (changes: typeof one | typeof other) =>
    openConditions(
      someFacts({ lastRuns: [utilizationDone, anEndedRun({ report: 'notes', ...changes })] }),
    )[0]!;
  expect(conditionKey(causeOf(one))).toBe(conditionKey(causeOf(other)));
  expect(newsOf(causeOf(one))).not.toBe(newsOf(causeOf(other)));
});
