import { bigint, boolean, index, int, mysqlTable, primaryKey, smallint } from 'drizzle-orm/mysql-core';
import { day, dollarTotal, exactText, fixedText, instant, jsonText } from './columnTypes.ts';

const runId = () => fixedText('run_id', { length: 36 });
const report = () => exactText('report', { length: 20 }).notNull();
const sha256 = (column: string) => fixedText(column, { length: 64 });
const lineNumber = (column: string) => int(column, { unsigned: true });
const count = (column: string) => int(column, { unsigned: true });
/** Who decided: a user name or the identity of a Temporal client, e.g. `user@host`. */
const person = (column: string) => exactText(column, { length: 320 });
/** The longest service code that pipeline.yaml allows. */
const longestCode = 100;
/** The longest reason that a decision may have. */
const because = (column: string) => exactText(column, { length: 500 });

/** The ledger: one row per run that ended, however it ended. */
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
    /** Rows of the period that this run's publication replaced. */
    rowsReplaced: count('rows_replaced'),
    movedToLincs: count('moved_to_lincs'),
    /** Authorized dollars of those rows; NULL for runs from before this column. */
    movedDollars: dollarTotal('moved_dollars'),
    /** JSON of `Accounting.dollars`. */
    dollars: jsonText('dollars'),
    /** JSON of `RunCounts.warnings`. */
    warnings: jsonText('warnings'),
    /** JSON of `UnknownService[]`. */
    unknownServices: jsonText('unknown_services'),
    failureType: exactText('failure_type', { length: 64 }),
    failureMessage: exactText('failure_message', { length: 2000 }),
    /** When the export was taken; NULL for runs from before this column or that failed without an export. */
    exportedAt: instant('exported_at'),
    preliminary: boolean('preliminary'),
    /** When the period began to show this run; NULL if it never did. */
    publishedAt: instant('published_at'),
    /** JSON of `GateReason[]`: what held the run, or would have without a person's decision. */
    heldBecause: jsonText('held_because'),
    /** JSON of `Changes`, against what the period showed before. */
    changes: jsonText('changes'),
    /** JSON of `PublishRequest.files`. */
    files: jsonText('files'),
    /**
     * The load day that a report's history has or had these figures under, for published and unchanged runs (see
     * writeHistory.ts and domain/historyDays.ts). NULL for runs from before the history, until `history fill`.
     */
    historyDay: day('history_day'),
    /** The run that replaced this one before a decision, or that has a newer export. */
    supersededBy: fixedText('superseded_by', { length: 36 }),
    /** `approve`, `reject` or `rollback`, with who, when and why. */
    decisionKind: exactText('decision_kind', { length: 10 }),
    decidedAt: instant('decided_at'),
    decidedBy: person('decided_by'),
    /**
     * The identity that Temporal recorded for the workflow that carried it out; `decided_by` is the name that its
     * starter gave.
     */
    decidedIdentity: person('decided_identity'),
    decisionReason: because('decision_reason'),
    /** The published run whose figures a rollback put back; NULL for other runs. */
    restoredRunId: fixedText('restored_run_id', { length: 36 }),
  },
  (table) => [index('pipeline_run_period').on(table.report, table.periodStart, table.finishedAt)],
);

/** The run that a period shows. The load locks this row, so a period has one writer at a time. */
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
    /**
     * Checksums of all cells, here of the rows and next of the roll-ups, see checksum.ts; NULL for loads from before
     * these columns.
     */
    rowsChecksum: exactText('rows_checksum', { length: 32 }),
    rollupsChecksum: exactText('rollups_checksum', { length: 32 }),
    /** When the newest export that gave these figures was taken; NULL for figures from before this column. */
    exportedAt: instant('exported_at'),
    preliminary: boolean('preliminary'),
    /** When the figures become stale (periodState.ts); NULL if the daily run no longer loads the period. */
    staleAt: instant('stale_at'),
    /** NULL unless an earlier version was put back: later runs are then held until a person unpins the period. */
    pinnedAt: instant('pinned_at'),
    pinnedBy: person('pinned_by'),
    pinReason: because('pin_reason'),
    /** When and by whom the period was last unpinned. */
    unpinnedAt: instant('unpinned_at'),
    unpinnedBy: person('unpinned_by'),
  },
  (table) => [primaryKey({ columns: [table.report, table.periodStart] })],
);

/** Changes of rules that people have accepted for all periods; the newest one is in force. */
export const acceptedRules = mysqlTable(
  'accepted_rules',
  {
    rulesSha256: sha256('rules_sha256').notNull(),
    acceptedAt: instant('accepted_at').notNull(),
    /** The name that the person gave. */
    acceptedBy: person('accepted_by').notNull(),
    /** Account and machine that the decision came from. */
    identity: person('identity').notNull(),
    reason: because('reason').notNull(),
  },
  (table) => [primaryKey({ columns: [table.acceptedAt, table.rulesSha256] })],
);

/**
 * What pipeline.yaml says about its groups' services, as read by the worker that started last; no row while it marks
 * none as respite.
 */
export const serviceSetting = mysqlTable('service_setting', {
  /** In upper case, as the views compare it. */
  serviceCode: exactText('service_code', { length: longestCode }).primaryKey(),
  /** 1 or 0. */
  respite: int('respite').notNull(),
});

/** The agency whose tables these are: one row. */
export const databaseOwner = mysqlTable('database_owner', {
  /** Always 1. */
  id: smallint('id').primaryKey(),
  /** Its id; empty for the agency without one. */
  agency: exactText('agency', { length: 40 }).notNull(),
});

/** What pipeline.yaml says about a report, as read by the worker that started last. */
export const reportSetting = mysqlTable('report_setting', {
  report: exactText('report', { length: 20 }).primaryKey(),
  /** One of `FiguresAre`. */
  figuresAre: exactText('figures_are', { length: 13 }).notNull(),
});

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

/** A file that retention has removed, or is removing. */
export const removedFile = mysqlTable(
  'removed_file',
  {
    uri: exactText('uri', { length: 255 }).primaryKey(),
    /** The run that made it. */
    runId: runId().notNull(),
    report: report(),
    periodStart: day('period_start').notNull(),
    /** One of `RetentionClass`. */
    class: exactText('class', { length: 16 }).notNull(),
    bytes: bigint('bytes', { mode: 'number', unsigned: true }).notNull(),
    /** From here on no load uses the file. */
    notedAt: instant('noted_at').notNull(),
    /** NULL while it may still be in the store. */
    removedAt: instant('removed_at'),
  },
  (table) => [
    index('removed_file_period').on(table.report, table.periodStart),
    index('removed_file_pending').on(table.removedAt),
  ],
);

/** Whether a portal login may be tried: a rejected password is never submitted twice. */
export const portalLogin = mysqlTable(
  'portal_login',
  {
    loginKey: fixedText('login_key', { length: 32 }).notNull(),
    credentialHash: sha256('credential_hash').notNull(),
    state: exactText('state', { length: 10 }).notNull(),
    /**
     * Why a login is blocked: `PortalLayoutChanged` for an unknown page, `PortalOriginRefused` for another origin, NULL
     * if the portal's response is unknown.
     */
    failureType: exactText('failure_type', { length: 64 }),
    blockedAt: instant('blocked_at'),
    /** When the block last refused a run. */
    refusedAt: instant('refused_at'),
    /** The login's key under EHR_LOGIN_KEY, in rows kept beside it for workers of the previous version. */
    renamedTo: fixedText('renamed_to', { length: 32 }),
    /** Submissions of this credential without a known answer. */
    unresolvedSubmissions: count('unresolved_submissions').notNull(),
    updatedAt: instant('updated_at').notNull(),
  },
  (table) => [primaryKey({ columns: [table.loginKey, table.credentialHash] })],
);

/** Alerts that were sent and are not over yet: one row for each condition and channel. */
export const openAlert = mysqlTable(
  'open_alert',
  {
    causeKey: exactText('cause_key', { length: 100 }).notNull(),
    channel: exactText('channel', { length: 20 }).notNull(),
    /** JSON of the alert condition, as last sent. */
    cause: jsonText('cause').notNull(),
    since: instant('since').notNull(),
    toldAt: instant('told_at').notNull(),
  },
  (table) => [primaryKey({ columns: [table.causeKey, table.channel] })],
);

/** When the alert conditions were last evaluated: one row. */
export const alertLook = mysqlTable('alert_look', {
  /** Always 1. */
  id: smallint('id').primaryKey(),
  lookedAt: instant('looked_at').notNull(),
});

/** What people decided or looked at, each event with the hash of the one before. Rows are only ever added. */
export const auditEvent = mysqlTable('audit_event', {
  /** Without gaps; `audit_head` says the last one. */
  sequence: bigint('sequence', { mode: 'number', unsigned: true }).primaryKey(),
  at: instant('at').notNull(),
  action: exactText('action', { length: 20 }).notNull(),
  actor: person('actor').notNull(),
  /** `claimed`, `mTLS` or `token`. */
  proof: exactText('proof', { length: 10 }).notNull(),
  onBehalfOf: person('on_behalf_of'),
  /** Unique, so that a step that runs again records nothing twice. */
  eventKey: exactText('event_key', { length: 200 }).notNull().unique(),
  report: exactText('report', { length: 20 }),
  periodStart: day('period_start'),
  periodEnd: day('period_end'),
  runId: runId(),
  reason: because('reason'),
  /** JSON of `NewAuditEvent.details`. */
  details: jsonText('details'),
  previousHash: sha256('previous_hash').notNull(),
  hash: sha256('hash').notNull(),
});

/** The last audit event: one row, whose lock gives each event its place. */
export const auditHead = mysqlTable('audit_head', {
  /** Always 1. */
  id: smallint('id').primaryKey(),
  sequence: bigint('sequence', { mode: 'number', unsigned: true }).notNull(),
  hash: sha256('hash').notNull(),
});
