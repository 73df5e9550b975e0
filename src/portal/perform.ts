import type { Response } from 'playwright';
import { pickDate } from './calendar.ts';
import { isPresent } from './conditions.ts';
import { clickOnce, findOne, NotThere, reach, withOpening, type RunningStep } from './locate.ts';
import { chooseOption, enterText, verifyShown } from './fields.ts';
import { originForMessage } from './origins.ts';
import { addressOf, resolveEntry } from './placeholders.ts';
import { notOpened } from './portalErrors.ts';
import type { Step, StepOf, Target } from './recipeSchema.ts';
import { elementFinder } from './targets.ts';
import { PortalTrouble } from './trouble.ts';
import { openPages, searchOf } from './walk.ts';
import { waitUntil } from './waiting.ts';

/** Performs one step, and returns once the page shows its effect. */
export async function act(step: Step, running: RunningStep, entry: string): Promise<void> {
  switch (step.kind) {
    case 'goto':
      return goTo(step, running);
    case 'reload':
      return reload(running);
    case 'fill':
    case 'type':
      return enterText(step, running, entry);
    case 'press':
      return withOpening(step.opens, running, () => press(step, running));
    case 'choose':
      return chooseOption(step, running);
    case 'pickDate':
      return pickDate(step, running);
    case 'click':
      return withOpening(step.opens, running, () =>
        clickOnce(step.click, running, submission(step, running)),
      );
    case 'check':
      return setChecked(step.check, running, 'check');
    case 'uncheck':
      return setChecked(step.uncheck, running, 'uncheck');
    case 'hover':
      return (await reach(step.hover, running)).hover({ timeout: 5000 });
    case 'wait':
      return waitFor(step, running);
    case 'verify':
      return verifyShown(step, running);
  }
}

/**
 * The text that a fill or type step enters; resolved before the step's patience begins, since a one-time code may take
 * a while.
 */
export async function entryOf(step: Step, { walk }: Pick<RunningStep, 'walk'>): Promise<string> {
  if (step.kind === 'fill') return resolveEntry(step.fill, walk.values, walk.secrets);
  if (step.kind === 'type') return resolveEntry(step.type, walk.values, walk.secrets);
  return '';
}

function submission(step: StepOf<'click'> | StepOf<'press'>, { walk }: RunningStep): () => Promise<void> {
  return step.submits === 'password' ? walk.beforePasswordSubmit : async () => {};
}

async function goTo(step: StepOf<'goto'>, { walk, wait, pauseFor }: RunningStep): Promise<void> {
  // Close pages that an earlier export opened, because targets are searched in the newest page first.
  const [page, ...others] = openPages(walk.context).toReversed();
  await Promise.all(others.map((other) => other.close()));
  const url = addressOf(step.goto, walk.values);
  // The recipe was checked when it was read. This is a second barrier.
  if (!walk.guard.isOwn(url)) {
    throw new PortalTrouble('PortalOriginRefused', `${originForMessage(url)} is not the portal's`);
  }
  const shown = page ?? (await walk.context.newPage());
  await load((options) => shown.goto(url, options), { walk, wait, pauseFor });
}

async function reload(running: RunningStep): Promise<void> {
  const [page] = openPages(running.walk.context);
  if (page === undefined) throw new NotThere('PortalLayoutChanged', 'no page is open to load again');
  await load((options) => page.reload(options), running);
}

type LoadOptions = { readonly waitUntil: 'domcontentloaded'; readonly timeout: number };

/** Loads a page, again if the portal is busy. */
async function load(
  open: (options: LoadOptions) => Promise<Response | null>,
  { walk, wait, pauseFor }: Pick<RunningStep, 'walk' | 'wait' | 'pauseFor'>,
): Promise<void> {
  for (let round = 1; ; round += 1) {
    const answer = await answerOf(open, { walk, wait });
    if (answer?.status() !== 429 || round === busyRounds) break;
    await pauseFor(retryAfterSeconds(answer.headers()['retry-after']));
  }
  await wait.onLook();
}

/** A portal that is still busy after this many rounds stays busy for longer than a step should take. */
const busyRounds = 3;

async function answerOf(
  open: (options: LoadOptions) => Promise<Response | null>,
  { walk, wait }: Pick<RunningStep, 'walk' | 'wait'>,
): Promise<Response | null> {
  try {
    return await open({
      waitUntil: 'domcontentloaded',
      timeout: Math.max(1, wait.deadline - Date.now()),
    });
  } catch (error) {
    wait.halt.throwIfAborted();
    throw notOpened(error, walk.traffic);
  }
}

/** Used if the portal gives no time: long enough for most limits per minute, with few rounds. */
const usualBusySeconds = 20;
/** If the portal asks for a longer pause, the run's next attempt tries again. */
const longestBusySeconds = 120;

/** `Retry-After` is a number of seconds or a date (RFC 9110). */
function retryAfterSeconds(header: string | undefined, now = Date.now()): number {
  const text = header?.trim() ?? '';
  const seconds = /^\d{1,9}$/.test(text) ? Number(text) : (Date.parse(text) - now) / 1000;
  return Number.isNaN(seconds)
    ? usualBusySeconds
    : Math.min(longestBusySeconds, Math.max(1, Math.ceil(seconds)));
}

async function press(step: StepOf<'press'>, running: RunningStep): Promise<void> {
  const send = async () => {
    await submission(step, running)();
    running.wait.halt.throwIfAborted();
  };
  if (step.on !== undefined) {
    const locator = await reach(step.on, running);
    await send();
    await locator.press(step.press, { timeout: 5000 });
    return;
  }
  const [page] = openPages(running.walk.context);
  if (page === undefined) throw new NotThere('PortalLayoutChanged', 'no page is open to press a key on');
  await send();
  await page.keyboard.press(step.press);
}

async function setChecked(target: Target, running: RunningStep, how: 'check' | 'uncheck'): Promise<void> {
  const locator = await reach(target, running);
  // Playwright reads the state back and throws if the click did not change it.
  await locator[how]({ timeout: 5000 });
}

async function waitFor(step: StepOf<'wait'>, running: RunningStep): Promise<void> {
  const { walk, wait } = running;
  const { appears, gone } = step.wait;
  const done = await waitUntil(async () => ((await isPresent(step.wait, walk)) ? true : undefined), wait);
  if (done === true) return;
  if (!(await isPresent({ gone }, walk))) throw stillBusy(step, running);
  await findOne(appears!, running);
}

/** The element that should disappear is still there: the portal is busy, and its layout is as expected. */
function stillBusy(step: StepOf<'wait'>, { walk }: RunningStep): PortalTrouble {
  const waitedFor = elementFinder(step.wait.gone!, searchOf(walk)).seen();
  const what = waitedFor.map((looked) => looked.what).join(' or ');
  return new PortalTrouble(
    walk.section === 'report' ? 'ExportTimedOut' : 'PortalUnavailable',
    `the portal still shows ${what}`,
    { details: { lookedFor: waitedFor } },
  );
}
