import { parseIsoDate } from '../../src/domain/dates.ts';
import { isReportName } from '../../src/domain/reports.ts';
import { deliverFile, queryReport, type ReportRequest } from './delivery.ts';
import { exportPercent, startExportJob } from './export-jobs.ts';
import { record } from './journal.ts';
import { appPage, errorPage } from './pages.ts';
import { dataReply, pageReply, type Reply } from './reply.ts';
import { delay } from './state.ts';
import { textOf, type SessionVisit } from './visit.ts';

/** What the picker offers; those without one of our names are never answered with rows. */
const pickerReports = [
  { id: 'authorizations-expiring', name: 'Authorizations Expiring' },
  { id: 'claims-aging', name: 'Claims Aging Summary' },
  { id: 'notes', name: 'Service Notes Signature' },
  { id: 'notes-unsigned', name: 'Service Notes Unsigned by Program' },
  { id: 'utilization', name: 'Service Variance-Utilization' },
] as const;

const previewRows = 5;

export function showApp(): Reply {
  return pageReply(appPage());
}

export async function showNavigation({ state, session }: SessionVisit): Promise<Reply> {
  await delay(state, state.settings.delays.lateMs);
  return dataReply({
    user: session.user,
    links: ['Home', 'Clients', 'Scheduling', 'Billing', 'Staff'],
    consentNeeded: state.settings.consentBanner && !session.consented,
    lateMs: state.settings.delays.lateMs,
  });
}

export function giveConsent({ state, session }: SessionVisit): Reply {
  session.consented = true;
  record(state.journal, { kind: 'consented' });
  return dataReply({});
}

export async function showBilling({ state }: SessionVisit): Promise<Reply> {
  await delay(state, state.settings.delays.lateMs);
  return dataReply({ tabs: ['Claims', 'Authorizations', 'Reports'] });
}

/** What the Reports tab holds; most layout faults are a difference in this description. */
export async function showReports({ state }: SessionVisit): Promise<Reply> {
  await delay(state, state.settings.delays.lateMs);
  const { faults } = state.settings;
  const reportHidden = faults.permissionMissing === true || faults.permissionMissing === 'report';
  return dataReply({
    reports: pickerReports.filter(({ id }) => !(reportHidden && isReportName(id))),
    startLabel: faults.renamedLabel ? 'From Date' : 'Start Date',
    endLabel: 'End Date',
    exportAllowed: faults.permissionMissing !== 'export',
    notice: faults.dialogInTheWay
      ? { title: "What's new", text: 'Reports now open faster. See the release notes.', button: 'Close' }
      : undefined,
  });
}

export async function runReport({ state, fields }: SessionVisit): Promise<Reply> {
  await delay(state, state.settings.delays.queryMs);
  const asked = reportRequest(fields);
  if (asked === undefined) return dataReply({ columns: [], rows: [], found: 0 });
  const { columns, rows } = await queryReport(state, asked);
  record(state.journal, { kind: 'report-run', report: asked.report, ...asked.period, rows: rows.length });
  return dataReply({ columns, rows: rows.slice(0, previewRows), found: rows.length });
}

export function startExport({ state, session, fields }: SessionVisit): Reply {
  const asked = reportRequest(fields);
  if (asked === undefined || state.settings.faults.permissionMissing === 'export') return dataReply({}, 403);
  const job = startExportJob(state.exportJobs, { ...asked, sessionId: session.id, startedAt: Date.now() });
  record(state.journal, { kind: 'export-started', report: asked.report, ...asked.period });
  return dataReply({ id: job.id });
}

export function showExportProgress({ state, session, caught }: SessionVisit): Reply {
  const job = state.exportJobs.get(caught[0] ?? '');
  if (job?.sessionId !== session.id) return dataReply({}, 404);
  const { delays, faults } = state.settings;
  return dataReply({
    percent: exportPercent(job, {
      now: Date.now(),
      exportMs: delays.exportMs,
      neverFinishes: faults.neverFinishes,
    }),
  });
}

export async function sendExport({ state, session, caught }: SessionVisit): Promise<Reply> {
  const job = state.exportJobs.get(caught[0] ?? '');
  if (job?.sessionId !== session.id) return pageReply(errorPage('The export is not available.'), 404);
  state.exportJobs.delete(job.id);
  const { bytes, sentBytes } = await deliverFile(state, job);
  return {
    status: 200,
    headers: {
      'content-type': 'text/csv; charset=utf-8',
      'content-disposition': 'attachment; filename="reportExport.csv"',
      'cache-control': 'no-store',
    },
    body: bytes,
    sentBytes,
  };
}

function reportRequest(fields: Readonly<Record<string, unknown>>): ReportRequest | undefined {
  const report = textOf(fields, 'report');
  const [from, to] = [parseIsoDate(textOf(fields, 'from')), parseIsoDate(textOf(fields, 'to'))];
  if (!isReportName(report) || from === undefined || to === undefined || to < from) return undefined;
  return { report, period: { from, to } };
}
