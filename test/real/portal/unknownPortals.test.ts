import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { csvFile, csvText, startPagePortal } from './fixtures/pagePortal.ts';
import { failureOf, pageRecipe, startSession } from './fixtures/sessions.ts';
import { Stands } from './fixtures/stands.ts';
import { startWalker, type WalkedPages, type Walker } from './fixtures/walks.ts';

// Most of the time is spent waiting; three browsers at a time suit two cores.
const browsers = 3;
vi.setConfig({ maxConcurrency: browsers });

/** For what needs no session: a browser serves one habit after another. */
let walkers: Stands<Walker>;
beforeAll(async () => {
  walkers = new Stands(await Promise.all(Array.from({ length: browsers }, () => startWalker())));
});
afterAll(async () => {
  await Promise.all(walkers.all.map((walker) => walker[Symbol.asyncDispose]()));
});

/** Habits of portals that nobody here wrote, one page each. */
interface Habit extends WalkedPages {
  readonly title: string;
}

const exportLink = '<button onclick="location.href=\'/file\'">Export</button>';
const file = { '/file': csvFile('reportExport.csv') };
/** A later script of a page, as portals draw their parts one after another. */
const later = (script: string, milliseconds = 300) =>
  `<script>setTimeout(() => { ${script} }, ${milliseconds})</script>`;

const habits: Habit[] = [
  {
    title: 'a file of any name',
    pages: { '/': exportLink, '/file': csvFile('2026 Über-Export (final).txt') },
    report: '- { name: look, wait: { appears: { button: Export } } }',
  },
  {
    title: 'the report opens in a new tab',
    pages: { '/': '<a target="_blank" href="/report">Notes</a>', '/report': exportLink, ...file },
    report: '- { name: open the report, click: { link: Notes }, opens: page }',
  },
  {
    title: 'the report opens in a new tab, which the recipe did not expect',
    pages: {
      '/': `<a target="_blank" href="/report">Notes</a>`,
      '/report': `<label>Rows <input id="rows"></label>${exportLink}`,
      ...file,
    },
    report:
      '- { name: open the report, click: { link: Notes } }\n- { name: rows, fill: "5", into: { label: Rows } }',
  },
  {
    title: 'the file comes by a popup that closes itself',
    pages: { '/': '<button onclick="window.open(\'/file\')">Export</button>', ...file },
    report: '- { name: look, wait: { appears: { button: Export } } }',
  },
  {
    title: 'a field within a section, known by its heading',
    pages: {
      '/': `<div><div><h2>Search</h2></div><div><label>Start Date <input></label></div></div>
        <div><div><h2>Report filters</h2></div><div><label>Start Date <input id="right"></label></div></div>
        <button onclick="if (right.value === '10/01/2026') location.href='/file'">Export</button>`,
      ...file,
    },
    report:
      '- { name: start, fill: "${period.start|MM/DD/YYYY}", into: { label: Start Date, within: { section: Report filters } } }',
  },
  {
    title: 'a field within a fieldset',
    pages: {
      '/': `<fieldset><legend>Search</legend><label>From <input></label></fieldset>
        <fieldset><legend>Report</legend><label>From <input id="right"></label></fieldset>
        <button onclick="if (right.value) location.href='/file'">Export</button>`,
      ...file,
    },
    report: '- { name: start, fill: x, into: { label: From, within: { section: Report } } }',
  },
  {
    title: 'an export dialog with a row limit',
    pages: {
      '/': `<button onclick="d.showModal()">Export</button>
        <dialog id="d"><h2>Export options</h2><label>Maximum rows <input id="rows" value="100"></label>
        <button onclick="if (rows.value === '50000') location.href='/file'">Export</button></dialog>`,
      ...file,
    },
    report: `- { name: ask for the export, click: { button: Export } }
- { name: all rows, fill: "50000", into: { label: Maximum rows, within: { dialog: Export options } } }`,
    download: 'name: export\nclick: { button: Export, within: { dialog: Export options } }',
  },
  {
    title: 'a field without a label, after its text',
    pages: {
      '/': `<table><tr><td>From</td><td><input></td></tr><tr><td>To</td><td><input id="to"></td></tr></table>
        <button onclick="if (to.value) location.href='/file'">Export</button>`,
      ...file,
    },
    report: '- { name: end, fill: "${period.end|M/D/YYYY}", into: { role: textbox, near: To } }',
  },
  {
    title: 'fields found by placeholder and title',
    pages: {
      '/': `<input placeholder="mm/dd/yyyy" id="a"><input title="End of period" id="b">
        <button onclick="if (a.value && b.value) location.href='/file'">Export</button>`,
      ...file,
    },
    report: `- { name: start, fill: x, into: { placeholder: mm/dd/yyyy } }
- { name: end, fill: y, into: { title: End of period } }`,
  },
  {
    title: 'a field that listens to keys only',
    pages: {
      '/': `<label>Start <input id="s"></label><script>
        let keys = 0; s.addEventListener('keydown', () => keys += 1);
        s.addEventListener('blur', () => { if (/^\\d{8}$/.test(s.value)) s.value = s.value.replace(/(..)(..)(....)/, '$1/$2/$3'); });
        </script><button onclick="if (keys >= 8) location.href='/file'">Export</button>`,
      ...file,
    },
    report:
      '- { name: start, type: "${period.start|MMDDYYYY}", into: { label: Start }, expect: "${period.start|MM/DD/YYYY}" }',
  },
  {
    title: 'a focus that jumps while one types, once',
    pages: {
      '/': `<label>Start <input id="s"></label><label>Other <input id="o"></label><script>
        let jumped = false; s.addEventListener('input', () => { if (!jumped && s.value.length === 3) { jumped = true; o.focus(); } });
        </script><button onclick="if (s.value === '10012026') location.href='/file'">Export</button>`,
      ...file,
    },
    report: '- { name: start, type: "${period.start|MMDDYYYY}", into: { label: Start } }',
  },
  {
    title: 'everything by the keyboard',
    pages: {
      '/': `<input id="q" autofocus><script>q.focus(); q.addEventListener('keydown', (e) => { if (e.key === 'Enter') document.body.insertAdjacentHTML('beforeend', '${exportLink.replaceAll("'", "\\'").replaceAll('"', '&quot;').replaceAll('&quot;', '"')}'); });</script>`,
      ...file,
    },
    report: '- { name: run, press: Enter }',
  },
  {
    title: 'a text that has to go away',
    pages: {
      '/': `<p id="busy">Preparing your report</p>${later("busy.remove(); document.body.insertAdjacentHTML('beforeend', '<p>Ready</p>')")}
        <button onclick="if (!document.querySelector('#busy')) location.href='/file'">Export</button>`,
      ...file,
    },
    report: '- { name: wait, wait: { gone: { text: Preparing }, appears: { text: Ready } } }',
  },
  {
    title: 'a mask that swallows clicks',
    pages: {
      '/': `<div id="mask" style="position:fixed;inset:0;background:#0003"></div>${later('mask.remove()')}${exportLink}`,
      ...file,
    },
    report: '- { name: look, wait: { appears: { button: Export } } }',
  },
  {
    title: 'a report within a frame',
    pages: {
      '/': '<iframe title="Report viewer" src="/frame"></iframe>',
      '/frame': '<a href="/file">Export</a>',
      ...file,
    },
    report: '- { name: look, wait: { appears: { link: Export, frame: { title: Report viewer } } } }',
    download: 'name: export\nclick: { link: Export, frame: { title: Report viewer } }',
  },
  {
    title: 'a plain select, filled late',
    pages: {
      '/': `<label>Report <select id="r"></select></label>${later("r.innerHTML = '<option>Choose</option><option>Notes</option>'")}
        <button onclick="if (r.value === 'Notes') location.href='/file'">Export</button>`,
      ...file,
    },
    report: '- { name: choose, choose: "${report.title}", from: { label: Report } }',
  },
  {
    title: 'a list that opens by the keyboard only',
    pages: {
      '/': `<label>Report <input id="r" role="combobox"></label><div id="l"></div><script>
        r.addEventListener('keydown', (e) => { if (e.key === 'ArrowDown') l.innerHTML = '<div role="option" onclick="r.value=this.textContent; l.innerHTML=\\'\\'">Notes</div>'; });
        </script><button onclick="if (r.value === 'Notes') location.href='/file'">Export</button>`,
      ...file,
    },
    report: '- { name: choose, choose: "${report.title}", from: { label: Report } }',
  },
  {
    title: 'a list that closes as its choice is about to be taken, once',
    pages: {
      '/': `<label>Report <input id="r" role="combobox"></label><div id="l"></div><script>
        let closed = false;
        const open = () => { l.innerHTML = '<div role="option">Notes</div>'; };
        r.addEventListener('click', open);
        r.addEventListener('keydown', (e) => { if (e.key === 'ArrowDown') open(); });
        l.addEventListener('mousemove', () => { if (!closed) { closed = true; l.innerHTML = ''; } });
        l.addEventListener('click', (e) => { r.value = e.target.textContent; l.innerHTML = ''; });
        </script><button onclick="if (closed && r.value === 'Notes') location.href='/file'">Export</button>`,
      ...file,
    },
    report:
      '- { name: choose, choose: "${report.title}", from: { label: Report }, failsAs: PortalPermissionMissing, patienceSeconds: 15 }',
  },
  {
    title: 'hidden twins of the same fields',
    pages: {
      '/': `<div style="display:none"><label>Start <input></label>${exportLink.replace('/file', '/wrong')}</div>
        <div style="width:0;height:0;overflow:hidden;visibility:hidden"><label>Start <input></label></div>
        <label>Start <input id="right"></label><button onclick="if (right.value) location.href='/file'">Export</button>`,
      ...file,
    },
    report: '- { name: start, fill: x, into: { label: Start } }',
  },
  {
    title: 'a question of the browser itself',
    pages: { '/': `<button onclick="if (confirm('Sure?')) location.href='/file'">Export</button>`, ...file },
    report: '- { name: look, wait: { appears: { button: Export } } }',
    download: 'name: export\nclick: { button: Export }\ndialog: accept',
  },
  {
    title: 'a banner that may or may not be there',
    pages: { '/': exportLink, ...file },
    report: '- { name: banner, click: { button: Got it }, optional: true }',
  },
  {
    title: 'a dialog that comes late, over everything',
    pages: {
      '/': `${later('d.showModal()', 200)}<dialog id="d">What is new <button onclick="d.close()">Close</button></dialog>
        ${later('document.body.insertAdjacentHTML("beforeend", "<button onclick=location.href=\'/file\'>Export</button>")', 600)}`,
      ...file,
    },
    report: '- { name: look, wait: { appears: { button: Export } } }',
    more: 'interruptions:\n  - { name: news, when: { text: What is new }, click: { button: Close } }',
  },
  {
    title: 'a dialog that comes under the pointer, as the click is made',
    pages: {
      '/': `<dialog id="d">What is new <button onclick="d.close()">Close</button></dialog>
        <button id="e" onclick="if (d.dataset.shown) location.href='/file'">Export</button><script>
        e.addEventListener('mousemove', () => { if (!d.dataset.shown) { d.dataset.shown = 'yes'; d.showModal(); } });
        </script>`,
      ...file,
    },
    report: '- { name: look, wait: { appears: { button: Export } } }',
    more: 'interruptions:\n  - { name: news, when: { text: What is new }, click: { button: Close } }',
  },
  {
    title: 'a window that opens before the page with the result, and its number',
    pages: {
      '/': `<p>12 rows</p><dialog id="d">What is new <button onclick="d.close()">Close</button></dialog>${exportLink}
        <script>window.open('/survey', '_blank', 'width=300,height=200'); d.showModal();</script>`,
      '/survey': '<p>How do you like it?</p>',
      ...file,
    },
    report: '- { name: look, wait: { appears: { button: Export } } }',
    download: 'name: export\nclick: { button: Export }\nrecordCount: { text: "/([0-9]+) rows/" }',
    more: 'interruptions:\n  - { name: news, when: { text: What is new }, click: { button: Close } }',
  },
  {
    title: 'a button that changed its name, as the second candidate',
    pages: { '/': exportLink, ...file },
    report: '- { name: look, wait: { appears: { button: Export } } }',
    download: 'name: export\nclick: [{ button: Download }, { button: Export }]',
  },
  {
    title: 'check boxes that decide what is exported',
    pages: {
      '/': `<label><input type="checkbox" id="a"> All clients</label><label><input type="checkbox" id="b" checked> Summary only</label>
        <button onclick="if (a.checked && !b.checked) location.href='/file'">Export</button>`,
      ...file,
    },
    report:
      '- { name: all, check: { label: All clients } }\n- { name: rows, uncheck: { label: Summary only } }',
  },
  {
    title: 'a menu that opens under the pointer',
    pages: {
      '/': `<style>nav ul { display: none } nav:hover ul { display: block }</style>
        <nav><span>Reports</span><ul><li><a href="/report">Notes</a></li></ul></nav>`,
      '/report': exportLink,
      ...file,
    },
    report: '- { name: menu, hover: { text: Reports } }\n- { name: open, click: { link: Notes } }',
  },
  {
    title: 'a second file that nobody asked for, of another name',
    pages: {
      '/': `<button onclick="location.href='/readme'; setTimeout(() => location.href='/file', 300)">Export</button>`,
      '/readme': csvFile('readme.txt'),
      ...file,
    },
    report: '- { name: look, wait: { appears: { button: Export } } }',
    download: 'name: export\nclick: { button: Export }\nfileName: /\\.csv$/',
  },
  {
    title: 'a step for the other report only',
    pages: { '/': exportLink, ...file },
    report: '- { name: filter, reports: [utilization], click: { button: Nowhere } }',
  },
];

test.concurrent.each(habits)('$title', (habit) =>
  walkers.use(async (walker) => {
    const { path } = await walker.take(habit);
    expect(await readFile(path, 'utf8')).toBe(csvText);
  }),
);

interface Refusal extends Habit {
  readonly type: string;
  readonly says: string[];
}

const refusals: Refusal[] = [
  {
    title: 'two things of one name are not guessed between',
    pages: { '/': '<button>Export</button><button>Export</button>' },
    report: '- { name: look, wait: { appears: { button: Export } } }',
    type: 'PortalLayoutChanged',
    says: [
      'Step "export"',
      'looked for exactly one button "Export" (2 visible)',
      'The page offers 2 buttons',
    ],
  },
  {
    title: 'a renamed button is reported with what there is',
    pages: { '/': '<button>Download</button><a href="/x">Help</a>' },
    report: '- { name: look, wait: { appears: { link: Help } } }',
    type: 'PortalLayoutChanged',
    says: ['(0 visible)', '1 button, 1 link'],
  },
  {
    title: 'a thing that stays covered',
    pages: { '/': `<div style="position:fixed;inset:0"></div>${exportLink}` },
    report: '- { name: look, wait: { appears: { button: Export } } }',
    type: 'PortalLayoutChanged',
    says: ['is there but stays covered or disabled'],
  },
  // These hold the words of the driver that locate.ts recognises, one row for each state.
  ...[
    { state: 'disabled', button: '<button disabled>Export</button>' },
    {
      state: 'in motion',
      button:
        '<style>@keyframes m { to { margin-left: 300px } }</style><button style="animation: m 1s infinite alternate">Export</button>',
    },
    {
      state: 'outside of the viewport',
      button: '<button style="position: fixed; left: -500px">Export</button>',
    },
  ].map(({ state, button }) => ({
    title: `a thing that stays ${state}`,
    pages: { '/': button },
    report: '- { name: look, wait: { appears: { button: Export } } }',
    type: 'PortalLayoutChanged',
    says: ['is there but stays covered or disabled'],
  })),
  {
    title: 'a report that is not offered',
    pages: { '/': '<label>Report <select><option>Other</option></select></label>' },
    report:
      '- { name: choose, choose: "${report.title}", from: { label: Report }, failsAs: PortalPermissionMissing }',
    type: 'PortalPermissionMissing',
    says: ['looked for the option "Notes" among 1 visible ones'],
  },
  {
    title: 'a list that does not come is not a missing report',
    pages: { '/': '<p>Loading…</p>' },
    report:
      '- { name: choose, choose: "${report.title}", from: { label: Report }, failsAs: PortalPermissionMissing }',
    type: 'PortalLayoutChanged',
    says: ['looked for exactly one field "Report" (0 visible)'],
  },
  {
    title: 'a list that stays empty is not a missing report',
    pages: { '/': '<label>Report <select></select></label>' },
    report:
      '- { name: choose, choose: "${report.title}", from: { label: Report }, failsAs: PortalPermissionMissing }',
    type: 'PortalLayoutChanged',
    says: ['looked for the option "Notes" among 0 visible ones'],
  },
  {
    title: 'a choice that cannot be reached is not a missing one',
    pages: {
      '/': `<label>Report <input id="r" role="combobox"></label><div id="l"></div><script>
        r.addEventListener('click', () => {
          l.innerHTML = '<div role="option">Notes</div><div style="position:fixed;inset:0"></div>';
        });
        </script>`,
    },
    report:
      '- { name: choose, choose: "${report.title}", from: { label: Report }, failsAs: PortalPermissionMissing }',
    type: 'PortalLayoutChanged',
    says: ['the option "Notes" is there but could not be picked'],
  },
  {
    title: 'a note that rows are left out, beside all that is needed',
    pages: { '/': `<p>12 rows</p><p>Only the first 12 rows are shown</p>${exportLink}`, ...file },
    report: '- { name: look, wait: { appears: { button: Export } } }',
    download: 'name: export\nclick: { button: Export }\nrecordCount: { text: "/([0-9]+) rows/" }',
    more: 'failures:\n  - { when: { text: Only the first }, type: ExportTruncated }',
    type: 'ExportTruncated',
    says: ['The portal says that the export is not complete'],
  },
  {
    title: 'a note beside signs that lie elsewhere or that no browser can search for',
    pages: { '/': `<p>Only the first 12 rows are shown</p>${exportLink}`, ...file },
    report: '- { name: look, wait: { appears: { button: Export } } }',
    more: `failures:
  - { when: { css: "p[" }, type: PortalUnavailable }
  - { when: { text: Only the first, frame: { title: Result } }, type: ExportTimedOut }
  - { when: { text: Only the first }, type: ExportTruncated }`,
    type: 'ExportTruncated',
    says: ['The portal says that the export is not complete'],
  },
  {
    title: 'a note in a frame, beside signs that the page around it does not show',
    pages: {
      '/': `${exportLink}<iframe title="Result" srcdoc="<p>Only the first 12 rows are shown</p>"></iframe>`,
      ...file,
    },
    report: '- { name: look, wait: { appears: { text: Only the first, frame: { title: Result } } } }',
    more: `failures:
  - { when: { text: Only the first }, type: PortalUnavailable }
  - { when: { text: Only the first, frame: { title: Result } }, type: ExportTruncated }`,
    type: 'ExportTruncated',
    says: ['The portal says that the export is not complete'],
  },
  {
    title: 'a note that rows were left out, as the file comes',
    pages: {
      '/': `<button onclick="document.body.append('Only the first 12 rows were exported'); location.href='/file'">Export</button>`,
      ...file,
    },
    report: '- { name: look, wait: { appears: { button: Export } } }',
    more: 'failures:\n  - { when: { text: Only the first }, type: ExportTruncated }',
    type: 'ExportTruncated',
    says: ['Step "export"', 'The portal says that the export is not complete'],
  },
  {
    title: 'a field that keeps nothing',
    pages: { '/': '<label>Start <input oninput="this.value=\'\'"></label>' },
    report: '- { name: start, type: "10012026", into: { label: Start } }',
    type: 'PortalLayoutChanged',
    says: ['field "Start" did not keep what was entered (3 attempts)'],
  },
  {
    title: 'a field that shows another date',
    pages: { '/': '<label>Start <input value="10/02/2026"></label>' },
    report: '- { name: check, verify: "${period.start|MM/DD/YYYY}", in: { label: Start } }',
    type: 'PortalLayoutChanged',
    says: ['field "Start" does not show "10/01/2026"'],
  },
  {
    title: 'a mask that never goes',
    pages: { '/': '<p>Loading...</p>' },
    report: '- { name: wait, patienceSeconds: 1, wait: { gone: { text: Loading } } }',
    type: 'ExportTimedOut',
    says: ['the portal still shows text "Loading"'],
  },
  {
    title: 'an export without a file',
    pages: { '/': '<button>Export</button>' },
    report: '- { name: look, wait: { appears: { button: Export } } }',
    download: 'name: export\npatienceSeconds: 1\nclick: { button: Export }',
    type: 'ExportTimedOut',
    says: ['no whole file came within 1 s'],
  },
  {
    title: 'an empty file',
    pages: {
      '/': exportLink,
      '/file': (_, response) => {
        response.setHeader('content-disposition', 'attachment; filename="a.csv"').end();
      },
    },
    report: '- { name: look, wait: { appears: { button: Export } } }',
    type: 'ExportTruncated',
    says: ['the file is empty'],
  },
  {
    title: 'a file whose connection breaks',
    pages: {
      '/': exportLink,
      '/file': (_, response) => {
        response.writeHead(200, {
          'content-disposition': 'attachment; filename="a.csv"',
          'content-length': '5000',
        });
        response.write('Client,Units\r\n');
        setTimeout(() => response.destroy(), 200);
      },
    },
    report: '- { name: look, wait: { appears: { button: Export } } }',
    type: 'ExportTruncated',
    says: ['the download broke off'],
  },
  {
    title: 'a page that is an error page',
    pages: {
      '/': '<a href="/500">Reports</a>',
      '/500': (_, response) => void response.writeHead(503).end('Sorry, JANE DOE'),
    },
    report: '- { name: reports, click: { link: Reports } }',
    type: 'PortalUnavailable',
    says: ['The portal answered with an error (HTTP_503)'],
  },
  {
    title: 'an alert that the recipe knows',
    pages: { '/': '<button onclick="alert(\'More than 1000 rows\')">Export</button>' },
    report: '- { name: look, wait: { appears: { button: Export } } }',
    more: 'failures:\n  - { when: { dialogSays: more than 1000 rows }, type: ExportTruncated, hint: Ask for fewer rows. }',
    type: 'ExportTruncated',
    says: ['The portal says that the export is not complete.'],
  },
  {
    title: 'a page without an answer to the browser',
    pages: { '/': '<button onclick="for (;;) {}">Run</button>' },
    report: '- { name: run, patienceSeconds: 1, click: { button: Run } }',
    type: 'PortalUnavailable',
    says: ['the page did not take the click on button "Run"'],
  },
];

test.concurrent.each(refusals)('refused: $title', async ({ pages, type, says, ...parts }) => {
  await using portal = await startPagePortal(pages);
  await using at = await startSession(portal.url, pageRecipe(parts));
  const failure = await failureOf(at.session.exportReport(at.request()));
  expect(failure.type).toBe(type);
  for (const part of says) expect(failure.message).toContain(part);
  expect(JSON.stringify([failure.message, failure.details])).not.toContain('JANE');
  const evidence = await at.evidence(String(failure.details['evidence']));
  expect(Object.keys(evidence)).toContain('step.json');
  expect(at.session.isOpen).toBe(false);
});

test('a portal that cannot be reached is unavailable', async () => {
  await using at = await startSession(
    'http://127.0.0.1:9',
    pageRecipe({ report: '- { name: x, press: Enter }' }),
  );
  const failure = await failureOf(at.session.exportReport(at.request()));
  expect(failure).toMatchObject({ type: 'PortalUnavailable', details: { step: 'open' } });
  expect(failure.message).toMatch(/\(ERR_[A-Z_]+\)/);
});
