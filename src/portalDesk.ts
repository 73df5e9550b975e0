import { mkdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { removeAbandoned } from './artifacts/abandoned.ts';
import { browserSettings, type PipelineConfig, type PortalSettings } from './config.ts';
import type { ReportName } from './domain/reports.ts';
import { PortalDesk, type DeskSession } from './portal/desk.ts';
import { parseRecipe } from './portal/parseRecipe.ts';
import { PortalSession } from './portal/session.ts';
import type { Warehouse } from './warehouse/connect.ts';
import { readClock } from './warehouse/instants.ts';
import { acquireNamedLock, hasWaiters, lockNameIn } from './warehouse/namedLock.ts';
import {
  afterSubmit,
  beforeSubmit,
  credentialHash,
  loginKey,
  refuseBlocked,
} from './warehouse/portalLogins.ts';

export interface DeskParts {
  readonly config: PipelineConfig['portal'];
  readonly settings: PortalSettings;
  readonly warehouse: Warehouse;
  /** Keys the hash by which one password is told from another. */
  readonly nameKey: string;
  /** Holds the attempts' downloads and the evidence of failed steps. */
  readonly folder: string;
  /** Told of every export that began at the portal, however it ended; waiting for the login is no part of it. */
  readonly onExport?: ((report: ReportName, end: ExportEnd, seconds: number) => void) | undefined;
}

type ExportEnd = 'done' | 'failed' | 'cancelled';

// As long as the activity may wait; whoever holds the login longer has an export of its own that hangs.
const turnTimeoutSeconds = 6 * 60 * 60;
// The desk decides when an idle session ends; the session's own limit is only a net under it.
const sessionIdleSeconds = 60 * 60;

/** Puts the browser, the database's lock and the guard against rejected passwords together. */
export async function openPortalDesk(parts: DeskParts): Promise<PortalDesk> {
  const { config, settings, warehouse } = parts;
  const browser = browserSettings(process.env);
  const recipe = parseRecipe(await readFile(config.recipe, 'utf8'), config.recipe);
  const login = loginKey(settings.url, settings.user);
  const credential = credentialHash(settings.password, parts.nameKey);
  const lock = lockNameIn(warehouse, `login:${login.slice(0, 12)}`);
  const downloadsFolder = path.join(parts.folder, 'downloads');
  const evidenceDirectory = path.join(parts.folder, 'evidence');
  await Promise.all(
    [downloadsFolder, evidenceDirectory].map((each) => mkdir(each, { recursive: true, mode: 0o700 })),
  );
  await removeAbandoned(downloadsFolder);
  const { url, user, password, totpSecret } = settings;
  const openSession = () =>
    PortalSession.open({
      recipe,
      url,
      credentials: { user, password, ...(totpSecret === undefined ? {} : { totpSecret }) },
      browser: {
        ...browser,
        headless: config.headless,
        // Patient data: not into a folder for temporary files, where a killed worker would leave it for good.
        downloadsPath: downloadsFolder,
      },
      evidenceDirectory,
      showPatientData: config.showPatientData,
      idleSeconds: sessionIdleSeconds,
    });
  return new PortalDesk({
    openSession: () => timed(openSession(), parts.onExport),
    takeTurn: (wait) => acquireNamedLock(warehouse, lock, { ...wait, timeoutSeconds: turnTimeoutSeconds }),
    someoneWaits: () => hasWaiters(warehouse, lock),
    clock: () => readClock(warehouse),
    refuseBlocked: () => refuseBlocked(warehouse, login, credential),
    beforePasswordSubmit: () => beforeSubmit(warehouse, login, credential),
    afterLogin: (answer) => afterSubmit(warehouse, login, credential, answer),
    idleSeconds: config.idleSeconds,
    downloadsFolder,
  });
}

function timed(session: DeskSession, onExport: DeskParts['onExport']): DeskSession {
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
