import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { parseDocument } from 'yaml';

/**
 * Writes the demo recipe with time to log out on a machine that is busy with other things, for tests that look for a
 * session that was left open. Gives its path.
 */
export async function patientRecipe(folder: string): Promise<string> {
  const recipe = parseDocument(await readFile('config/portals/demo.yaml', 'utf8'));
  recipe.setIn(['patience', 'logoutSeconds'], 20);
  const file = path.join(folder, 'demo.yaml');
  await writeFile(file, recipe.toString());
  return file;
}
