import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { PipelineError, type FailureType } from '../../../src/domain/failures.ts';
import { listAuditEvents } from '../../../src/warehouse/auditTrail.ts';
import { openWarehouse, type Warehouse } from '../../../src/warehouse/connect.ts';
import { migrate } from '../../../src/warehouse/migrate.ts';
import {
  afterSubmit,
  beforeSubmit,
  listPortalLogins,
  loginNames,
  refuseBlocked,
  unblockPortalLogins,
  type LoginNames,
  type SubmissionAnswer,
} from '../../../src/warehouse/portalLogins.ts';
import { loginAccess } from '../../../src/wiring/portalLoginQueue.ts';
import { startTestServer, type TestServer } from '../mariadb.ts';

let server: TestServer;
let warehouse: Warehouse;

beforeAll(async () => {
  server = await startTestServer();
  warehouse = await openWarehouse({ url: await server.createDatabase() });
  await migrate(warehouse);
});

afterAll(async () => {
  await warehouse.close();
  await server.stop();
});

beforeEach(() => warehouse.pool.query('DELETE FROM portal_login'));

const secrets = { loginKey: 'key of the login', nameKey: 'key of the names' };

/** The account at one portal, by what one worker holds. */
function login(password: string, facts: { recipe?: string; url?: string } = {}): LoginNames {
  const { recipe = 'a recipe', url = 'https://portal.example' } = facts;
  return loginNames({ url, user: 'reports', password, recipe }, secrets);
}

const ann = { name: 'ann@desk', proof: 'claimed' } as const;
const oldPassword = login('old password');
const newPassword = login('new password');
const changedRecipe = login('old password', { recipe: 'another recipe' });
const key = oldPassword.current.login;

type Step =
  | { readonly submit: LoginNames; readonly refused?: FailureType }
  | { readonly answer: SubmissionAnswer; readonly of?: LoginNames }
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
    title: 'a page that nobody knows is met once with one password and one recipe',
    steps: [
      { submit: oldPassword },
      { answer: 'unknown-page' },
      { submit: oldPassword, refused: 'PortalLayoutChanged' },
      { submit: oldPassword, refused: 'PortalLayoutChanged' },
      { submit: changedRecipe },
      { answer: 'accepted' },
      // A worker that still has the old recipe would meet the page again.
      { submit: oldPassword, refused: 'PortalLayoutChanged' },
      { submit: newPassword },
    ],
  },
  {
    title: 'a portal that leads to another origin is met once with one password and one recipe',
    steps: [
      { submit: oldPassword },
      { answer: 'other-origin' },
      { submit: oldPassword, refused: 'PortalOriginRefused' },
      { submit: changedRecipe },
      { answer: 'accepted' },
      { submit: oldPassword, refused: 'PortalOriginRefused' },
      { submit: newPassword },
    ],
  },
  {
    title: 'two recipes that meet the page do not free each other',
    steps: [
      { submit: oldPassword },
      { answer: 'unknown-page' },
      { submit: changedRecipe },
      { answer: 'unknown-page' },
      { submit: oldPassword, refused: 'PortalLayoutChanged' },
      { submit: changedRecipe, refused: 'PortalLayoutChanged' },
    ],
  },
  {
    title: 'an operator who has dealt with the page frees the login',
    steps: [
      { submit: oldPassword },
      { answer: 'unknown-page' },
      { unblock: true },
      { submit: oldPassword },
      { answer: 'accepted' },
      { submit: oldPassword },
    ],
  },
  {
    title: 'a rejection counts whatever the recipe',
    steps: [
      { submit: oldPassword },
      { answer: { rejected: 'PortalLoginRejected' } },
      { submit: changedRecipe, refused: 'PortalLoginRejected' },
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
    if ('unblock' in step) await unblockPortalLogins(warehouse, ann, key);
    else if ('answer' in step) await afterSubmit(warehouse, step.of ?? last, step.answer);
    else {
      last = step.submit;
      foretold.push(await refusalOf(refuseBlocked(warehouse, step.submit)));
      refusals.push(await refusalOf(beforeSubmit(warehouse, step.submit)));
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
    Array.from({ length: 8 }, () => beforeSubmit(warehouse, oldPassword)),
  );
  expect(tries.filter((attempt) => attempt.status === 'fulfilled')).toHaveLength(2);
});

test('logins are listed and blocked each by itself', async () => {
  const other = login('old password', { url: 'https://other.example' });
  await beforeSubmit(warehouse, oldPassword);
  await afterSubmit(warehouse, oldPassword, { rejected: 'PortalLocked' });
  await beforeSubmit(warehouse, other);
  const logins = await listPortalLogins(warehouse);
  expect(logins).toHaveLength(2);
  expect(logins.find(({ loginKey }) => loginKey === key)).toMatchObject({
    state: 'blocked',
    failureType: 'PortalLocked',
    refusedAt: null,
  });
  expect(logins.find(({ loginKey }) => loginKey === other.current.login)).toMatchObject({
    state: 'open',
    unresolvedSubmissions: 1,
  });
  expect(await unblockPortalLogins(warehouse, ann)).toBe(1);
  expect(await states()).toEqual(['open', 'open']);
});

async function states(): Promise<string[]> {
  return (await listPortalLogins(warehouse)).map(({ state }) => state);
}

async function refused(names: LoginNames): Promise<void> {
  expect(await refusalOf(refuseBlocked(warehouse, names))).toBeDefined();
}

describe('what people see of a block, and free', () => {
  test('a block, though other rows of the login are of the same moment', async () => {
    await beforeSubmit(warehouse, oldPassword);
    await afterSubmit(warehouse, oldPassword, 'unknown-page');
    await warehouse.pool.query("UPDATE portal_login SET updated_at = '2026-11-20 08:00:00.000'");
    for (const order of ['ASC', 'DESC']) {
      // The order of the rows in the table is that of their primary key; both kinds of row come last once.
      await warehouse.pool.query(
        `UPDATE portal_login JOIN (SELECT login_key AS l, credential_hash AS c, ROW_NUMBER() OVER (ORDER BY state ${order}) AS n
           FROM portal_login) AS numbered ON l = login_key AND c = credential_hash
         SET credential_hash = LPAD(n, 64, '${order.at(0)!.toLowerCase()}')`,
      );
      expect(await states()).toEqual(['blocked']);
    }
  });

  test('an unknown page', async () => {
    await beforeSubmit(warehouse, oldPassword);
    await afterSubmit(warehouse, oldPassword, 'unknown-page');
    expect(await listPortalLogins(warehouse)).toMatchObject([
      { state: 'blocked', failureType: 'PortalLayoutChanged' },
    ]);
    expect(await unblockPortalLogins(warehouse, ann)).toBe(1);
    expect(await states()).toEqual(['open']);
    const events = () => listAuditEvents(warehouse, { action: 'unblock-login', limit: 10 });
    const [event] = await events();
    expect(event).toMatchObject({ actor: 'ann@desk', details: JSON.stringify({ logins: [key] }) });
    const before = (await events()).length;
    expect(await unblockPortalLogins(warehouse, ann)).toBe(0);
    expect(await events()).toHaveLength(before);
  });

  test('a portal that led to another origin', async () => {
    await beforeSubmit(warehouse, oldPassword);
    await afterSubmit(warehouse, oldPassword, 'other-origin');
    expect(await listPortalLogins(warehouse)).toMatchObject([
      { state: 'blocked', failureType: 'PortalOriginRefused' },
    ]);
    await expect(refuseBlocked(warehouse, oldPassword)).rejects.toThrow(
      'the portal led to another origin at the login before this one',
    );
    expect(await unblockPortalLogins(warehouse, ann)).toBe(1);
    expect(await states()).toEqual(['open']);
  });

  test('submissions without an answer, before and after a run was refused', async () => {
    await beforeSubmit(warehouse, oldPassword);
    expect(await states()).toEqual(['open']);
    await beforeSubmit(warehouse, oldPassword);
    expect(await states()).toEqual(['blocked']);
    await refused(oldPassword);
    expect(await listPortalLogins(warehouse)).toMatchObject([
      { state: 'blocked', failureType: null, blockedAt: expect.any(String), refusedAt: expect.any(String) },
    ]);
    expect(await unblockPortalLogins(warehouse, ann)).toBe(1);
    await beforeSubmit(warehouse, oldPassword);
  });

  test('a worker that holds a rejected old password, beside one that is signed in with the new', async () => {
    await beforeSubmit(warehouse, oldPassword);
    await afterSubmit(warehouse, oldPassword, { rejected: 'PortalLoginRejected' });
    await beforeSubmit(warehouse, newPassword);
    await afterSubmit(warehouse, newPassword, 'accepted');
    expect(await states()).toEqual(['open']);
    await refused(oldPassword);
    expect(await listPortalLogins(warehouse)).toMatchObject([
      { state: 'blocked', failureType: 'PortalLoginRejected', refusedAt: expect.any(String) },
    ]);
    await beforeSubmit(warehouse, newPassword);
    expect(await states()).toEqual(['open']);
  });
});

test('whoever only looks leaves a submission to a run, and blocks nobody', async () => {
  const looking = { unresolved: 1 };
  await beforeSubmit(warehouse, oldPassword, looking);
  await expect(beforeSubmit(warehouse, oldPassword, looking)).rejects.toThrow(
    'an earlier submission ended without an answer, and the next one is left to a run',
  );
  await expect(refuseBlocked(warehouse, oldPassword, looking)).rejects.toThrow('left to a run');
  expect(await states()).toEqual(['open']);
  await beforeSubmit(warehouse, oldPassword);
});

describe('workers of the version before, which know no key of the login', () => {
  /** As they name the same login. */
  const before: LoginNames = { current: oldPassword.former! };

  test('are kept from a password that was rejected here', async () => {
    await beforeSubmit(warehouse, oldPassword);
    await afterSubmit(warehouse, oldPassword, { rejected: 'PortalLoginRejected' });
    expect(await refusalOf(beforeSubmit(warehouse, before))).toBe('PortalLoginRejected');
  });

  test('keep others from a password that was rejected there', async () => {
    await beforeSubmit(warehouse, before);
    await afterSubmit(warehouse, before, { rejected: 'PortalLocked' });
    expect(await refusalOf(refuseBlocked(warehouse, oldPassword))).toBe('PortalLocked');
    expect(await refusalOf(beforeSubmit(warehouse, oldPassword))).toBe('PortalLocked');
  });

  test('share the count of submissions without an answer, and one line of the list', async () => {
    await beforeSubmit(warehouse, before);
    await beforeSubmit(warehouse, oldPassword);
    expect(await refusalOf(beforeSubmit(warehouse, oldPassword))).toBe('PortalLoginRejected');
    expect(await listPortalLogins(warehouse)).toMatchObject([{ loginKey: key, state: 'blocked' }]);
    expect(await unblockPortalLogins(warehouse, ann, key)).toBe(1);
    await beforeSubmit(warehouse, before);
  });
});

describe('how a login is named', () => {
  const facts = {
    url: 'https://portal.example',
    user: 'reports',
    password: 'old password',
    recipe: 'a recipe',
  };

  test('another name key forgets no block', () => {
    const other = loginNames(facts, { ...secrets, nameKey: 'another key of the names' });
    expect(other.current).toEqual(oldPassword.current);
  });

  test('nobody without the key can compute it', () => {
    const other = loginNames(facts, { ...secrets, loginKey: 'another key of the login' });
    expect(other.current.login).not.toBe(oldPassword.current.login);
    expect(other.current.credential).not.toBe(oldPassword.current.credential);
  });

  test('without a key it is the former name alone', () => {
    expect(loginNames(facts, { ...secrets, loginKey: undefined })).toEqual({ current: oldPassword.former });
  });
});

describe('what is stored', () => {
  test('holds neither user nor password', async () => {
    await beforeSubmit(warehouse, oldPassword);
    await afterSubmit(warehouse, oldPassword, 'unknown-page');
    const [rows] = await warehouse.pool.query('SELECT * FROM portal_login');
    expect(rows).toHaveLength(4);
    expect(JSON.stringify(rows)).not.toMatch(/reports|old password|portal\.example|a recipe/);
    expect(key).toMatch(/^[0-9a-f]{32}$/);
    expect(oldPassword.current.credential).toMatch(/^[0-9a-f]{64}$/);
  });
});

test('a submission that waits for its answer now does not count as unanswered for others', async () => {
  const settings = { url: 'https://portal.example', user: 'reports', password: 'old password' };
  const access = loginAccess({ warehouse, settings, secrets, recipe: {} as never });
  // Of a machine that vanished.
  await access.beforePasswordSubmit();
  const turn = await access.takeTurn({ signal: new AbortController().signal, onWait: () => undefined });
  await access.beforePasswordSubmit();
  await access.refuseBlocked();
  expect((await listPortalLogins(warehouse)).map(({ blockedAt }) => blockedAt)).toEqual([null]);
  await turn.release();
  await expect(access.refuseBlocked()).rejects.toMatchObject({ type: 'PortalLoginRejected', retry: false });
});
