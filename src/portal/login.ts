import { PipelineError, type FailureType } from '../domain/failures.ts';
import { notThere } from './locate.ts';
import { mentionsSecret } from './placeholders.ts';
import type { Step, Target } from './recipeSchema.ts';
import { boundedStep, walkSteps, StepFailed } from './steps.ts';
import { seenOf } from './signs.ts';
import { isVisible, elementFinder } from './targets.ts';
import type { Submissions } from './traffic.ts';
import { GuardRefused, PortalTrouble, SessionLost } from './trouble.ts';
import { searchOf, type Walk } from './walk.ts';
import { settledWithin, waitUntil } from './waiting.ts';

/** The portal's response to the password. */
export type LoginAnswer =
  | 'accepted'
  /** The password was not judged: it never reached the portal, or the portal answered with a server error. */
  | 'not-judged'
  /** The response is a page that the recipe does not know and that does not ask for the password again. */
  | 'unknown-page'
  /** The login led to an origin that is not the portal's. */
  | 'other-origin'
  | { readonly rejected: FailureType };

export interface LoginGuard {
  /** Called right before the password is sent. If it throws, the password is not sent. */
  readonly beforePasswordSubmit: () => Promise<void>;
  /**
   * Called once the portal's response is known, never if it stays unknown. If it throws on an answer that blocks the
   * login, the caller still gets the portal's failure: the guard must remember that answer.
   */
  readonly afterLogin: (answer: LoginAnswer) => Promise<void>;
}

/** A page that hangs cannot say whether it asks for the password again; then nothing is concluded. */
const verdictSeconds = 3;

/**
 * A locked account counts as a rejected login: more submissions only prolong the lock. A portal that asks for a second
 * factor, or denies a right, has accepted the password.
 */
const answersByType: Partial<Record<FailureType, LoginAnswer>> = {
  PortalLoginRejected: { rejected: 'PortalLoginRejected' },
  PortalLocked: { rejected: 'PortalLocked' },
  PortalMfaRequired: 'accepted',
  PortalPermissionMissing: 'accepted',
  // Whatever the portal's response: the next login would send the password to the same foreign origin.
  PortalOriginRefused: 'other-origin',
};

/** Signs in, and reports the portal's response to the guard. `steps`: the rest of a login that has begun. */
export async function logIn(
  walk: Walk,
  guard: LoginGuard,
  steps: readonly Step[] = walk.recipe.login,
): Promise<void> {
  const submission = { done: false, before: walk.traffic.submissions, lost: await lostSigns(walk) };
  const beforePasswordSubmit = async () => {
    try {
      await guard.beforePasswordSubmit();
    } catch (error) {
      throw new GuardRefused('The password was not sent.', { cause: error });
    }
    submission.done = true;
    submission.before = walk.traffic.submissions;
    submission.lost = await lostSigns(walk);
  };
  try {
    await walkSteps(steps, { ...walk, beforePasswordSubmit });
    await expectSignedIn(walk);
  } catch (error) {
    if (!(error instanceof StepFailed)) throw error;
    if (!submission.done) throw withKeptBack(error, walk);
    if (mayBeLost(error) && (await hasNew(submission.lost, walk))) {
      throw new SessionLost('The portal ended the session as it began.');
    }
    const since = submissionsSince(submission.before, walk);
    const { answer, failed } = await judged(error, walk, since);
    const explained = since.answered === 0 ? withKeptBack(failed, walk) : failed;
    const isElsewhere = answer === 'unknown-page' && explained.trouble.type === 'PortalOriginRefused';
    if (answer === undefined) throw explained;
    throw await reportedToGuard(isElsewhere ? 'other-origin' : answer, explained, guard);
  }
  walk.guard.endEntering();
  if (submission.done) await guard.afterLogin('accepted');
}

/** Whether the same password must not be sent again until something changes. */
export function isBlockingAnswer(answer: LoginAnswer): boolean {
  return answer !== 'accepted' && answer !== 'not-judged';
}

/**
 * The failure, after the guard was called. Even if the guard fails, a password known to be wrong must not be sent
 * again.
 */
async function reportedToGuard(
  answer: LoginAnswer,
  failed: StepFailed,
  { afterLogin }: LoginGuard,
): Promise<StepFailed> {
  try {
    await afterLogin(answer);
    return failed;
  } catch (error) {
    if (!isBlockingAnswer(answer)) throw error;
    const { type, message, hint, details } = failed.trouble;
    const notNoted = error instanceof PipelineError ? error.type : 'InternalError';
    return withTrouble(
      failed,
      new PortalTrouble(type, message, {
        hint,
        details: { ...details, loginBlocked: true, notNoted },
        retry: false,
        cause: error,
      }),
    );
  }
}

/**
 * A sign-in that uses another origin cannot continue without it, and no page says so. A failure of the portal or the
 * network explains the failed login by itself, since pages send statistics at any time.
 */
function withKeptBack(failed: StepFailed, { guard: { keptBack } }: Walk): StepFailed {
  const { type, details } = failed.trouble;
  const unexplained = /^Portal(?:LayoutChanged|Unavailable)$/.test(type) && details['code'] === undefined;
  if (keptBack === undefined || !unexplained) return failed;
  const trouble = new PortalTrouble(
    'PortalOriginRefused',
    `${failed.trouble.message.replace(/\.$/, '')}; the portal was kept from ${keptBack.doing} ${keptBack.origin}, which is not its own`,
    { details: { ...failed.trouble.details, origin: keptBack.origin } },
  );
  return new StepFailed(failed.stepName, failed.action, trouble);
}

/** Which of the recipe's signs of a lost session show; the login page itself shows some. */
function lostSigns(walk: Walk): Promise<boolean[]> {
  return seenOf(walk.recipe.sessionLost, walk);
}

function mayBeLost({ trouble }: StepFailed): boolean {
  return trouble.type === 'PortalLayoutChanged';
}

/**
 * True if the page asks for the password again and shows a sign that was absent before the password was sent: the
 * session has ended. Treating that as a rejection would block a valid login.
 */
async function hasNew(before: readonly boolean[], walk: Walk): Promise<boolean> {
  let found = false;
  const looked = lostSigns(walk).then((now) => {
    found = now.some((seen, index) => seen && before[index] !== true);
  });
  await settledWithin(looked, verdictSeconds * 1000);
  return found;
}

async function expectSignedIn(walk: Walk): Promise<void> {
  const { signedIn, patience } = walk.recipe;
  const bounds = { name: 'signed in', action: 'signedIn', patienceSeconds: patience.stepSeconds };
  await boundedStep(bounds, walk, async ({ wait, walk: inStep }) => {
    const search = searchOf(inStep);
    const seen = await waitUntil(async () => ((await isVisible(signedIn, search)) ? true : undefined), wait);
    if (seen === undefined) throw notThere(elementFinder(signedIn, search).seen(), inStep);
  });
}

function submissionsSince(before: Submissions, { traffic: { submissions: now } }: Walk): Submissions {
  return {
    sent: now.sent - before.sent,
    answered: now.answered - before.answered,
    unheard: now.unheard - before.unheard,
  };
}

/**
 * True if no submission since then reached the portal. One without any response may have reached it, so it does not
 * count as unheard.
 */
function isUnjudged({ sent, unheard }: Submissions): boolean {
  return sent > 0 && unheard === sent;
}

/**
 * What the failure says about the password. A portal that answered the submission and asks for the password again has
 * rejected it, whatever its words. Any other page that the recipe does not know (terms of use, a notice, a question
 * whether to end another session) says nothing about the password, but it will appear again: sending the password once
 * more only brings the account closer to being locked.
 */
async function judged(
  failed: StepFailed,
  walk: Walk,
  since: Submissions,
): Promise<{ readonly answer: LoginAnswer | undefined; readonly failed: StepFailed }> {
  const { trouble } = failed;
  if (trouble.type !== 'PortalLayoutChanged') {
    return { answer: answersByType[trouble.type] ?? (isUnjudged(since) ? 'not-judged' : undefined), failed };
  }
  if (isUnjudged(since)) return { answer: 'not-judged', failed };
  const asksAgain = await showsPasswordField(walk);
  // If we saw no submission, a page that still asks for the password may never have sent it.
  if (since.answered === 0 && (since.sent > 0 || asksAgain !== false)) return { answer: undefined, failed };
  return asksAgain === true
    ? { answer: { rejected: 'PortalLoginRejected' }, failed: withTrouble(failed, askedAgain(failed)) }
    : { answer: 'unknown-page', failed: withTrouble(failed, unknownPage(failed)) };
}

/** Undefined if the page is too busy to answer. */
async function showsPasswordField(walk: Walk): Promise<boolean | undefined> {
  let seen: boolean | undefined;
  const looked = isVisible(passwordField(walk), searchOf(walk)).then((visible) => (seen = visible));
  await settledWithin(looked, verdictSeconds * 1000);
  return seen;
}

function withTrouble({ stepName, action }: StepFailed, trouble: PortalTrouble): StepFailed {
  return new StepFailed(stepName, action, trouble);
}

function askedAgain({ trouble }: StepFailed): PortalTrouble {
  return new PortalTrouble(
    'PortalLoginRejected',
    'The portal answered the login by asking for the password again, without a message that the recipe knows.',
    { details: { ...trouble.details } },
  );
}

function unknownPage({ trouble }: StepFailed): PortalTrouble {
  return new PortalTrouble('PortalLayoutChanged', `An unknown page follows the login: ${trouble.message}`, {
    hint: 'Look at the screenshot and outline in the evidence. Add the page to the recipe, which frees the login; or deal with it in a browser, then run: npm run client -- portal unblock',
    details: { ...trouble.details, loginBlocked: true },
    retry: false,
  });
}

function passwordField({ recipe }: Walk): Target {
  return recipe.login.flatMap((step) => {
    if (step.kind === 'fill' && mentionsSecret(step.fill, 'password')) return step.into;
    if (step.kind === 'type' && mentionsSecret(step.type, 'password')) return step.into;
    return [];
  });
}
