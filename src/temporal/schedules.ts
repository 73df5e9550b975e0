import {
  ScheduleAlreadyRunning,
  ScheduleNotFoundError,
  ScheduleOverlapPolicy,
  type Client,
  type ScheduleDescription,
  type ScheduleHandle,
  type ScheduleOptions,
} from '@temporalio/client';
import { alertScheduleId, scheduleId, taskQueues } from '../domain/names.ts';

/** The settings that the schedules need. */
export interface ScheduleSettings {
  readonly organisation: { readonly timeZone: string };
  readonly schedule: {
    /** `HH:MM` in the time zone. */
    readonly at: string;
    readonly executionTimeoutHours: number;
    readonly overlap: ScheduleOverlapPolicy;
    readonly catchUpDays: number;
  };
  readonly alerts: {
    readonly everyMinutes: number;
    readonly webhook: string;
    readonly mail: { readonly to: readonly string[] };
  };
}

/** The daily schedule of the configuration: everything except whether it is paused. */
function scheduleOptions({ organisation, schedule }: ScheduleSettings): ScheduleOptions {
  const [hour, minute] = schedule.at.split(':').map(Number) as [number, number];
  return {
    scheduleId,
    spec: {
      calendars: [{ hour, minute, comment: `${schedule.at} in ${organisation.timeZone}` }],
      timezone: organisation.timeZone,
    },
    action: {
      type: 'startWorkflow',
      workflowType: 'dailyRun',
      // The server appends the scheduled time.
      workflowId: 'daily',
      args: [{}],
      taskQueue: taskQueues.pipeline,
      // No retry of the workflow: steps retry, and a retried run can block its schedule (temporalio/temporal#10579).
      workflowExecutionTimeout: `${String(schedule.executionTimeoutHours)} h` as `${number} h`,
      staticSummary: 'the reports that are due today',
    },
    policies: {
      overlap: schedule.overlap,
      catchupWindow: `${String(schedule.catchUpDays)} days` as `${number} days`,
      // A paused schedule is silent; the next day's run must start however this one ended.
      pauseOnFailure: false,
    },
  };
}

// Each step of a round has its limit; six failing messages to two channels take less.
const roundTimeout = '1 h';

/** The alert schedule of the configuration. */
function alertScheduleOptions({ alerts }: ScheduleSettings): ScheduleOptions {
  return {
    scheduleId: alertScheduleId,
    spec: { intervals: [{ every: `${String(alerts.everyMinutes)} min` as `${number} min` }] },
    action: {
      type: 'startWorkflow',
      workflowType: 'checkAlerts',
      workflowId: 'alerts',
      args: [],
      taskQueue: taskQueues.pipeline,
      workflowExecutionTimeout: roundTimeout,
      staticSummary: 'evaluation of the alert conditions',
    },
    policies: {
      // A round evaluates the current state, so a skipped round loses nothing.
      overlap: ScheduleOverlapPolicy.SKIP,
      catchupWindow: '1 min',
      pauseOnFailure: false,
    },
  };
}

export type Applied = 'created' | 'updated';

/** Creates the schedule or updates all of it; whether it is paused stays as it is. */
export function applySchedule(client: Client, config: ScheduleSettings): Promise<Applied> {
  return apply(client, scheduleOptions(config));
}

/** The same for the alert schedule, which exists only while a channel is configured. */
export async function applyAlertSchedule(client: Client, config: ScheduleSettings): Promise<Applied | 'off'> {
  if (hasAlerts(config)) return apply(client, alertScheduleOptions(config));
  try {
    await client.schedule.getHandle(alertScheduleId).delete();
  } catch (error) {
    if (!(error instanceof ScheduleNotFoundError)) throw error;
  }
  return 'off';
}

export function hasAlerts({ alerts }: ScheduleSettings): boolean {
  return alerts.webhook !== 'none' || alerts.mail.to.length > 0;
}

async function apply(client: Client, wanted: ScheduleOptions): Promise<Applied> {
  try {
    await client.schedule.create(wanted);
    return 'created';
  } catch (error) {
    if (!(error instanceof ScheduleAlreadyRunning)) throw error;
  }
  await client.schedule.getHandle(wanted.scheduleId).update(({ state }) => ({
    spec: wanted.spec,
    action: wanted.action,
    policies: wanted.policies ?? {},
    state,
  }));
  return 'updated';
}

export function dailySchedule(client: Client): ScheduleHandle {
  return client.schedule.getHandle(scheduleId);
}

export function describeSchedule(client: Client): Promise<ScheduleDescription> {
  return dailySchedule(client).describe();
}

/** The state of the alert schedule. */
export async function alertScheduleState(client: Client): Promise<'active' | 'paused' | 'absent'> {
  try {
    const { state } = await client.schedule.getHandle(alertScheduleId).describe();
    return state.paused ? 'paused' : 'active';
  } catch (error) {
    if (error instanceof ScheduleNotFoundError) return 'absent';
    throw error;
  }
}

/**
 * Runs the schedule for past days. Always names the overlap policy: without one, the `temporal` command and the SDK
 * send SKIP, and all days but one are silently left out.
 */
export async function backfillSchedule(client: Client, range: { start: Date; end: Date }): Promise<void> {
  await dailySchedule(client).backfill({ ...range, overlap: ScheduleOverlapPolicy.BUFFER_ALL });
}
