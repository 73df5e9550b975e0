import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { csvFile, csvText } from './fixtures/pagePortal.ts';
import { startWalker, type Walker } from './fixtures/walks.ts';

let walker: Walker;
beforeAll(async () => {
  walker = await startWalker();
});
afterAll(async () => walker[Symbol.asyncDispose]());

const look = '- { name: look, wait: { appears: { button: Export } } }';
const exportLink = '<button onclick="location.href=\'/file\'">Export</button>';
const file = { '/file': csvFile('reportExport.csv') };

describe('the number of records', () => {
  // The number is gone once the export is asked for.
  const twoSteps = `<p id="n">420 records found</p><button onclick="n.remove(); d.hidden = false">Export</button>
    <div id="d" hidden><button onclick="location.href='/file'">Save</button></div>`;
  const save = 'name: export\nclick: { button: Save }';
  const ask =
    '- { name: see the result, wait: { appears: { text: records found } }, recordCount: { text: "/([0-9]+) records/" } }\n- { name: ask for it, click: { button: Export } }';

  test('is read at an earlier step', async () => {
    const taken = await walker.take({ pages: { '/': twoSteps, ...file }, report: ask, download: save });
    expect(taken.portalRecords).toBe(420);
  });

  test('must agree where two steps read it', async () => {
    const pages = { '/': `<p>20 rows</p>${twoSteps}`, ...file };
    const recordCount = 'recordCount: { text: "/([0-9]+) rows/" }';
    const { stepName, trouble } = await walker.failure({
      pages,
      report: ask,
      download: `${save}\n${recordCount}`,
    });
    expect(stepName).toBe('export');
    expect(trouble.type).toBe('ExportWrongReport');
    expect(trouble.message).toBe('the portal shows 420 records at "see the result" and 20 at "export"');
  });

  test('is not read by a step for the other report', async () => {
    const other = ask.replace('name: see the result', 'name: see the result, reports: [utilization]');
    const taken = await walker.take({ pages: { '/': twoSteps, ...file }, report: other, download: save });
    expect(taken.portalRecords).toBeUndefined();
  });
});

describe('a click that brings no file', () => {
  const patient = 'name: export\npatienceSeconds: 20\nclick: { button: Export }';
  const dialog = (inner: string, title = 'Export Ready') =>
    `<div id="d" role="dialog" aria-label="${title}" hidden>${inner}</div><button onclick="d.hidden = false">Export</button>`;

  test('names the window with a link that appeared, long before its patience ends', async () => {
    const { stepName, trouble } = await walker.failure({
      pages: {
        '/': dialog('<a href="/file">Download</a> <a href="/x">DOE, JANE</a> <button>Close</button>'),
      },
      report: look,
      download: patient,
    });
    expect(stepName).toBe('export');
    expect(trouble.type).toBe('PortalLayoutChanged');
    expect(trouble.message).toMatch(
      /^the click brought no file in \d+ s, but the dialog "Export Ready" with the link "Download", a link, the button "Close" appeared: does the file come from there\?$/,
    );
    expect(trouble.hint).toContain('make this click a step of report');
    expect(JSON.stringify(trouble.details)).not.toContain('DOE');
  });

  test('waits for a file that the portal still makes, whatever else appears', async () => {
    const pages = {
      '/': `${dialog('Please wait <a href="/x">Download</a> <button>Cancel</button>', 'Export')}
        <script>document.body.lastElementChild.previousElementSibling.addEventListener('click', () => setTimeout(() => location.href = '/file', 9000))</script>`,
      ...file,
    };
    const taken = await walker.take({ pages, report: look, download: patient });
    expect(await readFile(taken.path, 'utf8')).toBe(csvText);
  });

  test('says at its end what appeared', async () => {
    const { trouble } = await walker.failure({
      pages: { '/': dialog('<button>OK</button>') },
      report: look,
      download: patient.replace('20', '2'),
    });
    expect(trouble.type).toBe('ExportTimedOut');
    expect(trouble.message).toBe(
      'no whole file came within 2 s; since the click appeared the dialog "Export Ready" with the button "OK"',
    );
  });
});

describe('a free button', () => {
  const busyPage = (milliseconds: number) =>
    `<button onclick="location.href='/free'">Run</button><script>setInterval(() => {
      const end = Date.now() + ${milliseconds}; while (Date.now() < end); }, ${milliseconds + 50})</script>`;

  test('of a slow page is clicked', async () => {
    const pages = { '/': busyPage(1500), '/free': exportLink, ...file };
    const report = '- { name: run, patienceSeconds: 30, click: { button: Run } }';
    await walker.take({ pages, report });
  });
});
