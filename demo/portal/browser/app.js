import { ask, button, dateField, element, freshId, modalWindow, tabPanel } from './ext.js';
import { plays } from './faults.js';
import { fillReports } from './reports.js';

/** Later than the app is there, sooner than a report can be run. */
const idleWarningMilliseconds = 400;

const viewport = document.querySelector('.x-viewport');
const center = element('div', { id: freshId('container'), class: 'x-center', role: 'main' });
const navigation = element('div', { id: freshId('treepanel'), class: 'x-navigation', role: 'navigation' });
const userName = element('span', { class: 'x-user' });

viewport.append(
  element(
    'div',
    { id: freshId('toolbar'), class: 'x-header', role: 'banner' },
    element('div', { class: 'brand' }, 'Harborlight ', element('span', {}, 'EHR')),
    element(
      'div',
      { class: 'x-header-right' },
      userName,
      element('a', { id: freshId('link'), href: '/logout' }, 'Log out'),
    ),
  ),
  element('div', { class: 'x-columns' }, navigation, center),
);
const inReportsTab = window.location.hash === '#reports';
if (!inReportsTab) showHome();

const { user, links, consentNeeded, lateMs } = await ask('/api/navigation');
userName.textContent = user;
navigation.append(...links.map((text) => navigationLink(text)));
// The notice comes a little after the rest, over whatever is there by then.
if (consentNeeded) setTimeout(askConsent, lateMs);
if (plays('idleWarning')) setTimeout(warnOfIdleness, idleWarningMilliseconds);
if (inReportsTab) center.replaceChildren(tabPanel([{ title: 'Reports', panel: '', show: fillReports }]));

function navigationLink(text) {
  const open = (event) => {
    event.preventDefault();
    for (const link of navigation.children) link.classList.toggle('x-selected', link === event.currentTarget);
    if (text === 'Billing') void showBilling();
    else if (text === 'Home') showHome();
    else showNothing(text);
  };
  return element(
    'a',
    { id: freshId('treeitem'), class: 'x-tree-node', href: `#${text.toLowerCase()}`, onclick: open },
    text,
  );
}

function showHome() {
  center.replaceChildren(
    panel('Home', element('p', {}, 'Welcome to Harborlight. Choose an area on the left.')),
    panel('Messages', element('p', {}, 'You have no new messages.')),
  );
}

function showNothing(title) {
  center.replaceChildren(panel(title, element('p', {}, 'You have no items in this area.')));
}

async function showBilling() {
  center.replaceChildren(element('div', { class: 'x-panel-loading' }, 'Loading...'));
  const { tabs } = await ask('/api/billing');
  center.replaceChildren(tabPanel(tabs.map((title) => billingTab(title))));
}

function billingTab(title) {
  if (title === 'Reports') return { title, panel: '', show: showReports };
  return { title, panel: searchForm(title) };
}

function showReports(tab) {
  if (plays('reportsInNewTab')) window.open('/app#reports', '_blank');
  else void fillReports(tab);
}

/** Claims and Authorizations: nothing to find there, but fields with the same labels as in Reports. */
function searchForm(title) {
  const found = element('div', { class: 'x-toolbar x-paging-info' }, '');
  return element(
    'div',
    { id: freshId('form'), class: 'x-panel x-form' },
    element('div', { class: 'x-panel-header' }, `Search ${title.toLowerCase()}`),
    element(
      'div',
      { class: 'x-panel-body x-form-row' },
      dateField('Start Date').node,
      dateField('End Date').node,
    ),
    element(
      'div',
      { class: 'x-toolbar' },
      button('Search', () => (found.textContent = 'No records to display'), 'x-btn-primary'),
      button('Export', () => (found.textContent = 'Nothing to export')),
    ),
    found,
  );
}

function panel(title, ...content) {
  return element(
    'div',
    { id: freshId('panel'), class: 'x-panel' },
    element('div', { class: 'x-panel-header' }, title),
    element('div', { class: 'x-panel-body' }, ...content),
  );
}

function warnOfIdleness() {
  const warning = modalWindow({
    kind: 'messagebox',
    title: 'Session about to end',
    content: [element('p', {}, 'You will be signed out in 60 seconds.')],
    buttons: [button('Stay signed in', () => warning.close(), 'x-btn-primary')],
  });
}

function askConsent() {
  const agree = async () => {
    await ask('/api/consent', {});
    notice.close();
  };
  const notice = modalWindow({
    title: 'Notice to users',
    content: [
      element(
        'p',
        {},
        'This system holds protected health information. Use is recorded, and only authorised use is allowed.',
      ),
    ],
    buttons: [button('I agree', () => void agree(), 'x-btn-primary')],
  });
}
