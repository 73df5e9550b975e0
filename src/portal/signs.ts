import type { FailureSignal, Interruption, Sign, Target } from './recipeSchema.ts';
import { isAnyVisible, isVisible, visibleNow } from './targets.ts';
import { findMatch, partOfText } from './textPatterns.ts';
import { portalError } from './portalErrors.ts';
import { PortalTrouble, SessionLost } from './trouble.ts';
import { pauseAfter } from './waiting.ts';
import { searchOf, type Section, type Walk } from './walk.ts';

/** How often signs are checked: a check costs a few milliseconds per sign, and none is urgent. */
const signPause = { least: 250, most: 1000 };
/** If an interruption comes back more often than this, the click does not close it. */
const interruptionLimit = 20;
/** A click on a visible element takes far less. */
const interruptionClickMilliseconds = 2000;

/** Signs that only mean something while the portal judges a login; elsewhere the word may appear in any text. */
const loginOnly = new Set(['PortalLoginRejected', 'PortalLocked', 'PortalMfaRequired']);

/**
 * Checks for reasons to stop waiting: the recipe's failure signs, a lost session, server errors. Clears interruptions
 * away. `look` throws `PortalTrouble` or `SessionLost`.
 */
export function signWatch(walk: Walk): { look: () => Promise<void>; lookNow: () => Promise<void> } {
  const began = Date.now();
  let lastLook = 0;
  let interruptions = 0;
  const lookNow = async () => {
    lastLook = Date.now();
    interruptions += await lookOnce(walk);
    if (interruptions > interruptionLimit) {
      throw new PortalTrouble(
        'PortalLayoutChanged',
        'Something that the recipe clicks away keeps coming back.',
      );
    }
  };
  const look = async () => {
    if (Date.now() - lastLook >= pauseAfter(lastLook - began, signPause)) await lookNow();
  };
  return { look, lookNow };
}

/** Asks each page once for all that matters, since most looks find nothing. */
async function lookOnce(walk: Walk): Promise<number> {
  throwOnRefusal(walk);
  const { recipe, section } = walk;
  const failures = relevantFailures(walk);
  // The login page itself may say that the session has ended, and a logout is meant to end it.
  const lost = outside.has(section) ? [] : recipe.sessionLost;
  const interruptions = recipe.interruptions.map(({ when }) => when);
  const seen = await seenOf([...failures.map(({ when }) => when), ...lost, ...interruptions], walk);
  const failure = failures.find((_, index) => seen[index]);
  if (failure !== undefined) throw troubleOf(failure);
  if (seen.slice(failures.length, failures.length + lost.length).includes(true)) {
    throw new SessionLost('The portal ended the session.');
  }
  const trouble = walk.traffic.lastingTrouble();
  if (trouble !== undefined) throw portalError(trouble.code);
  return seen.includes(true) ? clearInterruptions(walk) : 0;
}

const outside: ReadonlySet<Section> = new Set<Section>(['login', 'logout']);

/** After a refusal the portal cannot continue, whatever its pages say. */
function throwOnRefusal({ guard: { refused }, section }: Walk): void {
  if (refused === undefined || section === 'logout') return;
  throw new PortalTrouble(
    'PortalOriginRefused',
    `The portal was kept from ${refused.doing} ${refused.origin}, which is not its own.`,
    { details: { origin: refused.origin } },
  );
}

/** @throws PortalTrouble if the portal shows one of the recipe's failure signs. */
export async function throwOnFailureSign(walk: Walk): Promise<void> {
  const failures = relevantFailures(walk);
  const seen = await seenOf(
    failures.map(({ when }) => when),
    walk,
  );
  const failure = failures.find((_, index) => seen[index]);
  if (failure !== undefined) throw troubleOf(failure);
}

function relevantFailures({ section, recipe: { failures } }: Walk): readonly FailureSignal[] {
  // An earlier failure's message is still shown, and must not keep the session from ending.
  if (section === 'logout') return [];
  return failures.filter(({ type }) => section === 'login' || !loginOnly.has(type));
}

/** Which of the signs are seen. Only if the pages show any of them is each looked for by itself. */
export async function seenOf(signs: readonly Sign[], walk: Walk): Promise<boolean[]> {
  const targets = signs.filter((sign) => Array.isArray(sign));
  const anyShown = await isAnyVisible(targets, searchOf(walk));
  const isSeen = async (sign: Sign) =>
    Array.isArray(sign) ? anyShown && isVisible(sign, searchOf(walk)) : isSaid(sign, walk);
  return Promise.all(signs.map(isSeen));
}

function isSaid({ dialogSays }: Exclude<Sign, Target>, { dialogs: { messages } }: Walk): boolean {
  // Most walks meet no dialog, and this runs several times a second.
  return messages.length > 0 && findMatch(partOfText(dialogSays), messages) !== -1;
}

const meanings: Readonly<Record<FailureSignal['type'], string>> = {
  PortalLoginRejected: 'The portal rejected the user name or password.',
  PortalLocked: 'The portal says that the account is locked.',
  PortalMfaRequired: 'The portal asks for a second factor that the pipeline cannot give.',
  PortalPermissionMissing: 'The portal says that the account may not do this.',
  PortalLayoutChanged: 'The portal shows what the recipe knows as a changed page.',
  PortalUnavailable: 'The portal says that it is out of order.',
  ExportTimedOut: 'The portal says that the export took too long.',
  ExportTruncated: 'The portal says that the export is not complete.',
  ExportWrongPeriod: 'The portal says that it did not take the dates.',
  ExportWrongReport: 'The portal shows another report.',
};

function troubleOf({ type, hint }: FailureSignal): PortalTrouble {
  return new PortalTrouble(type, meanings[type], {
    ...(hint === undefined ? {} : { hint }),
    details: { sign: type },
  });
}

async function clearInterruptions(walk: Walk): Promise<number> {
  let cleared = 0;
  for (const interruption of walk.recipe.interruptions) {
    if (await clearIfThere(interruption, walk)) cleared += 1;
  }
  return cleared;
}

async function clearIfThere({ when, click }: Interruption, walk: Walk): Promise<boolean> {
  if (!(await isVisible(when, searchOf(walk)))) return false;
  const locator = await visibleNow(click, searchOf(walk));
  if (locator === undefined) return false;
  try {
    await locator.click({ timeout: interruptionClickMilliseconds });
  } catch {
    // It went away by itself, or is still moving: the next check decides.
    return false;
  }
  return true;
}
