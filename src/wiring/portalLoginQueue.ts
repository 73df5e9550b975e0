import { createHash } from 'node:crypto';
import type { Environment, PipelineConfig, PortalSettings } from '../config.ts';
import type { ReportName } from '../reports/index.ts';
import { BrowserPlaces } from '../portal/browserPlaces.ts';
import { PortalLoginQueue, type QueuedSession } from '../portal/loginQueue.ts';
import type { Recipe } from '../portal/recipeSchema.ts';
import { PortalSession } from '../portal/session.ts';
import type { Warehouse } from '../warehouse/connect.ts';
import { readClock } from '../warehouse/instants.ts';
import {
  acquireNamedLock,
  hasWaiters,
  isHeld,
  lockNameIn,
  type LockWait,
  type NamedLock,
} from '../warehouse/namedLock.ts';
import {
  afterSubmit,
  beforeSubmit,
  loginNames,
  refuseBlocked,
  type LoginName,
  type LoginNames,
  type LoginSecrets,
  type SubmissionLimit,
} from '../warehouse/portalLogins.ts';
import { RenewedLogin, type LoginAccess } from './renewedLogin.ts';
import { portalAddresses, portalFolders, portalReach } from './portalReach.ts';
import { readRecipeFile } from './recipeFile.ts';

export interface LoginQueueParts {
  readonly config: PipelineConfig['portal'];
  /** The reports that the recipe must have. */
  readonly reports: readonly ReportName[];
  /** The organisation's time zone, in which pages show times. */
  readonly timeZone: string;
  readonly settings: PortalSettings;
  /** Password and second factor as they are by now, for each new session; `settings` for good without it. */
  readonly currentSettings?: () => PortalSettings;
  readonly warehouse: Warehouse;
  readonly secrets: LoginSecrets;
  /** How often the password may be sent without an answer. Default: as often as in a run. */
  readonly submissionLimit?: SubmissionLimit;
  /** Default: the process's. */
  readonly env?: Environment;
  /** The browsers that this process may run. Default: one for this login. */
  readonly places?: BrowserPlaces | undefined;
  /** Holds the attempts' downloads and the evidence of failed steps. */
  readonly folder: string;
  /** Moves the evidence of a failed step to where every engineer finds it, if that is not the folder. */
  readonly keepEvidence?: ((folder: string) => Promise<void>) | undefined;
  /** Called after every export that began at the portal, however it ended; the wait for the login is not included. */
  readonly onExport?: ((report: ReportName, end: ExportEnd, seconds: number) => void) | undefined;
}

type ExportEnd = 'done' | 'failed' | 'cancelled';

// Callers give up long before.
const turnTimeoutSeconds = 6 * 60 * 60;
/**
 * How long an export waits for a login in use with a worker at its disposal. An export of some seconds ends meanwhile;
 * after a longer wait the worker does better for another login.
 */
const patienceSeconds = 30;

/** Connects the browser, the database's lock and the guard against rejected passwords. */
export async function openPortalLoginQueue(parts: LoginQueueParts): Promise<PortalLoginQueue> {
  const { config, timeZone } = parts;
  const { url } = parts.settings;
  const { recipe } = await readRecipeFile(config.recipe, portalAddresses(config, url), parts.reports);
  const { downloads, evidence, sealEvidence } = await portalFolders(parts.folder, parts.env);
  const openSession = ({ user, password, totpSecret }: PortalSettings) =>
    PortalSession.open({
      ...portalReach({ portal: config, organisation: { timeZone } }, { url, downloads }),
      recipe,
      credentials: { user, password, ...(totpSecret === undefined ? {} : { totpSecret }) },
      evidenceDirectory: evidence,
      sealEvidence,
      ...(parts.keepEvidence === undefined ? {} : { keepEvidence: parts.keepEvidence }),
      showPatientData: config.showPatientData,
    });
  const login = new RenewedLogin({
    settings: parts.settings,
    currentSettings: parts.currentSettings ?? (() => parts.settings),
    accessOf: (settings) => loginAccess({ ...parts, settings, recipe }),
  });
  return new PortalLoginQueue({
    openSession: () => login.open((settings) => timed(openSession(settings), parts.onExport)),
    takeTurn: async (wait) => {
      const turn = await login.access.takeTurn(wait);
      // Somebody may have held the login to change its password.
      login.renew();
      return turn;
    },
    someoneWaits: () => login.access.someoneWaits(),
    clock: () => login.access.clock(),
    refuseBlocked: () => {
      login.renew();
      return login.access.refuseBlocked();
    },
    beforePasswordSubmit: () => login.access.beforePasswordSubmit(),
    afterLogin: (answer) => login.access.afterLogin(answer),
    idleSeconds: config.idleSeconds,
    patienceSeconds,
    places: parts.places ?? new BrowserPlaces(1),
    downloadsFolder: downloads,
  });
}

/** The login's turn across all workers, and the guard against rejected passwords. */
export function loginAccess({
  warehouse,
  settings: { url, user, password },
  secrets,
  submissionLimit,
  recipe,
}: Pick<LoginQueueParts, 'warehouse' | 'settings' | 'secrets' | 'submissionLimit'> & {
  /** Undefined before there is one. */
  readonly recipe: Recipe | undefined;
}): LoginAccess {
  const names = loginNames({ url, user, password, recipe: digestOf(recipe) }, secrets);
  const { current, former } = names;
  const locks = (former === undefined ? [current] : [current, former]).map((each) =>
    loginLock(warehouse, each),
  );
  return {
    takeTurn: (wait) => takeLogin(warehouse, names, { ...wait, timeoutSeconds: turnTimeoutSeconds }),
    someoneWaits: () => anyOf(locks, (each) => hasWaiters(warehouse, each)),
    clock: () => readClock(warehouse),
    refuseBlocked: async () => {
      const inUse = await anyOf(locks, (each) => isHeld(warehouse, each));
      await refuseBlocked(warehouse, names, { ...submissionLimit, inUse });
    },
    beforePasswordSubmit: () => beforeSubmit(warehouse, names, submissionLimit),
    afterLogin: (answer) => afterSubmit(warehouse, names, answer),
  };
}

async function anyOf(locks: readonly string[], ask: (lock: string) => Promise<boolean>): Promise<boolean> {
  for (const each of locks) if (await ask(each)) return true;
  return false;
}

/** The parsed recipe: comments and layout of its file change nothing. */
function digestOf(recipe: unknown): string {
  return createHash('sha256')
    .update(JSON.stringify(recipe ?? null))
    .digest('hex');
}

/** The lock that limits a login to one session at a time, across all workers. */
export function loginLock(
  warehouse: Pick<Warehouse, 'database'>,
  { login }: Pick<LoginName, 'login'>,
): string {
  return lockNameIn(warehouse, `login:${login.slice(0, 12)}`);
}

/** Waits until no session uses the login, on any worker, and keeps others from it until the lock is released. */
export function takeLogin(
  warehouse: Warehouse,
  { current, former }: LoginNames,
  wait: Omit<LockWait, 'formerName'>,
): Promise<NamedLock> {
  return acquireNamedLock(warehouse, loginLock(warehouse, current), {
    ...wait,
    formerName: former === undefined ? undefined : loginLock(warehouse, former),
  });
}

function timed(session: QueuedSession, onExport: LoginQueueParts['onExport']): QueuedSession {
  if (onExport === undefined) return session;
  return {
    async exportReport(request) {
      const began = performance.now();
      let end: ExportEnd = 'failed';
      try {
        const exported = await session.exportReport(request);
        end = 'done';
        return exported;
      } catch (error) {
        if (request.signal.aborted) end = 'cancelled';
        throw error;
      } finally {
        onExport(request.report, end, (performance.now() - began) / 1000);
      }
    },
    rehearse: (request) => session.rehearse(request),
    close: () => session.close(),
  };
}
