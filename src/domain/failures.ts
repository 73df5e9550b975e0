/**
 * The one list of ways in which a run can fail, who must act, and whether an automatic retry can help. A failure's
 * `type` is what operators see in the Temporal Web UI and what alerts key on. docs/runbook.md says for each what it
 * means, who acts and with which commands; its hint is the one sentence of that which fits into a message.
 */
export const failureTypes = {
  PortalLoginRejected: { retry: false, actor: 'the owner of the portal password' },
  PortalLocked: { retry: false, actor: 'a portal administrator' },
  PortalMfaRequired: { retry: false, actor: 'the owner of the portal account' },
  PortalPermissionMissing: { retry: false, actor: 'a portal administrator' },
  PortalLayoutChanged: { retry: true, actor: 'an engineer: fix the recipe' },
  PortalOriginRefused: { retry: false, actor: 'an engineer: see where the portal leads' },
  PortalUnavailable: { retry: true, actor: 'nobody at first; the portal vendor if it lasts' },
  ExportTimedOut: { retry: true, actor: 'nobody at first; an engineer if it lasts' },
  ExportTooLarge: { retry: true, actor: 'an engineer if it lasts' },
  ExportNotCsv: { retry: true, actor: 'an engineer if it lasts' },
  ExportTruncated: { retry: true, actor: 'nobody at first; an engineer if it lasts' },
  ExportWrongPeriod: { retry: true, actor: 'an engineer: check the dates that the recipe enters' },
  ExportWrongReport: { retry: true, actor: 'an engineer: check the report that the recipe picks' },
  InvalidInput: { retry: false, actor: 'the person who started the run' },
  SchemaDrift: { retry: false, actor: 'an engineer: the export has other columns than agreed' },
  WarehouseUnavailable: { retry: true, actor: 'the database operator if it lasts' },
  ReconciliationFailed: { retry: false, actor: 'an engineer: the tables would not equal the file' },
  ArtifactMissing: { retry: false, actor: 'nobody: the step that made the file runs again' },
  ArtifactStoreUnavailable: { retry: true, actor: 'the operator of the artifacts folder' },
  SourceUnavailable: { retry: true, actor: 'the operator of the folder or SFTP server' },
  DashboardsNotWritten: { retry: true, actor: 'the operator of the folder for dashboards' },
  /** Only a round of alerts fails with it, never a run. */
  AlertNotSent: { retry: true, actor: 'the owner of the webhook or mail server' },
  /** Not an outcome of the pipeline but a defect in it: any error that no step translated. */
  InternalError: { retry: true, actor: 'an engineer: this is a defect' },
} as const satisfies Record<string, { retry: boolean; actor: string }>;

export type FailureType = keyof typeof failureTypes;

/** A failure as text: what happened, then what to do. A hint that ends with a command has no full stop. */
export function failureText({ message, hint }: { message: string; hint: string }): string {
  return `${message.replace(/\.$/, '')}. What to do: ${hint}`;
}

/** Makes the client's commands in a text act for the agency that it is about, but those that act for all. */
export function hintFor(agency: string | undefined, hint: string): string {
  return agency === undefined
    ? hint
    : hint.replaceAll(/npm run client -- (?!agencies\b|deploy\b|--agency\b)/g, `$&--agency ${agency} `);
}

export function isFailureType(value: unknown): value is FailureType {
  return typeof value === 'string' && Object.hasOwn(failureTypes, value);
}

/**
 * Thrown by the domain and the adapters. Its message and details end up in Temporal's history, so they may contain
 * names of steps, columns, files and periods, counts and limits, and never a cell, a person or a secret.
 */
export class PipelineError extends Error {
  override readonly name = 'PipelineError';
  readonly type: FailureType;
  /** What to do about it, in one sentence; docs/runbook.md has the rest. */
  readonly hint: string;
  readonly retry: boolean;
  /** Plain JSON for machines: counts, names of columns and steps, artifact uris. */
  readonly details: Record<string, unknown>;

  constructor(
    type: FailureType,
    message: string,
    options: { hint: string; retry?: boolean; details?: Record<string, unknown>; cause?: unknown },
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.type = type;
    this.hint = options.hint;
    this.retry = options.retry ?? failureTypes[type].retry;
    this.details = options.details ?? {};
  }
}
