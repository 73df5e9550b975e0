import { createHash, createHmac } from 'node:crypto';
import { and, eq, gte, or, sql } from 'drizzle-orm';
import type { AuditActor } from '../domain/auditEvents.ts';
import { isFailureType, PipelineError, type FailureType } from '../domain/failures.ts';
import { recordAuditEvent } from './recordAuditEvent.ts';
import type { Warehouse } from './connect.ts';
import { asWarehouseFailure } from './failure.ts';
import { now } from './instants.ts';
import { portalLogin } from './schema.ts';
import { inTransaction, type TransactionDb } from './transaction.ts';

/** The portal's response to a submitted password. */
export type SubmissionAnswer =
  | 'accepted'
  /** It never reached the portal, or the portal answered with a server error: the submission does not count. */
  | 'not-judged'
  /** The portal answered with a page that the recipe does not know: neither accepted nor rejected. */
  | 'unknown-page'
  /** It led to an origin that is not the portal's: neither accepted nor rejected. */
  | 'other-origin'
  | { readonly rejected: FailureType };

export interface PortalLoginState {
  readonly loginKey: string;
  readonly state: 'open' | 'blocked';
  /**
   * Why a login is blocked: `PortalLayoutChanged` for an unknown page, `PortalOriginRefused` for another origin, null
   * if the portal's response is unknown.
   */
  readonly failureType: FailureType | null;
  /** UTC, `YYYY-MM-DD hh:mm:ss.mmm`. */
  readonly blockedAt: string | null;
  /** When the block last refused a run; null if it never did. */
  readonly refusedAt: string | null;
  readonly unresolvedSubmissions: number;
}

/** A login with one password and one recipe, as `portal_login` names them: digests that reveal none of the three. */
export interface LoginName {
  /** Digest of the portal's address and the user: 32 hex digits. */
  readonly login: string;
  /** Digest of the password: 64 hex digits. */
  readonly credential: string;
  /**
   * Digest of the password together with the recipe: 64 hex digits. An unknown page or another origin blocks only this
   * pair.
   */
  readonly recipe: string;
}

/**
 * The names of one login: the current one and, for one release, the name that the previous version gives it. Both are
 * looked up and written, so that workers of both versions see each other's blocks.
 */
export interface LoginNames {
  readonly current: LoginName;
  readonly former?: LoginName;
}

export interface LoginFacts {
  readonly url: string;
  readonly user: string;
  readonly password: string;
  /** Changes with anything in the recipe. */
  readonly recipe: string;
}

export interface LoginSecrets {
  /** `EHR_LOGIN_KEY`. Without it a login has only its former name. */
  readonly loginKey: string | undefined;
  readonly nameKey: string;
}

/**
 * Portals lock an account after a few wrong passwords (three at the strictest). A submission without a known answer,
 * because the worker died, may have been a rejection: after two of them there is no third.
 */
const maxUnresolvedSubmissions = 2;

/**
 * Names a login. With `EHR_LOGIN_KEY`, the portal's address and user are not enough to compute its lock's name, and
 * another name key forgets no block.
 */
export function loginNames(facts: LoginFacts, { loginKey, nameKey }: LoginSecrets): LoginNames {
  const { url, user } = facts;
  const plain = createHash('sha256').update(`${url}\n${user}`).digest('hex').slice(0, 32);
  const former = { login: plain, ...passwordNames(facts, nameKey) };
  if (loginKey === undefined) return { current: former };
  const keyed = keyedDigest(loginKey, 'portal-login', url, user).slice(0, 32);
  return { current: { login: keyed, ...passwordNames(facts, loginKey) }, former };
}

function passwordNames({ password, recipe }: LoginFacts, secret: string) {
  return {
    credential: keyedDigest(secret, 'portal-credential', password),
    recipe: keyedDigest(secret, 'portal-credential-and-recipe', password, recipe),
  };
}

/** `purpose` separates digests of different kinds under the same secret. */
function keyedDigest(secret: string, purpose: string, ...texts: readonly string[]): string {
  return createHmac('sha256', secret)
    .update([purpose, ...texts].join('\n'))
    .digest('hex');
}

export interface SubmissionLimit {
  /**
   * The number of submissions without a known answer after which no other is made. Checks use less than
   * `maxUnresolvedSubmissions`, so that a run still has one.
   */
  readonly unresolved?: number;
}

export interface BlockLook extends SubmissionLimit {
  /**
   * Whether somebody holds the login: then the last submission may be waiting for its answer now, and the count tells
   * nothing. `beforeSubmit` counts again once the login is free.
   */
  readonly inUse?: boolean;
}

/**
 * Call right before a password is sent. Throws the stored failure, without a submission, while this credential is
 * blocked. Another credential is not blocked and does not unblock this one: while a password is being changed, workers
 * with the old and the new one may run side by side. Everything recorded is committed on return.
 */
export async function beforeSubmit(
  warehouse: Warehouse,
  names: LoginNames,
  limit: SubmissionLimit = {},
): Promise<void> {
  const refusal = await inWarehouse('Noting a portal login', async () => {
    for (const row of credentialRows(names)) await ensureRow(warehouse, row);
    return inTransaction(warehouse, undefined, ({ db }) => decide(db, names, limit));
  });
  if (refusal !== undefined) throw loginBlocked(refusal);
}

/** Throws as `beforeSubmit` would, before a browser is opened. Records only the refusal. */
export async function refuseBlocked(
  warehouse: Warehouse,
  names: LoginNames,
  { inUse = false, ...limit }: BlockLook = {},
): Promise<void> {
  const refusal = await inWarehouse('Reading a portal login', async () => {
    const rows = await warehouse.db
      .select()
      .from(portalLogin)
      .where(anyOf(allRows(names)));
    const found = firstRefusal(inUse ? rows.filter(({ state }) => state === 'blocked') : rows, limit);
    if (found !== undefined) await noteRefusal(warehouse.db, names, found);
    return found;
  });
  if (refusal !== undefined) throw loginBlocked(refusal);
}

/** Call with the portal's answer, or not at all if it is unknown. */
export async function afterSubmit(
  warehouse: Warehouse,
  names: LoginNames,
  answer: SubmissionAnswer,
): Promise<void> {
  await inWarehouse("Noting a portal login's answer", () =>
    inTransaction(warehouse, undefined, async ({ db }) => {
      await db
        .update(portalLogin)
        .set({ ...changeAfter(answer), updatedAt: now })
        .where(anyOf(credentialRows(names)));
      if (answer === 'unknown-page') await blockRecipe(db, names, 'PortalLayoutChanged');
      if (answer === 'other-origin') await blockRecipe(db, names, 'PortalOriginRefused');
    }),
  );
}

/** Unblocks a login, or without a key every login; returns how many were blocked. */
export async function unblockPortalLogins(
  warehouse: Warehouse,
  actor: AuditActor,
  key?: string,
): Promise<number> {
  return inWarehouse('Unblocking portal logins', () =>
    inTransaction(warehouse, undefined, async ({ db }) => {
      const wanted = key === undefined ? undefined : eq(shownKey, key);
      const rows = await db.select().from(portalLogin).where(wanted).for('update');
      await db
        .update(portalLogin)
        .set({ ...cleared, updatedAt: now })
        .where(wanted);
      const logins = [...new Set(rows.filter(isBlocking).map(shownKeyOf))];
      if (logins.length > 0)
        await recordAuditEvent(db, { action: 'unblock-login', actor, details: { logins } });
      return logins.length;
    }),
  );
}

/**
 * The last use of each login. A refused worker counts as using it: a worker with a rejected old password shows as
 * blocked as long as it tries.
 */
export async function listPortalLogins(warehouse: Warehouse): Promise<PortalLoginState[]> {
  return inWarehouse('Listing portal logins', async () => {
    const lastUsed = sql`GREATEST(${portalLogin.updatedAt}, COALESCE(${portalLogin.refusedAt}, ${portalLogin.updatedAt}))`;
    // Several rows of a login may have the same millisecond: a blocking one then sorts last.
    const rows = await warehouse.db
      .select()
      .from(portalLogin)
      .orderBy(shownKey, lastUsed, sql`${portalLogin.state} = 'blocked'`);
    const latest = new Map(rows.map((row) => [shownKeyOf(row), row]));
    return Array.from(latest, ([loginKey, row]) => ({
      loginKey,
      state: isBlocking(row) ? 'blocked' : 'open',
      failureType: isFailureType(row.failureType) ? row.failureType : null,
      blockedAt: row.blockedAt,
      refusedAt: row.refusedAt,
      unresolvedSubmissions: row.unresolvedSubmissions,
    }));
  });
}

type Row = typeof portalLogin.$inferSelect;
type Refusal = FailureType | typeof unanswered | typeof leftToRuns;

/** Two submissions without an answer: the worst is assumed. */
const unanswered = 'unanswered';
/** Not blocked, but checks make no further submission. */
const leftToRuns = 'left to runs';

const cleared = {
  state: 'open',
  failureType: null,
  blockedAt: null,
  refusedAt: null,
  unresolvedSubmissions: 0,
} as const;
const blockedFor = (type: FailureType) => ({
  state: 'blocked',
  failureType: type,
  blockedAt: now,
  refusedAt: null,
  unresolvedSubmissions: 0,
});

/**
 * A row's key. `renamedTo` is set in rows kept beside another row of the same login for workers of the previous
 * version.
 */
interface RowKey {
  readonly login: string;
  readonly credential: string;
  readonly renamedTo: string | null;
}

function namesOf({ current, former }: LoginNames): (LoginName & { readonly renamedTo: string | null })[] {
  return [
    { ...current, renamedTo: null },
    ...(former === undefined ? [] : [{ ...former, renamedTo: current.login }]),
  ];
}

function credentialRows(names: LoginNames): RowKey[] {
  return namesOf(names).map(({ login, credential, renamedTo }) => ({ login, credential, renamedTo }));
}

function recipeRows(names: LoginNames): RowKey[] {
  return namesOf(names).map(({ login, recipe, renamedTo }) => ({ login, credential: recipe, renamedTo }));
}

function allRows(names: LoginNames): RowKey[] {
  return [...credentialRows(names), ...recipeRows(names)];
}

function anyOf(rows: readonly RowKey[]) {
  return or(
    ...rows.map(({ login, credential }) =>
      and(eq(portalLogin.loginKey, login), eq(portalLogin.credentialHash, credential)),
    ),
  );
}

/** The key by which people see a login, whichever version wrote the row. */
const shownKey = sql<string>`COALESCE(${portalLogin.renamedTo}, ${portalLogin.loginKey})`;

function shownKeyOf({ renamedTo, loginKey }: Row): string {
  return renamedTo ?? loginKey;
}

/** There must be a row to lock: otherwise two workers that meet a new login would both start counting at zero. */
async function ensureRow(warehouse: Warehouse, { login, credential, renamedTo }: RowKey): Promise<void> {
  await warehouse.db
    .insert(portalLogin)
    .values({ ...cleared, loginKey: login, credentialHash: credential, renamedTo, updatedAt: now })
    .onDuplicateKeyUpdate({ set: { renamedTo } });
}

/** Counts the submission, or returns why there must be none. */
async function decide(
  tx: TransactionDb,
  names: LoginNames,
  limit: SubmissionLimit,
): Promise<Refusal | undefined> {
  const rows = await tx
    .select()
    .from(portalLogin)
    .where(anyOf(allRows(names)))
    .for('update');
  const refusal = firstRefusal(rows, limit);
  if (refusal !== undefined) {
    await noteRefusal(tx, names, refusal);
    return refusal;
  }
  const [counted] = await tx
    .update(portalLogin)
    .set({ unresolvedSubmissions: sql`${portalLogin.unresolvedSubmissions} + 1`, updatedAt: now })
    .where(anyOf(credentialRows(names)));
  if (counted.affectedRows < credentialRows(names).length) throw vanished();
  return undefined;
}

/** These block one recipe, and say nothing about the account. */
const recipeBlocks: ReadonlySet<Refusal> = new Set(['PortalLayoutChanged', 'PortalOriginRefused']);

/** A locked or rejected account outweighs an unknown page. */
function firstRefusal(rows: readonly Row[], { unresolved = maxUnresolvedSubmissions }: SubmissionLimit) {
  const refusals = rows.map((row) => refusalOf(row, unresolved)).filter((each) => each !== undefined);
  return refusals.find((each) => !recipeBlocks.has(each)) ?? refusals[0];
}

function refusalOf(row: Row, unresolved: number): Refusal | undefined {
  if (row.state === 'blocked') return isFailureType(row.failureType) ? row.failureType : unanswered;
  if (row.unresolvedSubmissions >= maxUnresolvedSubmissions) return unanswered;
  return row.unresolvedSubmissions >= unresolved ? leftToRuns : undefined;
}

function isBlocking(row: Row): boolean {
  return refusalOf(row, maxUnresolvedSubmissions) !== undefined;
}

/** Stores a block that was found by counting, with its time. */
async function noteRefusal(
  db: Pick<Warehouse['db'], 'update'>,
  names: LoginNames,
  refusal: Refusal,
): Promise<void> {
  if (refusal === leftToRuns) return;
  const blocks = or(
    eq(portalLogin.state, 'blocked'),
    gte(portalLogin.unresolvedSubmissions, maxUnresolvedSubmissions),
  );
  await db
    .update(portalLogin)
    .set({
      state: 'blocked',
      blockedAt: sql`COALESCE(${portalLogin.blockedAt}, ${now})`,
      refusedAt: now,
    })
    .where(and(anyOf(allRows(names)), blocks));
}

async function blockRecipe(tx: TransactionDb, names: LoginNames, type: FailureType): Promise<void> {
  for (const { login, credential, renamedTo } of recipeRows(names)) {
    const blocked = { ...blockedFor(type), renamedTo, updatedAt: now };
    await tx
      .insert(portalLogin)
      .values({ ...blocked, loginKey: login, credentialHash: credential })
      .onDuplicateKeyUpdate({ set: blocked });
  }
}

function changeAfter(answer: SubmissionAnswer) {
  if (answer === 'accepted') return cleared;
  if (typeof answer === 'string') {
    return { unresolvedSubmissions: sql`GREATEST(${portalLogin.unresolvedSubmissions}, 1) - 1` };
  }
  return blockedFor(answer.rejected);
}

function loginBlocked(refusal: Refusal): PipelineError {
  const words = refusalWords.get(refusal) ?? rejectedWords;
  const type = isFailureType(refusal) ? refusal : 'PortalLoginRejected';
  return new PipelineError(type, words.message, {
    hint: words.hint,
    retry: false,
    details: { loginBlocked: true },
  });
}

const rejectedWords = {
  message: 'The portal login is blocked here: no password was submitted.',
  hint: 'Give the worker the new password, or check the account at the portal and run: npm run client -- portal unblock',
};

/** Refusals that need more than "the portal refused the login". */
const refusalWords: ReadonlyMap<Refusal, typeof rejectedWords> = new Map([
  [
    unanswered,
    {
      message: `The portal login is blocked here: ${String(maxUnresolvedSubmissions)} submissions ended without an answer, and a third could lock the account.`,
      hint: 'See how the runs before this one failed and check the account at the portal, then run: npm run client -- portal unblock',
    },
  ],
  [
    leftToRuns,
    {
      message:
        'The password was not submitted: an earlier submission ended without an answer, and the next one is left to a run.',
      hint: 'See how the run before this one failed and check the account at the portal, then run: npm run client -- portal unblock',
    },
  ],
  [
    'PortalOriginRefused',
    {
      message:
        'The portal login is blocked here: the portal led to another origin at the login before this one, so no password was submitted.',
      hint: 'See in the failure of that run which address it was, and find out why the portal leads there. If it belongs to the sign-in, add its origin to portal.signInOrigins. Then run: npm run client -- portal unblock',
    },
  ],
  [
    'PortalLayoutChanged',
    {
      message:
        'The portal login is blocked here: an unknown page followed the login before this one, so no password was submitted.',
      hint: 'Look at the evidence of the run that met the page. Add the page to the recipe, which frees the login; or deal with it in a browser, then run: npm run client -- portal unblock',
    },
  ],
]);

function vanished(): PipelineError {
  return new PipelineError('WarehouseUnavailable', 'The row of a portal login vanished while it was read.', {
    hint: 'Do not delete from portal_login by hand; npm run client -- portal unblock clears a block.',
  });
}

async function inWarehouse<T>(step: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw asWarehouseFailure(error, step);
  }
}
