import { ask, button, element, freshId, messageBox } from './ext.js';
import { fileOf } from './jobs.js';

const viewport = document.querySelector('.x-viewport');
const center = element('div', { id: freshId('container'), class: 'x-center', role: 'main' });
const menu = element('div', { class: 'x-header-right', role: 'menubar' });

viewport.append(
  element(
    'div',
    { class: 'x-header', role: 'banner' },
    element('div', { class: 'brand' }, 'Harborlight ', element('span', {}, 'Cloud')),
    menu,
  ),
  center,
);

await ask('/api/navigation');
menu.append(
  item('Home', () => showNothing('Home')),
  item('New request', () => void showRequest()),
  item('Inbox', () => void showInbox()),
  element('a', { href: '/logout', role: 'menuitem' }, 'Sign off'),
);

function item(text, open) {
  return element('span', { id: freshId('menuitem'), role: 'menuitem', tabindex: '0', onclick: open }, text);
}

function showNothing(title) {
  center.replaceChildren(element('h2', {}, title), element('p', {}, 'Nothing new.'));
}

async function showRequest() {
  const { reports, exportAllowed } = await ask('/api/reports');
  const report = labelled(
    'Report type',
    element('select', {}, ...reports.map(({ id, name }) => element('option', { value: id }, name))),
  );
  const from = labelled('From', element('input', { type: 'date' }));
  const to = labelled('Through', element('input', { type: 'date' }));
  const send = async () => {
    const question = { report: report.field.value, from: from.field.value, to: to.field.value };
    if (question.from === '' || question.to < question.from) {
      messageBox('Request', 'Enter both days.');
      return;
    }
    const { found, problem } = await ask('/api/report', question);
    if (problem !== undefined) {
      messageBox('Request', problem);
      return;
    }
    const { id } = await ask('/api/exports', question);
    const name = reports.find((each) => each.id === question.report).name;
    keep({ id, found, title: `${name} ${question.from} to ${question.to}` });
    center.replaceChildren(
      element('h2', {}, 'Thank you'),
      element('p', {}, 'Your request was received. The file will be in your inbox.'),
    );
  };
  center.replaceChildren(
    element('h2', {}, 'New request'),
    ...[report, from, to].map(({ node }) => node),
    ...(exportAllowed ? [button('Send request', () => void send())] : []),
  );
}

function labelled(text, field) {
  field.id = freshId('field');
  return { field, node: element('p', {}, element('label', { for: field.id }, text), ' ', field) };
}

/** Shows what is ready when it is opened or refreshed; nothing changes by itself. */
async function showInbox() {
  center.replaceChildren(element('h2', {}, 'Inbox'), element('p', {}, 'Opening...'));
  const entries = await Promise.all(kept().map((request) => entry(request)));
  center.replaceChildren(
    element('h2', {}, 'Inbox'),
    button('Refresh', () => void showInbox()),
    element('ul', { 'aria-label': 'Files' }, ...entries),
  );
}

async function entry({ id, found, title }) {
  const { percent, problem } = await ask(`/api/exports/${id}`);
  const state = problem ?? (percent >= 100 ? `${found} rows` : 'in preparation');
  const file = percent >= 100 ? [' ', element('a', { href: fileOf(id), onclick: forget }, 'Download')] : [];
  return element('li', {}, `${title}: ${state}`, ...file);
}

/** The newest request of this browser, until its file is taken. */
function kept() {
  return JSON.parse(window.sessionStorage.getItem('requests') ?? '[]');
}

function forget() {
  window.sessionStorage.removeItem('requests');
}

function keep(request) {
  window.sessionStorage.setItem('requests', JSON.stringify([request]));
}
