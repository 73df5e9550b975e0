import path from 'node:path';
import type { Client } from '@temporalio/client';
import type { Agency } from '../domain/agencyId.ts';
import type { Channel } from '../domain/alertConditions.ts';
import type { PortalExports, Ports, Settings } from '../ports.ts';
import { createScratch } from '../artifacts/scratch.ts';
import { codeVersion } from '../codeVersion.ts';
import { reportsInUse, type Environment, type PipelineConfig } from '../config.ts';
import { createNameKeys } from '../domain/nameKeys.ts';
import { connectAlerts } from './connectAlerts.ts';
import { dailyDashboards } from './dashboardPorts.ts';
import { connectSources } from './connectSources.ts';
import { scratchName, type Stores } from './openStores.ts';
import { dailyTidy } from './tidyFiles.ts';
import { rulesInForce } from './rulesInForce.ts';
import { createRuns } from '../temporal/runs.ts';
import type { Warehouse } from '../warehouse/connect.ts';
import { namingPlace } from '../warehouse/failure.ts';
import { warehousePort } from '../warehouse/port.ts';
import { byReport, reportNames, type ReportName } from '../reports/index.ts';

/** What the steps' ports are built from. */
export interface Parts {
  /** Default: the one without an id. */
  readonly agency?: Agency;
  /** Default: the process's. */
  readonly env?: Environment;
  readonly config: PipelineConfig;
  readonly secret: string;
  /** A private folder on this machine. */
  readonly folder: string;
  readonly stores: Stores;
  readonly warehouse: Warehouse;
  readonly loginQueue: PortalExports;
  /** The reports that share a portal login, for each login. Default: all reports share one. */
  readonly portalLogins?: readonly (readonly ReportName[])[];
  readonly client: Client;
  /** Where alerts are sent. */
  readonly channels: readonly Channel[];
}

/** Connects the steps' ports to their adapters. */
export function connectPorts(parts: Parts): Ports {
  const { config, secret, folder, stores, warehouse, loginQueue, portalLogins = [], client } = parts;
  return {
    settings: { ...settingsOf(config, secret), portalLogins },
    sources: connectSources(config, stores.copies, parts.env),
    artifacts: stores.artifacts,
    inbox: stores.inbox,
    portal: loginQueue,
    scratch: createScratch(path.join(folder, scratchName)),
    warehouse: namingPlace(warehousePort(warehouse), warehouse.place),
    runs: createRuns(client),
    alerts: connectAlerts(parts),
    dashboards: dailyDashboards(parts),
    tidy: dailyTidy(config, { warehouse, stores }),
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
    reportsInUse: reportsInUse(config),
    refreshPeriods: byReport((name) => config.reports[name].refreshPeriods),
    currentPeriods: reportNames.filter((name) => config.reports[name].currentPeriod === true),
    portalAttempts: config.portal.attempts,
    portalRetrySeconds: config.portal.retrySeconds,
    runTimeoutHours: config.runTimeoutHours,
    periodConcurrency: config.backfill.concurrency,
    backfillPeriodsPerRun: config.backfill.periodsPerRun,
  };
}
