import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { mailText, webhookBody } from '../../src/alerts/formats.ts';
import { databaseMessage, messageOf, testMessage } from '../../src/alerts/messages.ts';
import { failureTypes, type FailureType } from '../../src/domain/failures.ts';
import type { AlertCondition } from '../../src/domain/alertConditions.ts';
import { aHeldRun, anEndedRun } from './someFacts.ts';

const runbook = readFileSync(new URL('../../docs/runbook.md', import.meta.url), 'utf8');
const held: AlertCondition = { kind: 'held', ...aHeldRun() };
const run = '0197f3c2-5a1e-7c44-9d2b-6f0a1b2c3d4e';

function failed(failureType: FailureType): AlertCondition {
  const { report, period, workflowId, runId } = anEndedRun({ report: 'notes' });
  return { kind: 'failed', report, period, failureType, workflowId, runId };
}

const conditions: AlertCondition[] = [
  ...(Object.keys(failureTypes) as FailureType[]).map(failed),
  held,
  { kind: 'missing', report: 'notes', period: aHeldRun().period, startsAt: '2026-11-16T08:30:00.000Z' },
  { kind: 'login', login: 'd2b3', failureType: null },
  { kind: 'login', login: 'd2b3', failureType: 'PortalLocked' },
  { kind: 'login', login: 'd2b3', failureType: 'PortalOriginRefused' },
  { kind: 'source', source: 'vendor-drop' },
  { kind: 'pages', state: 'not-written', workflowId: 'daily', runId: run },
  { kind: 'pages', state: 'not-mailed', workflowId: 'daily', runId: run },
  { kind: 'schedule', state: 'paused' },
  { kind: 'schedule', state: 'absent' },
  {
    kind: 'stuck',
    workflowId: 'backfill:notes:2026-01-01..2026-06-30',
    runId: run,
    why: 'no-worker',
    detail: 'a1b2',
  },
  {
    kind: 'stuck',
    workflowId: 'notes:2026-10-16..2026-10-31',
    runId: run,
    why: 'task-fails',
    detail: 'NON_DETERMINISTIC_ERROR',
  },
];

describe('every condition', () => {
  test.each(conditions)(
    '$kind $failureType $state says who acts, what to do and where to read on',
    (condition) => {
      const message = messageOf({ event: 'began', causes: [condition] }, undefined);
      expect(message.lines.at(-1)).toMatch(/^Who acts: .+\.$/);
      expect(message.commands.length).toBeGreaterThan(0);
      expect(runbook).toContain(`### ${message.runbook!}\n`);
    },
  );

  test.each(conditions)('$kind $failureType $state asks nobody for anything once it is over', (condition) => {
    const message = messageOf({ event: 'over', causes: [condition] }, undefined);
    expect(message.title).toMatch(/^Over: /);
    expect(message).toMatchObject({ commands: [], runbook: undefined });
  });
});

test('a held run without rows is never said to be waiting for an approval', () => {
  const { lines, commands } = messageOf(
    { event: 'began', causes: [{ ...held, gates: ['empty-over-rows'] }] },
    undefined,
  );
  expect(lines.join(' ')).not.toMatch(/approves/);
  expect(commands.join(' ')).not.toContain('approve');
});

test('a backfill of years that fails is one message of bounded length', () => {
  const many = Array.from({ length: 200 }, () => failed('SchemaDrift'));
  const { title, lines } = messageOf({ event: 'began', causes: many }, undefined);
  expect(title).toBe('notes: 200 periods failed: SchemaDrift');
  expect(lines).toHaveLength(15);
  expect(lines[12]).toBe('and 188 more');
});

test.each([
  [null, 'its answer stayed unknown twice'],
  ['PortalLayoutChanged', 'an unknown page followed the login'],
  ['PortalOriginRefused', 'the portal led to another origin'],
  ['PortalLocked', 'PortalLocked'],
] as const)('a login that is blocked by %s says why', (failureType, why) => {
  const { title } = messageOf(
    { event: 'began', causes: [{ kind: 'login', login: 'd2b3', failureType }] },
    undefined,
  );
  expect(title).toBe(`the portal login is blocked: ${why}`);
});

const webUi = { url: 'https://temporal.example.org/', namespace: 'ehr' };

test('Slack gets a line for its notification and one block', () => {
  expect(webhookBody('slack', messageOf({ event: 'began', causes: [held] }, webUi))).toEqual({
    text: 'notes 2026-11-01..2026-11-15 held by rows-far-from-last-load',
    blocks: [
      {
        type: 'section',
        text: {
          type: 'mrkdwn',
          text: [
            '*notes 2026-11-01..2026-11-15 held by rows-far-from-last-load*',
            'Nothing was loaded; the earlier figures stay until a person approves or rejects it.',
            'Who acts: an analyst, or another person who knows the figures.',
            '```',
            `npm run client -- diff notes 2026-11-01 --run ${run}`,
            `npm run client -- approve ${run} --reason "why"`,
            `npm run client -- reject ${run} --reason "why"`,
            '```',
            'See docs/runbook.md, section A held run.',
            `<https://temporal.example.org/namespaces/ehr/workflows/notes%3Arun/${run}|The run in the Web UI>`,
          ].join('\n'),
        },
      },
    ],
  });
});

test('what Slack would read as markup stays text', () => {
  const message = { ...testMessage, title: 'a <b> & c' };
  expect(webhookBody('slack', message)).toMatchObject({ text: 'a &lt;b&gt; &amp; c' });
});

test('Teams gets one Adaptive Card', () => {
  expect(webhookBody('teams', messageOf({ event: 'began', causes: [failed('SchemaDrift')] }, webUi))).toEqual(
    {
      type: 'message',
      attachments: [
        {
          contentType: 'application/vnd.microsoft.card.adaptive',
          content: {
            $schema: 'http://adaptivecards.io/schemas/adaptive-card.json',
            type: 'AdaptiveCard',
            version: '1.4',
            body: [
              {
                type: 'TextBlock',
                text: 'notes 2026-11-01..2026-11-15 failed: SchemaDrift',
                weight: 'Bolder',
                size: 'Medium',
                wrap: true,
              },
              { type: 'TextBlock', text: 'Nothing was loaded; the earlier figures stay.', wrap: true },
              {
                type: 'TextBlock',
                text: 'Who acts: an engineer: the export has other columns than agreed.',
                wrap: true,
              },
              {
                type: 'TextBlock',
                text: 'npm run client -- versions notes 2026-11-01',
                wrap: true,
                fontType: 'Monospace',
              },
              {
                type: 'TextBlock',
                text: 'See docs/runbook.md, section SchemaDrift.',
                wrap: true,
                isSubtle: true,
              },
            ],
            actions: [
              {
                type: 'Action.OpenUrl',
                title: 'The run in the Web UI',
                url: `https://temporal.example.org/namespaces/ehr/workflows/notes%3Arun/${run}`,
              },
            ],
          },
        },
      ],
    },
  );
});

test('a mail has it all as plain text', () => {
  expect(mailText(databaseMessage('began'))).toEqual({
    subject: '[EHR pipeline] the database cannot be read',
    text: `the database cannot be read.
Until it answers, the results of runs and other problems are unknown. No load is left half done in the tables.
Who acts: the database operator if it lasts.

  npm run client -- status

See docs/runbook.md, section WarehouseUnavailable.
`,
  });
});
