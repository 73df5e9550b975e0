import { createPipelineActivities } from '../activities/index.ts';
import { createAlertActivities } from '../alerts/activities.ts';
import { createDashboardActivities } from '../dashboard/activity.ts';
import type { Ports } from '../ports.ts';
import { connectAlerts, type AlertParts } from './connectAlerts.ts';
import { dailyDashboardPorts } from './dashboardPorts.ts';

/** Every step that runs on the task queue `ehr-pipeline`. */
export function pipelineActivities(ports: Ports, alerts: AlertParts) {
  return {
    ...createPipelineActivities(ports),
    ...createDashboardActivities(dailyDashboardPorts(alerts.config, alerts.warehouse)),
    ...createAlertActivities(connectAlerts(alerts)),
  };
}
