import type { Recipe } from './recipeSchema.ts';

/** All texts that the recipe's author wrote: words of the portal, which evidence may show. */
export function recipeTexts(recipe: Recipe): string[] {
  return textsIn(recipe);
}

function textsIn(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  if (Array.isArray(value)) return value.flatMap(textsIn);
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(textsIn) : [];
}
