import { readdir, readFile } from 'node:fs/promises';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { createAgencyActivities } from '../../src/activities/interceptors/createActivities.ts';
import { databaseMessage, messageFor, messageOf, testMessage } from '../../src/alerts/messages.ts';
import { PartExamination, problem, type Finding } from '../../src/cli/doctor/examination.ts';
import { errorFacts, errorWords } from '../../src/cli/errors.ts';
import { print } from '../../src/cli/output.ts';
import { ConfigError } from '../../src/config.ts';
import type { AlertCondition } from '../../src/domain/alertConditions.ts';
import { PipelineError } from '../../src/domain/failures.ts';
import type { Period } from '../../src/domain/periods.ts';
import type { Ports, UsePorts } from '../../src/ports.ts';
import { workflowFailure } from '../../src/workflows/runFailure.ts';

/** A command of the client that would act for the agency without an id. */
const forNoAgency = /npm run (?:-s )?client -- (?!agencies\b|deploy\b|--agency acme\b)/;
const hint = 'See npm run client -- status; then npm run client -- rejects acme, or npm run client -- deploy';
const forAcme =
  'See npm run client -- --agency acme status; then npm run client -- --agency acme rejects acme, or npm run client -- deploy';

const period = { from: '2026-10-16', to: '2026-10-31' } as Period;
const about = { report: 'notes', period } as const;
const run = {
  workflowId: 'acme:notes:2026-10-16..2026-10-31',
  runId: '0197f3c2-5a1e-7c44-9d2b-6f0a1b2c3d4e',
};
const conditions: readonly AlertCondition[] = [
  { kind: 'failed', ...about, ...run, failureType: 'PortalLocked' },
  { kind: 'held', ...about, ...run, gates: ['pinned'] },
  { kind: 'held', ...about, ...run, gates: ['no-rows'] },
  { kind: 'missing', ...about, startsAt: '2026-11-16T08:30:00Z' },
  { kind: 'login', login: 'reports.bot', failureType: null },
  { kind: 'schedule', state: 'paused' },
  { kind: 'schedule', state: 'absent' },
  { kind: 'stuck', ...run, why: 'no-worker', detail: 'a build' },
  { kind: 'source', source: 'vendor' },
  { kind: 'pages', state: 'not-written', workflowId: 'acme:daily', runId: 'r' },
  { kind: 'pages', state: 'not-mailed', workflowId: 'acme:daily', runId: 'r' },
];

describe('an alert of an agency', () => {
  const messages = [
    ...conditions.flatMap((condition) => {
      const twice = { ...condition, ...('runId' in condition ? { runId: run.runId.replace('0', '1') } : {}) };
      return [[condition], [condition, twice]].flatMap((causes) =>
        (['began', 'lasts', 'over'] as const).map((event) => messageOf({ event, causes }, undefined)),
      );
    }),
    databaseMessage('began'),
    databaseMessage('over'),
    testMessage,
  ];

  test.each(messages)('$title', (message) => {
    const { title, lines, commands } = messageFor('acme', message);
    expect(title).toBe(`acme: ${message.title}`);
    expect([...lines, ...commands].filter((line) => forNoAgency.test(line))).toEqual([]);
    expect(commands).toHaveLength(message.commands.length);
    expect(messageFor(undefined, message)).toEqual(message);
  });
});

test('a failure of a workflow of an agency', () => {
  const error = new PipelineError('DashboardsNotWritten', 'It went wrong.', { hint });
  expect((workflowFailure(error, 'acme') as Error).message).toBe(`It went wrong. What to do: ${forAcme}`);
  expect((workflowFailure(error) as Error).message).toBe(`It went wrong. What to do: ${hint}`);
});

test('what a step of an agency returns', async () => {
  const ports = { alerts: { channels: [{ name: hint }] } } as unknown as Ports;
  const use: UsePorts = (_, work) => work(ports);
  const { planAlerts } = createAgencyActivities('pipeline', use, () => Promise.resolve(ports));
  expect(await planAlerts!({ agency: 'acme' })).toMatchObject({ channels: [forAcme] });
  expect(await planAlerts!()).toMatchObject({ channels: [hint] });
});

describe('a command of the client that acts for an agency', () => {
  const printed: unknown[] = [];
  beforeEach(() => {
    vi.stubEnv('EHR_AGENCY', 'acme');
    vi.spyOn(console, 'log').mockImplementation((line: unknown) => void printed.push(line));
  });
  afterEach(() => {
    vi.unstubAllEnvs();
    vi.restoreAllMocks();
    printed.length = 0;
  });

  test('prints its answer so', () => {
    print({}, {}, () => hint);
    expect(printed).toEqual([forAcme]);
  });

  test.each([
    { title: 'refusal', error: new PipelineError('InvalidInput', hint, { hint }) },
    { title: 'mistake in the settings', error: new ConfigError([hint]) },
    { title: 'defect', error: new Error(hint) },
  ])('reports a $title so', ({ error }) => {
    expect(errorWords(error)).not.toMatch(forNoAgency);
    expect(JSON.stringify(errorFacts(error))).not.toMatch(forNoAgency);
    expect(errorWords(error)).toContain(forAcme);
  });

  test('reports findings of doctor so', () => {
    const findings: Finding[] = [];
    new PartExamination('files', (finding) => findings.push(finding)).add(problem(hint, hint));
    expect(findings).toEqual([{ part: 'files', state: 'problem', what: forAcme, remedy: forAcme }]);
  });

  test('with a wrong id still reports what is wrong', () => {
    vi.stubEnv('EHR_AGENCY', 'No Id');
    expect(errorWords(new ConfigError([hint]))).toContain(hint);
  });

  /** Lines in which no command of the client can stand, or whose agency is set already. */
  const elsewhere = [
    // The one answer with --json, and what `print` prints.
    'src/cli/output.ts: options.json === true ? printableJson(facts)',
    'src/cli/errors.ts: printableJson({ error: errorFacts(error)',
    'src/cli/errors.ts: printableLines(errorWords(error))',
    'src/cli/refusedCall.ts: printableJson',
    // Findings have it since they were made.
    'src/cli/doctor.ts: findingLines',
    'src/cli/doctor.ts: countWords',
    'src/cli/init.ts: findingLines',
    'src/cli/init.ts: wrote',
    'src/cli/initQuestions.ts: wanted',
    // It goes for all agencies.
    'src/cli/deploy.ts: ',
    'src/cli/lastResorts.ts: ',
    'src/cli/runsInLedger.ts: ',
    'src/cli/portalHold.ts: ',
    'src/cli/completion.ts: completionScript',
    'src/cli/watch.ts: ',
  ].map((each) => each.split(': ') as [string, string]);

  test('prints nothing else', async () => {
    const project = new URL('../../', import.meta.url);
    const others: string[] = [];
    for (const file of await readdir(new URL('src/cli', project), { recursive: true })) {
      if (!file.endsWith('.ts')) continue;
      const name = `src/cli/${file}`;
      const source = await readFile(new URL(name, project), 'utf8');
      for (const [, printing = ''] of source.matchAll(/console\.(?:log|error)\(([^;]*);/g)) {
        const known = elsewhere.some(([place, words]) => place === name && printing.includes(words));
        if (!known && !printing.includes('forHere(')) others.push(`${name}: ${printing}`);
      }
    }
    expect(others).toEqual([]);
  });
});
