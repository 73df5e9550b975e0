import type { Locator, Page } from 'playwright';
import type { Target } from './recipeSchema.ts';
import { portalError } from './portalErrors.ts';
import { elementFinder, type CandidateMatches } from './targets.ts';
import { isTimeout, PortalTrouble } from './trouble.ts';
import { openPages, searchOf, type Walk } from './walk.ts';
import { settledWithin, waitUntil, type Wait } from './waiting.ts';

/** One running step. */
export interface RunningStep {
  readonly walk: Walk;
  readonly wait: Wait;
  /** Waits because the portal asks for it; this costs the step no patience. */
  readonly pauseFor: (seconds: number) => Promise<void>;
  /** Called once the element is free, right before the click. */
  readonly onActing?: () => void;
}

/** A step's target is missing or ambiguous. An optional step is then skipped. */
export class NotThere extends PortalTrouble {}

/** The list is there but does not offer the wanted option. */
export class NotOffered extends NotThere {}

/** How long each attempt to reach an element may take. A page that is busy needs longer than one that is free. */
const reachMilliseconds = [1000, 2000, 4000, 8000];
/** Limit of the click itself, once the element is free. A second is long; a busy page may take several. */
const clickMilliseconds = 10_000;

export async function findOne(target: Target, { walk, wait }: RunningStep): Promise<Locator> {
  const finder = elementFinder(target, searchOf(walk));
  const found = await waitUntil(finder.look, wait);
  if (found === undefined) throw notThere(finder.seen(), walk);
  return found;
}

export function notThere(lookedFor: readonly CandidateMatches[], walk: Walk): PortalTrouble {
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
  // A password's response is not judged by its status: portals send 401 or 403 with the page that asks again.
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

/** The target's one element, uncovered, enabled and not moving, as a person would wait for it. */
export async function reach(target: Target, running: RunningStep): Promise<Locator> {
  let round = 0;
  let obstacle: Obstacle | undefined;
  const free = await waitUntil(async () => {
    const found = await findOne(target, running);
    const longest = reachMilliseconds[Math.min(round, reachMilliseconds.length - 1)]!;
    round += 1;
    obstacle = await obstacleOf(found, running.wait, longest);
    return obstacle === undefined ? found : undefined;
  }, running.wait);
  if (free !== undefined) return free;
  throw unreachable(target, running, obstacle);
}

function unreachable(target: Target, running: RunningStep, obstacle: Obstacle | undefined): PortalTrouble {
  const what = whatOf(target, running);
  const details = { lookedFor: elementFinder(target, searchOf(running.walk)).seen(), obstacle };
  if (obstacle !== 'no answer') {
    return new PortalTrouble('PortalLayoutChanged', `${what} is there but stays covered or disabled`, {
      details,
    });
  }
  return new PortalTrouble(
    'PortalUnavailable',
    `${what} is there, but the page was too busy to take a click on it in time`,
    {
      hint: 'Nothing to do at first: the step is tried again. If it lasts, raise the patience of this step in the recipe.',
      details,
    },
  );
}

export function whatOf(target: Target, { walk }: RunningStep): string {
  return elementFinder(target, searchOf(walk))
    .seen()
    .map(({ what }) => what)
    .join(' or ');
}

/** What keeps an element from being clicked. */
type Obstacle = 'covered, disabled or moving' | 'no answer';

/** What the driver says when it saw the element in a state that takes no click. Only used to tell these apart. */
const sawObstacle =
  /intercepts pointer events|element is not (?:enabled|stable|visible)|outside of the viewport/;

/** Undefined if the element is free. */
async function obstacleOf(locator: Locator, wait: Wait, longest: number): Promise<Obstacle | undefined> {
  const timeout = Math.max(reachMilliseconds[0]!, Math.min(longest, wait.deadline - Date.now()));
  let obstacle: Obstacle | undefined;
  const tried = locator.click({ trial: true, timeout }).catch((error: unknown) => {
    // The caller retries until the step's patience ends.
    const slow = isTimeout(error) && !sawObstacle.test((error as Error).message);
    obstacle = slow ? 'no answer' : 'covered, disabled or moving';
  });
  await whileLooking(tried, wait);
  return obstacle;
}

/** How often the page is checked while the driver works on it. */
const lookWhileMilliseconds = 100;

/**
 * Keeps checking the page while the driver works. A dialog that appears between `reach` and the click would block the
 * driver: the check clears it away, and the driver's click succeeds.
 */
export async function whileLooking(work: Promise<void>, wait: Wait): Promise<void> {
  try {
    while (!(await settledWithin(work, lookWhileMilliseconds))) await wait.onLook();
  } finally {
    // A failed check ends the step. Mark the driver's work as handled, since nothing awaits it any more.
    work.catch(() => {});
  }
  return work;
}

/** Clicks once, never twice: a second click could send a password or an export again. */
export async function clickOnce(
  target: Target,
  running: RunningStep,
  beforeClick: () => Promise<void> | void = () => {},
): Promise<Locator> {
  const locator = await reach(target, running);
  await beforeClick();
  // Given up meanwhile: nobody waits for the answer to what the click would send.
  running.wait.halt.throwIfAborted();
  running.onActing?.();
  try {
    await whileLooking(locator.click({ timeout: clickMilliseconds }), running.wait);
  } catch (error) {
    running.wait.halt.throwIfAborted();
    if (!isTimeout(error)) throw error;
    // The element was free a moment ago, so the page itself is stuck.
    throw new PortalTrouble(
      'PortalUnavailable',
      `the page did not take the click on ${whatOf(target, running)}`,
      {
        cause: error,
      },
    );
  }
  return locator;
}

/** Runs an action that may open a page, and waits for that page if the step says that one opens. */
export async function withOpening(
  opens: 'page' | undefined,
  { walk, wait }: RunningStep,
  act: () => Promise<unknown>,
): Promise<void> {
  const before = new Set<Page>(walk.context.pages());
  await act();
  if (opens === undefined) return;
  const opened = await waitUntil(async () => openPages(walk.context).find((page) => !before.has(page)), wait);
  if (opened === undefined) throw new NotThere('PortalLayoutChanged', 'no new page opened');
}

/** Read within 500 ms or give up; the caller retries. */
const readMilliseconds = 500;

/** Runs in the page. */
const textOrValue = ([node, ...others]: { value?: unknown; textContent: string | null }[]) => {
  if (node === undefined || others.length > 0) return undefined;
  return typeof node.value === 'string' ? node.value : (node.textContent ?? '');
};

/**
 * What a field or element shows; undefined if it is gone, or the page gives no answer. `evaluateAll` asks the browser
 * once, where `evaluate` also creates a handle of the element and disposes of it, but it has no limit of its own.
 */
export async function shownIn(locator: Locator): Promise<string | undefined> {
  let shown: string | undefined;
  const reading = locator.evaluateAll(textOrValue).then((text) => (shown = text));
  await settledWithin(reading, readMilliseconds);
  return shown;
}
