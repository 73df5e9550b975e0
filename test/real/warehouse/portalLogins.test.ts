import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { PipelineError, type FailureType } from '../../../src/domain/failures.ts';
import { openWarehouse, type Warehouse } from '../../../src/warehouse/connect.ts';
import { migrate } from '../../../src/warehouse/migrate.ts';
import {
  afterSubmit,
  beforeSubmit,
  credentialHash,
  listPortalLogins,
  loginKey,
  refuseBlocked,
  unblockPortalLogins,
  type SubmissionAnswer,
} from '../../../src/warehouse/portalLogins.ts';
import { startTestServer, type TestServer } from '../mariadb.ts';

let server: TestServer;
let warehouse: Warehouse;

beforeAll(async () => {
  server = await startTestServer();
  warehouse = await openWarehouse({ url: await server.createDatabase() });
  await migrate(warehouse);
}, 120_000);

afterAll(async () => {
  await warehouse.close();
  await server.stop();
});

beforeEach(() => warehouse.pool.query('DELETE FROM portal_login'));

const key = loginKey('https://portal.example', 'reports');
const oldPassword = credentialHash('old password', 'key');
const newPassword = credentialHash('new password', 'key');

type Step =
  | { readonly submit: string; readonly refused?: FailureType }
  | { readonly answer: SubmissionAnswer; readonly of?: string }
  | { readonly unblock: true };

const stories: { title: string; steps: Step[] }[] = [
  {
    title: 'an accepted password is submitted as often as one likes',
    steps: Array.from({ length: 5 }, (): Step[] => [{ submit: oldPassword }, { answer: 'accepted' }]).flat(),
  },
  {
    title: 'a rejected password is not submitted again',
    steps: [
      { submit: oldPassword },
      { answer: { rejected: 'PortalLoginRejected' } },
      { submit: oldPassword, refused: 'PortalLoginRejected' },
      { submit: oldPassword, refused: 'PortalLoginRejected' },
    ],
  },
  {
    title: 'a locked account is told as locked',
    steps: [
      { submit: oldPassword },
      { answer: { rejected: 'PortalLocked' } },
      { submit: oldPassword, refused: 'PortalLocked' },
    ],
  },
  {
    title: 'a changed password clears the block, the old one is not remembered as good',
    steps: [
      { submit: oldPassword },
      { answer: { rejected: 'PortalLoginRejected' } },
      { submit: newPassword },
      { answer: { rejected: 'PortalLoginRejected' } },
      { submit: newPassword, refused: 'PortalLoginRejected' },
    ],
  },
  {
    title: 'a rejected password stays rejected while another worker has the new one',
    steps: [
      { submit: oldPassword },
      { answer: { rejected: 'PortalLoginRejected' } },
      { submit: newPassword },
      { answer: 'accepted' },
      { submit: oldPassword, refused: 'PortalLoginRejected' },
      { submit: newPassword },
    ],
  },
  {
    title: 'two submissions without an answer are one too many for a third',
    steps: [
      { submit: oldPassword },
      { submit: oldPassword },
      { submit: oldPassword, refused: 'PortalLoginRejected' },
      { submit: newPassword },
    ],
  },
  {
    title: 'an acceptance between them starts the count anew',
    steps: [
      { submit: oldPassword },
      { submit: oldPassword },
      { answer: 'accepted' },
      { submit: oldPassword },
      { submit: oldPassword },
      { submit: oldPassword, refused: 'PortalLoginRejected' },
    ],
  },
  {
    title: 'a submission that the portal did not judge does not count',
    steps: Array.from({ length: 4 }, (): Step[] => [
      { submit: oldPassword },
      { answer: 'not-judged' },
    ]).flat(),
  },
  {
    title: 'an operator can lift the block',
    steps: [
      { submit: oldPassword },
      { answer: { rejected: 'PortalLocked' } },
      { unblock: true },
      { submit: oldPassword },
    ],
  },
  {
    title: 'a late answer to the old password says nothing of the new one',
    steps: [
      { submit: oldPassword },
      { submit: newPassword },
      { answer: { rejected: 'PortalLoginRejected' }, of: oldPassword },
      { submit: newPassword },
    ],
  },
];

test.each(stories)('$title', async ({ steps }) => {
  const foretold: (FailureType | undefined)[] = [];
  const refusals: (FailureType | undefined)[] = [];
  let last = oldPassword;
  for (const step of steps) {
    if ('unblock' in step) await unblockPortalLogins(warehouse, key);
    else if ('answer' in step) await afterSubmit(warehouse, key, step.of ?? last, step.answer);
    else {
      last = step.submit;
      foretold.push(await refusalOf(refuseBlocked(warehouse, key, step.submit)));
      refusals.push(await refusalOf(beforeSubmit(warehouse, key, step.submit)));
    }
  }
  const expected = steps.flatMap((step) => ('submit' in step ? [step.refused] : []));
  expect({ foretold, refusals }).toEqual({ foretold: expected, refusals: expected });
});

async function refusalOf(submission: Promise<void>): Promise<FailureType | undefined> {
  const error: unknown = await submission.catch((thrown: unknown) => thrown);
  if (error === undefined) return undefined;
  if (error instanceof PipelineError && !error.retry) return error.type;
  throw error;
}

test('of eight workers that meet a new login at once, two may try', async () => {
  const tries = await Promise.allSettled(
    Array.from({ length: 8 }, () => beforeSubmit(warehouse, key, oldPassword)),
  );
  expect(tries.filter((attempt) => attempt.status === 'fulfilled')).toHaveLength(2);
});

test('logins are listed and blocked each by itself', async () => {
  const other = loginKey('https://other.example', 'reports');
  await beforeSubmit(warehouse, key, oldPassword);
  await afterSubmit(warehouse, key, oldPassword, { rejected: 'PortalLocked' });
  await beforeSubmit(warehouse, other, oldPassword);
  const logins = await listPortalLogins(warehouse);
  expect(logins.find((login) => login.loginKey === key)).toMatchObject({
    state: 'blocked',
    failureType: 'PortalLocked',
  });
  expect(logins.find((login) => login.loginKey === other)).toMatchObject({
    state: 'open',
    unresolvedSubmissions: 1,
  });
  expect(await unblockPortalLogins(warehouse)).toBe(1);
  expect((await listPortalLogins(warehouse)).map((login) => login.state)).toEqual(['open', 'open']);
});

describe('what is stored', () => {
  test('holds neither user nor password', async () => {
    await beforeSubmit(warehouse, key, oldPassword);
    const [rows] = await warehouse.pool.query('SELECT * FROM portal_login');
    expect(JSON.stringify(rows)).not.toMatch(/reports|old password|portal\.example/);
    expect(key).toMatch(/^[0-9a-f]{32}$/);
    expect(oldPassword).toMatch(/^[0-9a-f]{64}$/);
  });
});
