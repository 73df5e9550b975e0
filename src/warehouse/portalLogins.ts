import { createHash, createHmac } from 'node:crypto';
import { and, eq, sql } from 'drizzle-orm';
import { isFailureType, PipelineError, type FailureType } from '../domain/failures.ts';
import type { Warehouse } from './connect.ts';
import { asWarehouseFailure } from './failure.ts';
import { now } from './instants.ts';
import { portalLogin } from './schema.ts';

/** What became of a submitted password. */
export type SubmissionAnswer =
  | 'accepted'
  /** It never reached the portal, or the portal answered with an error of its own: it counted for nothing. */
  | 'not-judged'
  | { readonly rejected: FailureType };

export interface PortalLoginState {
  readonly loginKey: string;
  readonly state: 'open' | 'blocked';
  /** Of a blocked one; null where nobody saw what the portal answered. */
  readonly failureType: FailureType | null;
  /** UTC, `YYYY-MM-DD hh:mm:ss.mmm`. */
  readonly blockedAt: string | null;
  readonly unresolvedSubmissions: number;
}

/**
 * Portals lock an account after a few wrong passwords (three at the strictest). A submission whose answer
 * nobody saw, because the worker died, may have been a rejection: after two of them nobody tries a third.
 */
const maxUnresolvedSubmissions = 2;

/** Names a login without showing it: 32 hex digits. */
export function loginKey(portalUrl: string, user: string): string {
  return createHash('sha256').update(`${portalUrl}\n${user}`).digest('hex').slice(0, 32);
}

/** Tells one password from another without keeping either: 64 hex digits. */
export function credentialHash(password: string, secret: string): string {
  // The prefix keeps these digests apart from those of names under the same secret.
  return createHmac('sha256', secret).update(`portal-credential\n${password}`).digest('hex');
}

/**
 * Call right before a password is sent. Throws the stored failure, without a submission, while this very
 * credential is blocked. Another one is not, and does not free this one: while a password is being changed, workers
 * with the old and the new may run side by side. What it notes is committed when it returns.
 */
export async function beforeSubmit(warehouse: Warehouse, key: string, credential: string): Promise<void> {
  const refusal = await inWarehouse('Noting a portal login', async () => {
    await ensureRow(warehouse, key, credential);
    return warehouse.db.transaction((tx) => decide(tx, key, credential), readCommitted);
  });
  if (refusal !== undefined) throw loginBlocked(refusal);
}

/** Throws as `beforeSubmit` would, and notes nothing: asked before a browser is opened at all. */
export async function refuseBlocked(warehouse: Warehouse, key: string, credential: string): Promise<void> {
  const [row] = await inWarehouse('Reading a portal login', () =>
    warehouse.db.select().from(portalLogin).where(thisCredential(key, credential)),
  );
  const refusal = row === undefined ? undefined : judge(row).refusal;
  if (refusal !== undefined) throw loginBlocked(refusal);
}

/** Call with the portal's answer, or not at all when nobody saw one. */
export async function afterSubmit(
  warehouse: Warehouse,
  key: string,
  credential: string,
  answer: SubmissionAnswer,
): Promise<void> {
  await inWarehouse("Noting a portal login's answer", async () => {
    await warehouse.db
      .update(portalLogin)
      .set({ ...changeAfter(answer), updatedAt: now })
      .where(thisCredential(key, credential));
  });
}

/** Lets a login, or without a key every login, be tried again; returns how many were blocked. */
export async function unblockPortalLogins(warehouse: Warehouse, key?: string): Promise<number> {
  return inWarehouse('Unblocking portal logins', async () => {
    const blocked = (await listPortalLogins(warehouse)).filter((login) => login.state === 'blocked');
    await warehouse.db
      .update(portalLogin)
      .set({ ...cleared, updatedAt: now })
      .where(key === undefined ? undefined : eq(portalLogin.loginKey, key));
    return blocked.filter((login) => key === undefined || login.loginKey === key).length;
  });
}

/** Each login as its credential used last left it. */
export async function listPortalLogins(warehouse: Warehouse): Promise<PortalLoginState[]> {
  return inWarehouse('Listing portal logins', async () => {
    const rows = await warehouse.db
      .select()
      .from(portalLogin)
      .orderBy(portalLogin.loginKey, portalLogin.updatedAt);
    const latest = new Map(rows.map((row) => [row.loginKey, row]));
    return Array.from(latest.values(), (row) => ({
      loginKey: row.loginKey,
      state: row.state === 'blocked' ? 'blocked' : 'open',
      failureType: isFailureType(row.failureType) ? row.failureType : null,
      blockedAt: row.blockedAt,
      unresolvedSubmissions: row.unresolvedSubmissions,
    }));
  });
}

type Transaction = Parameters<Parameters<Warehouse['db']['transaction']>[0]>[0];
type Row = typeof portalLogin.$inferSelect;
type Refusal = FailureType | typeof unanswered;

/** Two submissions without an answer: the worst is taken for true. */
const unanswered = 'unanswered';

const readCommitted = { isolationLevel: 'read committed' } as const;
const cleared = { state: 'open', failureType: null, blockedAt: null, unresolvedSubmissions: 0 } as const;
const blockedFor = (type: FailureType | null) => ({
  state: 'blocked',
  failureType: type,
  blockedAt: now,
  unresolvedSubmissions: 0,
});

/** There must be a row to lock: two workers that meet a new login would both count from nothing. */
async function ensureRow(warehouse: Warehouse, key: string, credential: string): Promise<void> {
  await warehouse.db
    .insert(portalLogin)
    .values({ ...cleared, loginKey: key, credentialHash: credential, updatedAt: now })
    .onDuplicateKeyUpdate({ set: { loginKey: sql`${portalLogin.loginKey}` } });
}

/** Counts the submission, or returns why there must be none. */
async function decide(tx: Transaction, key: string, credential: string): Promise<Refusal | undefined> {
  const [row] = await tx.select().from(portalLogin).where(thisCredential(key, credential)).for('update');
  if (row === undefined) throw vanished();
  const { refusal, change } = judge(row);
  if (change !== undefined) {
    await tx
      .update(portalLogin)
      .set({ ...change, updatedAt: now })
      .where(thisCredential(key, credential));
  }
  return refusal;
}

function judge(row: Row) {
  if (row.state === 'blocked') return { refusal: storedRefusal(row) };
  if (row.unresolvedSubmissions < maxUnresolvedSubmissions) {
    return { change: { unresolvedSubmissions: row.unresolvedSubmissions + 1 } };
  }
  return { refusal: unanswered, change: blockedFor(null) } as const;
}

function storedRefusal(row: Row): Refusal {
  return isFailureType(row.failureType) ? row.failureType : unanswered;
}

function thisCredential(key: string, credential: string) {
  return and(eq(portalLogin.loginKey, key), eq(portalLogin.credentialHash, credential));
}

function changeAfter(answer: SubmissionAnswer) {
  if (answer === 'accepted') return cleared;
  if (answer === 'not-judged') {
    return { unresolvedSubmissions: sql`GREATEST(${portalLogin.unresolvedSubmissions}, 1) - 1` };
  }
  return blockedFor(answer.rejected);
}

function loginBlocked(refusal: Refusal): PipelineError {
  if (refusal !== unanswered) {
    return new PipelineError(refusal, 'The portal login is blocked here: no password was submitted.', {
      hint: 'Give the worker the new password, or check the account at the portal and run: npm run client -- portal unblock',
      retry: false,
    });
  }
  return new PipelineError(
    'PortalLoginRejected',
    `The portal login is blocked here: ${String(maxUnresolvedSubmissions)} submissions ended without an answer, and a third could lock the account.`,
    {
      hint: 'See how the runs before this one failed and check the account at the portal, then run: npm run client -- portal unblock',
      retry: false,
    },
  );
}

function vanished(): PipelineError {
  return new PipelineError('WarehouseUnavailable', 'The row of a portal login vanished while it was read.', {
    hint: 'Let nobody delete from portal_login by hand; npm run client -- portal unblock clears a block.',
  });
}

async function inWarehouse<T>(step: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw asWarehouseFailure(error, step);
  }
}
