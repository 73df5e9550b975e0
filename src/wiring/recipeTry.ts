import { createReadStream } from 'node:fs';
import { inspectExport } from '../activities/parts/inspectExport.ts';
import type { PipelineConfig, PortalSettings } from '../config.ts';
import { PipelineError } from '../domain/failures.ts';
import type { Recipe } from '../portal/recipeSchema.ts';
import { RecipeTry, type TryOptions } from '../portal/tryRecipe.ts';
import type { DownloadedExport } from '../portal/session.ts';
import { holdLogin, type GuardedLogin } from './heldLogin.ts';
import { portalFolders, portalReach } from './portalReach.ts';

export interface RecipeTryParts extends Pick<TryOptions, 'report' | 'showPages' | 'onStep'> {
  readonly config: PipelineConfig;
  readonly settings: PortalSettings;
  readonly folder: string;
  readonly recipe: Recipe;
  readonly headless: boolean;
  /** Grants the login and remembers a refused password. Without it, the caller has asked a person. */
  readonly login: GuardedLogin | undefined;
}

/** Opens a browser for a recipe, holding the portal login, and closes both however the work ends. */
export async function withRecipeTry<Result>(
  parts: RecipeTryParts,
  signal: AbortSignal,
  work: (attempt: RecipeTry) => Promise<Result>,
): Promise<Result> {
  const { config, settings, login, recipe, headless, report, showPages, onStep } = parts;
  const { url, user, password, totpSecret } = settings;
  const { downloads, evidence, sealEvidence } = await portalFolders(parts.folder);
  const held = await holdLogin(login, { settings, recipe }, signal);
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

/**
 * Checks a file as a run would: the right report, the right period, whole. Returns the number of its records.
 * @throws PipelineError of the export's types
 */
export async function checkExport(
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
