import path from 'node:path';
import type { PipelineConfig } from '../config.ts';
import type { Agency } from '../domain/agencies.ts';
import type { DashboardPorts, DashboardRequest } from '../dashboard/writeFiles.ts';
import type { Ports } from '../ports.ts';
import type { Warehouse } from '../warehouse/connect.ts';
import { thisUser } from './thisUser.ts';
import { recordAuditEventAlone } from '../warehouse/audit.ts';
import { namingPlace } from '../warehouse/failure.ts';
import { readDashboardRows } from '../warehouse/dashboardRows.ts';

export interface DashboardParts {
  readonly config: PipelineConfig;
  readonly agency?: Agency;
  readonly warehouse: Warehouse;
}

/** What dashboards are made with, for both the command and the daily run. */
export function dashboardPorts({ config, agency, warehouse }: DashboardParts): DashboardPorts {
  const { organisation, groupNames, reports } = config;
  return {
    agency: organisation.name ?? agency ?? null,
    clock: () => new Date(),
    timeZone: organisation.timeZone,
    groupNames,
    figuresAre: reports.utilization.figuresAre ?? 'authorization',
    rows: (question, signal) => readDashboardRows(warehouse, question, signal),
    // Loaded on demand: writing pages alone needs no browser.
    open: async (pages, work) => (await import('./dashboardBrowser.ts')).openDashboards(pages, work),
  };
}

/** The dashboards that pipeline.yaml wants after each daily run. */
export function dailyDashboards(parts: DashboardParts): Ports['dashboards'] {
  const { config, warehouse } = parts;
  const wanted = wantedDaily(config);
  if (wanted === undefined) return undefined;
  const port = {
    folderName: path.basename(wanted.folder),
    async write(runId: string, signal: AbortSignal) {
      if (wanted.names) await recordNamesWritten(warehouse, runId);
      // Loaded on demand: a worker needs it only for its first dashboards.
      const { writeDashboardFiles } = await import('../dashboard/writeFiles.ts');
      return writeDashboardFiles({ ...wanted, signal }, dashboardPorts(parts));
    },
  };
  return namingPlace(port, warehouse.place);
}

/** Once for each daily run, however often it tries; before the files, which are not written without it. */
async function recordNamesWritten(warehouse: Warehouse, runId: string): Promise<void> {
  await recordAuditEventAlone(warehouse, {
    action: 'show-names',
    actor: thisUser(),
    key: `show-names:${runId}`,
    runId,
    details: { command: 'dailyRun' },
  });
}

function wantedDaily({ dashboards }: PipelineConfig): Omit<DashboardRequest, 'signal'> | undefined {
  if (dashboards === undefined) return undefined;
  const { folder, months, names, perQp, pdf } = dashboards;
  return {
    folder,
    months,
    names,
    qps: [],
    everyQp: perQp,
    ...(pdf === 'none' ? {} : { paper: pdf }),
  };
}
