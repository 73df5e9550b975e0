// The worker, whose sessions with the stand-in portal need no browser. All around them stays: the login's turn, the
// guard of the password, the checks of the file.
import { PortalSession } from '../../src/portal/session.ts';
import { RequestSession } from './requestSession.ts';

PortalSession.open = (options) => new RequestSession(options) as unknown as PortalSession;
await import('../../src/worker.ts');
