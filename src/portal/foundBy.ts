import { shownIn } from './locate.ts';
import { addressOf, mentionsAnySecret } from './placeholders.ts';
import type { Step, Target } from './recipeSchema.ts';
import { elementFinder, visibleNow } from './targets.ts';
import { searchOf, type Walk } from './walk.ts';
import { settledWithin } from './waiting.ts';

export interface Found {
  /** In the recipe's words. */
  readonly what: string;
  /** The page's own text there. It may identify a person; of a secret there is none. */
  readonly shown?: string | undefined;
}

/** The rest of a long text says nothing more to the author. */
const shownCharacters = 120;
/** What is there is read at once; what has gone since is not waited for. */
const lookMilliseconds = 1000;

/** What a step that is done has found. */
export async function foundBy(step: Step, walk: Walk): Promise<Found> {
  if (step.kind === 'goto') return { what: new URL(addressOf(step.goto, walk.values)).pathname };
  if (step.kind === 'wait') return foundByWait(step.wait, walk);
  if (step.kind === 'fill' || step.kind === 'type') {
    const isSecret = mentionsAnySecret(step.kind === 'fill' ? step.fill : step.type);
    return isSecret ? { what: named(step.into, walk) } : withText(step.into, walk);
  }
  if (step.kind === 'choose') return withText(step.from, walk);
  if (step.kind === 'verify') return withText(step.in, walk);
  if (step.kind === 'press') return { what: step.on === undefined ? step.press : named(step.on, walk) };
  const target = Object.entries(step).find(([key]) => key === step.kind)?.[1] as Target | undefined;
  return { what: target === undefined ? '' : named(target, walk) };
}

async function foundByWait(
  { appears, gone }: { readonly appears?: Target | undefined; readonly gone?: Target | undefined },
  walk: Walk,
): Promise<Found> {
  if (appears !== undefined) return withText(appears, walk);
  return { what: gone === undefined ? '' : `no ${named(gone, walk)}` };
}

function named(target: Target, walk: Walk): string {
  return elementFinder(target, searchOf(walk))
    .seen()
    .map(({ what }) => what)
    .join(' or ');
}

async function withText(target: Target, walk: Walk): Promise<Found> {
  const what = named(target, walk);
  let shown: string | undefined;
  const looked = (async () => {
    const locator = await visibleNow(target, searchOf(walk));
    shown = locator === undefined ? undefined : await shownIn(locator);
  })();
  await settledWithin(looked, lookMilliseconds);
  return { what, shown: shown?.trim().replaceAll(/\s+/g, ' ').slice(0, shownCharacters) };
}
