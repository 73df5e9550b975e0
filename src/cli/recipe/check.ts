import { configPath, portalAddress, readPipelineConfig } from '../../config.ts';
import type { PortalAddresses } from '../../portal/origins.ts';
import { weakSpots } from '../../portal/weakSpots.ts';
import { portalAddresses } from '../../wiring/portalReach.ts';
import { readRecipeFile } from '../../wiring/recipeFile.ts';
import { print, type OutputOptions } from '../output.ts';
import { recipesInUse, shownPath } from './recipesInUse.ts';

/** Reads recipes and names their weak steps; a mistake is an error that lists them all. Needs no server. */
export async function checkRecipe(named: string | undefined, options: OutputOptions): Promise<void> {
  const { shared, own } =
    named === undefined ? recipesInUse(readPipelineConfig(configPath())) : { shared: named, own: [] };
  const recipes: CheckedRecipe[] = [await checked(shared, addresses())];
  // A report's own recipe is for another portal or account: doctor and the worker judge its addresses.
  for (const file of own) recipes.push(await checked(file, undefined));
  print(options, { recipes }, () => recipes.map(checkWords).join('\n'));
}

interface CheckedRecipe {
  readonly file: string;
  readonly weak: readonly WeakStep[];
}

async function checked(file: string, portal: PortalAddresses | undefined): Promise<CheckedRecipe> {
  const shown = shownPath(file);
  return { file: shown, weak: await weakStepsOf(shown, portal) };
}

export interface WeakStep {
  readonly line: number;
  readonly place: string;
  readonly what: string;
  readonly hint: string;
}

/** @throws PipelineError `InvalidInput` that lists the recipe's mistakes. */
export async function weakStepsOf(
  file: string,
  portal: PortalAddresses | undefined,
): Promise<readonly WeakStep[]> {
  const { recipe, lineOf, placeOf } = await readRecipeFile(file, portal);
  return weakSpots(recipe)
    .map(({ path: at, what, hint }) => ({ line: lineOf(at), place: placeOf(at), what, hint }))
    .toSorted((one, other) => one.line - other.line);
}

/** Undefined if no portal is set: then no address can be judged. */
function addresses(): PortalAddresses | undefined {
  const portalUrl = portalAddress();
  return portalUrl === undefined
    ? undefined
    : portalAddresses(readPipelineConfig(configPath()).portal, portalUrl);
}

function checkWords({ file, weak }: CheckedRecipe): string {
  if (weak.length === 0) return `${file}: no mistakes, no weak steps`;
  const lines = weak.map(
    ({ line, place, what, hint }) => `${file}:${String(line)}: ${place}: ${what}\n  → ${hint}`,
  );
  return [...lines, `no mistakes, ${String(weak.length)} weak ${weak.length === 1 ? 'step' : 'steps'}`].join(
    '\n',
  );
}
