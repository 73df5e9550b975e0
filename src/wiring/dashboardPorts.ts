import type { PipelineConfig } from '../config.ts';
import type { DashboardActivityPorts } from '../dashboard/activity.ts';
import type { DashboardPorts } from '../dashboard/writeFiles.ts';
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

/** The same with what pipeline.yaml wants after each daily run. */
export function dailyDashboardPorts(config: PipelineConfig, warehouse: Warehouse): DashboardActivityPorts {
  return { ...dashboardPorts(config, warehouse), wanted: wantedDaily(config) };
}

function wantedDaily({ dashboards }: PipelineConfig): DashboardActivityPorts['wanted'] {
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
