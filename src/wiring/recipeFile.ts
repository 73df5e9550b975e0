import { readFile } from 'node:fs/promises';
import { PipelineError } from '../domain/failures.ts';
import type { PortalAddresses } from '../portal/origins.ts';
import type { ReportName } from '../reports/index.ts';
import { readRecipe, type ReadRecipe } from '../portal/parseRecipe.ts';

/**
 * Reads a recipe from its file. `required`: the reports that it must have.
 * @throws PipelineError `InvalidInput` that lists its mistakes.
 */
export async function readRecipeFile(
  file: string,
  addresses?: PortalAddresses,
  required: readonly ReportName[] = [],
): Promise<ReadRecipe> {
  return readRecipe(await textOf(file), file, addresses, required);
}

async function textOf(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? 'unknown error';
    throw new PipelineError('InvalidInput', `${file} cannot be read (${code}).`, {
      hint: 'Name the recipe, or in portal.recipe of pipeline.yaml, the file that EHR_CONFIG names.',
      details: { file, code },
    });
  }
}
