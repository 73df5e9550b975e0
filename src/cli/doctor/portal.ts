import { interruptible } from '../interruptible.ts';
import { siteProxy, type PipelineConfig, type PortalSettings } from '../../config.ts';
import { dayInZone } from '../../domain/dates.ts';
import { failureTypes, PipelineError } from '../../domain/failures.ts';
import { duePeriod, periodText } from '../../domain/periods.ts';
import type { ReportName } from '../../reports/index.ts';
import { browserLocale } from '../../portal/browser.ts';
import { LoginBusy, type PortalLoginQueue } from '../../portal/loginQueue.ts';
import { openPortalLoginQueue } from '../../wiring/portalLoginQueue.ts';
import type { PortalInUse } from '../../wiring/portals.ts';
import { portalAddresses } from '../../wiring/portalReach.ts';
import type { Warehouse } from '../../warehouse/connect.ts';
import type { LoginSecrets } from '../../warehouse/portalLogins.ts';
import { note, ok, problem, verdictOf, type PartExamination, type Verdict } from './examination.ts';
import { weakStepsOf } from '../recipe/check.ts';
import { clockVerdict, transportVerdict } from './transport.ts';

export interface PortalParts {
  readonly config: PipelineConfig;
  readonly portal: PortalInUse;
  readonly warehouse: Warehouse;
  readonly secrets: LoginSecrets;
  readonly folder: string;
}

/** An idle worker releases the login within seconds; one that exports needs minutes. */
const busySeconds = 20;
/**
 * After one submission without an answer this check may still try; the next belongs to a run, since after two the login
 * is blocked.
 */
const submissionsWithoutAnswer = 1;
/** Limit of the walk to one report's export. Each step ends by its own patience; this limits their sum. */
const walkSeconds = 600;

/** The connection and the clock: what can be checked without signing in. */
export async function examinePortalAddress(part: PartExamination, { url }: PortalSettings): Promise<void> {
  const { protocol, hostname } = new URL(url);
  part.add(
    transportVerdict({
      to: 'the portal',
      host: hostname,
      encrypted: protocol === 'https:',
      remedy: 'Write https:// in EHR_PORTAL_URL.',
      allowedBy: 'EHR_PORTAL_ALLOW_PLAINTEXT',
    }),
  );
  await part.check("the portal's clock", () => {
    const isBehindProxy = siteProxy(process.env)?.bypasses(hostname) === false;
    return isBehindProxy ? clockNotCompared : portalClock(url);
  });
}

const clockNotCompared = note(
  "the portal's clock is not compared",
  'The portal is reached through HTTPS_PROXY: the walk tells whether it answers.',
);

/** HTTP dates have whole seconds. */
const dateGrainSeconds = 1;

async function portalClock(url: string): Promise<Verdict> {
  const asked = performance.now();
  let date: string | null;
  try {
    const answer = await fetch(url, {
      method: 'HEAD',
      redirect: 'manual',
      signal: AbortSignal.timeout(10_000),
    });
    date = answer.headers.get('date');
  } catch (error) {
    const { cause, name } = error as Error & { cause?: { code?: string } };
    return problem(
      `the portal does not answer (${cause?.code ?? name})`,
      'Check EHR_PORTAL_URL, and that this machine may reach it: proxy, firewall, certificate.',
    );
  }
  if (date === null || Number.isNaN(Date.parse(date))) {
    return ok('the portal answers, but does not send the time');
  }
  const answeredSeconds = (performance.now() - asked) / 1000 + dateGrainSeconds;
  return clockVerdict("the portal's", { theirs: new Date(date), ours: new Date(), answeredSeconds });
}

/** Whether the recipe can be used, which needs no portal; its weak steps are notes. */
export async function examineRecipe(
  part: PartExamination,
  portal: PipelineConfig['portal'],
  settings: PortalSettings | undefined,
): Promise<boolean> {
  const { recipe } = portal;
  const addresses = settings === undefined ? undefined : portalAddresses(portal, settings.url);
  const weak = await part.look('the recipe', () => weakStepsOf(recipe, addresses));
  if (weak === undefined) return false;
  const reach = addresses === undefined ? '' : ', and leads to no other origin';
  part.add(ok(`the recipe can be read${reach}`));
  for (const { line, place, what, hint } of weak) {
    part.add(note(`${recipe}:${String(line)}: ${place}: ${what}`, hint));
  }
  return true;
}

/** Walks to the export of each report and stops before it. */
export async function examineWalk(part: PartExamination, parts: PortalParts): Promise<void> {
  const { config, portal, warehouse, secrets, folder } = parts;
  const loginQueue = await part.look('the recipe', () =>
    openPortalLoginQueue({
      ...portal,
      timeZone: config.organisation.timeZone,
      warehouse,
      secrets,
      folder,
      submissionLimit: { unresolved: submissionsWithoutAnswer },
    }),
  );
  if (loginQueue === undefined) {
    part.unchecked('the walk to the export', 'the recipe cannot be used');
    return;
  }
  part.add(
    ok(
      `portal pages show times in ${config.organisation.timeZone}, and dates and numbers as in ${browserLocale}`,
    ),
  );
  // A login that stays open may keep the next one out.
  await interruptible(async (interrupted) => {
    try {
      const { timeZone } = config.organisation;
      await walkAll(part, loginQueue, { reports: portal.reports, timeZone, interrupted });
    } finally {
      await part.look('logging out', () => loginQueue.close(), closeSeconds);
    }
  });
}

/** A recipe may log out for 30 s, and the browser and the lock have limits of their own. */
const closeSeconds = 90;

interface Way {
  readonly reports: readonly ReportName[];
  readonly timeZone: string;
  readonly interrupted: AbortSignal;
}

async function walkAll(part: PartExamination, loginQueue: PortalLoginQueue, way: Way): Promise<void> {
  let stopped: string | undefined;
  for (const report of way.reports) {
    if (stopped !== undefined) {
      part.unchecked(`the walk to the export of ${report}`, stopped);
      continue;
    }
    const { verdict, because } = await walk(loginQueue, report, way);
    part.add(verdict);
    stopped = because;
  }
}

interface WalkEnd {
  readonly verdict: Verdict;
  /** Why a walk to another report is pointless. */
  readonly because?: string;
}

async function walk(
  loginQueue: PortalLoginQueue,
  report: ReportName,
  { timeZone, interrupted }: Way,
): Promise<WalkEnd> {
  const period = duePeriod(report, dayInZone(new Date(), timeZone));
  const what = `the walk to the export of ${report}, ${periodText(period)}`;
  const late = AbortSignal.timeout(walkSeconds * 1000);
  const signal = AbortSignal.any([late, interrupted]);
  try {
    await loginQueue.rehearse({ report, period, signal, onProgress: () => undefined }, { busySeconds });
    return { verdict: ok(`${what}, leads to its button; nothing was exported`) };
  } catch (error) {
    if (error instanceof LoginBusy) return { verdict: busy(), because: 'the portal login is in use' };
    if (interrupted.aborted) return { verdict: brokenOff(what), because: 'it was interrupted' };
    if (late.aborted) return { verdict: tooLong(what) };
    const verdict = verdictOf(what, error);
    if (isFinal(error)) return { verdict, because: 'the portal would not let another one in either' };
    // Each walk sends the password, and a portal that rejects it may lock the account.
    return isSignedOut(error) ? { verdict, because: 'the login did not get through' } : { verdict };
  }
}

function busy(): Verdict {
  return note(
    'the portal login is in use, by a run or another doctor, so the walk was not made',
    'Run this again when no run is under way: npm run client -- doctor',
  );
}

function brokenOff(what: string): Verdict {
  return note(`${what}, was interrupted`, 'Run it again: npm run client -- doctor');
}

function tooLong(what: string): Verdict {
  return problem(
    `${what}, took longer than ${String(walkSeconds / 60)} minutes`,
    'Try again when the portal is less busy, or lower the patience in the recipe.',
  );
}

/** Rejected, locked, a second factor: failures of the login, not of one report. */
function isFinal(error: unknown): boolean {
  return (
    error instanceof PipelineError &&
    error.type !== 'PortalPermissionMissing' &&
    (!failureTypes[error.type].retry || error.details['loginBlocked'] === true)
  );
}

function isSignedOut(error: unknown): boolean {
  return error instanceof PipelineError && error.details['signedIn'] === false;
}
