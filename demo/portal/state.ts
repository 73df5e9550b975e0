import { setTimeout as sleep } from 'node:timers/promises';
import type { ExportJobs } from './export-jobs.ts';
import type { JournalEntry } from './journal.ts';
import type { Sessions } from './sessions.ts';
import type { PortalSettings } from './settings.ts';

/** All that one running portal knows. */
export interface PortalState {
  readonly seed: string;
  readonly settings: PortalSettings;
  /** The settings that `reset` goes back to. */
  readonly origin: PortalSettings;
  readonly journal: JournalEntry[];
  readonly sessions: Sessions;
  readonly exportJobs: ExportJobs;
  /** User name to wrong passwords in a row. */
  readonly wrongPasswords: Map<string, number>;
  /** The one-time code that was accepted last. */
  lastCode: string | undefined;
  /** The file delivered last, for the fault `staleFile`. */
  lastDelivered: Buffer | undefined;
  /** Aborts when the portal closes, so that no delay outlives it. */
  readonly closing: AbortSignal;
}

/** Waits, or throws an AbortError as soon as the portal closes. */
export async function delay(state: PortalState, milliseconds: number): Promise<void> {
  if (milliseconds > 0) await sleep(milliseconds, undefined, { signal: state.closing });
}
