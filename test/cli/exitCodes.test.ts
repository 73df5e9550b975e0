import { readFileSync } from 'node:fs';
import { CancelledFailure, ApplicationFailure, TerminatedFailure } from '@temporalio/common';
import { CommanderError } from 'commander';
import { describe, expect, test } from 'vitest';
import { RunEnded, TemporalUnusable } from '../../src/cli/commandErrors.ts';
import { errorFacts, errorWords, exitCodeOfError } from '../../src/cli/errors.ts';
import { fromOptions } from '../../src/cli/fromOptions.ts';
import { parseRunReportInput } from '../../src/domain/inputs.ts';
import { PortalTrouble } from '../../src/portal/trouble.ts';
import { exitCodeHelp, exitCodeOfResult, exitCodes, exitMeanings } from '../../src/cli/exitCodes.ts';
import { reportRefusedCall } from '../../src/cli/refusedCall.ts';
import { ConfigError } from '../../src/config.ts';
import { PipelineError } from '../../src/domain/failures.ts';
import { asWarehouseFailure } from '../../src/warehouse/failure.ts';

const held = [{ id: 'notes:2026-10-16..2026-10-31', run: 'r', gates: ['pinned'] }];

test.each([
  { title: 'a run that published', result: { outcome: 'published' }, code: exitCodes.fine },
  { title: 'a run with nothing to change', result: { outcome: 'unchanged' }, code: exitCodes.fine },
  { title: 'a held run', result: { outcome: 'held' }, code: exitCodes.held },
  { title: 'a superseded run', result: { outcome: 'superseded' }, code: exitCodes.notLoaded },
  { title: 'periods that all went well', result: { done: { published: 3 }, held: [] }, code: exitCodes.fine },
  { title: 'periods of which one is held', result: { done: { held: 1 }, held }, code: exitCodes.held },
  { title: 'a workflow without a result', result: null, code: exitCodes.fine },
])('$title ends with $code', ({ result, code }) => {
  expect(exitCodeOfResult(result)).toBe(code);
});

const away = asWarehouseFailure(
  Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED', fatal: true }),
  'Connecting to the database',
);

const errors = [
  {
    title: 'a wrong setting',
    error: new ConfigError(['DATABASE_URL: is missing']),
    code: exitCodes.wrongCall,
  },
  {
    title: 'an input that this program refuses',
    error: new PipelineError('InvalidInput', 'no', { hint: 'Do.' }),
    code: exitCodes.wrongCall,
  },
  {
    title: 'an input that a worker refuses',
    error: ApplicationFailure.create({ type: 'InvalidInput', message: 'no' }),
    code: exitCodes.wrongCall,
  },
  { title: 'a database that is away', error: away, code: exitCodes.noDatabase },
  {
    title: 'a run that found the database away',
    error: ApplicationFailure.create({ type: 'WarehouseUnavailable', message: 'away' }),
    code: exitCodes.failed,
  },
  {
    title: 'Temporal that is away',
    error: new TemporalUnusable('away', { hint: 'Look.', cause: undefined }),
    code: exitCodes.noTemporal,
  },
  { title: 'a cancelled run', error: new CancelledFailure('cancelled'), code: exitCodes.notLoaded },
  { title: 'a terminated run', error: new TerminatedFailure('terminated'), code: exitCodes.failed },
  {
    title: 'a failed run',
    error: ApplicationFailure.create({ type: 'PortalLocked', message: 'locked' }),
    code: exitCodes.failed,
  },
  {
    title: 'a backfill with a period that was terminated',
    error: ApplicationFailure.create({
      type: 'InvalidInput',
      message: '1 of 2 periods failed',
      details: [{ failed: 1, notAttempted: 0, done: {} }],
    }),
    code: exitCodes.failed,
  },
  {
    title: 'a run that somebody terminated while it was followed',
    error: new RunEnded('x was terminated', { type: 'TerminatedFailure', hint: 'Do.', cause: undefined }),
    code: exitCodes.failed,
  },
  {
    title: 'a run that somebody cancelled while it was followed',
    error: new RunEnded('x was cancelled', { type: 'CancelledFailure', hint: 'Do.', cause: undefined }),
    code: exitCodes.notLoaded,
  },
  { title: 'a defect', error: new TypeError('x is not a function'), code: exitCodes.failed },
] as const;

test.each(errors)('$title ends with $code', ({ error, code }) => {
  expect(exitCodeOfError(error)).toBe(code);
});

test.each([
  { title: 'help', error: new CommanderError(0, 'commander.help', ''), code: exitCodes.fine },
  {
    title: 'an unknown option',
    error: new CommanderError(1, 'commander.unknownOption', ''),
    code: exitCodes.wrongCall,
  },
])('$title ends with $code', ({ error, code }) => {
  expect(reportRefusedCall(error, { json: false })).toBe(code);
});

describe('what a failed command says', () => {
  test('of the portal: what to do', () => {
    const trouble = new PortalTrouble('PortalUnavailable', 'The portal did not answer.', { hint: 'Wait.' });
    expect(errorFacts(trouble)).toEqual({
      type: 'PortalUnavailable',
      message: 'The portal did not answer.',
      hint: 'Wait.',
    });
    expect(errorWords(trouble)).toBe(
      'PortalUnavailable: The portal did not answer.\nWait.\nSee docs/runbook.md, section PortalUnavailable.',
    );
  });

  test('of options: nothing of the JSON object that a workflow takes', () => {
    expect(() => fromOptions(() => parseRunReportInput({ report: 'notes', from: '2026-10-16' }))).toThrow(
      expect.objectContaining({
        type: 'InvalidInput',
        message: 'to: is missing; it must be an existing day written YYYY-MM-DD',
        hint: 'Run with --help for the options and examples.',
      }),
    );
  });

  test('of the database: nothing of a run, for there is none', () => {
    expect(errorWords(away)).not.toMatch(/\brun\b.*again/i);
    expect(errorWords(away)).toMatch(
      /cannot be reached .*ECONNREFUSED.*\n.*database server.*\n.*section WarehouseUnavailable/,
    );
  });

  test('of a failed run: its type, its words, and where to read on', () => {
    const failure = ApplicationFailure.create({ type: 'PortalLocked', message: 'locked. What to do: Ask' });
    expect(errorWords(failure)).toBe(
      'PortalLocked: locked. What to do: Ask\nSee docs/runbook.md, section PortalLocked.',
    );
    expect(errorFacts(failure)).toEqual({ type: 'PortalLocked', message: 'locked. What to do: Ask' });
  });

  test('to programs: what is wrong apart from what to do', () => {
    const refused = new PipelineError('InvalidInput', 'no such day', { hint: 'Give another.' });
    expect(errorFacts(refused)).toEqual({
      type: 'InvalidInput',
      message: 'no such day',
      hint: 'Give another.',
    });
  });
});

describe('the codes are written down', () => {
  const rows = Object.entries(exitMeanings).map(([name, meaning]) => ({
    code: String(exitCodes[name as keyof typeof exitCodes]),
    meaning,
  }));

  test('each once', () => {
    expect(new Set(Object.values(exitCodes)).size).toBe(rows.length);
  });

  test('in --help', () => {
    for (const { code, meaning } of rows) expect(exitCodeHelp()).toContain(`  ${code}  ${meaning}`);
  });

  test('in docs/client.md, in the same words', () => {
    const page = readFileSync(new URL('../../docs/client.md', import.meta.url), 'utf8');
    const written = Array.from(page.matchAll(/^\| (\d) \| (.+) \|$/gm), ([, code, meaning]) => ({
      code,
      meaning,
    }));
    expect(written).toEqual(rows);
  });
});
