import { statSync } from 'node:fs';
import { setImmediate } from 'node:timers/promises';
import {
  agenciesFolder,
  agencyConfigPath,
  agencyEnvironment,
  agencyIds,
  databaseSettings,
  readPipelineConfig,
  type Environment,
} from '../config.ts';
import { log } from '../observability/log.ts';
import type { AgencyRegistry } from '../temporal/agencySchedules.ts';
import type { ScheduleSettings } from '../temporal/schedules.ts';
import { recordAuditEventAlone } from '../warehouse/recordAuditEvent.ts';
import { openWarehouse, type Warehouse } from '../warehouse/connect.ts';
import { thisUser } from './thisUser.ts';

interface Known {
  /** The file's time and size: the file is read again when these have changed. */
  readonly stamp: string;
  readonly settings: ScheduleSettings | undefined;
}

/** Files read in a round of a minute, a few milliseconds each: those of a thousand agencies are known after some. */
const mostReadAtOnce = 100;

/** The folder of EHR_AGENCIES. `home`: the database of the agency without an id. */
export function agencyRegistry(home: Warehouse): AgencyRegistry {
  const known = new Map<string, Known>();

  return {
    async read() {
      const ids = idsHere();
      if (ids === undefined || ids.length === 0) return undefined;
      let read = 0;
      const settings = new Map<string, ScheduleSettings | undefined>();
      for (const id of ids) {
        const file = agencyConfigPath(id);
        const stamp = stampOf(file);
        const before = known.get(id);
        if (stamp !== undefined && before?.stamp !== stamp && read < mostReadAtOnce) {
          read += 1;
          known.set(id, { stamp, settings: settingsIn(file, id) });
          // A worker's steps must not wait for all of them.
          await setImmediate();
        }
        // Never the settings before the change: they would set the agency's schedules back.
        const now = known.get(id);
        settings.set(id, now?.stamp === stamp ? now?.settings : undefined);
      }
      return settings;
    },
    async record(agency, { change, schedule, details }) {
      const event = {
        action: 'schedule',
        actor: thisUser(),
        details: { change, schedule, ...(details === undefined ? {} : { details }) },
      } as const;
      if (agency === undefined) {
        await recordAuditEventAlone(home, event);
        return;
      }
      // Without its folder nothing says where its database is.
      const env = environmentOf(agency);
      if (env === undefined) {
        await recordAuditEventAlone(home, { ...event, details: { ...event.details, agency } });
        return;
      }
      const warehouse = await openWarehouse({ ...databaseSettings(env), poolSize: 1 });
      try {
        await recordAuditEventAlone(warehouse, event);
      } finally {
        await warehouse.close();
      }
    },
  };
}

/** Undefined if there is none, or it cannot be read: then nothing is known of any agency. */
function idsHere(): string[] | undefined {
  try {
    return agenciesFolder() === undefined ? undefined : agencyIds();
  } catch {
    log.warn('the folder of the agencies cannot be read; their schedules are not looked after');
    return undefined;
  }
}

function environmentOf(id: string): Environment | undefined {
  try {
    return agencyEnvironment(id);
  } catch {
    return undefined;
  }
}

/** Undefined if the file is not there. */
function stampOf(file: string): string | undefined {
  const found = statSync(file, { throwIfNoEntry: false });
  return found === undefined ? undefined : `${String(found.mtimeMs)} ${String(found.size)}`;
}

function settingsIn(file: string, agency: string): ScheduleSettings | undefined {
  try {
    return readPipelineConfig(file);
  } catch {
    log.warn(
      { agency },
      'the settings of an agency have mistakes: npm run client -- agencies check names them',
    );
    return undefined;
  }
}
