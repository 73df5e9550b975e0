import { readFile } from 'node:fs/promises';
import type { Page } from 'playwright';
import { describe, expect, test } from 'vitest';
import { reportBytes } from '../../../demo/portal/data.ts';
import { startPortal } from '../../../demo/portal/portal.ts';
import { recognisedExport } from '../../../src/cli/recipe/recognisedExport.ts';
import { readPipelineConfig } from '../../../src/config.ts';
import { readRecipe } from '../../../src/portal/parseRecipe.ts';
import { recipeText } from '../../../src/portal/record/recipeText.ts';
import { recordExport, type RecordOptions } from '../../../src/portal/record/recordExport.ts';
import { draftRecipe } from '../../../src/portal/record/recordedRecipe.ts';
import { weakSpots } from '../../../src/portal/weakSpots.ts';
import type { Period } from '../../../src/domain/periods.ts';
import { reportNames } from '../../../src/reports/index.ts';
import { startPagePortal, type PortalPage } from './fixtures/pagePortal.ts';
import { exportByInbox, exportByTabs, exportByTree, withPerson } from './fixtures/person.ts';
import { startSession, testBrowser } from './fixtures/sessions.ts';

const { rules } = readPipelineConfig('demo/pipeline.yaml');

const nobody: RecordOptions<never>['login'] = {
  beforePasswordSubmit: async () => {},
  afterLogin: async () => {},
};

/** The recipe that `client recipe record` writes of what the person does at the portal. */
async function recordedBy(
  url: string,
  person: (page: Page) => Promise<void>,
  { login = nobody, ...changes }: Partial<Pick<RecordOptions<never>, 'login' | 'exportLimitBytes'>> = {},
) {
  const ended = new AbortController();
  const recorded = await recordExport({
    url,
    browser: testBrowser(),
    login,
    ...changes,
    recognise: (path) => recognisedExport(path, rules),
    signal: AbortSignal.any([ended.signal, AbortSignal.timeout(500_000)]),
    onOpen: (address) => {
      void withPerson(address!, person).catch((error: unknown) => ended.abort(error));
    },
  });
  const draft = draftRecipe({
    portal: 'recorded',
    portalUrl: url,
    reports: reportNames,
    credentials: {},
    ...recorded,
  });
  return { ...draft, text: recipeText(draft) };
}

function weak(text: string): string[] {
  return weakSpots(readRecipe(text, 'recorded.yaml').recipe).map(({ what }) => what);
}

describe('a recipe recorded at the practice portal gets the file unedited', () => {
  test.each([
    { look: 'tabs' as const, person: exportByTabs },
    { look: 'tree' as const, person: exportByTree },
    { look: 'inbox' as const, person: exportByInbox },
  ])('with its face "$look"', async ({ look, person }) => {
    const portal = await startPortal({
      settings: { look, delays: { pageMs: 0, lateMs: 0, queryMs: 50, exportMs: 400 }, data: { scale: 0.2 } },
    });
    try {
      const { text, decisions } = await recordedBy(portal.url, person);
      expect(text).not.toContain('demo-Passw0rd!');
      expect(text).not.toContain('reports.bot');
      expect(weak(text)).toEqual(['is still to decide', 'no sign says that the password was rejected']);
      expect(decisions).toEqual([
        expect.stringContaining('rejected password'),
        expect.stringContaining('ended session'),
        expect.stringContaining('the utilization report'),
      ]);

      // Another period than the recorded one.
      const later = { from: '2026-10-16', to: '2026-10-31' } as Period;
      await using run = await startSession(portal.url, text);
      const exported = await run.session.exportReport(run.request({ period: later }));
      const wanted = reportBytes('demo', 'notes', later, portal.settings.data);
      expect((await readFile(exported.path)).equals(wanted)).toBe(true);
      expect(exported.portalRecords).toBeGreaterThan(10);
    } finally {
      await portal.close();
    }
  });
});

const header = 'Client,Caregiver,Client Supervisor,Service Code,Date of Service,Staff Sign Date,Days to Sign';
const csv = `${header}\r\n"TURING, ALAN","NOETHER, EMMY","RAY, MAN",CN,10/02/2026,10/03/2026,1\r\n`;

/** Words that a recipe must not hold: planted in every place from which a recorder takes words. */
const planted = [
  ['typed secrets', ['hunter2-Secret', 'reports.robot', 'AGENCY-778']],
  ['typed names', ['Lovelace', 'Ada Byron']],
  [
    'names that are shown',
    ['Hopper', 'GRACE', 'Foster', 'Katherine', 'Vaughan', 'Dorothy', 'Turing', 'Noether'],
  ],
  ['numbers of records and sessions', ['4711', '99887766', 's3ss10n']],
] as const;

const app = `<p>Welcome, Dorothy Vaughan</p><nav><a href="/clients/4711?session=s3ss10n">Clients</a></nav>`;
const pages: Record<string, PortalPage> = {
  '/': `<form action="/app"><label>Agency <input name="agency"></label><label>Login <input name="user"></label>
    <label>Secret word <input type="password"></label><button>Sign in</button></form>`,
  '/app': `${app}<button onclick="location.href='/clients/4711?session=s3ss10n'">Open Grace Hopper</button>`,
  '/clients/4711': `<label>Find <input></label><label>Client <select><option>All</option><option>FOSTER, JODIE</option></select></label>
    <table><tr><td><a href="#x">HOPPER, GRACE</a></td><td>MRN 99887766</td></tr><tr><td><button onclick="1">Katherine</button></td></tr></table>
    <ul><li><a href="#y">Katherine Johnson</a></li></ul>
    <button onclick="1">Turing review</button><a href="/reports" title="Dorothy">Reports</a>
    <div id="ext-gen1042" onclick="1">Vaughan</div>`,
  '/reports': `<h1>Notes</h1><label>From <input></label><label>To <input></label>
    <button onclick="out.textContent = '1 notes of Noether, 10/01/2026 - 10/15/2026'">Run for Grace Hopper</button>
    <p id="out"></p><a href="/file">Download</a>`,
  '/file': (_, response) => {
    response.setHeader('content-type', 'text/csv');
    response.setHeader('content-disposition', 'attachment; filename="Hopper.csv"');
    response.end(csv);
  },
};

async function curious(page: Page): Promise<void> {
  await page.getByLabel('Agency').fill('AGENCY-778');
  await page.getByLabel('Login').fill('reports.robot');
  await page.getByLabel('Secret word').fill('hunter2-Secret');
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByText('Welcome').waitFor();
  // A page that comes sooner than a person clicks belongs to the login.
  await page.waitForTimeout(2000);
  await page.getByRole('button', { name: 'Open Grace Hopper' }).click();
  await page.getByLabel('Find').fill('Ada Byron Lovelace');
  await page.getByLabel('Client').selectOption('FOSTER, JODIE');
  await page.getByRole('link', { name: 'HOPPER, GRACE' }).click();
  await page.getByRole('cell', { name: 'MRN 99887766' }).click();
  await page.getByRole('button', { name: 'Katherine' }).click();
  await page.getByRole('link', { name: 'Katherine Johnson' }).click();
  await page.getByRole('button', { name: 'Turing review' }).click();
  await page.getByText('Vaughan').click();
  await page.getByRole('link', { name: 'Reports' }).click();
  await page.getByLabel('From').fill('10/01/2026');
  await page.getByLabel('To').fill('10/15/2026');
  await page.getByRole('button', { name: 'Run for Grace Hopper' }).click();
  await page.getByRole('link', { name: 'Download' }).click();
}

test('a recorded recipe holds no secret, no typed text and no text of a patient', async () => {
  await using portal = await startPagePortal(pages);
  const { text, decisions, recipe } = await recordedBy(portal.url, curious);
  const written = `${text}\n${decisions.join('\n')}`.toLowerCase();
  const found = planted.flatMap(([, words]) => words.filter((word) => written.includes(word.toLowerCase())));
  expect(found).toEqual([]);
  // What may be known is there all the same.
  expect(recipe).toMatchObject({
    sessionLost: [{ button: 'Sign in' }],
    download: { click: { link: 'Download' } },
  });
  expect(text).toContain('goto: ${portal.url}/app');
  expect(text).toContain('${secret.user}');
  expect(text).toContain('${secret.password}');
  expect(text).toContain('${period.start|MM/DD/YYYY}');
  expect(text).toContain('${period.end|MM/DD/YYYY}');
  expect(weak(text).filter((what) => what === 'is still to decide').length).toBeGreaterThan(8);
});

test('a recording that is interrupted, and one whose browser ends, leave nothing', async () => {
  await using portal = await startPagePortal(pages);
  const interrupted = new AbortController();
  const recording = recordExport({
    url: portal.url,
    browser: testBrowser(),
    recognise: async () => undefined,
    login: nobody,
    signal: interrupted.signal,
    onOpen: () => interrupted.abort(new Error('Ctrl-C')),
  });
  await expect(recording).rejects.toThrow('Ctrl-C');
});

test('a portal that does not answer is named, and no password counts as sent', async () => {
  const told: unknown[] = [];
  const recording = recordExport({
    // Nothing listens on the port of compressnet.
    url: 'http://127.0.0.1:2/',
    browser: testBrowser(),
    recognise: async () => undefined,
    login: {
      beforePasswordSubmit: async () => void told.push('submit'),
      afterLogin: async (outcome) => void told.push(outcome),
    },
    signal: AbortSignal.timeout(500_000),
    onOpen: () => told.push('open'),
  });
  await expect(recording).rejects.toMatchObject({
    type: 'PortalUnavailable',
    message: expect.stringMatching(/ERR_CONNECTION_REFUSED/) as string,
  });
  expect(told).toEqual(['submit', 'not-judged']);
});

test("Playwright's recorder, which is no public API, is the one that the recording knows", async () => {
  await using portal = await startPagePortal(pages);
  const seen = await recordExport({
    url: `${portal.url}/reports`,
    browser: testBrowser(),
    login: nobody,
    recognise: (path) => recognisedExport(path, rules),
    signal: AbortSignal.timeout(500_000),
    onOpen: (address) => {
      void withPerson(address!, async (page) => {
        await page.getByLabel('From').fill('10/01/2026');
        await page.getByRole('link', { name: 'Download' }).click();
      });
    },
  });
  expect(seen.actions.slice(-2)).toEqual([
    expect.objectContaining({
      kind: 'fill',
      text: '10/01/2026',
      inputType: 'text',
      locator: [{ kind: 'role', body: 'textbox', name: 'From' }],
    }),
    expect.objectContaining({
      kind: 'click',
      signals: ['download'],
      locator: [{ kind: 'role', body: 'link', name: 'Download' }],
      snapshot: expect.stringContaining('- heading "Notes" [level=1]'),
    }),
  ]);
});

test.each([
  { title: 'before anything was sent', sends: false, told: ['submit', 'not-judged'] },
  { title: 'after the password was sent', sends: true, told: ['submit'] },
])('the login is told of a recording that is given up $title', async ({ sends, told }) => {
  await using portal = await startPagePortal({
    '/': '<form method="post" action="/in"><input type="password" name="p"><button>Log in</button></form>',
    '/in': 'Wait',
  });
  const guard: unknown[] = [];
  const recording = recordedBy(
    portal.url,
    async (page) => {
      if (sends) await page.getByRole('button').click();
      if (sends) await page.getByText('Wait').waitFor();
      throw new Error('given up');
    },
    {
      login: {
        beforePasswordSubmit: async () => void guard.push('submit'),
        afterLogin: async (answer) => void guard.push(answer),
      },
    },
  );
  await expect(recording).rejects.toThrow('given up');
  expect(guard).toEqual(told);
});

const clickLink = (page: Page) => page.getByRole('link').click();

test('a recording ends at a file that is larger than an export may be', async () => {
  await using portal = await startPagePortal({
    '/': '<a href="/file">Download</a>',
    '/file': (_, response) => {
      response.setHeader('content-disposition', 'attachment; filename="export.csv"');
      // And never the rest.
      response.write(Buffer.alloc(2 * 1024 * 1024, 'x'));
    },
  });
  const recording = recordedBy(portal.url, clickLink, { exportLimitBytes: 1024 * 1024 });
  await expect(recording).rejects.toMatchObject({ type: 'ExportTooLarge' });
});
