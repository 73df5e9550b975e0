import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { JournalEntry } from './journal.ts';
import { serve } from './serve.ts';
import { newSessions } from './sessions.ts';
import {
  changeSettings,
  defaultSettings,
  restoreSettings,
  type DeepPartial,
  type PortalSettings,
} from './settings.ts';
import type { PortalState } from './state.ts';

export interface PortalOptions {
  /** 0, the default, takes a free one. */
  readonly port?: number;
  readonly host?: string;
  /** The same seed holds the same data. */
  readonly seed?: string;
  /** What differs from `defaultSettings`; `reset` comes back to this. */
  readonly settings?: DeepPartial<PortalSettings>;
}

export interface RunningPortal {
  readonly url: string;
  /** Live: a change is in force at once. */
  readonly settings: PortalSettings;
  readonly journal: readonly JournalEntry[];
  close(): Promise<void>;
}

export async function startPortal(options: PortalOptions = {}): Promise<RunningPortal> {
  const { port = 0, host = '127.0.0.1', seed = 'demo', settings = {} } = options;
  const closing = new AbortController();
  const state = newState(seed, settings, closing.signal);
  const server = createServer((request, response) => void serve(state, request, response));
  server.listen(port, host);
  await once(server, 'listening');
  const address = server.address() as AddressInfo;
  return {
    url: `http://${address.family === 'IPv6' ? `[${address.address}]` : address.address}:${address.port}`,
    settings: state.settings,
    journal: state.journal,
    close: async () => {
      closing.abort();
      const closed = server.listening ? once(server, 'close') : Promise.resolve();
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

function newState(seed: string, settings: DeepPartial<PortalSettings>, closing: AbortSignal): PortalState {
  const origin = defaultSettings();
  changeSettings(origin, settings);
  const live = defaultSettings();
  restoreSettings(live, origin);
  return {
    seed,
    settings: live,
    origin,
    journal: [],
    sessions: newSessions(),
    exportJobs: new Map(),
    wrongPasswords: new Map(),
    lastCode: undefined,
    lastDelivered: undefined,
    closing,
  };
}
