import { createReadStream } from 'node:fs';
import { inspectExport } from '../activities/inspect.ts';
import type { PipelineConfig, PortalSettings } from '../config.ts';
import { PipelineError } from '../domain/failures.ts';
import type { LoginGuard } from '../portal/login.ts';
import { LoginBusy } from '../portal/loginQueue.ts';
import type { Recipe } from '../portal/recipeSchema.ts';
import { RecipeTry, type TryOptions } from '../portal/tryRecipe.ts';
import type { DownloadedExport } from '../portal/session.ts';
import type { Warehouse } from '../warehouse/connect.ts';
import type { LoginSecrets } from '../warehouse/portalLogins.ts';
import { loginAccess } from './portalLoginQueue.ts';
import { portalFolders, portalReach } from './portalReach.ts';

export interface RecipeTryParts extends Pick<TryOptions, 'report' | 'showPages' | 'onStep'> {
  readonly config: PipelineConfig;
  readonly settings: PortalSettings;
  readonly folder: string;
  readonly recipe: Recipe;
  readonly headless: boolean;
  /** Grants the login and remembers a refused password. Without it, the caller has asked a person. */
  readonly login: { readonly warehouse: Warehouse; readonly secrets: LoginSecrets } | undefined;
}

/** A run may need the login for an hour; a person at a terminal would rather come back. */
const busySeconds = 20;
/** As for doctor: the next submission without an answer belongs to a run. */
const submissionLimit = { unresolved: 1 };

/** Opens a browser for a recipe, holding the portal login, and closes both however the work ends. */
export async function withRecipeTry<Result>(
  parts: RecipeTryParts,
  signal: AbortSignal,
  work: (attempt: RecipeTry) => Promise<Result>,
): Promise<Result> {
  const { config, settings, login, recipe, headless, report, showPages, onStep } = parts;
  const { url, user, password, totpSecret } = settings;
  const { downloads, evidence, sealEvidence } = await portalFolders(parts.folder);
  const held =
    login === undefined ? withoutDatabase : await heldLogin({ ...login, settings, recipe }, signal);
  try {
    const attempt = await RecipeTry.open({
      ...portalReach(config, { url, downloads, headless }),
      credentials: { user, password, ...(totpSecret === undefined ? {} : { totpSecret }) },
      report,
      evidenceDirectory: evidence,
      sealEvidence,
      showPages,
      guard: held.guard,
      onStep,
      signal: AbortSignal.any([signal, held.lost]),
    });
    try {
      return await work(attempt);
    } finally {
      await attempt.close(recipe);
    }
  } finally {
    await held.release();
  }
}

interface HeldLogin {
  readonly guard: LoginGuard;
  readonly lost: AbortSignal;
  readonly release: () => Promise<void>;
}

const withoutDatabase: HeldLogin = {
  guard: { beforePasswordSubmit: async () => {}, afterLogin: async () => {} },
  lost: new AbortController().signal,
  release: async () => {},
};

async function heldLogin(
  parts: Omit<Parameters<typeof loginAccess>[0], 'submissionLimit'>,
  signal: AbortSignal,
): Promise<HeldLogin> {
  const { refuseBlocked, takeTurn, beforePasswordSubmit, afterLogin } = loginAccess({
    ...parts,
    submissionLimit,
  });
  await refuseBlocked();
  const busy = new AbortController();
  const turn = await takeTurn({
    signal: AbortSignal.any([signal, busy.signal]),
    onWait: (seconds) => {
      if (seconds >= busySeconds)
        busy.abort(new LoginBusy('The portal login is in use, by a run or a doctor.'));
    },
  });
  return { guard: { beforePasswordSubmit, afterLogin }, lost: turn.lost, release: () => turn.release() };
}

/**
 * Whether the file is the report of the period, whole, as a run would judge it. Returns the number of its records.
 * @throws PipelineError of the export's types
 */
export async function judgeExport(
  { path, portalRecords }: DownloadedExport,
  { name: report, period }: TryOptions['report'],
  { rules }: PipelineConfig,
): Promise<number> {
  const records = await inspectExport(
    createReadStream(path),
    { report, period },
    rules,
    { kind: 'portal', records: portalRecords },
    () => undefined,
  );
  if (portalRecords === undefined || portalRecords === records) return records;
  throw new PipelineError(
    portalRecords > records ? 'ExportTruncated' : 'ExportWrongReport',
    `the portal shows ${String(portalRecords)} records and the export has ${String(records)}`,
    { hint: 'See whether recordCount of the recipe reads the count of the list that is exported.' },
  );
}
