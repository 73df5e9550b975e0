import { configPath, readPipelineConfig } from '../config.ts';
import type { NewAuditEvent } from '../domain/audit.ts';
import { PipelineError } from '../domain/failures.ts';
import { recordAuditEventAlone } from '../warehouse/audit.ts';
import { tidy, type Tidied } from '../warehouse/tidy.ts';
import { keptFiles } from '../wiring/openStores.ts';
import { withWarehouse } from './connections.ts';
import { thisUser } from '../wiring/thisUser.ts';
import { print, table, type OutputOptions } from './output.ts';

/** Removes the files of runs that pipeline.yaml lets go, or says what would go. */
export async function removeByRetention(options: OutputOptions & { dryRun?: boolean }): Promise<void> {
  const { retention } = readPipelineConfig(configPath());
  if (retention === undefined) {
    throw new PipelineError('InvalidInput', 'pipeline.yaml has no section retention: nothing is removed', {
      hint: 'Add the section; config/pipeline.yaml shows it.',
    });
  }
  const dryRun = options.dryRun === true;
  const tidied = await withWarehouse(async (warehouse) => {
    if (dryRun) return tidy(warehouse, { files: keptFiles(), retention, dryRun });
    const record = (details: NewAuditEvent['details']) =>
      recordAuditEventAlone(warehouse, { action: 'retention', actor: thisUser(), details });
    await record({ stage: 'begun' });
    const done = await tidy(warehouse, { files: keptFiles(), retention, dryRun });
    await record({ stage: 'done', ...filesByClass(done) });
    return done;
  });
  print(options, { dryRun, removed: tidied }, () => words(tidied, dryRun));
}

function filesByClass(tidied: Tidied): Record<string, number> {
  return Object.fromEntries(Object.entries(tidied).map(([name, { files }]) => [name, files]));
}

function words(tidied: Tidied, dryRun: boolean): string {
  const classes = Object.entries(tidied);
  if (classes.length === 0) return dryRun ? 'nothing would go' : 'nothing to remove';
  return table(
    ['class', dryRun ? 'files that would go' : 'files removed', 'bytes'],
    classes.map(([name, { files, bytes }]) => [name, String(files), String(bytes)]),
  );
}
