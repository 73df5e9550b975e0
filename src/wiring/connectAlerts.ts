import { ScheduleNotFoundError, type Client } from '@temporalio/client';
import type {
  AlertPorts,
  AlertSettings,
  Channel,
  DailySchedule,
  HangingRun,
} from '../domain/alertConditions.ts';
import { agencyOfId, type Agency } from '../domain/agencyId.ts';
import { createWebhook } from '../alerts/webhook.ts';
import { agencyIds, alertSecrets, type Environment, type PipelineConfig, reportsInUse } from '../config.ts';
import { describeSchedule } from '../temporal/schedules.ts';
import { stuckRuns, type StuckRun } from '../temporal/openRuns.ts';
import { pagesTrouble } from '../temporal/dailyPages.ts';
import { unreachableSources } from '../temporal/sourcesRounds.ts';
import { alertLedger, readLastCheck } from '../warehouse/alertLedger.ts';
import type { Warehouse } from '../warehouse/connect.ts';
import { namingPlace } from '../warehouse/failure.ts';

interface AlertParts {
  readonly config: PipelineConfig;
  readonly warehouse: Warehouse;
  readonly client: Client;
  readonly channels: readonly Channel[];
  readonly agency?: Agency;
}

/** Connects the alerts' ports to their adapters. */
export function connectAlerts({ config, warehouse, client, channels, agency }: AlertParts): AlertPorts {
  return {
    settings: settingsOf(config, client.options.namespace),
    channels,
    ...(agency === undefined ? { agencies: () => agencyIds() } : { agency }),
    ledger: namingPlace(alertLedger(warehouse), warehouse.place),
    dailySchedule: () => dailyScheduleOf(client, agency),
    hangingRuns: async () =>
      (await stuckRuns(client.connection, client.options.namespace))
        .filter(({ workflowId }) => isTold(workflowId, agency))
        .map(hangingRun),
    unreachableSources: async () => {
      const names = new Set(config.sources?.places.map(({ name }) => name));
      return names.size === 0
        ? []
        : (await unreachableSources(client, agency)).filter((name) => names.has(name));
    },
    pagesTrouble: async () => {
      if (config.dashboards === undefined) return undefined;
      const trouble = await pagesTrouble(client, agency);
      const isMailed = (config.dashboards.mail?.recipients ?? []).length > 0;
      return trouble?.state === 'not-mailed' && !isMailed ? undefined : trouble;
    },
    clock: () => new Date(),
  };
}

/** A run that hangs is an alert of its own agency. If no agency here has its id, the one without an id gets it. */
export function isTold(
  workflowId: string,
  agency: Agency,
  ids: () => readonly string[] = agencyIds,
): boolean {
  const named = agencyOfId(workflowId);
  if (agency !== undefined) return named === agency;
  return named === undefined || !ids().includes(named);
}

/** @throws ConfigError if a configured channel has no address in the environment */
export async function alertChannels({ alerts }: PipelineConfig, env?: Environment): Promise<Channel[]> {
  const { webhook, mail } = alerts;
  const { webhookUrl, smtpUrl } = alertSecrets(
    { webhook: webhook !== 'none', mail: mail.to.length > 0 },
    env,
  );
  const channels: Channel[] = [];
  if (webhook !== 'none' && webhookUrl !== undefined) {
    channels.push(createWebhook({ form: webhook, url: webhookUrl }));
  }
  if (smtpUrl !== undefined) {
    // Loaded only if mail is configured.
    const { createMail } = await import('../alerts/mail.ts');
    channels.push(createMail({ ...mail, url: smtpUrl }));
  }
  return channels;
}

/** Whether the alert conditions were ever evaluated, according to the database. */
export async function alertsWereOn(warehouse: Warehouse): Promise<boolean> {
  return (await readLastCheck(warehouse)) !== null;
}

function settingsOf(config: PipelineConfig, namespace: string): AlertSettings {
  const { organisation, schedule, alerts } = config;
  const { missingAfterHours, remindAfterHours, webUi } = alerts;
  return {
    timeZone: organisation.timeZone,
    dailyAt: schedule.at,
    missingAfterHours,
    reports: reportsInUse(config),
    remindAfterHours,
    webUi: webUi === '' ? undefined : { url: webUi, namespace },
  };
}

function hangingRun({ workflowId, runId, why }: StuckRun): HangingRun {
  return { workflowId, runId, why: why.kind, detail: why.kind === 'no-worker' ? why.build : why.cause };
}

async function dailyScheduleOf(client: Client, agency: Agency): Promise<DailySchedule> {
  try {
    const { state, info } = await describeSchedule(client, agency);
    return { state: state.paused ? 'paused' : 'active', createdAt: info.createdAt.toISOString() };
  } catch (error) {
    if (error instanceof ScheduleNotFoundError) return { state: 'absent' };
    throw error;
  }
}
