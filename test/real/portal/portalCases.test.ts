import { once } from 'node:events';
import { readdir, readFile } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { describe, expect, test, vi } from 'vitest';
import { ownCertificate } from './fixtures/ownCertificate.ts';
import { csvFile, csvText, startPagePortal, type PortalPage } from './fixtures/pagePortal.ts';
import { failureOf, pageRecipe, startSession, testBrowser } from './fixtures/sessions.ts';

// Against hangs only. The cases are those of test/cases/18, 19, 21 and 22.
vi.setConfig({ testTimeout: 120_000 });

/** Answers whatever it is asked by 407. */
async function startProxyThatAsks(): Promise<AsyncDisposable & { url: string }> {
  const server = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.once('data', () =>
      socket.end(
        'HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: Basic realm="proxy"\r\n\r\n',
      ),
    );
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`,
    [Symbol.asyncDispose]: async () => {
      server.close();
      await once(server, 'close');
    },
  };
}

const look = '- { name: look, wait: { appears: { button: Export } } }';

function answer(status: number, headers: Record<string, string>, body: string): PortalPage {
  return (_, response) => response.writeHead(status, headers).end(body);
}

const shown = (type: string, body = csvText) => answer(200, { 'content-type': type }, body);
const header =
  'Client,Caregiver,Client Supervisor,Service Code,Date of Service,Staff Sign Date,Days to Sign\r\n"DOE, JANE",x,y,z,1,2,3\r\n';

function opened(script: string): string {
  return `<button onclick="${script}">Export</button>`;
}

describe('a file that the portal shows is noticed within seconds', () => {
  const cases: { title: string; pages: Record<string, PortalPage> }[] = [
    {
      title: 'in a new window',
      pages: { '/': opened("window.open('/file')"), '/file': shown('text/plain') },
    },
    { title: 'in the same', pages: { '/': opened("location.href='/file'"), '/file': shown('text/plain') } },
    {
      title: 'in a frame',
      pages: {
        '/': `${opened("document.querySelector('iframe').src='/file'")}<iframe></iframe>`,
        '/file': shown('text/plain'),
      },
    },
    {
      title: 'as JSON',
      pages: { '/': opened("window.open('/file')"), '/file': shown('application/json', '[]') },
    },
    {
      title: 'as text that the page made itself',
      pages: {
        '/': opened(`window.open(window.URL.createObjectURL(new Blob(['a,b'], { type: 'text/plain' })))`),
      },
    },
    {
      title: 'as a page that holds its text',
      pages: {
        '/': opened("window.open('/file')"),
        '/file': shown('text/html', `<pre>${header}</pre>`),
      },
    },
  ];

  test.each(cases)('$title', async ({ pages }) => {
    await using portal = await startPagePortal(pages);
    const recipe = pageRecipe({ report: look }).replace('downloadSeconds: 8', 'downloadSeconds: 900');
    await using at = await startSession(portal.url, recipe);
    const failure = await failureOf(at.session.exportReport(at.request()));
    expect(failure.type).toBe('PortalLayoutChanged');
    expect(failure.message).toContain('the portal shows the file instead of sending it');
    expect(failure.hint).toContain('save or download');
    expect(JSON.stringify([failure.message, failure.details])).not.toMatch(/JANE|DOE/);
  });

  test('and a page that was there before is none, nor one that comes beside the file', async () => {
    await using portal = await startPagePortal({
      '/': `<iframe src="/terms"></iframe><button onclick="window.open('/wait'); setTimeout(() => location.href='/file', 500)">Export</button>`,
      '/terms': shown('text/plain', 'Terms'),
      '/wait': shown('text/plain', 'Your file is on its way.'),
      '/file': csvFile('a.csv'),
    });
    await using at = await startSession(portal.url, pageRecipe({ report: look }));
    const { path } = await at.session.exportReport(at.request());
    expect(await readFile(path, 'utf8')).toBe(csvText);
  });
});

describe('a page that is refused says its status and who acts', () => {
  const html = { 'content-type': 'text/html' };
  const cases: { status: string; page: PortalPage; says: RegExp; hint: RegExp; retry: boolean }[] = [
    {
      status: 'HTTP_401',
      page: answer(401, html, 'no'),
      says: /login by HTTP/,
      hint: /on this side.*vendor/,
      retry: false,
    },
    {
      status: 'ERR_INVALID_AUTH_CREDENTIALS',
      page: answer(401, { ...html, 'www-authenticate': 'Basic realm="EHR"' }, 'no'),
      says: /login by HTTP.*\((?:ERR_INVALID_AUTH_CREDENTIALS|HTTP_401)\)/,
      hint: /on this side.*vendor/,
      retry: false,
    },
    {
      status: 'HTTP_403',
      page: answer(403, html, 'denied'),
      says: /refuses the page.*HTTP_403/,
      hint: /administrator/,
      retry: true,
    },
    {
      status: 'HTTP_404',
      page: answer(404, html, 'no'),
      says: /no such page.*HTTP_404/,
      hint: /EHR_PORTAL_URL/,
      retry: true,
    },
    {
      status: 'HTTP_407',
      page: answer(407, html, 'no'),
      says: /proxy.*wants a password/,
      hint: /proxy/,
      retry: false,
    },
    {
      status: 'HTTP_410',
      page: answer(410, html, 'no'),
      says: /refuses the request.*HTTP_410/,
      hint: /vendor/,
      retry: true,
    },
    {
      status: 'ERR_TOO_MANY_REDIRECTS',
      page: answer(302, { location: '/' }, ''),
      says: /without end.*ERR_TOO_MANY_REDIRECTS/,
      hint: /vendor/,
      retry: true,
    },
  ];

  test.each(cases)('$status', async ({ page, says, hint, retry }) => {
    await using portal = await startPagePortal({ '/': page });
    const recipe = pageRecipe({ report: look }).replace('stepSeconds: 4', 'stepSeconds: 10');
    await using at = await startSession(portal.url, recipe);
    const failure = await failureOf(at.session.exportReport(at.request()));
    expect(failure).toMatchObject({ type: 'PortalUnavailable', retry });
    expect(failure.message).toMatch(says);
    expect(failure.hint).toMatch(hint);
  });

  test('a portal that is asked too often is asked again when it says', async () => {
    let asked = 0;
    await using portal = await startPagePortal({
      '/': (_, response) => {
        asked += 1;
        if (asked < 3) response.writeHead(429, { 'retry-after': '1' }).end('Too many requests');
        else
          response
            .setHeader('content-type', 'text/html')
            .end(`<button onclick="location.href='/file'">Export</button>`);
      },
      '/file': csvFile('a.csv'),
    });
    await using at = await startSession(portal.url, pageRecipe({ report: look }));
    await at.session.exportReport(at.request());
    expect(asked).toBe(3);
  });

  test('one that stays so is reported as that', async () => {
    await using portal = await startPagePortal({ '/': answer(429, { ...html, 'retry-after': '1' }, 'no') });
    await using at = await startSession(portal.url, pageRecipe({ report: look }));
    const failure = await failureOf(at.session.exportReport(at.request()));
    expect(failure).toMatchObject({ type: 'PortalUnavailable', retry: true });
    expect(failure.message).toMatch(/asked too often.*HTTP_429/);
    expect(portal.requests.filter((request) => request === 'GET /')).toHaveLength(3);
  });

  test.each([
    { url: 'http://127.0.0.1:3', code: 'ERR_CONNECTION_REFUSED', hint: /firewall/ },
    { url: 'https://portal.invalid', code: 'ERR_NAME_NOT_RESOLVED', hint: /DNS/ },
  ])('$code', async ({ url, code, hint }) => {
    await using at = await startSession(url, pageRecipe({ report: look }));
    const failure = await failureOf(at.session.exportReport(at.request()));
    expect(failure).toMatchObject({ type: 'PortalUnavailable', retry: true });
    expect(failure.message).toContain(code);
    expect(failure.hint).toMatch(hint);
  });

  test('a certificate that no known authority signed', async () => {
    await using portal = await startPagePortal({ '/': '<button>Export</button>' }, ownCertificate);
    await using at = await startSession(portal.url, pageRecipe({ report: look }));
    const failure = await failureOf(at.session.exportReport(at.request()));
    expect(failure).toMatchObject({ type: 'PortalUnavailable', retry: false });
    expect(failure.message).toMatch(/certificate is not valid here.*ERR_CERT_AUTHORITY_INVALID/);
    expect(failure.hint).toMatch(/clock.*authority/);
    expect(portal.requests).toEqual([]);
  });

  test('a proxy that is away, and one that wants a password', async () => {
    await using strict = await startProxyThatAsks();
    for (const { url, says, retry } of [
      { url: 'http://127.0.0.1:3', says: /proxy .* did not connect them \(ERR_/, retry: true },
      { url: strict.url, says: /proxy .* wants a password/, retry: false },
    ]) {
      const reach = { siteProxy: { url, bypasses: () => false } };
      await using at = await startSession('https://portal.invalid', pageRecipe({ report: look }), { reach });
      const failure = await failureOf(at.session.exportReport(at.request()));
      expect(failure).toMatchObject({ type: 'PortalUnavailable', retry });
      expect(failure.message).toMatch(says);
      expect(failure.hint).toMatch(/HTTPS_PROXY/);
    }
  });

  test('a page with such a status that works is worked with', async () => {
    await using portal = await startPagePortal({
      '/': answer(404, html, `<button onclick="location.href='/file'">Export</button>`),
      '/file': csvFile('a.csv'),
    });
    const optional = `- { name: survey, optional: true, click: { button: Close } }\n${look}`;
    await using at = await startSession(portal.url, pageRecipe({ report: optional }));
    expect((await at.session.exportReport(at.request())).suggestedName).toBe('a.csv');
  });
});

test('a page shows instants in the organisation’s time zone and in English', async () => {
  await using portal = await startPagePortal({
    '/': `<p id=day></p><button onclick="location.href='/file'">Export</button><script>
      const signed = new Date('2026-11-05T01:30:00Z');
      day.textContent = signed.toLocaleString() + ' ' + signed.getDate();
      new Worker(URL.createObjectURL(new Blob(["postMessage(new Date('2026-11-05T01:30:00Z').getHours())"]))).onmessage = (e) => day.append(' worker ' + e.data)
    </script>`,
    '/file': csvFile('a.csv'),
  });
  const report = '- { name: look, wait: { appears: { text: "11/4/2026, 8:30:00 PM 4 worker 20" } } }';
  const browser = { ...testBrowser(), timeZone: 'America/New_York' };
  const here = process.env['TZ'];
  process.env['TZ'] = 'Asia/Tokyo';
  try {
    await using at = await startSession(portal.url, pageRecipe({ report }), { browser });
    expect((await at.session.exportReport(at.request())).suggestedName).toBe('a.csv');
  } finally {
    if (here === undefined) delete process.env['TZ'];
    else process.env['TZ'] = here;
  }
});

test('months and days are written as the portal’s pickers want them', async () => {
  await using portal = await startPagePortal({
    '/': `<label>List <select id=list><option>September 2026<option>October 2026</select></label>
      <label>Month <input type=month id=month></label><label>Day <input id=day readonly></label>
      <button onclick="day.value='15'">15</button><button onclick="day.value='1'">1</button>
      <button onclick="if (list.value + month.value + day.value === 'October 20262026-101') location.href='/file'">Export</button>`,
    '/file': csvFile('a.csv'),
  });
  const report = [
    '- { name: list, choose: "${period.start|MMMM YYYY}", from: { label: List } }',
    '- { name: month, fill: "${period.start|YYYY-MM}", into: { label: Month } }',
    '- { name: day, click: { button: "${period.start|D}" } }',
  ].join('\n');
  await using at = await startSession(portal.url, pageRecipe({ report }));
  expect((await at.session.exportReport(at.request())).suggestedName).toBe('a.csv');
});

test('a report that is being prepared is asked for again until it is there', async () => {
  let asked = 0;
  await using portal = await startPagePortal({
    '/': '<a href="/queue">Run</a>',
    '/queue': (_, response) => {
      asked += 1;
      response.setHeader('content-type', 'text/html');
      response.end(
        asked < 5
          ? '<p>Your report is being prepared.</p><a href="/queue">Refresh</a>'
          : `<button onclick="location.href='/file'">Export</button>`,
      );
    },
    '/file': csvFile('a.csv'),
  });
  const report =
    '- { name: run, click: { link: Run } }\n- { name: ready, patienceSeconds: 60, wait: { appears: { button: Export } } }';
  const more =
    'interruptions:\n  - { name: not yet, when: { text: being prepared }, click: { link: Refresh } }';
  await using at = await startSession(portal.url, pageRecipe({ report, more }));
  await at.session.exportReport(at.request());
  expect(asked).toBe(5);
});

describe('an export has a size limit', () => {
  const limit = { exportLimitBytes: 2 * 1024 * 1024 };
  const head = { 'content-type': 'text/csv', 'content-disposition': 'attachment; filename="a.csv"' };
  const button = `<button onclick="location.href='/file'">Export</button>`;

  test('one without end is broken off while it comes', async () => {
    let sent = 0;
    await using portal = await startPagePortal({
      '/': button,
      '/file': (_, response) => {
        response.writeHead(200, head);
        const timer = setInterval(() => {
          sent += 256 * 1024;
          response.write(Buffer.alloc(256 * 1024, 'x'));
        }, 20);
        response.on('close', () => clearInterval(timer));
      },
    });
    const recipe = pageRecipe({ report: look }).replace('downloadSeconds: 8', 'downloadSeconds: 900');
    await using at = await startSession(portal.url, recipe, limit);
    const failure = await failureOf(at.session.exportReport(at.request()));
    expect(failure).toMatchObject({ type: 'ExportTooLarge', retry: true });
    expect(failure.message).toContain('larger than 2 MB');
    await at.session.close();
    const attempts = (await readdir(at.folder)).filter((name) => name.startsWith('attempt'));
    expect(await Promise.all(attempts.map((name) => readdir(join(at.folder, name))))).toEqual(
      attempts.map(() => []),
    );
    expect(sent).toBeGreaterThan(limit.exportLimitBytes);
  });

  test('one that announces more is not waited for', async () => {
    await using portal = await startPagePortal({
      '/': button,
      '/file': (_, response) =>
        response.writeHead(200, { ...head, 'content-length': '9000000000' }).write('Client'),
    });
    const recipe = pageRecipe({ report: look }).replace('downloadSeconds: 8', 'downloadSeconds: 900');
    await using at = await startSession(portal.url, recipe, limit);
    expect(await failureOf(at.session.exportReport(at.request()))).toMatchObject({ type: 'ExportTooLarge' });
  });
});
