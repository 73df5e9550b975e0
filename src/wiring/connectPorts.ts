import path from 'node:path';
import type { Client } from '@temporalio/client';
import type { Channel } from '../domain/alerts.ts';
import type { PortalLoginQueue, Ports, Settings } from '../ports.ts';
import { createFolderStore } from '../artifacts/folderStore.ts';
import { createInbox } from '../artifacts/inbox.ts';
import { createScratch } from '../artifacts/scratch.ts';
import { codeVersion } from '../codeVersion.ts';
import type { PipelineConfig } from '../config.ts';
import { createNameKeys } from '../domain/nameKeys.ts';
import { connectAlerts } from './connectAlerts.ts';
import { dailyDashboards } from './dashboardPorts.ts';
import { connectSources } from './fileSources.ts';
import { rulesInForce } from './rulesInForce.ts';
import { createRuns } from '../temporal/runs.ts';
import type { Warehouse } from '../warehouse/connect.ts';
import { warehousePort } from '../warehouse/port.ts';
import { byReport } from '../reports/index.ts';

/** Within the artifacts folder, since its short-lived files are patient data too. */
export function scratchFolder(artifactsFolder: string): string {
  return path.join(artifactsFolder, 'scratch');
}

/** What the steps' ports are built from. */
export interface Parts {
  readonly config: PipelineConfig;
  readonly secret: string;
  readonly folder: string;
  /** The folder for files that people hand in. */
  readonly inbox: string;
  readonly warehouse: Warehouse;
  readonly loginQueue: PortalLoginQueue;
  readonly client: Client;
  /** Where alerts are sent. */
  readonly channels: readonly Channel[];
}

/** Connects the steps' ports to their adapters. */
export function connectPorts(parts: Parts): Ports {
  const { config, secret, folder, inbox, warehouse, loginQueue, client } = parts;
  return {
    settings: settingsOf(config, secret),
    artifacts: createFolderStore(folder),
    inbox: createInbox(inbox),
    sources: connectSources(config, inbox),
    portal: loginQueue,
    scratch: createScratch(scratchFolder(folder)),
    warehouse: warehousePort(warehouse),
    runs: createRuns(client),
    alerts: connectAlerts(parts),
    dashboards: dailyDashboards(config, warehouse),
    clock: () => new Date(),
    nameKey: createNameKeys(secret),
  };
}

function settingsOf(config: PipelineConfig, secret: string): Settings {
  return {
    timeZone: config.organisation.timeZone,
    rules: config.rules,
    gates: byReport((name) => config.reports[name].gates),
    rulesSha256: rulesInForce(config, secret),
    codeVersion: codeVersion(),
    refreshPeriods: byReport((name) => config.reports[name].refreshPeriods),
    portalAttempts: config.portal.attempts,
    portalRetrySeconds: config.portal.retrySeconds,
    runTimeoutHours: config.runTimeoutHours,
    backfillConcurrency: config.backfill.concurrency,
    backfillPeriodsPerRun: config.backfill.periodsPerRun,
  };
}
