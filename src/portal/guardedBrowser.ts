import type { Period } from '../domain/periods.ts';
import type { ReportName } from '../reports/index.ts';
import { closeArriving, openArriving, type Arriving } from './arriving.ts';
import { closeBrowser, launchBrowser, type BrowserOptions } from './browser.ts';
import { knownInAddresses, knownTexts } from './knownTexts.ts';
import { newMasking, type Masking } from './maskText.ts';
import type { OneTimeCodes } from './oneTimeCode.ts';
import { OriginGuard, type GuardOptions } from './originGuard.ts';
import { reportValues } from './placeholders.ts';
import type { Recipe } from './recipeSchema.ts';
import type { PortalProgress, Section, Walk } from './walk.ts';
import { watchBrowser, type WatchedBrowser } from './watchedBrowser.ts';

export interface PortalCredentials {
  readonly user: string;
  readonly password: string;
  /** Base 32, as the portal shows it when a second factor is set up. */
  readonly totpSecret?: string;
}

/** Where the portal is, and how its browser runs. */
export interface PortalReach {
  readonly url: string;
  readonly browser: Omit<BrowserOptions, 'guard'>;
  /** Default: 2 GiB. */
  readonly exportLimitBytes?: number;
  /** Further origins of the sign-in, and how to reach the web if not directly. */
  readonly reach?: Pick<GuardOptions, 'signInOrigins' | 'siteProxy'>;
}

/** A browser that reaches the network only through its guard. */
export type GuardedBrowser = WatchedBrowser & { readonly guard: OriginGuard; readonly arriving: Arriving };

export async function openGuardedBrowser(portal: PortalReach): Promise<GuardedBrowser> {
  const { url, browser, reach, exportLimitBytes } = portal;
  const arriving = await openArriving({ parent: browser.downloadsPath, limitBytes: exportLimitBytes });
  const guard = await OriginGuard.open({ portalUrl: url, ...reach });
  try {
    const started = await launchBrowser({ ...browser, downloadsPath: arriving.folder, guard });
    return { ...(await watchBrowser(started)), guard, arriving };
  } catch (error) {
    await guard.close();
    await closeArriving(arriving);
    throw error;
  }
}

/** Closes within seconds, whatever the browser's state. */
export async function closeGuardedBrowser(live: GuardedBrowser): Promise<void> {
  await closeBrowser(live);
  await live.guard.close();
  await closeArriving(live.arriving);
}

export interface WalkParts {
  readonly recipe: Recipe;
  readonly section: Section;
  readonly url: string;
  readonly credentials: PortalCredentials;
  readonly codes: OneTimeCodes;
  readonly halt: AbortSignal;
  /** Undefined for a logout, which belongs to no report. */
  readonly report: { readonly name: ReportName; readonly period: Period } | undefined;
  readonly onProgress?: ((progress: PortalProgress) => void) | undefined;
}

export function newWalk(live: GuardedBrowser, parts: WalkParts): Walk {
  const { recipe, section, url, credentials, codes, halt, report, onProgress = () => {} } = parts;
  const { context, traffic, dialogs, guard, arriving } = live;
  const values =
    report === undefined || section === 'login'
      ? { portalUrl: url }
      : { portalUrl: url, report: reportValues(recipe, report.name, report.period) };
  return {
    recipe,
    section,
    context,
    traffic,
    dialogs,
    guard,
    arriving,
    halt,
    report,
    counts: [],
    values,
    secrets: { ...credentials, totp: () => codes.next(halt) },
    onProgress,
    beforePasswordSubmit: async () => {},
  };
}

/** What may be shown of the portal's pages. */
export function maskingFor(
  { recipe, url, credentials, codes, report }: WalkParts & { readonly report: object },
  { showPatientData }: { readonly showPatientData: boolean },
): Masking {
  const { user, password, totpSecret } = credentials;
  const secrets = [user, password, totpSecret, codes.lastCode].filter((secret) => secret !== undefined);
  const values = { portalUrl: url, report: reportValues(recipe, report.name, report.period) };
  return newMasking({
    secrets,
    known: knownTexts(recipe, values),
    knownInAddresses: knownInAddresses(recipe, values),
    showPatientData,
  });
}
