import { PipelineError, type FailureType } from '../domain/failures.ts';

/** A step's failure before its evidence is taken. Its message is ours, never the page's or the driver's. */
export class PortalTrouble extends Error {
  override readonly name = 'PortalTrouble';
  readonly type: FailureType;
  readonly hint: string;
  readonly details: Readonly<Record<string, unknown>>;
  /** Whether a retry may help; undefined leaves it to the failure type. */
  readonly retry: boolean | undefined;

  constructor(
    type: FailureType,
    message: string,
    options: { hint?: string; details?: Record<string, unknown>; retry?: boolean; cause?: unknown } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: safeCause(options.cause) });
    this.type = type;
    this.hint = options.hint ?? hints[type] ?? 'Look at the evidence.';
    this.details = options.details ?? {};
    this.retry = options.retry;
  }
}

/**
 * Converts an error of the driver, such as a closed browser. Rethrows errors that are our own defects, recognised by
 * their class.
 */
export function troubleFrom(error: unknown): PortalTrouble {
  if (error instanceof PortalTrouble) return error;
  if (error instanceof TypeError || error instanceof RangeError || error instanceof ReferenceError)
    throw error;
  return new PortalTrouble('PortalUnavailable', 'The browser could not do it.', { cause: safeCause(error) });
}

/** The portal has ended our session. One new login recovers it. */
export class SessionLost extends Error {
  override readonly name = 'SessionLost';
}

/** The caller's guard did not allow the password to be sent. Its own error is the cause, and what the caller gets. */
export class GuardRefused extends Error {
  override readonly name = 'GuardRefused';
}

const hints: Partial<Record<FailureType, string>> = {
  PortalLoginRejected:
    'Give the worker the right portal user and password; the login is not tried again before that, or before: npm run client -- portal unblock',
  PortalLocked:
    'Ask the portal administrator to open the account, then run: npm run client -- portal unblock',
  PortalMfaRequired:
    'Give the account a TOTP secret that the pipeline knows, or exempt it from the second factor.',
  PortalPermissionMissing:
    'Ask the portal administrator to give the account the right to this report and its export.',
  PortalLayoutChanged:
    'Look at the screenshot and outline in the evidence, then fix that step of the recipe.',
  PortalOriginRefused:
    'Nothing left for that address. Find out why the portal leads there; if it belongs to the sign-in, add its origin to portal.signInOrigins.',
  PortalUnavailable: 'Nothing to do at first: the step is tried again. If it lasts, ask the portal vendor.',
  ExportTimedOut:
    'Nothing to do at first: the export is tried again. If it lasts, raise the patience in the recipe.',
  ExportTooLarge:
    'Look at what the portal sends; where a report really is that large, raise portal.exportMegabytes.',
  ExportTruncated:
    'Nothing to do at first: the export is tried again. If it lasts, look for a row limit in the portal.',
};

/**
 * Whether the driver gave up waiting. Checked by name, so that no worker loads the driver before it needs a browser.
 */
export function isTimeout(error: unknown): boolean {
  return error instanceof Error && error.name === 'TimeoutError';
}

const netErrorPattern = /\bnet::(ERR_[A-Z0-9_]+)/;

/** The code of a network error, such as `ERR_CONNECTION_REFUSED`: a name from Chromium's list, never page text. */
export function netErrorCode(error: unknown): string | undefined {
  return error instanceof Error ? netErrorPattern.exec(error.message)?.[1] : undefined;
}

const codePattern = /^[A-Z][A-Z0-9_]{1,60}$/;
const classPattern = /^[A-Z]?[A-Za-z]{0,40}(?:Error|Failed|Lost|Refused|Trouble)$/;

/** A page's script may give its errors any name. */
function classOf(error: unknown): string {
  if (!(error instanceof Error)) return typeof error;
  return classPattern.test(error.name) ? error.name : 'Error';
}

/**
 * What may be kept of an error from the driver or a library: its class and code. The driver's messages and stacks quote
 * selectors and page text, which can hold a name.
 */
export function safeCause(error: unknown): Error {
  if (error instanceof PipelineError) return error;
  const name = classOf(error);
  const ownCode: unknown = error instanceof Error && 'code' in error ? error.code : undefined;
  const code = typeof ownCode === 'string' && codePattern.test(ownCode) ? ownCode : netErrorCode(error);
  const cause = new Error(code === undefined ? name : `${name} ${code}`);
  cause.stack = `${cause.name}: ${cause.message}`;
  // Kept as fields, so that the safe cause of a safe cause loses nothing.
  return Object.assign(cause, { name, ...(code === undefined ? {} : { code }) });
}
