import { gzipSync } from 'node:zlib';
import { parseIsoDate } from '../../src/domain/dates.ts';
import { isReportName } from '../../src/reports/index.ts';
import { deliverFile, queryReport, type ReportRequest } from './delivery.ts';
import { exportPercent, startExportJob } from './export-jobs.ts';
import { browserFaults, type BrowserFault } from './faults.ts';
import { record } from './journal.ts';
import { appPage, errorPage, surveyPage } from './pages.ts';
import { dataReply, pageReply, type Reply } from './reply.ts';
import { delay, type PortalState } from './state.ts';
import { strikes } from './strike.ts';
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

export function showApp({ state }: SessionVisit): Reply {
  return pageReply(appPage(state.settings.look, { faults: playedByBrowser(state) }));
}

export function showSurvey(): Reply {
  return pageReply(surveyPage());
}

/** What the browser has to play; it says when it does. Those that strike once are told where they do. */
function playedByBrowser({ settings: { faults } }: PortalState): BrowserFault[] {
  return browserFaults.filter((name) => faults[name] !== false && name !== 'pageReloads');
}

/** The browser has played a fault. */
export function noteFault({ state, fields }: SessionVisit): Reply {
  const fault = browserFaults.find((name) => name === textOf(fields, 'fault'));
  if (fault !== undefined) strikes(state, fault, 'app');
  return dataReply({});
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
  const missing = strikes(state, 'permissionMissing', 'reports');
  const reportHidden = missing === true || missing === 'report';
  return dataReply({
    reports: pickerReports.filter(({ id }) => !(reportHidden && isReportName(id))),
    startLabel: strikes(state, 'renamedLabel', 'reports') === undefined ? 'Start Date' : 'From Date',
    endLabel: 'End Date',
    exportAllowed: missing !== 'export',
    focusJumps: state.settings.faults.focusJumps,
    pageReloads: strikes(state, 'pageReloads', 'reports') !== undefined,
    notice:
      strikes(state, 'dialogInTheWay', 'reports') === undefined
        ? undefined
        : { title: "What's new", text: 'Reports now open faster. See the release notes.', button: 'Close' },
  });
}

export async function runReport({ state, fields }: SessionVisit): Promise<Reply> {
  await delay(state, state.settings.delays.queryMs);
  if (strikes(state, 'tooBusy', 'query') !== undefined) return dataReply({ problem: busy });
  const asked = reportRequest(fields);
  if (asked === undefined) return dataReply({ columns: [], rows: [], found: 0 });
  const { columns, rows } = await queryReport(state, asked);
  record(state.journal, { kind: 'report-run', report: asked.report, ...asked.period, rows: rows.length });
  const limit = state.settings.faults.firstRowsOnly;
  const note = limit === null ? undefined : `Only the first ${limit} rows are shown and exported.`;
  return dataReply({ columns, rows: rows.slice(0, previewRows), found: rows.length, note });
}

const busy = 'The report server is busy. Please try again in a few minutes.';

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
  if (strikes(state, 'exportFails', 'progress') !== undefined) {
    return dataReply({ percent: 0, problem: 'The export could not be created.' });
  }
  const queuedMs = strikes(state, 'exportQueued', 'progress') ?? 0;
  const percent = exportPercent(job, {
    now: Date.now(),
    exportMs: state.settings.delays.exportMs,
    queuedMs,
    neverFinishes: strikes(state, 'neverFinishes', 'progress') !== undefined,
  });
  const waiting = queuedMs > 0 && percent === 0 ? { waiting: 'Waiting for 2 reports before yours' } : {};
  return dataReply({ percent, ...waiting });
}

export async function sendExport({ state, session, caught }: SessionVisit): Promise<Reply> {
  const job = state.exportJobs.get(caught[0] ?? '');
  if (job?.sessionId !== session.id) return pageReply(errorPage('The export is not available.'), 404);
  if (!state.settings.faults.duplicateDownload) state.exportJobs.delete(job.id);
  const { bytes, sending } = await deliverFile(state, job);
  const compressed = strikes(state, 'sentCompressed', 'download') !== undefined;
  const renamed = strikes(state, 'downloadRenamed', 'download') !== undefined;
  return {
    status: 200,
    headers: {
      'content-type': renamed ? 'application/octet-stream' : 'text/csv; charset=utf-8',
      'content-disposition': `attachment; filename="${renamed ? 'Report 2' : 'reportExport.csv'}"`,
      'cache-control': 'no-store',
      ...(compressed ? { 'content-encoding': 'gzip' } : {}),
    },
    body: compressed ? gzipSync(bytes) : bytes,
    ...(sending === undefined ? {} : { sending }),
  };
}

/** What a portal's marketing hangs onto an export; the start of a PDF is enough to be one. */
export function sendLeaflet(): Reply {
  return {
    status: 200,
    headers: {
      'content-type': 'application/pdf',
      'content-disposition': 'attachment; filename="What is new.pdf"',
    },
    body: Buffer.from(
      '%PDF-1.4\n%\u00e2\u00e3\u00cf\u00d3\n1 0 obj\n<< /Type /Catalog >>\nendobj\n',
      'latin1',
    ),
  };
}

function reportRequest(fields: Readonly<Record<string, unknown>>): ReportRequest | undefined {
  const report = textOf(fields, 'report');
  const [from, to] = [parseIsoDate(textOf(fields, 'from')), parseIsoDate(textOf(fields, 'to'))];
  if (!isReportName(report) || from === undefined || to === undefined || to < from) return undefined;
  return { report, period: { from, to } };
}
