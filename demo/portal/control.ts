import { ZodError } from 'zod';
import { dataReply, type Reply } from './reply.ts';
import { changeSettings, restoreSettings, visibleSettings } from './settings.ts';
import type { PortalState } from './state.ts';

const handlers: Readonly<Record<string, (state: PortalState, body: unknown) => Reply>> = {
  'GET /__control/settings': (state) => dataReply(visibleSettings(state.settings)),
  'PATCH /__control/settings': patchSettings,
  'POST /__control/reset': (state) => {
    resetPortal(state);
    return dataReply(visibleSettings(state.settings));
  },
  'GET /__control/journal': (state) => dataReply(state.journal),
};

/** The API by which a test or a demo steers the running portal; no real portal has one. */
export function control(state: PortalState, address: string, body: unknown): Reply {
  return handlers[address]?.(state, body) ?? dataReply({ error: `there is no ${address}` }, 404);
}

function patchSettings(state: PortalState, body: unknown): Reply {
  try {
    changeSettings(state.settings, body);
  } catch (error) {
    if (!(error instanceof ZodError)) throw error;
    const problems = error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`);
    return dataReply({ error: problems.join('; ') }, 400);
  }
  return dataReply(visibleSettings(state.settings));
}

/** As if just started: settings, sessions, locks, exports and journal. */
function resetPortal(state: PortalState): void {
  restoreSettings(state.settings, state.origin);
  state.sessions.open.clear();
  state.sessions.ended.clear();
  state.exportJobs.clear();
  state.wrongPasswords.clear();
  state.journal.length = 0;
  state.lastDelivered = undefined;
}
