import type { PipelineConfig } from '../config.ts';
import { oldDashboards } from '../dashboard/oldDashboards.ts';
import type { AuditActor, NewAuditEvent } from '../domain/auditEvents.ts';
import type { Tidied } from '../domain/fileRetention.ts';
import type { Ports } from '../ports.ts';
import { recordAuditEventAlone } from '../warehouse/recordAuditEvent.ts';
import type { Warehouse } from '../warehouse/connect.ts';
import { removeFiles, type RemovalResult, type RemovalRequest } from '../warehouse/removeFiles.ts';
import type { Stores } from './openStores.ts';
import { thisUser } from './thisUser.ts';

type Section = NonNullable<PipelineConfig['retention']>;

/** What may go, by the section retention of pipeline.yaml. */
export function removalRequest(
  { dashboards }: Pick<PipelineConfig, 'dashboards'>,
  { artifacts, loose }: Pick<Stores, 'artifacts' | 'loose'>,
  retention: Section,
): Omit<RemovalRequest, 'dryRun'> {
  const pages = dashboards === undefined ? [] : [oldDashboards(dashboards.folder)];
  return { files: artifacts, loose: [...loose, ...pages], retention };
}

/** Removes files, with an event of the audit before and after. */
export async function removeOnRecord(
  warehouse: Warehouse,
  request: Omit<RemovalRequest, 'dryRun'>,
  by: { readonly actor: AuditActor; readonly runId?: string },
): Promise<RemovalResult> {
  const record = (details: NewAuditEvent['details']) =>
    recordAuditEventAlone(warehouse, { action: 'retention', ...by, details });
  await record({ stage: 'begun' });
  const done = await removeFiles(warehouse, { ...request, dryRun: false });
  await record({ stage: 'done', ...filesByClass(done.tidied) });
  return done;
}

function filesByClass(tidied: Tidied): Record<string, number> {
  return Object.fromEntries(Object.entries(tidied).map(([name, { files }]) => [name, files]));
}

/**
 * A bucket takes twenty removals a second, so this many take minutes. An agency makes about 50 files a day; the first
 * runs with retention work off what lies there from before.
 */
const mostFilesPerRun = 5000;

/** The last step of a daily run. Undefined if pipeline.yaml has no section retention. */
export function dailyTidy(
  config: PipelineConfig,
  { warehouse, stores }: { readonly warehouse: Warehouse; readonly stores: Stores },
): Ports['tidy'] {
  const { retention } = config;
  if (retention === undefined) return undefined;
  return (runId, beat) =>
    removeOnRecord(
      warehouse,
      { ...removalRequest(config, stores, retention), most: mostFilesPerRun, beat },
      { actor: thisUser(), runId },
    );
}
