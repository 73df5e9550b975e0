import type { Session } from './sessions.ts';
import type { PortalState } from './state.ts';

/** One request, as a route sees it. */
export interface Visit {
  readonly state: PortalState;
  readonly url: URL;
  /** What the path's pattern caught. */
  readonly caught: readonly string[];
  /** Form fields or JSON keys of the body; empty without one. */
  readonly fields: Readonly<Record<string, unknown>>;
  readonly sessionId: string | undefined;
  /** The address that it came from. */
  readonly from: string;
}

/** A visit within a session that has been found open. */
export interface SessionVisit extends Visit {
  readonly session: Session;
}

export function textOf(fields: Readonly<Record<string, unknown>>, name: string): string {
  const value = fields[name];
  return typeof value === 'string' ? value : '';
}
