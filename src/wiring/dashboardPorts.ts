import path from 'node:path';
import {
  alertSecrets,
  figuresAreOf,
  reportsInUse,
  type Environment,
  type PipelineConfig,
} from '../config.ts';
import type { Agency } from '../domain/agencyId.ts';
import type { DashboardPorts, DashboardRequest } from '../dashboard/writeFiles.ts';
import { getsTotals } from '../domain/dashboardMails.ts';
import { dayInZone } from '../domain/dates.ts';
import type { PeriodState } from '../domain/periodState.ts';
import type { Ports } from '../ports.ts';
import type { ReportName } from '../reports/index.ts';
import type { DashboardMails } from './mailPages.ts';
import { readStatus, stateOf, withoutDue } from '../warehouse/ledgerReads.ts';
import type { Warehouse } from '../warehouse/connect.ts';
import { thisUser } from './thisUser.ts';
import { recordAuditEventAlone } from '../warehouse/recordAuditEvent.ts';
import { namingPlace } from '../warehouse/failure.ts';
import { readDashboardRows } from '../warehouse/dashboardRows.ts';

export interface DashboardParts {
  readonly config: PipelineConfig;
  readonly agency?: Agency;
  readonly warehouse: Warehouse;
}

/** What dashboards are made with, for both the command and the daily run. */
export function dashboardPorts({ config, agency, warehouse }: DashboardParts): DashboardPorts {
  const { organisation, groupNames } = config;
  return {
    agency: organisation.name ?? agency ?? null,
    clock: () => new Date(),
    timeZone: organisation.timeZone,
    groupNames,
    figuresAre: figuresAreOf(config),
    rows: (question, signal) => readDashboardRows(warehouse, question, signal),
    // Loaded on demand: writing pages alone needs no browser.
    open: async (pages, work) => (await import('./dashboardBrowser.ts')).openDashboards(pages, work),
  };
}

/** The dashboards that pipeline.yaml wants after each daily run. */
export function dailyDashboards(parts: DashboardParts & { readonly env?: Environment }): Ports['dashboards'] {
  const { config, warehouse, env } = parts;
  const wanted = wantedDaily(config);
  if (wanted === undefined) return undefined;
  const mails = dashboardMails(config, env);
  const port = {
    folderName: path.basename(wanted.folder),
    async write(runId: string, signal: AbortSignal) {
      if (wanted.names) await recordNamesWritten(warehouse, runId);
      // Loaded on demand: a worker needs it only for its first dashboards.
      const { writeDashboardFiles } = await import('../dashboard/writeFiles.ts');
      return writeDashboardFiles({ ...wanted, signal }, dashboardPorts(parts));
    },
    async mail(pages: PagesWritten, signal: AbortSignal) {
      if (mails === undefined) return undefined;
      const now = new Date();
      const today = dayInZone(now, config.organisation.timeZone);
      // Without pages the database may be what is missing.
      const notCurrent =
        pages.files.length === 0 ? [] : await periodsNotCurrent(warehouse, reportsInUse(config), now);
      const { mailPages } = await import('./mailPages.ts');
      return mailPages(mails, { ...pages, notCurrent }, { folder: wanted.folder, today, signal });
    },
  };
  return namingPlace(port, warehouse.place);
}

type PagesWritten = Parameters<NonNullable<Ports['dashboards']>['mail']>[0];

/** @throws ConfigError if mails are wanted and no server is named */
function dashboardMails(
  { dashboards, alerts }: PipelineConfig,
  env?: Environment,
): DashboardMails | undefined {
  if (dashboards?.mail === undefined || dashboards.mail.recipients.length === 0) return undefined;
  const { smtpUrl } = alertSecrets({ webhook: false, mail: true }, env);
  const { link, recipients } = dashboards.mail;
  return { url: smtpUrl!, from: alerts.mail.from, link, recipients };
}

const notCurrentStates: ReadonlySet<PeriodState> = new Set<PeriodState>([
  'failed',
  'held',
  'not loaded',
  'stale',
]);

/** The periods whose newest figures are not those shown, as text. */
async function periodsNotCurrent(
  warehouse: Warehouse,
  inUse: readonly ReportName[],
  now: Date,
): Promise<string[]> {
  const periods = await readStatus(warehouse);
  return periods.flatMap((period) => {
    const state = stateOf(inUse.includes(period.report) ? period : withoutDue(period), now);
    return notCurrentStates.has(state) ? [`${period.report} ${period.from}..${period.to} (${state})`] : [];
  });
}

/** Once for each daily run, however often it tries; before the files, which are not written without it. */
async function recordNamesWritten(warehouse: Warehouse, runId: string): Promise<void> {
  await recordAuditEventAlone(warehouse, {
    action: 'show-names',
    actor: thisUser(),
    key: `show-names:${runId}`,
    runId,
    details: { command: 'dailyRun' },
  });
}

function wantedDaily({ dashboards }: PipelineConfig): Omit<DashboardRequest, 'signal'> | undefined {
  if (dashboards === undefined) return undefined;
  const { folder, months, names, perQp, perSupervisor, pdf, mail } = dashboards;
  return {
    folder,
    months,
    names,
    qps: [],
    everyQp: perQp,
    everySupervisor: perSupervisor,
    totals: mail?.recipients.some(getsTotals),
    ...(pdf === 'none' ? {} : { paper: pdf }),
  };
}
