import type { z } from 'zod';
import { nothing, pipelineInputs } from '../activities/inputSchemas.ts';
import { alertInputs } from '../alerts/alertInputs.ts';
import type { DashboardActivities } from '../dashboard/activity.ts';

const dashboardInputs = { writeDashboards: nothing } satisfies Record<keyof DashboardActivities, z.ZodType>;

/** What every step of this worker takes. */
export const activityInputs = { ...pipelineInputs, ...dashboardInputs, ...alertInputs };
