import { holdsNow, isPresent } from './conditions.ts';
import { act, entryOf } from './perform.ts';
import { NotOffered, NotThere, type RunningStep } from './locate.ts';
import { percentShown } from './shownNumbers.ts';
import { readCount } from './recordCount.ts';
import type { Presence, Repeat, Step, StepCondition, Target } from './recipeSchema.ts';
import { signWatch } from './signs.ts';
import { elementFinder } from './targets.ts';
import { GuardRefused, PortalTrouble, SessionLost, troubleFrom } from './trouble.ts';
import { searchOf, type StepOutcome, type Walk } from './walk.ts';
import { pause, unlessAborted, waitUntil, type Wait } from './waiting.ts';

/** How often progress is reported to the caller, whose heartbeats follow the reports. */
const reportMilliseconds = 1000;
/** Every wait of a step ends with its patience. A driver call that hangs with its page is abandoned this much later. */
const hangSeconds = 20;

/** Which step failed. The session adds the evidence. */
export class StepFailed extends Error {
  override readonly name = 'StepFailed';
  readonly stepName: string;
  readonly action: string;
  readonly trouble: PortalTrouble;

  constructor(stepName: string, action: string, trouble: PortalTrouble) {
    super(`Step "${stepName}" failed.`, { cause: trouble });
    this.stepName = stepName;
    this.action = action;
    this.trouble = trouble;
  }
}

export async function walkSteps(steps: readonly Step[], walk: Walk): Promise<void> {
  for (const step of steps) {
    const outcome = await runStep(step, walk);
    await walk.onStep?.(step, outcome);
  }
}

async function runStep(step: Step, walk: Walk): Promise<StepOutcome> {
  if (!(await isWanted(step, walk))) return 'not wanted';
  if ('repeat' in step && step.repeat !== undefined) return runUntil(step, step.repeat, walk);
  const bounds = { ...step, action: step.kind, patienceSeconds: patienceOf(step, walk) };
  return boundedStep(bounds, walk, (running) =>
    unlessOptional(step, async () => {
      await act(step, running, await running.entry(step));
      await noteCount(step, running);
    }),
  );
}

/** An optional step may have nothing to do. */
async function unlessOptional(step: Step, work: () => Promise<void>): Promise<StepOutcome> {
  try {
    await work();
    return 'done';
  } catch (error) {
    if (!(error instanceof NotThere && step.optional === true)) throw error;
    return 'not there';
  }
}

async function noteCount({ name, recordCount }: Step, running: RunningStep): Promise<void> {
  if (recordCount === undefined) return;
  running.walk.counts.push({ step: name, count: await readCount(recordCount, running) });
}

/** The page shows what a step is repeated for, before the step has acted again. */
class Reached extends Error {
  override readonly name = 'Reached';
}

/** Runs a step again and again until the page shows what the recipe says. Each round has a step's patience. */
async function runUntil(step: Step, { until, every, atMost }: Repeat, walk: Walk): Promise<StepOutcome> {
  const patienceSeconds = patienceOf(step, walk);
  const bounds = { ...step, action: step.kind, patienceSeconds: patienceSeconds + every };
  for (let round = 1; round <= atMost; round += 1) {
    const isLast = round === atMost;
    const reached = await boundedStep(bounds, walk, async (running) => {
      const found = await roundOf(step, { until, every, patienceSeconds }, running);
      if (found) await noteCount(step, running);
      else if (isLast) await unlessOptional(step, () => Promise.reject(neverReached(until, atMost, walk)));
      return found;
    });
    if (reached) return 'done';
  }
  return 'not there';
}

async function roundOf(
  step: Step,
  { until, every, patienceSeconds }: Pick<Repeat, 'until' | 'every'> & { readonly patienceSeconds: number },
  running: BoundedStep,
): Promise<boolean> {
  const { walk, wait } = running;
  const isReached = () => isPresent(until, walk);
  if (await isReached()) return true;
  let acting = false;
  const onLook = async () => {
    await wait.onLook();
    // An element to act on may be gone because the page already shows what comes next.
    if (!acting && (await isReached())) throw new Reached();
  };
  const deadline = Date.now() + patienceSeconds * 1000;
  try {
    const whileActing = { ...running, wait: { ...wait, deadline, onLook }, onActing: () => (acting = true) };
    await unlessOptional(step, () => act(step, whileActing, ''));
  } catch (error) {
    if (error instanceof Reached) return true;
    throw error;
  }
  const looking = { ...wait, deadline: Date.now() + every * 1000 };
  return (await waitUntil(async () => ((await isReached()) ? true : undefined), looking)) === true;
}

function neverReached({ appears, gone }: Presence, times: number, walk: Walk): NotThere {
  const wordsFor = (target: Target | undefined, words: string) =>
    target === undefined
      ? []
      : [
          `${elementFinder(target, searchOf(walk))
            .seen()
            .map(({ what }) => what)
            .join(' or ')} ${words}`,
        ];
  const states = [...wordsFor(appears, 'is not there'), ...wordsFor(gone, 'is still there')];
  const often = times === 1 ? 'once' : `${times} times`;
  return new NotThere('PortalLayoutChanged', `did this ${often}, and ${states.join(', or ')}`, {
    hint: 'If the portal needs longer, raise atMost or every of repeat in the recipe; otherwise look in the evidence for what the page shows instead.',
    details: { times },
  });
}

function patienceOf(step: Step, { recipe: { patience } }: Walk): number {
  return step.patienceSeconds ?? (step.optional === true ? patience.optionalSeconds : patience.stepSeconds);
}

async function isWanted(step: Step, walk: Walk): Promise<boolean> {
  if (step.reports !== undefined && (walk.report === undefined || !step.reports.includes(walk.report.name)))
    return false;
  if (step.if !== undefined && !(await holds(step.if, walk))) return false;
  return step.unless === undefined || !(await holds(step.unless, walk));
}

async function holds(condition: StepCondition, walk: Walk): Promise<boolean> {
  return unlessAborted(holdsNow(condition, walk), walk.halt);
}

interface Bounds {
  readonly name: string;
  readonly action: string;
  readonly patienceSeconds: number;
  readonly dialog?: 'accept' | 'dismiss' | undefined;
  readonly failsAs?: PortalTrouble['type'] | undefined;
  readonly progress?: Target | undefined;
}

export interface BoundedStep extends RunningStep {
  /** The text that a step enters. Waiting for a one-time code costs no patience. */
  readonly entry: (step: Step) => Promise<string>;
}

/** Runs one step within its bounds: patience, signs, watchdog and progress reports. */
export async function boundedStep<T>(
  bounds: Bounds,
  walk: Walk,
  work: (running: BoundedStep) => Promise<T>,
): Promise<T> {
  const progress = newProgress(bounds, walk);
  walk.dialogs.answer = bounds.dialog;
  try {
    return await watched(bounds, walk, progress, work);
  } catch (error) {
    walk.halt.throwIfAborted();
    if (error instanceof SessionLost || error instanceof GuardRefused) throw error;
    throw new StepFailed(bounds.name, bounds.action, renamed(troubleFrom(error), bounds));
  } finally {
    progress.stop();
  }
}

async function watched<T>(
  bounds: Bounds,
  walk: Walk,
  progress: Progress,
  work: (running: BoundedStep) => Promise<T>,
): Promise<T> {
  const hung = new AbortController();
  const halt = AbortSignal.any([walk.halt, hung.signal]);
  const watch = signWatch({ ...walk, halt });
  const onLook = async () => {
    await watch.look();
    await progress.look();
  };
  const patience = bounds.patienceSeconds * 1000;
  const wait: { -readonly [Key in keyof Wait]: Wait[Key] } = {
    deadline: Date.now() + patience,
    halt,
    onLook,
  };
  const watchAgain = () => setTimeout(() => hung.abort(hangTrouble()), patience + hangSeconds * 1000);
  let watchdog = watchAgain();
  const untimed = async <Result>(untimedWork: () => Promise<Result>) => {
    clearTimeout(watchdog);
    const result = await untimedWork();
    wait.deadline = Date.now() + patience;
    watchdog = watchAgain();
    return result;
  };
  const running: BoundedStep = {
    walk: { ...walk, halt },
    wait,
    entry: (step) => untimed(() => entryOf(step, { walk })),
    pauseFor: (seconds) => untimed(() => pause(seconds * 1000, halt)),
  };
  try {
    return await unlessAborted(
      betweenLooks(() => work(running), watch.lookNow),
      halt,
    );
  } finally {
    clearTimeout(watchdog);
  }
}

/**
 * Checks the signs before and after the work: they count even if everything a step needs is there at once, such as a
 * note that the result is incomplete. If a step fails, what the page shows by then may be the reason.
 */
async function betweenLooks<T>(work: () => Promise<T>, lookNow: () => Promise<void>): Promise<T> {
  await lookNow();
  try {
    return await work();
  } catch (error) {
    if (error instanceof PortalTrouble) await lookNow();
    throw error;
  }
}

function hangTrouble(): PortalTrouble {
  return new PortalTrouble('PortalUnavailable', 'The page hangs: the browser gave no answer.');
}

/**
 * `failsAs` says what a missing target means, such as a report that the account may not see. For a choice it applies to
 * the option: if the list itself is missing or late, its options are unknown.
 */
function renamed(trouble: PortalTrouble, { failsAs, action }: Bounds): PortalTrouble {
  const isMissing = trouble instanceof (action === 'choose' ? NotOffered : NotThere);
  if (failsAs === undefined || !isMissing) return trouble;
  return new PortalTrouble(failsAs, trouble.message, { details: { ...trouble.details } });
}

interface Progress {
  readonly look: () => Promise<void>;
  readonly stop: () => void;
}

/** Reports the running step, at once and each second, with the percent if the portal shows one. */
function newProgress({ name, progress }: Bounds, walk: Walk): Progress {
  let percent: number | undefined;
  let looked = 0;
  const report = () => walk.onProgress(percent === undefined ? { step: name } : { step: name, percent });
  report();
  const timer = setInterval(report, reportMilliseconds);
  return {
    look: async () => {
      if (progress === undefined || Date.now() - looked < reportMilliseconds / 2) return;
      looked = Date.now();
      percent = (await percentShown(progress, walk)) ?? percent;
    },
    stop: () => clearInterval(timer),
  };
}
