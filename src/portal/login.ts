import type { FailureType } from '../domain/failures.ts';
import { notThere } from './act.ts';
import { mentionsSecret } from './placeholders.ts';
import type { Target } from './recipeSchema.ts';
import { boundedStep, runSteps, StepFailed } from './steps.ts';
import { isSeen } from './signs.ts';
import { isVisible, lookOut } from './targets.ts';
import type { Submissions } from './traffic.ts';
import { GuardRefused, PortalTrouble, SessionLost } from './trouble.ts';
import { searchOf, type Walk } from './walk.ts';
import { settledWithin, waitUntil } from './waiting.ts';

/** How the portal took the password that was sent. */
type LoginAnswer =
  | 'accepted'
  /** It was not judged: it never reached the portal, or the portal answered with an error of its own. */
  | 'not-judged'
  | { readonly rejected: FailureType };

export interface LoginGuard {
  /** Right before the password is sent. Throwing here keeps it from being sent. */
  readonly beforePasswordSubmit: () => Promise<void>;
  /** Once it is known how the portal took the password; not called where that stays unknown. */
  readonly afterLogin: (answer: LoginAnswer) => Promise<void>;
}

/** A page that hangs cannot say whether it asks for the password again; then nothing is concluded. */
const verdictSeconds = 3;

/**
 * A locked account counts as a rejected login: more submissions only prolong the lock. Who asks for a second
 * factor, or denies a right, has accepted the password.
 */
const answersByType: Partial<Record<FailureType, LoginAnswer>> = {
  PortalLoginRejected: { rejected: 'PortalLoginRejected' },
  PortalLocked: { rejected: 'PortalLocked' },
  PortalMfaRequired: 'accepted',
  PortalPermissionMissing: 'accepted',
};

/** Signs in, and tells the guard how the portal took the password. */
export async function logIn(walk: Walk, guard: LoginGuard): Promise<void> {
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
    await runSteps(walk.recipe.login, { ...walk, beforePasswordSubmit });
    await expectSignedIn(walk);
  } catch (error) {
    if (!submission.done || !(error instanceof StepFailed)) throw error;
    if (mayBeLost(error) && (await hasNew(submission.lost, walk))) {
      throw new SessionLost('The portal ended the session as it began.');
    }
    const since = submissionsSince(submission.before, walk);
    const failed = await judged(error, walk, since);
    const answer = answersByType[failed.trouble.type] ?? (isUnjudged(since) ? 'not-judged' : undefined);
    if (answer !== undefined) await guard.afterLogin(answer);
    throw failed;
  }
  if (submission.done) await guard.afterLogin('accepted');
}

/** Which of the recipe's signs of a lost session show; the login page itself shows some. */
async function lostSigns(walk: Walk): Promise<boolean[]> {
  return Promise.all(walk.recipe.sessionLost.map((sign) => isSeen(sign, walk)));
}

function mayBeLost({ trouble }: StepFailed): boolean {
  return trouble.type === 'PortalLayoutChanged';
}

/**
 * A page that asks for the password again, and says why in words that it did not say before the password was sent:
 * the session has ended. Taking that for a rejection would block a login that is in order.
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
    if (seen === undefined) throw notThere(lookOut(signedIn, search).seen(), inStep);
  });
}

function submissionsSince(before: Submissions, { traffic: { submissions: now } }: Walk): Submissions {
  return {
    sent: now.sent - before.sent,
    answered: now.answered - before.answered,
    unheard: now.unheard - before.unheard,
  };
}

/** Whatever was sent since, nobody heard it. One without any answer may have been heard, so it does not count. */
function isUnjudged({ sent, unheard }: Submissions): boolean {
  return sent > 0 && unheard === sent;
}

/**
 * A portal that has answered the submission and asks for the password again has rejected it, whatever words
 * it uses. Taking that for a changed layout would send the password again, and portals lock accounts.
 */
async function judged(failed: StepFailed, walk: Walk, since: Submissions): Promise<StepFailed> {
  if (failed.trouble.type !== 'PortalLayoutChanged' || since.answered === 0) return failed;
  let asksAgain = false;
  const field = passwordField(walk);
  await settledWithin(
    isVisible(field, searchOf(walk)).then((visible) => (asksAgain = visible)),
    verdictSeconds * 1000,
  );
  if (!asksAgain) return failed;
  const trouble = new PortalTrouble(
    'PortalLoginRejected',
    'The portal answered the login by asking for the password again, without a message that the recipe knows.',
    { details: { ...failed.trouble.details } },
  );
  return new StepFailed(failed.stepName, failed.action, trouble);
}

function passwordField({ recipe }: Walk): Target {
  return recipe.login.flatMap((step) => {
    if (step.kind === 'fill' && mentionsSecret(step.fill, 'password')) return step.into;
    if (step.kind === 'type' && mentionsSecret(step.type, 'password')) return step.into;
    return [];
  });
}
