import { createHash } from 'node:crypto';
import type { PipelineConfig, PortalSettings } from '../config.ts';
import type { ReportName } from '../reports/index.ts';
import { PortalLoginQueue, type LoginQueueOptions, type QueuedSession } from '../portal/loginQueue.ts';
import type { Recipe } from '../portal/recipeSchema.ts';
import { PortalSession } from '../portal/session.ts';
import type { Warehouse } from '../warehouse/connect.ts';
import { readClock } from '../warehouse/instants.ts';
import { acquireNamedLock, hasWaiters, lockNameIn } from '../warehouse/namedLock.ts';
import {
  afterSubmit,
  beforeSubmit,
  loginNames,
  refuseBlocked,
  type LoginName,
  type LoginSecrets,
  type SubmissionLimit,
} from '../warehouse/portalLogins.ts';
import { portalAddresses, portalFolders, portalReach } from './portalReach.ts';
import { readRecipeFile } from './recipeFile.ts';

export interface LoginQueueParts {
  readonly config: PipelineConfig['portal'];
  /** The reports that the recipe must have. */
  readonly reports: readonly ReportName[];
  /** The organisation's time zone, in which pages show times. */
  readonly timeZone: string;
  readonly settings: PortalSettings;
  readonly warehouse: Warehouse;
  readonly secrets: LoginSecrets;
  /** How often the password may be sent without an answer. Default: as often as in a run. */
  readonly submissionLimit?: SubmissionLimit;
  /** Holds the attempts' downloads and the evidence of failed steps. */
  readonly folder: string;
  /** Moves the evidence of a failed step to where every engineer finds it, if that is not the folder. */
  readonly keepEvidence?: ((folder: string) => Promise<void>) | undefined;
  /** Called after every export that began at the portal, however it ended; the wait for the login is not included. */
  readonly onExport?: ((report: ReportName, end: ExportEnd, seconds: number) => void) | undefined;
}

type ExportEnd = 'done' | 'failed' | 'cancelled';

// As long as the activity may wait; a holder that takes longer has an export of its own that hangs.
const turnTimeoutSeconds = 6 * 60 * 60;
// The login queue decides when an idle session ends; the session's own limit is only a safety net.
const sessionIdleSeconds = 60 * 60;

/** Connects the browser, the database's lock and the guard against rejected passwords. */
export async function openPortalLoginQueue(parts: LoginQueueParts): Promise<PortalLoginQueue> {
  const { config, settings, timeZone } = parts;
  const { url, user, password, totpSecret } = settings;
  const { recipe } = await readRecipeFile(config.recipe, portalAddresses(config, url), parts.reports);
  const access = loginAccess({ ...parts, recipe });
  const { downloads, evidence, sealEvidence } = await portalFolders(parts.folder);
  const openSession = () =>
    PortalSession.open({
      ...portalReach({ portal: config, organisation: { timeZone } }, { url, downloads }),
      recipe,
      credentials: { user, password, ...(totpSecret === undefined ? {} : { totpSecret }) },
      evidenceDirectory: evidence,
      sealEvidence,
      ...(parts.keepEvidence === undefined ? {} : { keepEvidence: parts.keepEvidence }),
      showPatientData: config.showPatientData,
      idleSeconds: sessionIdleSeconds,
    });
  return new PortalLoginQueue({
    openSession: () => timed(openSession(), parts.onExport),
    ...access,
    idleSeconds: config.idleSeconds,
    downloadsFolder: downloads,
  });
}

export type LoginAccess = Pick<
  LoginQueueOptions,
  'takeTurn' | 'someoneWaits' | 'clock' | 'refuseBlocked' | 'beforePasswordSubmit' | 'afterLogin'
>;

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
  const lock = loginLock(warehouse, names.current);
  const formerLock = names.former === undefined ? undefined : loginLock(warehouse, names.former);
  const locks = [lock, ...(formerLock === undefined ? [] : [formerLock])];
  return {
    takeTurn: (wait) =>
      acquireNamedLock(warehouse, lock, {
        ...wait,
        timeoutSeconds: turnTimeoutSeconds,
        formerName: formerLock,
      }),
    someoneWaits: async () => {
      for (const each of locks) if (await hasWaiters(warehouse, each)) return true;
      return false;
    },
    clock: () => readClock(warehouse),
    refuseBlocked: () => refuseBlocked(warehouse, names, submissionLimit),
    beforePasswordSubmit: () => beforeSubmit(warehouse, names, submissionLimit),
    afterLogin: (answer) => afterSubmit(warehouse, names, answer),
  };
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
