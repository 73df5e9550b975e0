import path from 'node:path';
import type { PipelineConfig } from '../config.ts';
import type { DashboardPorts, DashboardRequest } from '../dashboard/writeFiles.ts';
import type { Ports } from '../ports.ts';
import type { Warehouse } from '../warehouse/connect.ts';
import { readDashboardRows } from '../warehouse/dashboardRows.ts';

/** What dashboards are made with, the same for the command and for the daily run. */
export function dashboardPorts(
  { organisation, groupNames }: PipelineConfig,
  warehouse: Warehouse,
): DashboardPorts {
  return {
    timeZone: organisation.timeZone,
    groupNames,
    rows: (question, signal) => readDashboardRows(warehouse, question, signal),
    // Loaded by whoever needs a browser, which is nobody who only writes pages.
    open: async (pages, work) => (await import('./dashboardBrowser.ts')).openDashboards(pages, work),
  };
}

/** Those that pipeline.yaml wants after each daily run. */
export function dailyDashboards(config: PipelineConfig, warehouse: Warehouse): Ports['dashboards'] {
  const wanted = wantedDaily(config);
  if (wanted === undefined) return undefined;
  return {
    folderName: path.basename(wanted.folder),
    async write(signal) {
      // A worker has no use for it before its first dashboards.
      const { writeDashboardFiles } = await import('../dashboard/writeFiles.ts');
      return writeDashboardFiles({ ...wanted, signal }, dashboardPorts(config, warehouse));
    },
  };
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
