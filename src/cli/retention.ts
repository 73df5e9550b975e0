import { configPath, readPipelineConfig } from '../config.ts';
import type { Tidied } from '../domain/fileRetention.ts';
import { removeFiles } from '../warehouse/removeFiles.ts';
import { keptStores } from '../wiring/openStores.ts';
import { thisUser } from '../wiring/thisUser.ts';
import { removeOnRecord, removalRequest } from '../wiring/tidyFiles.ts';
import { withWarehouse } from './connections.ts';
import { print, type OutputOptions } from './output.ts';
import { table } from './table.ts';
import { refused } from './commandErrors.ts';

/** Removes the files that have expired by pipeline.yaml's `retention`, or says which would be removed. */
export async function removeByRetention(options: OutputOptions & { dryRun?: boolean }): Promise<void> {
  const config = readPipelineConfig(configPath());
  const { retention } = config;
  if (retention === undefined) {
    throw refused(
      'pipeline.yaml has no section retention: nothing is removed',
      'Add the section; config/pipeline.yaml shows it.',
    );
  }
  const dryRun = options.dryRun === true;
  const request = removalRequest(config, keptStores(), retention);
  const { tidied } = await withWarehouse((warehouse) =>
    dryRun
      ? removeFiles(warehouse, { ...request, dryRun })
      : removeOnRecord(warehouse, request, { actor: thisUser() }),
  );
  print(options, { dryRun, removed: tidied }, () => words(tidied, dryRun));
}

function words(tidied: Tidied, dryRun: boolean): string {
  const classes = Object.entries(tidied);
  if (classes.length === 0) return dryRun ? 'nothing would go' : 'nothing to remove';
  return table(
    ['class', dryRun ? 'files that would go' : 'files removed', 'bytes'],
    classes.map(([name, { files, bytes }]) => [name, String(files), String(bytes)]),
  );
}
