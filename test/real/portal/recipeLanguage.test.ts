import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { csvFile, csvText, type PortalPage } from './fixtures/pagePortal.ts';
import { startWalker, type WalkedPages, type Walker } from './fixtures/walks.ts';

let walker: Walker;
beforeAll(async () => {
  walker = await startWalker();
});
afterAll(async () => walker[Symbol.asyncDispose]());

const look = '- { name: look, wait: { appears: { button: Export } } }';
const exportLink = '<button onclick="location.href=\'/file\'">Export</button>';
const file = { '/file': csvFile('reportExport.csv') };

async function fileOf(walked: WalkedPages): Promise<string> {
  return readFile((await walker.take(walked)).path, 'utf8');
}

const dialog = (inner: string, title = 'Export Ready') =>
  `<div id="d" role="dialog" aria-label="${title}" hidden>${inner}</div><button onclick="d.hidden = false">Export</button>`;
const busyPage = (milliseconds: number) =>
  `<button onclick="location.href='/free'">Run</button><script>setInterval(() => {
    const end = Date.now() + ${milliseconds}; while (Date.now() < end); }, ${milliseconds + 50})</script>`;
const page = (rows: string, marks: string) =>
  `<p>${rows} rows found</p>${marks}<label><input id="rows" type="checkbox"> All rows</label>
   <button onclick="location.href = rows.checked ? '/file' : '/some'">Export</button>`;
const step = (condition: string) => `- { name: all rows, check: { label: All rows }, ${condition} }`;

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
    expect(await fileOf({ pages, report: look, download: patient })).toBe(csvText);
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
  test('of a slow page is clicked', async () => {
    const pages = { '/': busyPage(1500), '/free': exportLink, ...file };
    const report = '- { name: run, patienceSeconds: 30, click: { button: Run } }';
    expect(await fileOf({ pages, report })).toBe(csvText);
  });
});

const entry = (text: string) =>
  `<tr><td>${text}</td><td><button onclick="this.closest('tr').remove()">Delete</button> <a href="/file">Download</a></td></tr>`;

describe('a step that is repeated', () => {
  let asked = 0;
  /** Ready when it is asked for the third time. */
  const inbox: PortalPage = (_, response) => {
    asked += 1;
    const message = asked < 3 ? 'Your report is being prepared' : '<a href="/file">Notes, 10/01/2026</a>';
    response.setHeader('content-type', 'text/html').end(`${message}<br><a href="/inbox">Refresh</a>`);
  };
  const download = 'name: export\nclick: { link: "${report.title}, ${period.start|MM/DD/YYYY}" }';
  const until = 'until: { link: "${report.title}, ${period.start|MM/DD/YYYY}" }, every: 0.3';

  test.each([
    { action: 'click: { link: Refresh }' },
    { action: 'reload: page' },
    { action: 'goto: "${portal.url}/inbox"' },
  ])('$action until the report is ready', async ({ action }) => {
    asked = 0;
    const report = `- { name: open, goto: "\${portal.url}/inbox" }\n- { name: refresh, ${action}, repeat: { ${until} } }`;
    expect(await fileOf({ pages: { '/': '', '/inbox': inbox, ...file }, report, download })).toBe(csvText);
    expect(asked).toBe(3);
  });

  // The second click opens the drawer; a further one would close it.
  const drawer = `<button onclick="n += 1; d.hidden = n !== 2">Options</button><script>let n = 0</script>
    <div id="d" role="dialog" aria-label="Drawer" hidden>${exportLink}</div>`;
  const open =
    '- { name: open, click: { button: Options }, repeat: { until: { role: dialog }, every: 0.3 } }';

  test('ends as soon as the drawer shows, and does nothing if it does already', async () => {
    const pages = { '/': drawer, ...file };
    const again = open.replace('name: open', 'name: open it again');
    expect(await fileOf({ pages, report: `${open}\n${again}` })).toBe(csvText);
  });

  test('until something is gone', async () => {
    const pages = {
      '/': `<ul><li>Old</li><li>Old</li></ul><button onclick="document.querySelector('li')?.remove()">Delete</button>${exportLink}`,
      ...file,
    };
    const report =
      '- { name: tidy up, click: { button: Delete }, repeat: { until: { gone: { text: Old } }, every: 0.2 } }';
    expect(await fileOf({ pages, report })).toBe(csvText);
  });

  test('in an inbox, first until it is empty, then until the export is there', async () => {
    const made = JSON.stringify(entry('Notes, 10/01/2026'));
    const pages = {
      '/': `<table><tbody id="t">${entry('Notes, 09/16/2026')}${entry('Utilization')}${entry('Notes, 10/01/2026')}</tbody></table>
        <button onclick="setTimeout(() => t.insertAdjacentHTML('beforeend', ${made.replaceAll('"', '&quot;')}), 700)">Ask</button>`,
      ...file,
    };
    const row = 'role: row, contains: "${report.title}, "';
    const report = `- name: delete earlier exports
  click: { button: Delete, which: first, within: { ${row} } }
  repeat: { until: { gone: { link: Download, within: { ${row} } } }, every: 0.2 }
- { name: ask for it, click: { button: Ask } }
- { name: see it, wait: { appears: { link: Download, within: { ${row} } } } }`;
    const take = `name: take it\nclick: { link: Download, within: { role: row, contains: "\${report.title}, \${period.start|MM/DD/YYYY}" } }`;
    expect(await fileOf({ pages, report, download: take })).toBe(csvText);
  });

  test('ends with a failure that says how often it was done', async () => {
    const { stepName, trouble } = await walker.failure({
      pages: { '/': '<button>Refresh</button>' },
      report:
        '- { name: wait for it, click: { button: Refresh }, repeat: { until: { link: Notes }, every: 0.1, atMost: 3 } }',
    });
    expect(stepName).toBe('wait for it');
    expect(trouble.message).toBe('did this 3 times, and link "Notes" is not there');
    expect(trouble.hint).toContain('raise atMost or every');
  });
});

describe('a condition on a number', () => {
  const rows = 'numberIn: { text: "/([0-9,]+) rows/" }';

  test.each([
    { title: 'a number large enough', condition: `if: { ${rows}, atLeast: 1000 }`, runs: true },
    { title: 'a number too small', condition: `if: { ${rows}, atLeast: 1001 }`, runs: false },
    { title: 'a number within limits', condition: `if: { ${rows}, atLeast: 1, atMost: 1000 }`, runs: true },
    { title: 'unless a number is small', condition: `unless: { ${rows}, atMost: 999 }`, runs: true },
    {
      title: 'a number that is not shown',
      condition: 'if: { numberIn: { text: pages }, atMost: 9 }',
      runs: false,
    },
    { title: 'two of a kind', condition: 'if: { countOf: { role: img }, atLeast: 2 }', runs: true },
    { title: 'not three of a kind', condition: 'if: { countOf: { role: img }, atLeast: 3 }', runs: false },
    { title: 'none of a kind', condition: 'if: { countOf: { role: tab }, atMost: 0 }', runs: true },
  ])('$title: $runs', async ({ condition, runs }) => {
    const mark = '<span role="img" aria-label="mark">*</span>';
    const pages = { '/': page('1,000', mark + mark), '/some': csvFile('some.csv'), ...file };
    const { suggestedName } = await walker.take({ pages, report: step(condition) });
    expect(suggestedName).toBe(runs ? 'reportExport.csv' : 'some.csv');
  });
});

/** Draws the parts of a page in shadow roots, as web components do. */
const component = (name: string, inner: string) =>
  `<${name}></${name}><script>customElements.define('${name}', class extends HTMLElement {
    connectedCallback() { this.attachShadow({ mode: 'open' }).innerHTML = ${JSON.stringify(inner)}; } });</script>`;
const whenIn = (condition: string) =>
  `<button onclick="if (${condition}) location.href='/file'">Export</button>`;

describe('things are found', () => {
  const cases: (WalkedPages & { readonly title: string })[] = [
    {
      title: 'in a frame within a frame',
      pages: {
        '/': '<iframe title="Portal" src="/outer"></iframe>',
        '/outer': '<p>Menu</p><iframe name="viewer" src="/inner"></iframe>',
        '/inner': `<label>Report <select id="r"><option>Choose</option><option>Notes</option></select></label>
          <button onclick="if (r.value === 'Notes') location.href='/file'">Export</button>`,
        ...file,
      },
      report:
        '- { name: choose, choose: Notes, from: { label: Report, frame: [{ title: Portal }, { name: viewer }] } }',
      download: 'name: export\nclick: { button: Export, frame: [{ title: Portal }, { css: iframe }] }',
    },
    {
      title: 'in shadow roots, by label and within a section',
      pages: {
        '/': `${component('x-filters', '<section><h2>Filters</h2><label>From <input></label></section>')}
          ${component('x-more', `<label>From <input></label>`)}
          ${whenIn("document.querySelector('x-filters').shadowRoot.querySelector('input').value === '10/01/2026'")}`,
        ...file,
      },
      report:
        '- { name: start, fill: "${period.start|MM/DD/YYYY}", into: { label: From, within: { section: Filters } } }',
    },
    {
      title: 'in shadow roots, after a text outside of them',
      pages: {
        '/': `<span>From</span>${component('x-from', '<input>')}<span>To</span>${component('x-to', '<input>')}<input>
          ${whenIn("document.querySelector('x-from').shadowRoot.querySelector('input').value === '10/01/2026' && document.querySelector('x-to').shadowRoot.querySelector('input').value === '10/15/2026'")}`,
        ...file,
      },
      report: `- { name: start, fill: "\${period.start|MM/DD/YYYY}", into: { role: textbox, near: From } }
- { name: end, fill: "\${period.end|MM/DD/YYYY}", into: { role: textbox, near: To } }`,
    },
    {
      title: 'as a grid cell',
      pages: {
        '/': `<div role="grid"><div role="row"><div role="gridcell">14</div><div role="gridcell" onclick="d = true">15</div></div></div>
          <script>let d = false</script>${whenIn('d')}`,
        ...file,
      },
      report: '- { name: pick, click: { cell: "${period.end|D}" } }',
    },
    {
      title: 'as an open entry of a tree, and one below it',
      pages: {
        '/': `<ul role="tree"><li role="treeitem" aria-expanded="true"><span onclick="a = true">Reports</span>
            <ul role="group"><li role="treeitem">Other</li><li role="treeitem">More</li><li role="treeitem" onclick="b = true">Notes</li></ul></li></ul>
          <script>let a = false, b = false</script>${whenIn('a && b')}`,
        ...file,
      },
      report: `- { name: open, click: { treeItem: Reports } }
- { name: pick, click: { treeItem: "\${report.title}" } }`,
    },
    {
      title: 'as an entry of a menu',
      pages: {
        '/': `<div role="menu"><div role="menuitem">PDF</div><div role="menuitemradio" aria-checked="false" onclick="c = true">CSV</div></div>
          <script>let c = false</script>${whenIn('c')}`,
        ...file,
      },
      report: '- { name: as CSV, click: { menuItem: CSV } }',
    },
    {
      title: 'in the list entry that contains a text',
      pages: {
        '/': `<ul><li><b>Notes</b> 09/16/2026 <a href="/wrong">Download</a></li><li><b>Notes</b> 10/01/2026 <a href="/file">Download</a></li></ul>`,
        ...file,
      },
      report: '- { name: look, wait: { appears: { text: "${period.start|MM/DD/YYYY}" } } }',
      download:
        'name: export\nclick: { link: Download, within: { role: listitem, contains: "${report.title} ${period.start|MM/DD/YYYY}" } }',
    },
    {
      title: 'as date and month fields of the browser, whatever form of a date they show',
      pages: {
        '/': `<label>From <input type="date" id="a"></label><label>To <input type="date" id="b"></label>
          <label>Month <input type="month" id="m"></label>
          ${whenIn("a.value === '2026-10-01' && b.value === '2026-10-15' && m.value === '2026-10'")}`,
        ...file,
      },
      report: `- { name: start, type: "\${period.start|MMDDYYYY}", into: { label: From }, expect: "\${period.start|MM/DD/YYYY}" }
- { name: end, fill: "\${period.end|M/D/YYYY}", into: { label: To } }
- { name: month, fill: "\${period.end|MMMM YYYY}", into: { label: Month } }
- { name: check, verify: "\${period.end|MM/DD/YYYY}", in: { label: To } }`,
    },
  ];

  test.each(cases)('$title', async (walked) => {
    expect(await fileOf(walked)).toBe(csvText);
  });
});

/** A calendar as date pickers draw it: six weeks, with days of the months before and after, no typing. */
const calendar = (field: string, begins: string, dayTag: string) => `
  <label>${field} <input readonly id="${field}"></label><button onclick="open${field}()">Choose ${field}</button>
  <div id="cal${field}" role="dialog" aria-label="Choose ${field}" hidden></div><script>
  { const box = document.getElementById('cal${field}'); let shown = new Date('${begins}T12:00');
    const names = (d) => d.toLocaleString('en-US', { month: 'long', year: 'numeric' });
    const draw = () => { box.replaceChildren();
      const turn = (label, by) => { const b = document.createElement('button'); b.textContent = label;
        b.onclick = () => setTimeout(() => { shown = new Date(shown.getFullYear(), shown.getMonth() + by, 1, 12); draw(); }, 60); box.append(b); };
      turn('Previous month', -1); const h = document.createElement('b'); h.textContent = names(shown); box.append(h); turn('Next month', 1);
      const first = new Date(shown.getFullYear(), shown.getMonth(), 1, 12); const start = new Date(first); start.setDate(1 - first.getDay());
      for (let i = 0; i < 42; i += 1) { const d = new Date(start); d.setDate(start.getDate() + i);
        const cell = document.createElement('div'); cell.innerHTML = ${JSON.stringify(dayTag)};
        const at = cell.firstElementChild; at.textContent = d.getDate(); if (at.dataset.full) at.ariaLabel = 'Choose ' + d.toLocaleString('en-US', { dateStyle: 'full' });
        at.onclick = () => { document.getElementById('${field}').value = d.toLocaleDateString('en-US'); box.hidden = true; };
        box.append(cell); } };
    window.open${field} = () => { draw(); box.hidden = false; }; }
  </script>`;

const pick = (field: string, date: string) => `- { name: open ${field}, click: { button: Choose ${field} } }
- { name: pick ${field}, pickDate: period.${date}, calendar: { role: dialog, name: Choose ${field} }, previous: { button: Previous month }, next: { button: Next month } }
- { name: check ${field}, verify: "\${period.${date}|M/D/YYYY}", in: { label: ${field} } }`;

const calendarPage = (name: string) =>
  `<p>${name} 2026</p><button onclick="document.querySelector('input').value = '${name} 1'">1</button>`;

describe('a calendar without typing', () => {
  const report = `${pick('From', 'start')}\n${pick('To', 'end')}`;

  test.each([
    { title: 'days by their number', tag: '<span role="gridcell">' },
    { title: 'days by their whole date', tag: '<button data-full="yes">' },
    { title: 'days without a role', tag: '<i>' },
  ])('turns to the month and picks $title', async ({ tag }) => {
    // October 2026 begins on a Thursday: 27 to 30 and 1 to 7 are also days of its neighbours.
    const pages = {
      '/': `${calendar('From', '2026-12-05', tag)}${calendar('To', '2026-07-31', tag)}${exportLink}`,
      ...file,
    };
    expect(await fileOf({ pages, report })).toBe(csvText);
  });

  test('fails where it does not show the month', async () => {
    const { trouble } = await walker.failure({
      pages: {
        '/': '<button>Choose From</button><div role="dialog" aria-label="Choose From">Pick one <button>Previous month</button></div>',
      },
      report,
    });
    expect(trouble.type).toBe('PortalLayoutChanged');
    expect(trouble.message).toContain('dialog "Choose From" did not turn to "October 2026"');
  });

  test('picks no day where it shows two months, each of which has it', async () => {
    const { trouble } = await walker.failure({
      pages: {
        '/': `<label>From <input></label><button>Choose From</button><div role="dialog" aria-label="Choose From">${calendarPage('September')}${calendarPage('October')}</div>`,
      },
      report,
    });
    expect(trouble.type).toBe('PortalLayoutChanged');
    expect(trouble.message).toContain('dialog "Choose From" shows 2 months at once');
    expect(trouble.hint).toContain('calendar');
  });
});

describe('a file that the portal shows', () => {
  const text = 'Client,Units\r\n"DOE, JANE",1\r\n"é",2\r\n';
  const shown: PortalPage = (_, response) =>
    response.writeHead(200, { 'content-type': 'text/plain; charset=utf-8' }).end(text);
  const download = 'name: export\nclick: { button: Export }\nshowsFile: true';

  test.each([
    { title: 'in a new window', page: `<button onclick="window.open('/shown')">Export</button>` },
    { title: 'in the same window', page: `<button onclick="location.href='/shown'">Export</button>` },
    {
      title: 'in a frame',
      page: `<iframe></iframe><button onclick="document.querySelector('iframe').src='/shown'">Export</button>`,
    },
    {
      title: 'behind a page that leads to it',
      page: `<button onclick="window.open('/wait')">Export</button>`,
    },
  ])('$title is saved as it comes', async ({ page: start }) => {
    const pages = {
      '/': start,
      '/wait': `<p>Please wait</p><script>setTimeout(() => location.href = '/shown', 300)</script>`,
      '/shown': shown,
    };
    expect(await fileOf({ pages, report: look, download })).toBe(text);
  });
});
