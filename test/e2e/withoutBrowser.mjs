// Named in a built worker's --import: its sessions with the stand-in portal need no browser. All around them stays:
// the login's turn, the guard of the password, the checks of the file.
import { isMainThread } from 'node:worker_threads';

if (isMainThread) {
  const { RequestSession } = await import('./requestSession.ts');
  // Computed, so that the build of this file leaves it: the class that the worker has, not a copy.
  const session = new URL('../src/portal/session.js', import.meta.url).href;
  const { PortalSession } = await import(session);
  PortalSession.open = (options) => new RequestSession(options);
}
