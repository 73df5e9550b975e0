import { ConfigError, type PortalSettings } from '../config.ts';
import { log } from '../observability/log.ts';
import type { LoginQueueOptions, QueuedSession } from '../portal/loginQueue.ts';

export type LoginAccess = Pick<
  LoginQueueOptions,
  'takeTurn' | 'someoneWaits' | 'clock' | 'refuseBlocked' | 'beforePasswordSubmit' | 'afterLogin'
>;

export interface RenewedLoginParts {
  readonly settings: PortalSettings;
  /** Reads the secrets again. @throws ConfigError */
  readonly currentSettings: () => PortalSettings;
  readonly accessOf: (settings: PortalSettings) => LoginAccess;
}

/**
 * A login whose secrets may change between two sessions, never within one: the guard must note the password that the
 * session sends.
 */
export class RenewedLogin {
  readonly #parts: RenewedLoginParts;
  #settings: PortalSettings;
  #access: LoginAccess;
  #isOpen = false;

  constructor(parts: RenewedLoginParts) {
    this.#parts = parts;
    this.#settings = parts.settings;
    this.#access = parts.accessOf(parts.settings);
  }

  get access(): LoginAccess {
    return this.#access;
  }

  /** Takes the secrets of now, unless a session is open. Secrets that cannot be read leave those of before in place. */
  renew(): void {
    if (this.#isOpen) return;
    try {
      this.#settings = this.#parts.currentSettings();
      this.#access = this.#parts.accessOf(this.#settings);
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error;
      log.warn({ problems: error.problems }, 'the secrets of the portal cannot be read again');
    }
  }

  /** Opens a session with the secrets of the last renewal. */
  open(openSession: (settings: PortalSettings) => QueuedSession): QueuedSession {
    const session = openSession(this.#settings);
    this.#isOpen = true;
    return {
      exportReport: (request) => session.exportReport(request),
      rehearse: (request) => session.rehearse(request),
      close: async () => {
        try {
          return await session.close();
        } finally {
          this.#isOpen = false;
        }
      },
    };
  }
}
