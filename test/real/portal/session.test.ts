import { readdir, readFile } from 'node:fs/promises';
import { describe, expect, test, vi } from 'vitest';
import { csvFile, csvText, startPagePortal } from './fixtures/pagePortal.ts';
import { failureOf, pageRecipe, startSession, type TestSession } from './fixtures/sessions.ts';

const report = '- { name: look, wait: { appears: { button: Export } } }';
const pages = { '/': '<button onclick="location.href=\'/file\'">Export</button>', '/file': csvFile('a.csv') };
const endless = { '/': '<button>Export</button>' };
const patient = { report, download: 'name: export\npatienceSeconds: 600\nclick: { button: Export }' };

/** Resolves once the session has got as far as this step. */
async function reached(at: TestSession, step: string): Promise<void> {
  await vi.waitFor(() => expect(at.steps.at(-1)?.step).toBe(step), { timeout: 300_000, interval: 20 });
}

interface Process {
  readonly id: number;
  readonly parent: number;
  /** Tells it from a later one of the same id. */
  readonly started: string;
  /** The browser, or a script in front of it: `chromium-headless-shell` on the PATH is one that stays. */
  readonly isBrowser: boolean;
}

/** What runs, read from /proc, so on Linux only. */
async function runningProcesses(): Promise<Process[]> {
  const ids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name)).map(Number);
  return (await Promise.all(ids.map(processOf))).filter((found) => found !== undefined);
}

async function processOf(id: number): Promise<Process | undefined> {
  const read = (name: string) => readFile(`/proc/${String(id)}/${name}`, 'utf8').catch(() => '');
  const [stat, command] = [await read('stat'), await read('cmdline')];
  const [state, parent, ...rest] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  // It has ended since, or has ended and its parent has not noticed.
  if (parent === undefined || state === 'Z') return undefined;
  const isBrowser = command.includes('--remote-debugging-pipe');
  return { id, parent: Number(parent), started: rest[17]!, isBrowser };
}

/** What this process has started, and what that has. */
async function startedHere(): Promise<Process[]> {
  return below(process.pid, await runningProcesses());
}

function below(parent: number, all: readonly Process[]): Process[] {
  const children = all.filter((each) => each.parent === parent);
  return [...children, ...children.flatMap(({ id }) => below(id, all))];
}

/** What this process has started since. */
async function startedSince(before: readonly Process[]): Promise<Process[]> {
  const known = new Set(before.map(({ id }) => id));
  return (await startedHere()).filter(({ id }) => !known.has(id));
}

function killBrowser(processes: readonly Process[]): void {
  const browsers = processes.filter(({ isBrowser }) => isBrowser);
  expect(browsers.length).toBeGreaterThan(0);
  for (const { id } of browsers) process.kill(id, 'SIGKILL');
}

describe('a session', () => {
  test('stops within seconds on cancel, with the caller’s reason and no browser', async () => {
    await using portal = await startPagePortal(endless);
    await using at = await startSession(portal.url, pageRecipe(patient));
    const cancel = new AbortController();
    const reason = new Error('cancelled by the caller');
    const exporting = at.session.exportReport(at.request({ signal: cancel.signal }));
    exporting.catch(() => {});
    await reached(at, 'export');
    const begun = performance.now();
    cancel.abort(reason);
    await expect(exporting).rejects.toBe(reason);
    expect(performance.now() - begun).toBeLessThan(300_000);
    expect(at.session.isOpen).toBe(false);
    expect(at.closed).toHaveLength(1);
  });

  test('does not start a browser for a request that is cancelled already', async () => {
    await using at = await startSession('http://127.0.0.1:9', pageRecipe({ report }));
    const request = at.request({ signal: AbortSignal.abort(new Error('too late')) });
    await expect(at.session.exportReport(request)).rejects.toThrow('too late');
    expect(at.session.isOpen).toBe(false);
  });

  test('whose browser is killed fails as unavailable, and the next export starts again', async () => {
    await using portal = await startPagePortal(pages);
    await using at = await startSession(portal.url, pageRecipe({ ...patient, report }));
    const before = await startedHere();
    await at.session.exportReport(at.request());
    killBrowser(await startedSince(before));
    await vi.waitFor(() => expect(at.session.isOpen).toBe(false), { timeout: 300_000 });
    const { path } = await at.session.exportReport(at.request());
    expect(await readFile(path, 'utf8')).toBe(csvText);
  });

  test('whose browser is killed in mid-export says so', async () => {
    await using portal = await startPagePortal(endless);
    await using at = await startSession(portal.url, pageRecipe(patient));
    const before = await startedHere();
    const exporting = failureOf(at.session.exportReport(at.request()));
    await reached(at, 'export');
    killBrowser(await startedSince(before));
    expect(await exporting).toMatchObject({ type: 'PortalUnavailable', retry: true });
  });

  test('opens again after it was closed', async () => {
    await using portal = await startPagePortal(pages);
    await using at = await startSession(portal.url, pageRecipe({ report }));
    await at.session.exportReport(at.request());
    await at.session.close();
    expect(at.closed).toHaveLength(1);
    expect(at.session.isOpen).toBe(false);
    await at.session.exportReport(at.request());
    expect(portal.requests.filter((request) => request === 'GET /file')).toHaveLength(2);
  });

  test('leaves no browser process after close', async () => {
    await using portal = await startPagePortal(pages);
    await using at = await startSession(portal.url, pageRecipe({ report }));
    const before = await startedHere();
    await at.session.exportReport(at.request());
    const started = await startedSince(before);
    expect(started.some(({ isBrowser }) => isBrowser)).toBe(true);
    await at.session.close();
    const left = async () => {
      const running = await runningProcesses();
      return started.filter(({ id, started: time }) =>
        running.some((each) => each.id === id && each.started === time),
      );
    };
    await vi.waitFor(async () => expect(await left()).toEqual([]), { timeout: 300_000 });
    expect(await startedSince(before)).toEqual([]);
  });

  test('takes no file that came before its own click', async () => {
    const early = {
      ...pages,
      '/': `${pages['/']}<script>setTimeout(() => (location.href = '/early'), 50)</script>`,
      '/early': csvFile('early.csv'),
    };
    await using portal = await startPagePortal(early);
    const wait =
      '- { name: look, wait: { appears: { button: Export } } }\n- { name: pause, optional: true, click: { button: Nowhere } }';
    await using at = await startSession(portal.url, pageRecipe({ report: wait }));
    const { suggestedName } = await at.session.exportReport(at.request());
    expect(suggestedName).toBe('a.csv');
  });
});

const person = (name: string) => `<h1>Chart of ${name}</h1>
    <p>Welcome reports.bot, last client ${name}</p>
    <label>Client <input value="${name}"></label><label>User <input value="reports.bot"></label>
    <table><tr><th>Client</th><th>Units</th></tr><tr><td>${name}</td><td>12</td></tr></table>
    <ul><li>${name}</li></ul><select><option>${name}</option></select>
    <button>Generate Report</button><a href="/c?name=${name}">${name}</a>
    <iframe srcdoc="<p>${name}</p>" title="inner"></iframe>
    <script>console.log('opened ${name} for reports.bot'); console.error('${name}')</script>`;

function textsOf(files: Record<string, Buffer>): string {
  return Object.entries(files)
    .filter(([name]) => !name.endsWith('.png'))
    .map(([, content]) => content.toString('utf8'))
    .join('\n');
}

describe('evidence', () => {
  const lookForMissing = '- { name: run, click: { button: Run Report } }';
  const recipe = pageRecipe({ report: lookForMissing }).replace('stepSeconds: 4', 'stepSeconds: 1');

  async function evidenceOf(
    name: string,
    options: { policy?: string; showPatientData?: boolean } = {},
  ): Promise<{ files: Record<string, Buffer>; failure: string }> {
    await using portal = await startPagePortal({
      '/': (_, response) => {
        response.setHeader('content-type', 'text/html; charset=utf-8');
        if (options.policy !== undefined) response.setHeader('content-security-policy', options.policy);
        response.end(person(name));
      },
    });
    const { showPatientData = false } = options;
    await using at = await startSession(portal.url, recipe, { showPatientData });
    const failure = await failureOf(at.session.exportReport(at.request()));
    const files = await at.evidence(String(failure.details['evidence']));
    return {
      files,
      failure: JSON.stringify([failure.message, failure.hint, failure.details, failure.cause]),
    };
  }

  test('says what the page offered, and holds neither person nor secret', async () => {
    const { files, failure } = await evidenceOf('DOE, JANE');
    expect(Object.keys(files).toSorted()).toEqual([
      'console.log',
      'outline.txt',
      'screenshot.png',
      'step.json',
    ]);
    const texts = textsOf(files);
    expect(texts).toContain('button "Generate Report"');
    expect(texts).toContain('textbox "Client"');
    // "Units" alone is no text of the recipe, and no column of an export.
    expect(texts).toContain('columnheader "Client"');
    expect(texts).toContain('columnheader "Xxxxx"');
    expect(texts).not.toMatch(/JANE|DOE/);
    expect(texts).not.toContain('reports.bot');
    expect(texts).not.toContain('demo-Passw0rd!');
    expect(failure).not.toMatch(/JANE|DOE|reports\.bot/);
  });

  test.each([
    { title: 'on a plain page', policy: undefined },
    {
      title: 'on a page whose policy forbids styles',
      policy: "default-src 'self'; script-src 'unsafe-inline'",
    },
  ])('shows two people as the same picture $title', async ({ policy }) => {
    const options = policy === undefined ? {} : { policy };
    const [one, two] = [await evidenceOf('DOE, JANE', options), await evidenceOf('EOD, NEJA', options)];
    expect(one.files['screenshot.png']).toBeDefined();
    expect(one.files['screenshot.png']?.equals(two.files['screenshot.png']!)).toBe(true);
  });

  test('shows two people as two pictures where people are asked for', async () => {
    const [one, two] = [
      await evidenceOf('DOE, JANE', { showPatientData: true }),
      await evidenceOf('EOD, NEJA', { showPatientData: true }),
    ];
    expect(one.files['screenshot.png']?.equals(two.files['screenshot.png']!)).toBe(false);
  });

  test('shows people where asked for, and still no secret', async () => {
    const { files } = await evidenceOf('DOE, JANE', { showPatientData: true });
    expect(textsOf(files)).toContain('DOE, JANE');
    expect(textsOf(files)).not.toContain('reports.bot');
  });
});
