import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { expect, test } from 'vitest';
import { PipelineError } from '../../../src/domain/failures.ts';
import { startPagePortal, type PortalPage } from './fixtures/pagePortal.ts';
import { failureOf, passwordRecipe as recipe, startSession } from './fixtures/sessions.ts';

const fields = '<label>Password <input type="password" name="p"></label>';
const form = (action: string) =>
  `<form method="post" action="${action}">${fields}<button>Log in</button></form>`;

const serverError: PortalPage = (_, response) => response.writeHead(500).end('<h1>Error</h1>');
const broken: PortalPage = (_, response) => response.destroy();

interface Answer {
  readonly title: string;
  readonly pages: Record<string, PortalPage>;
  /** What the guard is told after the submission; undefined where nobody can know. */
  readonly told: string | undefined;
}

const answers: Answer[] = [
  {
    title: 'a server error says that nothing was judged',
    pages: { '/': form('/login'), '/login': serverError },
    told: 'not-judged',
  },
  {
    title: 'a server error to a script that submits says the same',
    pages: {
      '/': `${fields}<button onclick="fetch('/login', { method: 'POST' })">Log in</button>`,
      '/login': serverError,
    },
    told: 'not-judged',
  },
  {
    title: 'a connection that breaks may have been an answer',
    pages: { '/': form('/login'), '/login': broken },
    told: undefined,
  },
  {
    title: 'a server error after the answer hides what it was',
    pages: {
      '/': form('/login'),
      '/login': (_, response) => response.writeHead(303, { location: '/app' }).end(),
      '/app': serverError,
    },
    told: undefined,
  },
  {
    title: 'a server error to something else leaves the submission without an answer',
    pages: {
      '/': form('/login').replace('<form', "<form onsubmit=\"fetch('/beat', { method: 'POST' })\""),
      '/login': broken,
      '/beat': serverError,
    },
    told: undefined,
  },
  {
    title: 'the form once more is a rejection, whatever it says',
    pages: { '/': form('/login'), '/login': form('/login') },
    told: 'rejected: PortalLoginRejected',
  },
  {
    title: 'terms of use after it are an unknown page',
    pages: { '/': form('/login'), '/login': '<h1>Updated terms of use</h1><button>I accept</button>' },
    told: 'unknown-page',
  },
  {
    title: 'a notice that a script shows instead of the form is one',
    pages: {
      '/': `<main>${fields}<button onclick="fetch('/login', { method: 'POST' }).then(() => {
        document.querySelector('main').innerHTML = '<h1>Your password expires in 3 days</h1>';
      })">Log in</button></main>`,
      '/login': '{}',
    },
    told: 'unknown-page',
  },
  {
    title: 'a question about another session is one, though the page goes on asking the portal for news',
    pages: {
      '/': form('/login'),
      '/login':
        "<h1>You are already signed in</h1><button>Continue</button><script>fetch('/news', { method: 'POST' })</script>",
      '/news': () => undefined,
    },
    told: 'unknown-page',
  },
  {
    title: 'a page after a form that is sent by GET is one',
    pages: {
      '/': form('/login').replace('"post"', '"get"'),
      '/login': '<h1>Confirm that you are human</h1>',
    },
    told: 'unknown-page',
  },
  {
    title: 'a form that was never sent has no answer',
    pages: { '/': form('/login').replace('<form', '<form onsubmit="return false"') },
    told: undefined,
  },
];

test.each(answers)('$title', async ({ pages, told }) => {
  await using portal = await startPagePortal(pages);
  await using at = await startSession(portal.url, recipe);
  await failureOf(at.session.exportReport(at.request()));
  expect(at.guard).toEqual(['submit', ...(told === undefined ? [] : [told])]);
});

test('an unknown page is reported as a changed page at the step "signed in", with evidence, and is not tried again', async () => {
  await using portal = await startPagePortal({
    '/': form('/login'),
    '/login': '<h1>Updated terms of use</h1><button>I accept</button>',
  });
  await using at = await startSession(portal.url, recipe);
  const failure = await failureOf(at.session.exportReport(at.request()));
  expect(failure).toMatchObject({
    type: 'PortalLayoutChanged',
    retry: false,
    details: { step: 'signed in', loginBlocked: true, signedIn: false, offered: { button: 1 } },
  });
  expect(failure.message).toContain('An unknown page follows the login');
  expect(Object.keys(await at.evidence(String(failure.details['evidence'])))).toContain('screenshot.png');
  expect(portal.requests.filter((request) => request === 'POST /login')).toHaveLength(1);
});

test('a question about another session is answered as the recipe says, after one submission', async () => {
  await using portal = await startPagePortal({
    '/': form('/login'),
    '/login': '<p>You are already signed in elsewhere.</p><a href="/in">Continue here</a>',
    '/in': '<button>Export</button>',
  });
  const answering = recipe.replace(
    'report:\n  -',
    `  - { name: wait for the answer, wait: { appears: [{ button: Export }, { text: already signed in }] } }
  - { name: end the other session, if: { text: already signed in }, click: { link: Continue here } }
report:
  -`,
  );
  await using at = await startSession(portal.url, answering);
  await at.session.rehearse(at.request());
  expect(portal.requests.filter((request) => request === 'POST /login')).toHaveLength(1);
  expect(at.guard).toEqual(['submit', 'accepted']);
});

test('a portal that is gone by then has judged nothing', async () => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  const gone = `http://127.0.0.1:${String(port)}`;
  await using portal = await startPagePortal({ '/': form(`${gone}/login`) });
  await using at = await startSession(portal.url, recipe, { reach: { signInOrigins: [gone] } });
  expect(await failureOf(at.session.exportReport(at.request()))).toMatchObject({ type: 'PortalUnavailable' });
  expect(at.guard).toEqual(['submit', 'not-judged']);
});

test.each([
  {
    title: 'a rejection',
    pages: { '/': form('/login'), '/login': form('/login') },
    type: 'PortalLoginRejected',
  },
  {
    title: 'an unknown page',
    pages: { '/': form('/login'), '/login': '<h1>Updated terms of use</h1>' },
    type: 'PortalLayoutChanged',
  },
])('$title that cannot be written down is what the run ends with', async ({ pages, type }) => {
  await using portal = await startPagePortal(pages);
  await using at = await startSession(portal.url, recipe);
  const away = new PipelineError('WarehouseUnavailable', 'the database is away', { hint: 'wait' });
  const failure = await failureOf(
    at.session.exportReport(at.request({ afterLogin: () => Promise.reject(away) })),
  );
  expect(failure).toMatchObject({
    type,
    retry: false,
    details: { loginBlocked: true, notNoted: 'WarehouseUnavailable' },
  });
});

test('an answer that blocks nothing and cannot be written down leaves the failure to the database', async () => {
  await using portal = await startPagePortal({ '/': form('/login'), '/login': serverError });
  await using at = await startSession(portal.url, recipe);
  const away = new PipelineError('WarehouseUnavailable', 'the database is away', { hint: 'wait' });
  const request = at.request({ afterLogin: () => Promise.reject(away) });
  expect(await failureOf(at.session.exportReport(request))).toBe(away);
});
