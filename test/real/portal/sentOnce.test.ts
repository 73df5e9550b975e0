import { mkdtemp, rm } from 'node:fs/promises';
import type { ServerHttp2Stream } from 'node:http2';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { PortalOptions } from '../../../src/portal/session.ts';
import { useFullBrowser } from './fixtures/fullBrowser.ts';
import { trustingBrowser } from './fixtures/foreignHttpsSite.ts';
import { ownCertificate } from './fixtures/ownCertificate.ts';
import { startPagePortal, type PortalPage } from './fixtures/pagePortal.ts';
import { failureOf, passwordRecipe, startSession } from './fixtures/sessions.ts';

useFullBrowser();

const fields = '<label>Password <input type=password name=p></label>';
const form = (method: string) =>
  `<form method=${method} action=/login>${fields}<button>Log in</button></form>`;
const script = (address: string) =>
  `${fields}<button onclick="fetch('${address}', { method: 'POST', headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ p: document.querySelector('input').value }) })
    .then(() => { document.body.innerHTML = '<button>Export</button>' })">Log in</button>`;

/** On a machine that is busy with other things. */
const recipe = passwordRecipe.replace('stepSeconds: 4', 'stepSeconds: 20');
/** For a login that goes on. */
const patient = passwordRecipe.replace('stepSeconds: 4', 'stepSeconds: 60');

const withScript = (functions: string, click: string) =>
  `${fields}<script>const password = () => document.querySelector('input').value;
    const sent = (address, options) =>
      fetch(address, { method: 'POST', body: new URLSearchParams({ p: password() }), ...options });
    ${functions}</script><button onclick="${click}">Log in</button>`;

/** Tries three times, each time in its own way. */
const stubborn = withScript(
  "const send = (times) => sent('/login').catch(() => times > 1 && send(times - 1))",
  'send(3)',
);
const stubbornElsewhere = withScript(
  "const send = (times) => sent('/login?try=' + times).catch(() => times > 1 && send(times - 1))",
  'send(3)',
);
/** Nobody can see that it sends the password. */
const encrypting = withScript(
  `const send = (times) => sent('/login', { body: Array.from(password(), (letter) => letter.charCodeAt(0) * times).join() })
     .catch(() => times > 1 && send(times - 1))`,
  'send(3)',
);
const twiceAtOnce = withScript('', "sent('/login'); sent('/login')");
const redirected = withScript(
  "const send = (times) => sent('/old').catch(() => times > 1 && send(times - 1))",
  'send(3)',
);

/** Gives up after three seconds, and tries again. */
const impatient = withScript(
  `const send = (times) => sent('/login', { signal: AbortSignal.timeout(3000) })
     .catch(() => times > 1 && send(times - 1))`,
  'send(2)',
);

/** Reads the whole request, then breaks off. */
const breaks: PortalPage = (request, response) => {
  request.resume();
  request.on('end', () => {
    const { stream } = response as { stream?: ServerHttp2Stream };
    if (stream === undefined) response.socket!.destroy();
    else stream.session!.destroy();
  });
};

/** Lets any page send anything, over a connection that stays. */
const lets =
  (page: PortalPage): PortalPage =>
  (request, response) => {
    response.setHeader('access-control-allow-origin', '*');
    response.setHeader('access-control-allow-headers', '*');
    if (request.method === 'OPTIONS') response.end('yes');
    else if (typeof page === 'function') page(request, response);
    else response.end(page);
  };

const silent: PortalPage = (request) => void request.resume();
const moved: PortalPage = (_, response) => void response.writeHead(307, { location: '/login' }).end();

let folder: string;
let trusting: PortalOptions['browser'];
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'trusting-browser-'));
  trusting = await trustingBrowser(folder);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const news: PortalPage = (_, response) =>
  void response.writeHead(200, { 'content-type': 'text/event-stream' }).write('data: opened\n\n');
const slow: PortalPage = (_, response) => void setTimeout(() => response.end('{}'), 1000);
const withNews = "<script>new EventSource('/news')</script>";
const withBeats = "<script>setInterval(() => fetch('/beat', { method: 'POST' }), 100)</script>";

const protocols = [
  { protocol: 'http', certificate: undefined },
  { protocol: 'HTTP/2', certificate: { ...ownCertificate, http2: true } },
];
const pages = [
  { title: 'a form', page: form('post') },
  { title: 'a form by GET', page: form('get') },
  { title: 'a script that tries again', page: stubborn },
  { title: 'a script that tries again with another query', page: stubbornElsewhere },
  { title: 'a script that encrypts it and tries again', page: encrypting },
  { title: 'a script that sends it twice at once', page: twiceAtOnce },
  { title: 'a script that tries again where it is led on', page: redirected },
  { title: 'a script beside a stream of news', page: withNews + script('/login') },
];

describe.concurrent.each(protocols)(
  'a portal that breaks off gets the password once, by $protocol',
  ({ certificate }) => {
    test.each(pages)('from $title', async ({ page }) => {
      await using portal = await startPagePortal(
        { '/': page, '/login': breaks, '/old': moved, '/news': news },
        certificate,
      );
      await using at = await startSession(portal.url, recipe, { browser: trusting });
      const failure = await failureOf(at.session.exportReport(at.request()));
      expect(failure.type).toBe('PortalUnavailable');
      expect(portal.requests.filter((request) => / \/login/.test(request))).toHaveLength(1);
      expect(portal.requests.filter((request) => / \/old/.test(request)).length).toBeLessThanOrEqual(1);
      // Nobody knows whether it was judged.
      expect(at.guard).toEqual(['submit']);
    });

    test('from a script that gives up waiting and tries again', async () => {
      await using portal = await startPagePortal({ '/': impatient, '/login': silent }, certificate);
      await using at = await startSession(portal.url, recipe, { browser: trusting });
      await failureOf(at.session.exportReport(at.request()));
      expect(portal.requests.filter((request) => request.endsWith(' /login'))).toHaveLength(1);
      expect(at.guard).toEqual(['submit']);
    });

    test('from a script that asks another origin first', async () => {
      await using signIn = await startPagePortal({ '/login': lets(breaks) }, certificate);
      await using portal = await startPagePortal({ '/': script(`${signIn.url}/login`) }, certificate);
      const reach = { signInOrigins: [signIn.url] };
      await using at = await startSession(portal.url, recipe, { browser: trusting, reach });
      const failure = await failureOf(at.session.exportReport(at.request()));
      expect(failure.type).toBe('PortalUnavailable');
      expect(signIn.requests).toEqual(['OPTIONS /login', 'POST /login']);
      expect(at.guard).toEqual(['submit']);
    });

    test('and is signed in to if it answers, whatever else the page sends meanwhile', async () => {
      await using signIn = await startPagePortal({ '/login': lets(slow) }, certificate);
      const page = withBeats + withNews + script(`${signIn.url}/login`);
      await using portal = await startPagePortal({ '/': page, '/beat': 'yes', '/news': news }, certificate);
      const reach = { signInOrigins: [signIn.url] };
      await using at = await startSession(portal.url, patient, { browser: trusting, reach });
      await at.session.rehearse(at.request());
      expect(signIn.requests).toEqual(['OPTIONS /login', 'POST /login']);
      expect(at.guard).toEqual(['submit', 'accepted']);
    });
  },
);

test.each([
  { how: 'by a click', way: 'click: { button: Log in }' },
  { how: 'by a key', way: 'press: Enter, on: { label: Password }' },
  { how: 'by a key on the page', way: 'press: Enter' },
])('a password that was given up while the guard noted it is not sent $how', async ({ way }) => {
  await using portal = await startPagePortal({ '/': form('post'), '/login': '<button>Export</button>' });
  // The browser stays open for the logout.
  const text = `${recipe.replace('click: { button: Log in }', way)}
logout:
  - { name: log out, click: { button: Log out } }
`;
  await using at = await startSession(portal.url, text);
  const cancel = new AbortController();
  const beforePasswordSubmit = async () => cancel.abort(new Error('cancelled by the caller'));
  const exporting = at.session.exportReport(at.request({ signal: cancel.signal, beforePasswordSubmit }));
  await expect(exporting).rejects.toThrow('cancelled by the caller');
  expect(portal.requests.filter((request) => request.endsWith(' /login'))).toEqual([]);
});
