import type { Locator, Page } from 'playwright';
import type { Target } from './recipeSchema.ts';
import { portalError } from './portalErrors.ts';
import { lookOut, type LookedFor } from './targets.ts';
import { isTimeout, PortalTrouble } from './trouble.ts';
import { openPages, searchOf, type Walk } from './walk.ts';
import { settledWithin, waitUntil, type Wait } from './waiting.ts';

/** One step under way. */
export interface Doing {
  readonly walk: Walk;
  readonly wait: Wait;
  /** Waits for the portal's sake, which costs the step no patience. */
  readonly pauseFor: (seconds: number) => Promise<void>;
}

/** What a step looked for is not there, or not alone. An optional step is skipped on it. */
export class NotThere extends PortalTrouble {}

/** A list is there and offers other things than the one looked for. */
export class NotOffered extends NotThere {}

/** How long one attempt to reach a thing may take before the signs are looked at again. */
const reachMilliseconds = 1000;
/** The click itself, once the thing was found free: a second is long, a busy page may take several. */
const clickMilliseconds = 10_000;

export async function findOne(target: Target, { walk, wait }: Doing): Promise<Locator> {
  const out = lookOut(target, searchOf(walk));
  const found = await waitUntil(out.look, wait);
  if (found === undefined) throw notThere(out.seen(), walk);
  return found;
}

export function notThere(lookedFor: readonly LookedFor[], walk: Walk): PortalTrouble {
  const trouble = walk.traffic.anyTrouble();
  if (trouble !== undefined) return portalError(trouble.code);
  const looked = lookedFor.map(({ what, matches }) => `${what} (${matches} visible)`).join(', then ');
  const refusal = walk.traffic.pageRefusal();
  if (refusal === undefined) {
    return new NotThere('PortalLayoutChanged', `looked for exactly one ${looked}`, {
      details: { lookedFor },
    });
  }
  const { code } = refusal;
  const { type, message, hint, retry } = portalError(code);
  // The answer to a password is not judged by its status: portals send 401 or 403 with the page that asks again.
  if (walk.section === 'login' && walk.traffic.submissions.answered > 0) {
    return new NotThere(
      'PortalLayoutChanged',
      `looked for exactly one ${looked}, on a page that came with ${code}`,
      { details: { lookedFor, code } },
    );
  }
  return new NotThere(type, message, {
    hint,
    details: { lookedFor, code },
    ...(retry === undefined ? {} : { retry }),
  });
}

/** The one thing, with nothing over it, enabled and not moving: as a person would wait for before touching it. */
export async function reach(target: Target, doing: Doing): Promise<Locator> {
  let found: Locator | undefined;
  const free = await waitUntil(async () => {
    found = await findOne(target, doing);
    return (await isFree(found)) ? found : undefined;
  }, doing.wait);
  if (free !== undefined) return free;
  throw new PortalTrouble(
    'PortalLayoutChanged',
    `${whatOf(target, doing)} is there but stays covered or disabled`,
    {
      details: { lookedFor: lookOut(target, searchOf(doing.walk)).seen() },
    },
  );
}

export function whatOf(target: Target, { walk }: Doing): string {
  return lookOut(target, searchOf(walk))
    .seen()
    .map(({ what }) => what)
    .join(' or ');
}

async function isFree(locator: Locator): Promise<boolean> {
  try {
    await locator.click({ trial: true, timeout: reachMilliseconds });
    return true;
  } catch {
    // Covered, disabled, moving or replaced: the caller looks again until the step's patience ends.
    return false;
  }
}

/** Between two looks at the page while the driver is at work on it. */
const lookWhileMilliseconds = 100;

/**
 * Goes on looking while the driver works. A dialog that comes up between `reach` and the click would hold the
 * driver off for as long as it is there: the look clears it away, and the driver's click goes through.
 */
export async function whileLooking(work: Promise<void>, wait: Wait): Promise<void> {
  try {
    while (!(await settledWithin(work, lookWhileMilliseconds))) await wait.onLook();
  } finally {
    // A look that throws ends the step; what becomes of the driver's work has nobody left to tell.
    work.catch(() => {});
  }
  return work;
}

/** Clicks once, never twice: a second click could send a password or an export again. */
export async function clickOnce(
  target: Target,
  doing: Doing,
  beforeClick: () => Promise<void> | void = () => {},
): Promise<Locator> {
  const locator = await reach(target, doing);
  await beforeClick();
  try {
    await whileLooking(locator.click({ timeout: clickMilliseconds }), doing.wait);
  } catch (error) {
    doing.wait.halt.throwIfAborted();
    if (!isTimeout(error)) throw error;
    // It was free a moment ago, so the page itself is stuck.
    throw new PortalTrouble(
      'PortalUnavailable',
      `the page did not take the click on ${whatOf(target, doing)}`,
      {
        cause: error,
      },
    );
  }
  return locator;
}

/** Runs an action that may open a page, and waits for that page where the step says that one opens. */
export async function withOpening(
  opens: 'page' | undefined,
  { walk, wait }: Doing,
  act: () => Promise<unknown>,
): Promise<void> {
  const before = new Set<Page>(walk.context.pages());
  await act();
  if (opens === undefined) return;
  const opened = await waitUntil(async () => openPages(walk.context).find((page) => !before.has(page)), wait);
  if (opened === undefined) throw new NotThere('PortalLayoutChanged', 'no new page opened');
}

/** What was just seen is read at once or not at all: it may have gone, and the caller looks again. */
const readMilliseconds = 500;

/** Runs in the page. */
const textOrValue = (node: { value?: unknown; textContent: string | null }) =>
  typeof node.value === 'string' ? node.value : (node.textContent ?? '');

/** What a field or a text shows; undefined where it is gone. */
export async function shownIn(locator: Locator): Promise<string | undefined> {
  try {
    return await locator.evaluate(textOrValue, undefined, { timeout: readMilliseconds });
  } catch {
    return undefined;
  }
}
