import {
  ConfigError,
  configPath,
  misspeltVariables,
  readPipelineConfig,
  type PipelineConfig,
} from '../config.ts';
import { PipelineError } from '../domain/failures.ts';
import { readRecipeFile } from '../wiring/recipeFile.ts';
import { print, type OutputOptions } from './output.ts';
import { recipesInUse, shownPath } from './recipe/recipesInUse.ts';

/** Reads pipeline.yaml and its recipes. Needs no server. @throws ConfigError with the mistakes of all. */
export async function checkConfig(named: string | undefined, options: OutputOptions): Promise<void> {
  const file = named ?? configPath();
  const problems = misspeltVariables();
  const config = readOr(problems, file);
  const recipes = config === undefined ? [] : recipePathsOf(config);
  for (const recipe of recipes) problems.push(...(await mistakesOf(recipe)));
  if (problems.length > 0) throw new ConfigError(problems);
  print(options, { file, recipes }, () =>
    [file, ...recipes].map((each) => `${each}: no mistakes`).join('\n'),
  );
}

function readOr(problems: string[], file: string): PipelineConfig | undefined {
  try {
    return readPipelineConfig(file);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    problems.push(...error.problems);
    return undefined;
  }
}

function recipePathsOf(config: PipelineConfig): string[] {
  const { shared, own } = recipesInUse(config);
  return [shared, ...own].map(shownPath);
}

/** The portal's addresses are judged by `recipe check`, which knows the portal. */
async function mistakesOf(recipe: string): Promise<string[]> {
  try {
    await readRecipeFile(recipe, undefined);
    return [];
  } catch (error) {
    if (error instanceof PipelineError && error.type === 'InvalidInput') return [error.message];
    throw error;
  }
}
