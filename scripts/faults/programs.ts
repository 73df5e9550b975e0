import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { bundleWorkflowCode, DefaultLogger } from '@temporalio/worker';
import type { SitePrograms } from '../../test/faults/site.ts';
import type { Parts } from '../services/parts.ts';

/** The programs that a site runs by itself. */
export async function programsOf(parts: Parts, folder: string): Promise<SitePrograms> {
  const { temporalCli, database, browser } = parts;
  if (temporalCli === undefined || database?.kind !== 'binary') {
    throw new Error(
      'The faults need a Temporal CLI and a mysqld or mariadbd on this machine: they kill their own servers. Install MariaDB or MySQL, and leave DATABASE_URL unset.',
    );
  }
  const { code } = await bundleWorkflowCode({
    workflowsPath: fileURLToPath(new URL('../../src/workflows/index.ts', import.meta.url)),
    logger: new DefaultLogger('WARN'),
  });
  const workflowBundle = path.join(folder, 'workflows.cjs');
  await writeFile(workflowBundle, code);
  return { temporalCli, databaseServer: database.path, browser, workflowBundle };
}
