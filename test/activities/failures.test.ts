import { ApplicationFailure, CancelledFailure } from '@temporalio/common';
import { describe, expect, test } from 'vitest';
import { asActivityFailure } from '../../src/activities/interceptors/failureConversion.ts';
import { failureTypes, PipelineError, type FailureType } from '../../src/domain/failures.ts';

const underWay = { activity: 'load', cancelled: false };

function failureOf(error: unknown): ApplicationFailure {
  const failure = asActivityFailure(error, underWay);
  expect(failure).toBeInstanceOf(ApplicationFailure);
  return failure as ApplicationFailure;
}

function causeOf(error: unknown): ApplicationFailure {
  return failureOf(error).cause as ApplicationFailure;
}

describe('a failure of the one list', () => {
  const types = Object.entries(failureTypes).map(([type, { retry }]) => ({
    type: type as FailureType,
    retry,
  }));

  test.each(types)('$type keeps its type, and whether a retry can help ($retry)', ({ type, retry }) => {
    const failure = failureOf(new PipelineError(type, 'it went wrong', { hint: 'Mend it.' }));
    expect(failure).toMatchObject({ type, nonRetryable: !retry });
  });

  test('an error that knows better than its type says so', () => {
    const error = new PipelineError('WarehouseUnavailable', 'denied', { hint: 'Ask.', retry: false });
    expect(failureOf(error).nonRetryable).toBe(true);
  });

  const joints = [
    { title: 'without a full stop', message: 'the disk is full' },
    { title: 'with one', message: 'the disk is full.' },
  ];

  test.each(joints)('reads as two sentences where the first comes $title', ({ message }) => {
    const error = new PipelineError('ArtifactStoreUnavailable', message, { hint: 'Make room.' });
    expect(failureOf(error).message).toBe('the disk is full. What to do: Make room.');
  });

  test('ends with a command as it is to be typed', () => {
    const error = new PipelineError('WarehouseUnavailable', 'behind', {
      hint: 'Run: npm run client -- migrate',
    });
    expect(failureOf(error).message).toMatch(/ npm run client -- migrate$/);
  });

  test('carries the details for machines', () => {
    const error = new PipelineError('ArtifactMissing', 'gone', {
      hint: 'Wait.',
      details: { madeBy: 'clean' },
    });
    expect(failureOf(error).details).toEqual([{ madeBy: 'clean' }]);
  });

  test('one that is translated already stays as it is', () => {
    const translated = failureOf(new PipelineError('SchemaDrift', 'other columns', { hint: 'Agree.' }));
    expect(asActivityFailure(translated, underWay)).toBe(translated);
  });
});

describe('what nobody translated', () => {
  const untold = [
    { title: 'an error', thrown: new TypeError("reading 'SMITH, JOHN'"), names: 'TypeError' },
    {
      title: 'a failure of another type',
      thrown: ApplicationFailure.create({ type: 'Odd' }),
      names: 'Applicati',
    },
    { title: 'a text', thrown: 'SMITH, JOHN', names: 'string' },
    { title: 'nothing', thrown: undefined, names: 'undefined' },
  ];

  test.each(untold)('$title is a defect, named by its class and not by its text', ({ thrown, names }) => {
    const failure = failureOf(thrown);
    expect(failure.type).toBe('InternalError');
    expect(failure.message).toContain(`load met an error it does not know (${names}`);
    expect(
      JSON.stringify([failure.message, failure.stack, causeOf(thrown).message, causeOf(thrown).stack]),
    ).not.toContain('SMITH');
  });
});

describe('the cause', () => {
  const driverError = Object.assign(new RangeError("Duplicate entry 'SMITH, JOHN'\n  for key 1"), {
    code: 'ER_DUP_ENTRY',
    errno: 1062,
    sqlState: '23000',
    sql: "INSERT … 'SMITH, JOHN'",
  });
  const error = new PipelineError('ReconciliationFailed', 'a row comes twice', {
    hint: 'Look.',
    cause: driverError,
  });

  test('says class, code and number', () => {
    expect(causeOf(error)).toMatchObject({
      type: 'RangeError',
      message: 'code ER_DUP_ENTRY, errno 1062, sqlState 23000',
    });
  });

  test('says where it was thrown, from the project’s root on', () => {
    expect(causeOf(error).stack).toMatch(
      /^RangeError: code .*\n {4}at .*test\/activities\/failures\.test\.ts:\d+/,
    );
    expect(`${causeOf(error).stack!}${failureOf(error).stack!}`).not.toContain(process.cwd());
  });

  test('holds nothing of the text, of many lines as it may be', () => {
    expect(causeOf(error).stack).not.toMatch(/SMITH|Duplicate|for key/);
  });

  test('is the failure itself where nothing caused it', () => {
    const plain = new PipelineError('ExportTruncated', 'cut', { hint: 'Again.' });
    expect(causeOf(plain)).toMatchObject({ type: 'PipelineError', message: 'no code' });
    expect(failureOf(plain).stack).toMatch(/^ExportTruncated\n {4}at .*failures\.test\.ts/);
  });
});

describe('a cancellation', () => {
  const cancellations = [
    { title: 'as Temporal throws it', thrown: new CancelledFailure('CANCELLED') },
    {
      title: 'as an aborted wait throws it',
      thrown: Object.assign(new Error('aborted'), { name: 'AbortError' }),
    },
  ];

  test.each(cancellations)('$title passes where the step was cancelled', ({ thrown }) => {
    expect(asActivityFailure(thrown, { activity: 'load', cancelled: true })).toBe(thrown);
  });

  test.each(cancellations)('$title is a defect where nobody cancelled', ({ thrown }) => {
    expect(failureOf(thrown).type).toBe('InternalError');
  });
});

test.each([
  {
    hint: 'See npm run client -- status, then npm run client -- rejects acme.',
    shown: 'See npm run client -- --agency acme status, then npm run client -- --agency acme rejects acme.',
  },
  { hint: 'npm run client -- agencies check acme', shown: 'npm run client -- agencies check acme' },
])('the commands of a hint act for the agency: $shown', ({ hint, shown }) => {
  const error = new PipelineError('InvalidInput', 'It went wrong.', { hint });
  const of = (agency?: string) =>
    (asActivityFailure(error, { activity: 'clean', agency, cancelled: false }) as Error).message;
  expect(of('acme')).toBe(`It went wrong. What to do: ${shown}`);
  expect(of()).toBe(`It went wrong. What to do: ${hint}`);
});
