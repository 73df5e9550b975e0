import { ownPortalSettings, portalSettings, reportsInUse } from '../config.ts';
import type { Environment, PipelineConfig, PortalSettings } from '../config.ts';
import { PipelineError } from '../domain/failures.ts';
import type { PortalLoginQueue, QueuedExport } from '../portal/loginQueue.ts';
import type { LoginInUse, PortalExportRequest } from '../ports.ts';
import type { ReportName } from '../reports/index.ts';
import { openPortalLoginQueue, type LoginQueueParts } from './portalLoginQueue.ts';

/** One login to one portal with one recipe, and the reports that it brings. */
export interface PortalInUse {
  readonly reports: readonly ReportName[];
  readonly config: PipelineConfig['portal'];
  readonly settings: PortalSettings;
  /** Reads the settings again: the files that hold the secrets may have changed. @throws ConfigError */
  readonly currentSettings?: () => PortalSettings;
}

/**
 * The portals of the reports in use: one, unless a report has a recipe or a login of its own.
 * @throws ConfigError if variables are missing or wrong.
 */
export function portalsInUse(config: PipelineConfig, env: Environment = process.env): PortalInUse[] {
  let shared: PortalSettings | undefined;
  const ways = new Map<string, PortalInUse & { readonly reports: ReportName[] }>();
  for (const report of reportsInUse(config)) {
    const own = ownPortalSettings(report, env);
    const settings = own ?? (shared ??= portalSettings(env));
    const currentSettings = () => ownPortalSettings(report, env) ?? portalSettings(env);
    const portal = portalOf(config, report, { isElsewhere: own !== undefined });
    const key = JSON.stringify([portal.recipe, portal.signInOrigins, settings.url, settings.user]);
    const way = ways.get(key);
    if (way === undefined) ways.set(key, { reports: [report], config: portal, settings, currentSettings });
    else way.reports.push(report);
  }
  return [...ways.values()];
}

/** The origins of one portal's sign-in are none of another portal's. */
function portalOf(
  { portal }: PipelineConfig,
  report: ReportName,
  { isElsewhere }: { readonly isElsewhere: boolean },
): PipelineConfig['portal'] {
  const { signInOrigins: ofShared, ...shared } = portal;
  const own = portal.reports?.[report];
  const signInOrigins = own?.signInOrigins ?? (isElsewhere ? undefined : ofShared);
  return {
    ...shared,
    recipe: own?.recipe ?? portal.recipe,
    ...(signInOrigins === undefined ? {} : { signInOrigins }),
  };
}

export interface Portals {
  exportReport(request: PortalExportRequest): Promise<QueuedExport | LoginInUse>;
  /** Logs out of all of them. */
  close(): Promise<void>;
}

/** Opens the portals of all reports in use. Browsers and logins wait for the first export. */
export async function openPortals(
  portals: readonly PortalInUse[],
  parts: Omit<LoginQueueParts, 'config' | 'reports' | 'settings' | 'currentSettings'>,
): Promise<Portals> {
  const queues = new Map<ReportName, PortalLoginQueue>();
  for (const { reports, ...portal } of portals) {
    const queue = await openPortalLoginQueue({ ...parts, ...portal, reports });
    for (const report of reports) queues.set(report, queue);
  }
  return {
    async exportReport(request) {
      const queue = queues.get(request.report);
      if (queue === undefined) throw notInUse(request.report);
      return queue.exportReport(request);
    },
    async close() {
      const closed = await Promise.allSettled([...new Set(queues.values())].map((queue) => queue.close()));
      const failed = closed.find((each) => each.status === 'rejected');
      if (failed !== undefined) throw failed.reason;
    },
  };
}

function notInUse(report: ReportName): PipelineError {
  return new PipelineError('InvalidInput', `reports.${report}.inUse is false: no portal has this report`, {
    hint: 'Hand the file in with --file, or set it to true in pipeline.yaml and name the report in the recipe.',
    details: { report },
  });
}
