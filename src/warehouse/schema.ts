import { boolean, datetime, index, int, mysqlTable, primaryKey, smallint } from 'drizzle-orm/mysql-core';
import { textWidths } from '../domain/tables.ts';
import {
  averageDays,
  day,
  dollars,
  dollarTotal,
  exactText,
  fixedText,
  instant,
  jsonText,
  ratio,
  units,
} from './columnTypes.ts';

const name = (column: string) => exactText(column, { length: textWidths.name });
const code = (column: string) => exactText(column, { length: textWidths.code });
/** The first 16 hex digits of the name's HMAC: what rows are grouped and joined by. */
const nameKey = (column: string) => fixedText(column, { length: 16 });
const runId = () => fixedText('run_id', { length: 36 });
const report = () => exactText('report', { length: 20 }).notNull();
const sha256 = (column: string) => fixedText(column, { length: 64 });
const lineNumber = (column: string) => int(column, { unsigned: true });
const count = (column: string) => int(column, { unsigned: true });
/** Who decided: a user name or the identity of a Temporal client, `pid@host`. */
const person = (column: string) => exactText(column, { length: 320 });
/** As many characters as a decision's reason may have. */
const because = (column: string) => exactText(column, { length: 500 });

/** Every row of these tables belongs to the period and the run that brought it in. */
const rowOrigin = () => ({
  periodStart: day('period_start').notNull(),
  periodEnd: day('period_end').notNull(),
  sourceLine: lineNumber('source_line').notNull(),
  runId: runId().notNull(),
});

/** One authorisation of one service for one client, per month. The dashboards read it. */
export const utilization = mysqlTable(
  'utilization',
  {
    ...rowOrigin(),
    client: name('client').notNull(),
    clientCode: code('client_code').notNull(),
    clientKey: nameKey('client_key').notNull(),
    qp: name('qp'),
    qpCode: code('qp_code'),
    qpKey: nameKey('qp_key'),
    serviceCode: code('service_code').notNull(),
    authorizationNumber: code('authorization_number').notNull(),
    startDate: day('start_date').notNull(),
    endDate: day('end_date').notNull(),
    authorizedUnits: units('authorized_units'),
    inProcessUnits: units('in_process_units'),
    billedUnits: units('billed_units'),
    authorizedDollars: dollars('authorized_dollars'),
    inProcessDollars: dollars('in_process_dollars'),
    billedDollars: dollars('billed_dollars'),
    varianceBilled: dollars('variance_billed'),
    ym: fixedText('ym', { length: 7 }).notNull(),
    grp: smallint('grp').notNull(),
    util: ratio('util'),
    variance: dollars('variance'),
  },
  (table) => [primaryKey({ columns: [table.periodStart, table.sourceLine] })],
);

/** One service note. The dashboards read it. */
export const notes = mysqlTable(
  'notes',
  {
    ...rowOrigin(),
    client: name('client').notNull(),
    clientCode: code('client_code').notNull(),
    clientKey: nameKey('client_key').notNull(),
    caregiver: name('caregiver').notNull(),
    employeeCode: code('employee_code').notNull(),
    caregiverKey: nameKey('caregiver_key').notNull(),
    clientSupervisor: name('client_supervisor'),
    supervisorCode: code('supervisor_code'),
    supervisorKey: nameKey('supervisor_key'),
    serviceCode: code('service_code').notNull(),
    dateOfService: day('date_of_service').notNull(),
    staffSignDate: day('staff_sign_date'),
    /** As written in the export: the portal's local time, to the minute. */
    staffSignedAt: datetime('staff_signed_at', { mode: 'string' }),
    daysToSign: int('days_to_sign'),
    noteStatus: exactText('note_status', { length: 10 }).notNull(),
    billingCycle: exactText('billing_cycle', { length: 6 }).notNull(),
    ym: fixedText('ym', { length: 7 }).notNull(),
    grp: smallint('grp').notNull(),
  },
  (table) => [primaryKey({ columns: [table.periodStart, table.sourceLine] })],
);

/** A roll-up's row: one member of one dimension. Its key and code are there where the member is a person. */
const rollupMember = () => ({
  ym: fixedText('ym', { length: 7 }).notNull(),
  periodStart: day('period_start').notNull(),
  dimension: exactText('dimension', { length: 16 }).notNull(),
  member: name('member').notNull(),
  memberKey: nameKey('member_key'),
  /** For readers who may see no name: the views take it instead of `member`. */
  memberCode: code('member_code'),
  rowCount: count('row_count').notNull(),
  /** Whether the period's figures may still change by the passing of days; the same in all its rows. */
  preliminary: boolean('preliminary').notNull().default(false),
});

export const utilizationSummary = mysqlTable(
  'utilization_summary',
  {
    ...rollupMember(),
    authorizedDollars: dollarTotal('authorized_dollars').notNull(),
    inProcessDollars: dollarTotal('in_process_dollars').notNull(),
    billedDollars: dollarTotal('billed_dollars').notNull(),
    notUtilized: dollarTotal('not_utilized').notNull(),
    underDollars: dollarTotal('under_dollars').notNull(),
    overDollars: dollarTotal('over_dollars').notNull(),
    util: ratio('util'),
    avgUtil: ratio('avg_util'),
  },
  (table) => [primaryKey({ columns: [table.periodStart, table.dimension, table.member] })],
);

export const notesSummary = mysqlTable(
  'notes_summary',
  {
    ...rollupMember(),
    onTime: count('on_time').notNull(),
    late: count('late').notNull(),
    unbillable: count('unbillable').notNull(),
    /** The old name of `unsignedNotes`, a reserved word: kept filled for one release. */
    unsigned: count('unsigned').notNull(),
    /** NULL in rows of the version before, which does not know it. */
    unsignedNotes: count('unsigned_notes'),
    avgDaysToSign: averageDays('avg_days_to_sign'),
  },
  (table) => [primaryKey({ columns: [table.periodStart, table.dimension, table.member] })],
);

/** The ledger: one row per run that ended, whatever its end. */
export const pipelineRun = mysqlTable(
  'pipeline_run',
  {
    runId: runId().primaryKey(),
    workflowId: exactText('workflow_id', { length: 1000 }).notNull(),
    report: report(),
    periodStart: day('period_start').notNull(),
    periodEnd: day('period_end').notNull(),
    source: exactText('source', { length: 10 }).notNull(),
    outcome: exactText('outcome', { length: 12 }).notNull(),
    startedAt: instant('started_at').notNull(),
    finishedAt: instant('finished_at').notNull(),
    exportSha256: sha256('export_sha256'),
    rulesSha256: sha256('rules_sha256'),
    codeVersion: exactText('code_version', { length: 64 }),
    rowsRead: count('rows_read'),
    rowsLoaded: count('rows_loaded'),
    rowsExcluded: count('rows_excluded'),
    rowsRejected: count('rows_rejected'),
    /** Rows of the period that this run's publication took the place of. */
    rowsReplaced: count('rows_replaced'),
    movedToLincs: count('moved_to_lincs'),
    /** Authorized dollars of those rows; NULL of runs that came before this column. */
    movedDollars: dollarTotal('moved_dollars'),
    /** JSON of `Accounting.dollars`. */
    dollars: jsonText('dollars'),
    /** JSON of `RunCounts.warnings`. */
    warnings: jsonText('warnings'),
    /** JSON of `UnknownService[]`. */
    unknownServices: jsonText('unknown_services'),
    failureType: exactText('failure_type', { length: 64 }),
    failureMessage: exactText('failure_message', { length: 2000 }),
    /** When the export was taken; NULL of runs that came before this column or failed without an export. */
    exportedAt: instant('exported_at'),
    preliminary: boolean('preliminary'),
    /** When the period came to show this run, NULL unless it did. */
    publishedAt: instant('published_at'),
    /** JSON of `GateReason[]`: what held the run, or would have without a person's word. */
    heldBecause: jsonText('held_because'),
    /** JSON of `Changes`, against what the period showed before. */
    changes: jsonText('changes'),
    /** JSON of `PublishRequest.files`. */
    files: jsonText('files'),
    /** The run that took the place of this one before it was decided about, or whose export is newer. */
    supersededBy: fixedText('superseded_by', { length: 36 }),
    /** `approve`, `reject` or `rollback`, with who, when and why. */
    decisionKind: exactText('decision_kind', { length: 10 }),
    decidedAt: instant('decided_at'),
    decidedBy: person('decided_by'),
    /** The identity that Temporal noted with the workflow that carried it out; `decided_by` is what its starter said. */
    decidedIdentity: person('decided_identity'),
    decisionReason: because('decision_reason'),
    /** Of a rollback: the published run whose figures it put back. */
    restoredRunId: fixedText('restored_run_id', { length: 36 }),
  },
  (table) => [index('pipeline_run_period').on(table.report, table.periodStart, table.finishedAt)],
);

/** Which run a period shows. The load locks this row, so a period has one writer at a time. */
export const publishedPeriod = mysqlTable(
  'published_period',
  {
    report: report(),
    periodStart: day('period_start').notNull(),
    periodEnd: day('period_end').notNull(),
    /** NULL until the first publication. */
    runId: runId(),
    /** JSON of `Versions`. */
    versions: jsonText('versions'),
    publishedAt: instant('published_at'),
    rowCount: count('row_count'),
    /** JSON: the total of every summed column, as decimal text. */
    sums: jsonText('sums'),
    /** Of all cells of the rows and of the roll-ups, see checksum.ts; NULL where the load came before these columns. */
    rowsChecksum: exactText('rows_checksum', { length: 32 }),
    rollupsChecksum: exactText('rollups_checksum', { length: 32 }),
    /** Of the newest export that gave these figures; NULL where they came before this column. */
    exportedAt: instant('exported_at'),
    preliminary: boolean('preliminary'),
    /** When the figures become stale (periodState.ts); NULL where the daily run loads the period no more. */
    staleAt: instant('stale_at'),
    /** NULL unless an earlier version was put back: then later runs are held until someone unpins the period. */
    pinnedAt: instant('pinned_at'),
    pinnedBy: person('pinned_by'),
    pinReason: because('pin_reason'),
    /** When and by whom the period was last unpinned. */
    unpinnedAt: instant('unpinned_at'),
    unpinnedBy: person('unpinned_by'),
  },
  (table) => [primaryKey({ columns: [table.report, table.periodStart] })],
);

/** Changes of rules that people have accepted for all periods; the newest one holds. */
export const acceptedRules = mysqlTable(
  'accepted_rules',
  {
    rulesSha256: sha256('rules_sha256').notNull(),
    acceptedAt: instant('accepted_at').notNull(),
    /** Who accepted it, as they say. */
    acceptedBy: person('accepted_by').notNull(),
    /** Account and machine that the word came from. */
    identity: person('identity').notNull(),
    reason: because('reason').notNull(),
  },
  (table) => [primaryKey({ columns: [table.acceptedAt, table.rulesSha256] })],
);

/** Records of an export that could not be read exactly: where and why, never the cell. */
export const rejectedRow = mysqlTable(
  'rejected_row',
  {
    runId: runId().notNull(),
    sourceLine: lineNumber('source_line').notNull(),
    report: report(),
    periodStart: day('period_start').notNull(),
    periodEnd: day('period_end').notNull(),
    columnName: exactText('column_name', { length: 64 }).notNull(),
    rule: exactText('rule', { length: 64 }).notNull(),
    reason: exactText('reason', { length: 500 }).notNull(),
  },
  (table) => [primaryKey({ columns: [table.runId, table.sourceLine] })],
);

/** Whether a portal login may be tried: a rejected password is never submitted twice. */
export const portalLogin = mysqlTable(
  'portal_login',
  {
    loginKey: fixedText('login_key', { length: 32 }).notNull(),
    credentialHash: sha256('credential_hash').notNull(),
    state: exactText('state', { length: 10 }).notNull(),
    /** Of a blocked one: `PortalLayoutChanged` for an unknown page, `PortalOriginRefused` for another origin, NULL where nobody saw what the portal answered. */
    failureType: exactText('failure_type', { length: 64 }),
    blockedAt: instant('blocked_at'),
    /** When the block refused a run last. */
    refusedAt: instant('refused_at'),
    /** The login's key under EHR_LOGIN_KEY, in rows that are kept beside it for workers of the version before. */
    renamedTo: fixedText('renamed_to', { length: 32 }),
    /** Submissions of this credential whose answer nobody saw. */
    unresolvedSubmissions: count('unresolved_submissions').notNull(),
    updatedAt: instant('updated_at').notNull(),
  },
  (table) => [primaryKey({ columns: [table.loginKey, table.credentialHash] })],
);

/** What people were told and what is not over yet: one row for each cause and channel. */
export const openAlert = mysqlTable(
  'open_alert',
  {
    causeKey: exactText('cause_key', { length: 100 }).notNull(),
    channel: exactText('channel', { length: 20 }).notNull(),
    /** JSON of `Cause`, as it was told last. */
    cause: jsonText('cause').notNull(),
    since: instant('since').notNull(),
    toldAt: instant('told_at').notNull(),
  },
  (table) => [primaryKey({ columns: [table.causeKey, table.channel] })],
);

/** When somebody last looked whether there is anything to tell: one row. */
export const alertLook = mysqlTable('alert_look', {
  /** Always 1. */
  id: smallint('id').primaryKey(),
  lookedAt: instant('looked_at').notNull(),
});
