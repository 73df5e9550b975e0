import {
  agencyHere,
  ConfigError,
  homeConfigPath,
  readPipelineConfig,
  type PipelineConfig,
} from '../config.ts';
import { alertScheduleId } from '../domain/temporalNames.ts';

/** Whether alerts are sent at all. */
export interface AlertsState {
  /** Whether pipeline.yaml names a channel. */
  readonly on: boolean;
  /** See roundMinutes. */
  readonly everyMinutes: number;
  readonly schedule: 'active' | 'paused' | 'absent';
  /** When the last round ran, ISO 8601 in UTC. */
  readonly lastLook: string | null;
}

/** Whether alerts work. Without a line of trouble, the last line says that all is well. */
export function alertLines({ on, everyMinutes, schedule, lastLook }: AlertsState, now: Date): string[] {
  if (!on) return ['alerts are off: pipeline.yaml names no channel'];
  if (schedule === 'absent') {
    // One round serves all agencies.
    const command =
      agencyHere() === undefined
        ? 'npm run client -- schedule apply'
        : 'schedule apply without --agency makes it';
    return [`no alerts are sent: there is no schedule ${alertScheduleId}; ${command}`];
  }
  if (schedule === 'paused') {
    return [
      `no alerts are sent: ${alertScheduleId} is paused; temporal schedule toggle --unpause -s ${alertScheduleId}`,
    ];
  }
  return [quietLine({ everyMinutes, lastLook }, now) ?? `last round: ${lastLook ?? ''}`];
}

/** How often a round comes. One round serves all agencies: the agency without an id says when, if its file is here. */
export function roundMinutes({ alerts }: PipelineConfig): number {
  if (agencyHere() === undefined) return alerts.everyMinutes;
  try {
    return readPipelineConfig(homeConfigPath()).alerts.everyMinutes;
  } catch (error) {
    if (error instanceof ConfigError) return alerts.everyMinutes;
    throw error;
  }
}

/** Three rounds: one may wait for a slow channel, and a worker may be restarted. */
const patienceRounds = 3;
const minuteMilliseconds = 60_000;

/** Says, from the database alone, that no round has run for too long, whatever the reason. */
export function quietLine(
  { everyMinutes, lastLook }: Pick<AlertsState, 'everyMinutes' | 'lastLook'>,
  now: Date,
): string | undefined {
  const patience = Math.max(patienceRounds * everyMinutes, 15) * minuteMilliseconds;
  if (lastLook !== null && now.getTime() - Date.parse(lastLook) <= patience) return undefined;
  const ran = lastLook === null ? 'has ever run' : `has run since ${lastLook}`;
  return `no alerts are sent: no round of the alerts ${ran}; npm run client -- alerts`;
}
