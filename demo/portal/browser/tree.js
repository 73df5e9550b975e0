import { ask, button, element, freshId, messageBox, modalWindow } from './ext.js';
import { exportFinished, fetchFile, fileOf } from './jobs.js';

const months = Array.from({ length: 12 }, (_, month) =>
  new Intl.DateTimeFormat('en-US', { month: 'long', timeZone: 'UTC' }).format(Date.UTC(2026, month, 1)),
);

const viewport = document.querySelector('.x-viewport');
const center = element('div', { id: freshId('container'), class: 'x-center', role: 'main' });
const tree = element('div', {
  id: freshId('treepanel'),
  class: 'x-navigation',
  role: 'tree',
  'aria-label': 'Menu',
});

viewport.append(
  element(
    'div',
    { class: 'x-header', role: 'banner' },
    element('div', { class: 'brand' }, 'Harborlight ', element('span', {}, 'Classic')),
    element('div', { class: 'x-header-right' }, element('a', { href: '/logout' }, 'Leave')),
  ),
  element('div', { class: 'x-columns' }, tree, center),
);

await ask('/api/navigation');
tree.append(
  folder('Residents', [leaf('Roster', () => showNothing('Roster'))]),
  folder('Finance', [
    leaf('Claims', () => showNothing('Claims')),
    leaf('Report center', () => void showReports()),
  ]),
);

function leaf(text, open) {
  return element(
    'div',
    { id: freshId('treeitem'), class: 'x-tree-node', role: 'treeitem', tabindex: '-1', onclick: open },
    text,
  );
}

/** Its entries come after it in the document and are hidden until it is opened. */
function folder(text, leaves) {
  const group = element('div', { role: 'group', hidden: '' }, ...leaves);
  const toggle = () => {
    group.hidden = !group.hidden;
    head.setAttribute('aria-expanded', String(!group.hidden));
  };
  const head = element(
    'div',
    {
      id: freshId('treeitem'),
      class: 'x-tree-node',
      role: 'treeitem',
      tabindex: '0',
      'aria-expanded': 'false',
      onclick: toggle,
    },
    text,
  );
  const both = document.createDocumentFragment();
  both.append(head, group);
  return both;
}

function showNothing(title) {
  center.replaceChildren(element('h2', {}, title), element('p', {}, 'Nothing here.'));
}

async function showReports() {
  center.replaceChildren(element('p', {}, 'One moment...'));
  const { reports, exportAllowed } = await ask('/api/reports');
  const row = (report) => {
    const open = () => showReport(report, exportAllowed);
    return element(
      'tr',
      { role: 'row' },
      element('td', { role: 'gridcell', class: 'x-grid-cell', onclick: open }, report.name),
    );
  };
  center.replaceChildren(
    element('h2', {}, 'Report center'),
    element('table', { role: 'grid', 'aria-label': 'Reports' }, ...reports.map((report) => row(report))),
  );
}

function showReport(report, exportAllowed) {
  const first = dayChooser('First day');
  const last = dayChooser('Last day');
  const result = element('div', { class: 'x-report-result' });
  const show = async () => {
    const question = { report: report.id, from: first.value(), to: last.value() };
    if (question.from === undefined || question.to === undefined || question.to < question.from) {
      messageBox('Report center', 'Choose a first and a last day.');
      return;
    }
    result.replaceChildren(element('p', {}, 'Counting...'));
    const { found, problem } = await ask('/api/report', question);
    if (problem !== undefined) {
      result.replaceChildren();
      messageBox('Report center', problem);
      return;
    }
    result.replaceChildren(
      element('p', {}, `${found} entries from ${usual(question.from)} to ${usual(question.to)}`),
      ...(exportAllowed ? [button('Download CSV', () => void download(question, result))] : []),
    );
  };
  center.replaceChildren(
    element('h2', {}, report.name),
    element(
      'div',
      { class: 'x-form-row' },
      first.node,
      last.node,
      button('Show', () => void show()),
    ),
    result,
  );
}

async function download(question, result) {
  const state = element('p', { role: 'status' }, 'Preparing the file');
  result.append(state);
  const { id } = await ask('/api/exports', question);
  const problem = await exportFinished(id, ({ percent }) => {
    state.textContent = `Preparing the file: ${percent} of 100`;
  });
  state.remove();
  if (problem === undefined) fetchFile(fileOf(id));
  else messageBox('Report center', problem);
}

const usual = (day) => `${Number(day.slice(5, 7))}/${Number(day.slice(8))}/${day.slice(0, 4)}`;

/** A button that opens a calendar; nothing can be typed. */
function dayChooser(label) {
  let chosen;
  const text = element('span', {}, 'not chosen');
  const open = () => {
    calendar(label, (day) => {
      chosen = day;
      text.textContent = usual(day);
    });
  };
  return {
    node: element('div', { class: 'x-form-item' }, button(label, open), text),
    value: () => chosen,
  };
}

/** Opens with the current month. */
function calendar(label, choose) {
  const today = new Date();
  let [year, month] = [today.getUTCFullYear(), today.getUTCMonth()];
  const heading = element('h3', {});
  const days = element('div', { role: 'grid', 'aria-label': label, class: 'x-form-row' });
  const step = (by) => {
    const at = new Date(Date.UTC(year, month + by, 1));
    [year, month] = [at.getUTCFullYear(), at.getUTCMonth()];
    show();
  };
  const pick = (day) => {
    choose(`${year}-${String(month + 1).padStart(2, '0')}-${String(day).padStart(2, '0')}`);
    opened.close();
  };
  const show = () => {
    heading.textContent = `${months[month]} ${year}`;
    const count = new Date(Date.UTC(year, month + 1, 0)).getUTCDate();
    const cells = Array.from({ length: count }, (_, index) =>
      element(
        'span',
        { role: 'gridcell', class: 'x-grid-cell', onclick: () => pick(index + 1) },
        String(index + 1),
      ),
    );
    days.replaceChildren(...cells);
  };
  show();
  const opened = modalWindow({
    title: label,
    content: [heading, button('Previous month', () => step(-1)), button('Next month', () => step(1)), days],
  });
}
