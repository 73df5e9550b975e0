import type { CountCondition, Presence, StepCondition } from './recipeSchema.ts';
import { numberShownAt } from './shownNumbers.ts';
import { countVisible, isVisible } from './targets.ts';
import { searchOf, type Walk } from './walk.ts';

/** Whether what `if` or `unless` says holds right now. */
export async function holdsNow(condition: StepCondition, walk: Walk): Promise<boolean> {
  return Array.isArray(condition) ? isVisible(condition, searchOf(walk)) : isCountWithin(condition, walk);
}

/** A number that the page does not show is within no limits. */
async function isCountWithin(condition: CountCondition, walk: Walk): Promise<boolean> {
  const { atLeast = 0, atMost = Number.POSITIVE_INFINITY } = condition;
  const count =
    'countOf' in condition
      ? await countVisible(condition.countOf, searchOf(walk))
      : await numberShownAt(condition.numberIn, walk);
  return count !== undefined && count >= atLeast && count <= atMost;
}

/** Whether one thing is visible and another is not. */
export async function isPresent({ appears, gone }: Presence, walk: Walk): Promise<boolean> {
  const search = searchOf(walk);
  if (gone !== undefined && (await isVisible(gone, search))) return false;
  return appears === undefined || isVisible(appears, search);
}
