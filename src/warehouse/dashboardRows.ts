import type {
  AuthorizationRow,
  DashboardQuestion,
  DashboardRows,
  ExistingPeriod,
  FollowedRow,
  NoteSums,
  OpenRunRow,
  PastLoad,
  PeriodWithState,
  PersonRow,
  PublishedPeriod,
  RejectRow,
  UnknownNotes,
  UtilizationSums,
} from '../domain/dashboardSums.ts';
import { addDays, type IsoDate } from '../domain/dates.ts';
import type { FiguresAre } from '../domain/figuresAre.ts';
import type { Period } from '../domain/periods.ts';
import type { PeriodState } from '../domain/periodState.ts';
import { loadCause } from '../domain/loadCause.ts';
import type { Changes, GateReason, MadeOf, Outcome, RecordedDecision } from '../domain/publication.ts';
import type { RunIdentity } from '../domain/runIdentity.ts';
import type { ReportName } from '../reports/index.ts';
import { lookAlikesOf } from '../domain/runWarnings.ts';
import { authorizationRows } from './authorizationRows.ts';
import type { Warehouse } from './connect.ts';
import { asWarehouseFailure } from './failure.ts';
import { earlierExports, followedNotes } from './followedNotes.ts';
import { refusedForItsInput } from './ledgerReads.ts';
import { listedAgain } from './repeatedAuthorizations.ts';
import { flagOrNull, numberOrNull, rowsOf, text, textOrNull, type SnapshotRow } from './snapshotRows.ts';
import { inTransaction, type Transaction } from './transaction.ts';

/**
 * Figures, people and states come from the views that other tools read; what a run did comes from the ledger. Reads
 * everything in one snapshot, so that no two figures are of different loads; a load that is under way is not
 * waited for. Undefined where the question's days are.
 */
export async function readDashboardRows(
  warehouse: Warehouse,
  question: DashboardQuestion,
  signal?: AbortSignal,
): Promise<DashboardRows | undefined> {
  try {
    return await inTransaction(
      warehouse,
      signal,
      (transaction) => readAll(transaction, question),
      'snapshot',
    );
  } catch (error) {
    signal?.throwIfAborted();
    throw asWarehouseFailure(error, 'Reading the dashboards');
  }
}

async function readAll(
  transaction: Transaction,
  { names, figuresAre, days: daysOf }: DashboardQuestion,
): Promise<DashboardRows | undefined> {
  const all = await existingPeriods(transaction);
  const days = daysOf(all);
  if (days === undefined) return undefined;
  const { months, recentNotes, runs } = days;
  const isRecent = ({ report, from, to }: ExistingPeriod) =>
    report === 'notes' && recentNotes !== null && to >= recentNotes.from && from <= recentNotes.to;
  const periods = await withLoads(
    transaction,
    all.filter((period) => (period.from >= months.from && period.from <= months.to) || isRecent(period)),
  );
  const noteDays = { from: earlier(months.from, recentNotes?.from), to: later(months.to, recentNotes?.to) };
  const followed = await followedNotes(transaction, months);
  const notShown = await openRuns(transaction, runs);
  return {
    days,
    periods,
    periodStates: await periodStates(transaction, runs, notShown),
    openRuns: notShown,
    rejects: await rejectCounts(transaction, periods),
    utilization: await utilizationSums(transaction, months),
    notes: await noteSums(transaction, months, recentNotes),
    unknownNotes: await unknownNotes(transaction, months),
    listedAgain: await listedAgain(transaction, months),
    authorizations: await authorizationsShown(transaction, periods, figuresAre),
    qps: await people(transaction, { ...peopleColumns.qps, names, months }),
    clients: await clientsOf(transaction, { names, months, followed }),
    caregivers: await people(transaction, { ...peopleColumns.caregivers, names, months: noteDays }),
    supervisors: await people(transaction, { ...peopleColumns.supervisors, names, months: noteDays }),
    followed,
    earlierExports: await earlierExports(transaction, months),
  };
}

/** Cycles begin at most 15 days before a day in them. */
const longestCycleDays = 15;

function earlier(from: IsoDate, recentFrom: IsoDate | undefined): IsoDate {
  const first = recentFrom === undefined ? from : addDays(recentFrom, -longestCycleDays);
  return first < from ? first : from;
}

function later(to: IsoDate, recentTo: IsoDate | undefined): IsoDate {
  return recentTo !== undefined && recentTo > to ? recentTo : to;
}

/** The view has only the outcome of the newest run that was not cancelled; its failure comes from the ledger. */
async function periodStates(
  transaction: Transaction,
  runs: Period,
  notShown: readonly OpenRunRow[],
): Promise<PeriodWithState[]> {
  const rows = await rowsOf(
    transaction,
    `SELECT report, period_start, period_end, state, published_run_id FROM v_data_status
     WHERE period_start BETWEEN ? AND ? ORDER BY report DESC, period_start DESC`,
    [runs.from, runs.to],
  );
  const newest = new Map(notShown.map((run) => [`${run.report} ${run.from}`, run.failureType]));
  return rows.map((row) => {
    const { report, from, to } = periodOf(row);
    const state = text(row, 'state') as PeriodState;
    const failureType = state === 'failed' ? (newest.get(`${report} ${from}`) ?? null) : null;
    return { report, from, to, state, loaded: row['published_run_id'] !== null, failureType };
  });
}

async function existingPeriods(transaction: Transaction): Promise<ExistingPeriod[]> {
  const rows = await rowsOf(
    transaction,
    `SELECT v.report, v.period_start, v.period_end, v.preliminary, p.run_id, p.published_at, p.exported_at, p.row_count,
       p.pinned_by, p.pin_reason, r.rows_read, r.rows_excluded, r.rows_rejected, r.moved_to_lincs,
       r.moved_dollars, r.warnings
     FROM v_period AS v JOIN published_period AS p ON p.report = v.report AND p.period_start = v.period_start
     LEFT JOIN pipeline_run AS r ON r.run_id = p.run_id
     ORDER BY v.report DESC, v.period_start`,
  );
  return rows.map(existingPeriod);
}

async function withLoads(
  transaction: Transaction,
  periods: readonly ExistingPeriod[],
): Promise<PublishedPeriod[]> {
  const starts = periods.map(({ from }) => from).sort();
  const [first, last] = [starts[0], starts.at(-1)];
  if (first === undefined || last === undefined) return [];
  const loads = await pastLoads(transaction, { from: first, to: last });
  return periods.map((period) => ({ ...period, loads: loads.get(`${period.report} ${period.from}`) ?? [] }));
}

/** Loads listed per period. */
const toldLoads = 5;

/** The last loads of each period that begins in these days, newest first, by report and first day. */
async function pastLoads(transaction: Transaction, days: Period): Promise<Map<string, PastLoad[]>> {
  const rows = await rowsOf(
    transaction,
    `SELECT * FROM (
       SELECT report, period_start, source, published_at, changes, decision_kind, decided_by, decision_reason,
         export_sha256, rules_sha256, code_version,
         ROW_NUMBER() OVER (PARTITION BY report, period_start ORDER BY published_at DESC, run_id) AS nth
       FROM pipeline_run
       WHERE outcome = 'published' AND changes IS NOT NULL AND period_start BETWEEN ? AND ?
     ) AS numbered
     WHERE nth <= ${String(toldLoads)}
     ORDER BY report, period_start, nth`,
    [days.from, days.to],
  );
  const before = await versionsOf(transaction, rows.map(sinceOf));
  const loads = new Map<string, PastLoad[]>();
  for (const row of rows) {
    const place = `${text(row, 'report')} ${text(row, 'period_start')}`;
    const ofPeriod = loads.get(place) ?? [];
    ofPeriod.push(pastLoad(row, before));
    loads.set(place, ofPeriod);
  }
  return loads;
}

function pastLoad(row: SnapshotRow, before: ReadonlyMap<string, SnapshotRow>): PastLoad {
  const since = sinceOf(row);
  const replaced = since === null ? null : before.get(since);
  const kind = textOrNull(row, 'decision_kind') as RecordedDecision['kind'] | null;
  const decision =
    kind === null
      ? null
      : { kind, by: textOrNull(row, 'decided_by') ?? '', reason: textOrNull(row, 'decision_reason') ?? '' };
  const source = row['source'] as RunIdentity['source'];
  return {
    publishedAt: text(row, 'published_at'),
    changes: changesOf(row)!,
    why: loadCause({ source, decision, madeOf: madeOf(row) }, replaced && { madeOf: madeOf(replaced) }),
  };
}

function madeOf(row: SnapshotRow): MadeOf {
  return {
    export: textOrNull(row, 'export_sha256'),
    rules: textOrNull(row, 'rules_sha256'),
    code: textOrNull(row, 'code_version'),
  };
}

/** `dollars` is null for runs of the version before, which counted rows alone. */
function movedOf(row: SnapshotRow): PublishedPeriod['moved'] {
  const rows = numberOrNull(row, 'moved_to_lincs') ?? 0;
  return rows === 0 ? null : { rows, dollars: textOrNull(row, 'moved_dollars') };
}

function changesOf(row: SnapshotRow): Changes | null {
  const json = textOrNull(row, 'changes');
  return json === null ? null : (JSON.parse(json) as Changes);
}

/** The run whose rows this one replaced. */
function sinceOf(row: SnapshotRow): string | null {
  return changesOf(row)?.since ?? null;
}

async function versionsOf(
  transaction: Transaction,
  runIds: readonly (string | null)[],
): Promise<Map<string, SnapshotRow>> {
  const known = runIds.filter((runId) => runId !== null);
  if (known.length === 0) return new Map();
  const rows = await rowsOf(
    transaction,
    'SELECT run_id, export_sha256, rules_sha256, code_version FROM pipeline_run WHERE run_id IN (?)',
    [known],
  );
  return new Map(rows.map((row) => [String(row['run_id']), row]));
}

function existingPeriod(row: SnapshotRow): ExistingPeriod {
  return {
    ...periodOf(row),
    runId: text(row, 'run_id'),
    publishedAt: text(row, 'published_at'),
    exportedAt: textOrNull(row, 'exported_at'),
    rows: Number(row['row_count'] ?? 0),
    preliminary: row['preliminary'] === 1,
    pinnedBy: textOrNull(row, 'pinned_by'),
    pinReason: textOrNull(row, 'pin_reason'),
    read: numberOrNull(row, 'rows_read'),
    excluded: numberOrNull(row, 'rows_excluded'),
    rejected: numberOrNull(row, 'rows_rejected'),
    moved: movedOf(row),
    lookAlikes: lookAlikesOf(JSON.parse(textOrNull(row, 'warnings') ?? '{}') as Record<string, number>),
  };
}

function periodOf(row: SnapshotRow): Period & { readonly report: ReportName } {
  return {
    report: row['report'] as ReportName,
    from: row['period_start'] as Period['from'],
    to: row['period_end'] as Period['to'],
  };
}

/** A cancelled run leaves a period as it was, so the one before it counts; one refused for its input too. */
async function openRuns(transaction: Transaction, runs: Period): Promise<OpenRunRow[]> {
  const rows = await rowsOf(
    transaction,
    `SELECT * FROM (
       SELECT run_id, report, period_start, period_end, outcome, finished_at, failure_type, held_because,
         ROW_NUMBER() OVER (PARTITION BY report, period_start ORDER BY outcome = 'cancelled', finished_at DESC, run_id) AS nth
       FROM pipeline_run WHERE period_start BETWEEN ? AND ? AND NOT ${refusedForItsInput}
     ) AS newest
     WHERE nth = 1 AND outcome NOT IN ('published', 'unchanged')
     ORDER BY report DESC, period_start`,
    [runs.from, runs.to],
  );
  return rows.map((row) => openRun(row));
}

function openRun(row: SnapshotRow): OpenRunRow {
  return {
    ...periodOf(row),
    runId: text(row, 'run_id'),
    outcome: row['outcome'] as Outcome,
    finishedAt: text(row, 'finished_at'),
    failureType: textOrNull(row, 'failure_type'),
    heldBecause: JSON.parse(textOrNull(row, 'held_because') ?? '[]') as GateReason[],
  };
}

async function rejectCounts(
  transaction: Transaction,
  periods: readonly PublishedPeriod[],
): Promise<RejectRow[]> {
  if (periods.length === 0) return [];
  const rows = await rowsOf(
    transaction,
    `SELECT run_id, column_name, reason, COUNT(*) AS row_count FROM rejected_row WHERE run_id IN (?)
     GROUP BY run_id, column_name, reason ORDER BY run_id, column_name, reason`,
    [periods.map(({ runId }) => runId)],
  );
  return rows.map((row) => ({
    runId: text(row, 'run_id'),
    column: text(row, 'column_name'),
    reason: text(row, 'reason'),
    rows: Number(row['row_count']),
  }));
}

/**
 * The views with names are read here and below, without their columns of names: the others show `(text, 9 characters)`
 * for several services alike, which are to be counted apart.
 */
async function utilizationSums(transaction: Transaction, months: Period): Promise<UtilizationSums[]> {
  const unauthorized = 'COALESCE(authorized_dollars, 0.00) = 0 AND used_dollars <> 0';
  const rows = await rowsOf(
    transaction,
    `SELECT ym, qp_key, client_key, service_code, grp, is_rci, COUNT(*) AS row_count,
       COALESCE(SUM(authorized_dollars), 0.00) AS authorized,
       COALESCE(SUM(in_process_dollars), 0.00) AS in_process,
       COALESCE(SUM(billed_dollars), 0.00) AS billed,
       COALESCE(SUM(under_dollars), 0.00) AS under, COUNT(CASE WHEN under_over = 'Under' THEN 1 END) AS under_rows,
       COALESCE(SUM(over_dollars), 0.00) AS over_, COUNT(CASE WHEN under_over = 'Over' THEN 1 END) AS over_rows,
       COALESCE(SUM(CASE WHEN ${unauthorized} THEN used_dollars END), 0.00) AS unauthorized,
       COUNT(CASE WHEN ${unauthorized} THEN 1 END) AS unauthorized_rows,
       COALESCE(SUM(util), 0.000000) AS util, COUNT(util) AS util_rows
     FROM v_utilization_names WHERE period_start BETWEEN ? AND ?
     GROUP BY ym, qp_key, client_key, service_code, grp, is_rci
     ORDER BY ym, qp_key, client_key, service_code, grp`,
    [months.from, months.to],
  );
  return rows.map((row) => ({
    month: text(row, 'ym'),
    qpKey: textOrNull(row, 'qp_key'),
    clientKey: text(row, 'client_key'),
    serviceCode: text(row, 'service_code'),
    group: Number(row['grp']),
    respite: flagOrNull(row, 'is_rci'),
    rows: Number(row['row_count']),
    authorized: text(row, 'authorized'),
    inProcess: text(row, 'in_process'),
    billed: text(row, 'billed'),
    under: text(row, 'under'),
    underRows: Number(row['under_rows']),
    over: text(row, 'over_'),
    overRows: Number(row['over_rows']),
    unauthorized: text(row, 'unauthorized'),
    unauthorizedRows: Number(row['unauthorized_rows']),
    util: text(row, 'util'),
    utilRows: Number(row['util_rows']),
  }));
}

async function noteSums(
  transaction: Transaction,
  months: Period,
  recent: Period | null,
): Promise<NoteSums[]> {
  const rows = await rowsOf(
    transaction,
    `SELECT ym, period_start, COALESCE(date_of_service BETWEEN ? AND ?, 0) AS recent, client_key, caregiver_key, supervisor_key,
       COUNT(*) AS row_count, SUM(on_time) AS on_time, SUM(late) AS late, SUM(unbillable) AS unbillable,
       SUM(is_unsigned) AS unsigned_notes, COALESCE(SUM(signed_days), 0) AS days, COUNT(signed_days) AS days_rows
     FROM v_notes_names
     WHERE period_start BETWEEN ? AND ?
       OR (period_start BETWEEN ? AND ? AND date_of_service BETWEEN ? AND ?)
     GROUP BY ym, period_start, recent, client_key, caregiver_key, supervisor_key
     ORDER BY ym, period_start, recent, client_key, caregiver_key, supervisor_key`,
    [
      recent?.from ?? null,
      recent?.to ?? null,
      months.from,
      months.to,
      recent === null ? null : addDays(recent.from, -longestCycleDays),
      recent?.to ?? null,
      recent?.from ?? null,
      recent?.to ?? null,
    ],
  );
  return rows.map((row) => ({
    month: text(row, 'ym'),
    from: text(row, 'period_start') as IsoDate,
    recent: Number(row['recent']) === 1,
    clientKey: text(row, 'client_key'),
    caregiverKey: text(row, 'caregiver_key'),
    supervisorKey: textOrNull(row, 'supervisor_key'),
    rows: Number(row['row_count']),
    onTime: Number(row['on_time']),
    late: Number(row['late']),
    unbillable: Number(row['unbillable']),
    unsigned: Number(row['unsigned_notes']),
    days: text(row, 'days'),
    daysRows: Number(row['days_rows']),
  }));
}

async function unknownNotes(transaction: Transaction, months: Period): Promise<UnknownNotes[]> {
  const rows = await rowsOf(
    transaction,
    `SELECT ym, client_key, service_code, COUNT(*) AS row_count FROM v_notes_names
     WHERE period_start BETWEEN ? AND ? AND grp = 0
     GROUP BY ym, client_key, service_code ORDER BY ym, client_key, service_code`,
    [months.from, months.to],
  );
  return rows.map((row) => ({
    month: text(row, 'ym'),
    clientKey: text(row, 'client_key'),
    serviceCode: text(row, 'service_code'),
    rows: Number(row['row_count']),
  }));
}

/** The authorizations of the newest loaded month. */
async function authorizationsShown(
  transaction: Transaction,
  periods: readonly PublishedPeriod[],
  figuresAre: FiguresAre,
): Promise<AuthorizationRow[]> {
  const newest = periods.findLast(({ report }) => report === 'utilization');
  return newest === undefined
    ? []
    : authorizationRows(transaction, { from: newest.from, to: newest.to }, figuresAre);
}

const peopleColumns = {
  qps: { view: 'v_utilization_names', key: 'qp_key', code: 'qp_code', name: 'qp' },
  clients: { view: 'v_utilization_names', key: 'client_key', code: 'client_code', name: 'client' },
  caregivers: { view: 'v_notes_names', key: 'caregiver_key', code: 'employee_code', name: 'caregiver' },
  supervisors: {
    view: 'v_notes_names',
    key: 'supervisor_key',
    code: 'supervisor_code',
    name: 'client_supervisor',
  },
} as const;

interface PeopleQuestion {
  readonly view: string;
  readonly key: string;
  readonly code: string;
  readonly name: string;
  readonly names: boolean;
  readonly months: Period;
}

interface ClientsQuestion extends Pick<PeopleQuestion, 'names' | 'months'> {
  readonly followed: readonly FollowedRow[];
}

/** The clients of the authorizations, and of the notes that are shown one by one. */
async function clientsOf(
  transaction: Transaction,
  { names, months, followed }: ClientsQuestion,
): Promise<PersonRow[]> {
  const clients = await people(transaction, { ...peopleColumns.clients, names, months });
  const known = new Set(clients.map(({ key }) => key));
  const missing = new Set(followed.map(({ clientKey }) => clientKey).filter((key) => !known.has(key)));
  if (missing.size === 0) return clients;
  const view = peopleColumns.caregivers.view;
  const ofNotes = await people(transaction, { ...peopleColumns.clients, view, names, months });
  return [...clients, ...ofNotes.filter(({ key }) => missing.has(key))];
}

/** A key stands for one exact name, and so for one code. */
async function people(transaction: Transaction, asked: PeopleQuestion): Promise<PersonRow[]> {
  const { view, key, code, name, names, months } = asked;
  const rows = await rowsOf(
    transaction,
    `SELECT ${key} AS person_key, MIN(${code}) AS person_code, ${names ? `MIN(${name})` : 'NULL'} AS person_name
     FROM ${view} WHERE period_start BETWEEN ? AND ? AND ${key} IS NOT NULL
     GROUP BY ${key} ORDER BY person_code, person_key`,
    [months.from, months.to],
  );
  return rows.map((row) => ({
    key: text(row, 'person_key'),
    code: textOrNull(row, 'person_code') ?? '',
    name: textOrNull(row, 'person_name'),
  }));
}
