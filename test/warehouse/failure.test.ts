import { DrizzleQueryError } from 'drizzle-orm';
import { describe, expect, test } from 'vitest';
import { PipelineError } from '../../src/domain/failures.ts';
import { asWarehouseFailure, namingPlace, serverRefusals } from '../../src/warehouse/failure.ts';

const cell = 'LARKSPUR, CLEMENCE';

function serverError(code: string, errno: number): Error {
  return Object.assign(new Error(`Incorrect value: '${cell}'`), {
    code,
    errno,
    sqlState: 'HY000',
    sqlMessage: cell,
    sql: `INSERT '${cell}'`,
  });
}

function networkError(code: string): Error {
  return Object.assign(new Error(`connect ${code}`), { code, errno: -111, fatal: true });
}

/** Another attempt a little later can go well. */
const passing = [
  1020, 1021, 1030, 1040, 1047, 1053, 1114, 1158, 1159, 1160, 1161, 1180, 1203, 1205, 1206, 1213, 1226, 1290,
  1317, 1412, 1637, 1836, 1927, 1969, 3024, 3032, 3100, 3101, 3169, 3572, 4031,
];
/** The same attempt ends the same way until a person has changed something. */
const lasting = [
  1044, 1045, 1049, 1104, 1129, 1130, 1142, 1143, 1153, 1227, 1356, 1449, 1568, 1665, 1698, 1820, 1862, 3098,
  3118, 3159, 3955, 4151,
];

describe('a database error becomes a typed failure', () => {
  test.each([
    {
      title: 'a deadlock',
      error: serverError('ER_LOCK_DEADLOCK', 1213),
      type: 'WarehouseUnavailable',
      retry: true,
    },
    {
      title: 'a lock timeout',
      error: serverError('ER_LOCK_WAIT_TIMEOUT', 1205),
      type: 'WarehouseUnavailable',
      retry: true,
    },
    {
      title: 'a full disk',
      error: serverError('ER_DISK_FULL', 1021),
      type: 'WarehouseUnavailable',
      retry: true,
    },
    {
      title: 'a full table',
      error: serverError('ER_RECORD_FILE_FULL', 1114),
      type: 'WarehouseUnavailable',
      retry: true,
    },
    {
      title: 'a read-only server',
      error: serverError('ER_OPTION_PREVENTS_STATEMENT', 1290),
      type: 'WarehouseUnavailable',
      retry: true,
    },
    {
      title: 'a shutdown',
      error: serverError('ER_SERVER_SHUTDOWN', 1053),
      type: 'WarehouseUnavailable',
      retry: true,
    },
    {
      title: 'a killed connection',
      error: serverError('ER_CONNECTION_KILLED', 1927),
      type: 'WarehouseUnavailable',
      retry: true,
    },
    {
      title: 'a refused connection',
      error: networkError('ECONNREFUSED'),
      type: 'WarehouseUnavailable',
      retry: true,
    },
    {
      title: 'a lost connection',
      error: networkError('PROTOCOL_CONNECTION_LOST'),
      type: 'WarehouseUnavailable',
      retry: true,
    },
    {
      title: 'an unknown certificate',
      error: networkError('SELF_SIGNED_CERT_IN_CHAIN'),
      type: 'WarehouseUnavailable',
      retry: false,
    },
    {
      title: 'a refused password',
      error: serverError('ER_ACCESS_DENIED_ERROR', 1045),
      type: 'WarehouseUnavailable',
      retry: false,
    },
    {
      title: 'an unknown database',
      error: serverError('ER_BAD_DB_ERROR', 1049),
      type: 'WarehouseUnavailable',
      retry: false,
    },
    {
      title: 'a missing table',
      error: serverError('ER_NO_SUCH_TABLE', 1146),
      type: 'WarehouseUnavailable',
      retry: false,
    },
    {
      title: 'a duplicate key',
      error: serverError('ER_DUP_ENTRY', 1062),
      type: 'ReconciliationFailed',
      retry: false,
    },
    {
      title: 'a value too large',
      error: serverError('ER_WARN_DATA_OUT_OF_RANGE', 1264),
      type: 'ReconciliationFailed',
      retry: false,
    },
    {
      title: 'a text too long',
      error: serverError('ER_DATA_TOO_LONG', 1406),
      type: 'ReconciliationFailed',
      retry: false,
    },
    {
      title: 'a statement nobody understands',
      error: serverError('ER_PARSE_ERROR', 1064),
      type: 'InternalError',
      retry: false,
    },
    {
      title: 'an error not in the list',
      error: serverError('ER_SOMETHING_NEW', 9999),
      type: 'WarehouseUnavailable',
      retry: true,
    },
    {
      title: "Drizzle's wrapping of one",
      error: new DrizzleQueryError('insert ?', [cell], serverError('ER_DUP_ENTRY', 1062)),
      type: 'ReconciliationFailed',
      retry: false,
    },
    {
      title: "Drizzle's wrapping of a driver error without a number",
      error: new DrizzleQueryError('insert ?', [cell], new Error('closed state')),
      type: 'WarehouseUnavailable',
      retry: true,
    },
  ])('$title is $type', ({ error, type, retry }) => {
    const failure = asWarehouseFailure(error, 'Loading');
    expect(failure).toBeInstanceOf(PipelineError);
    expect(failure).toMatchObject({ type, retry });
  });

  test('without the text of the driver, which quotes cells, in message, details, cause or stack', () => {
    const wrapped = new DrizzleQueryError('insert ?', [cell], serverError('ER_DATA_TOO_LONG', 1406));
    const failure = asWarehouseFailure(wrapped, 'Loading') as PipelineError;
    const cause = failure.cause as Error;
    const told = [
      failure.message,
      JSON.stringify(failure.details),
      failure.stack,
      cause.message,
      cause.stack,
    ];
    expect(told.join('\n')).not.toContain('LARKSPUR');
    expect(cause.message).toBe('ER_DATA_TOO_LONG, 1406');
    expect(cause.stack).toMatch(/\n\s+at /);
    expect(cause.cause).toBeUndefined();
  });

  test.each([
    { title: 'a typed failure', error: new PipelineError('ArtifactMissing', 'gone', { hint: 'again' }) },
    {
      title: 'an error of a file',
      error: Object.assign(new Error('no such file'), { code: 'ENOENT', errno: -2 }),
    },
    { title: 'a defect', error: new TypeError('undefined is not a function') },
    { title: 'what is no error', error: 'text' },
  ])('$title passes as it is', ({ error }) => {
    expect(asWarehouseFailure(error, 'Loading')).toBe(error);
  });
});

describe('what the server refuses', () => {
  const numbers = serverRefusals.flatMap((refusal) => refusal.numbers);

  test('is in the table by one meaning only', () => {
    expect(numbers.toSorted((one, other) => one - other)).toEqual(
      [...new Set(numbers)].toSorted((one, other) => one - other),
    );
  });

  test.each(serverRefusals)('$what: says what to do, and whether another attempt can help', (refusal) => {
    expect(refusal.hint).not.toMatch(/look the error number up/i);
    for (const number of refusal.numbers) {
      const failure = asWarehouseFailure(serverError('ER_SOME', number), 'Loading');
      expect(failure).toMatchObject({
        type: refusal.type,
        retry: refusal.retry,
        hint: refusal.hint,
        message: `Loading: ${refusal.what} (ER_SOME, ${String(number)}).`,
      });
    }
  });

  test.each([
    { retry: true, of: 'a state that passes', listed: passing },
    { retry: false, of: 'a state that somebody has to end', listed: lasting },
  ])('$of is tried again: $retry', ({ retry, listed }) => {
    for (const number of listed) {
      const failure = asWarehouseFailure(serverError('ER_SOME', number), 'Loading') as PipelineError;
      expect([number, failure.retry, failure.hint]).toEqual([
        number,
        retry,
        expect.not.stringMatching(/look the error number up/i),
      ]);
    }
  });
});

const failing = (type: 'WarehouseUnavailable' | 'ReconciliationFailed') =>
  namingPlace(
    {
      folderName: 'pages',
      load: (rows: number) =>
        rows > 0
          ? Promise.resolve(rows)
          : Promise.reject(new PipelineError(type, 'load: it went away.', { hint: 'Wait.', retry: true })),
    },
    'the database ehr at db:3306',
  );

describe('a failure of a port', () => {
  test('says which database it was, and is otherwise the same', async () => {
    await expect(failing('WarehouseUnavailable').load(0)).rejects.toMatchObject({
      message: 'the database ehr at db:3306: load: it went away.',
      type: 'WarehouseUnavailable',
      hint: 'Wait.',
      retry: true,
    });
    await expect(failing('ReconciliationFailed').load(0)).rejects.toThrow(/^load: it went away\.$/);
  });

  test('changes nothing else of it', async () => {
    const port = failing('WarehouseUnavailable');
    expect(port.folderName).toBe('pages');
    expect(await port.load(3)).toBe(3);
  });
});
