import { stringify } from 'yaml';
import type { DraftRecipe } from './recordedRecipe.ts';

/** Longer lines of a list of things to do are broken by readers' editors. */
const noLimit = 0;

/** The file: what is still to decide as a comment, then the recipe. */
export function recipeText({ recipe, decisions }: DraftRecipe): string {
  const list = decisions.map((what, index) => `#  ${String(index + 1)}. ${what}`);
  const head = [
    '# A recorded recipe. Still to decide:',
    ...list,
    '#',
    '# docs/recipes.md explains every key.',
  ];
  return `${head.join('\n')}\n${stringify(recipe, { lineWidth: noLimit, aliasDuplicateObjects: false })}`;
}
