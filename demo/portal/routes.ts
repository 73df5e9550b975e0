import type { Step } from './faults.ts';
import {
  giveConsent,
  runReport,
  sendExport,
  showApp,
  showBilling,
  showExportProgress,
  showNavigation,
  showReports,
  showSurvey,
  sendLeaflet,
  noteFault,
  startExport,
} from './app-api.ts';
import { redirectReply, type Reply } from './reply.ts';
import {
  logOut,
  showCode,
  showLoggedOut,
  showSignIn,
  submitCode,
  submitNewPassword,
  submitSignIn,
} from './sign-in.ts';
import type { SessionVisit, Visit } from './visit.ts';

interface RouteAddress {
  readonly method: 'GET' | 'POST';
  readonly path: RegExp;
  /** Where faults strike it. */
  readonly step: Step;
  /** Whether errors are pages for a person or data for the app. */
  readonly answers: 'page' | 'data';
}

/** Who gets in: everyone, a session whose code is awaited, or one that is fully open. */
export type Route = RouteAddress &
  (
    | { readonly access: 'anyone'; readonly handle: (visit: Visit) => Reply | Promise<Reply> }
    | { readonly access: 'code' | 'open'; readonly handle: (visit: SessionVisit) => Reply | Promise<Reply> }
  );

export const routes: readonly Route[] = [
  page('GET', /^\/$/, 'login', { access: 'anyone', handle: () => redirectReply('/app') }),
  page('GET', /^\/login$/, 'login', { access: 'anyone', handle: showSignIn }),
  page('POST', /^\/login$/, 'login', { access: 'anyone', handle: submitSignIn }),
  page('GET', /^\/login\/code$/, 'login', { access: 'code', handle: showCode }),
  page('POST', /^\/login\/code$/, 'login', { access: 'code', handle: submitCode }),
  page('POST', /^\/login\/password$/, 'login', { access: 'anyone', handle: submitNewPassword }),
  page('GET', /^\/logout$/, 'logout', { access: 'anyone', handle: logOut }),
  page('GET', /^\/logged-out$/, 'logout', { access: 'anyone', handle: showLoggedOut }),
  page('GET', /^\/app$/, 'app', { access: 'open', handle: showApp }),
  page('GET', /^\/survey$/, 'app', { access: 'open', handle: showSurvey }),
  page('GET', /^\/leaflet\.pdf$/, 'download', { access: 'open', handle: sendLeaflet }),
  data('POST', /^\/api\/faults$/, 'app', noteFault),
  data('GET', /^\/api\/navigation$/, 'navigation', showNavigation),
  data('POST', /^\/api\/consent$/, 'navigation', giveConsent),
  data('GET', /^\/api\/billing$/, 'billing', showBilling),
  data('GET', /^\/api\/reports$/, 'reports', showReports),
  data('POST', /^\/api\/report$/, 'query', runReport),
  data('POST', /^\/api\/exports$/, 'export', startExport),
  data('GET', /^\/api\/exports\/([0-9a-f]+)$/, 'progress', showExportProgress),
  page('GET', /^\/exports\/([0-9a-f]+)\/reportExport\.csv$/, 'download', {
    access: 'open',
    handle: sendExport,
  }),
];

type Entry = Route extends infer R ? (R extends Route ? Pick<R, 'access' | 'handle'> : never) : never;

function page(method: 'GET' | 'POST', path: RegExp, step: Step, entry: Entry): Route {
  return { method, path, step, answers: 'page', ...entry };
}

function data(
  method: 'GET' | 'POST',
  path: RegExp,
  step: Step,
  handle: (visit: SessionVisit) => Reply | Promise<Reply>,
): Route {
  return { method, path, step, answers: 'data', access: 'open', handle };
}
