/**
 * A handful of components that behave as ExtJS's do: ids from a running number that starts anew at each page
 * load, labels tied to inputs by `for`, lists and windows that float at the end of the body, masks that
 * swallow clicks.
 */

import { plays } from './faults.js';

let nextNumber = 1000 + Math.floor(Math.random() * 8000);

const otherIds = plays('changedIds');

export function freshId(kind) {
  return otherIds ? `ext-gen${nextNumber++}-${kind}` : `${kind}-${nextNumber++}`;
}

/** `attributes` go onto the element; `on…` functions listen. */
export function element(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith('on')) made.addEventListener(name.slice(2), value);
    else if (value !== undefined) made.setAttribute(name, value);
  }
  made.append(...children);
  return made;
}

export function button(text, press, look = '') {
  const id = freshId('button');
  return element(
    'a',
    {
      id,
      class: `x-btn x-unselectable ${look}`,
      role: 'button',
      tabindex: '0',
      'aria-disabled': 'false',
      onclick: press,
      onkeydown: (event) => {
        if (event.key === 'Enter' || event.key === ' ') press();
      },
    },
    element('span', { id: `${id}-btnInnerEl`, class: 'x-btn-inner' }, text),
  );
}

function labelled(id, label, ...parts) {
  return element(
    'div',
    { id, class: 'x-field x-form-item' },
    element('label', { id: `${id}-labelEl`, for: `${id}-inputEl`, class: 'x-form-item-label' }, label),
    element('div', { id: `${id}-bodyEl`, class: 'x-form-item-body' }, ...parts),
  );
}

const monthFirst = (date) => `${date.slice(5, 7)}/${date.slice(8)}/${date.slice(0, 4)}`;

/** Takes `MMDDYYYY` or `M/D/YYYY` and shows `MM/DD/YYYY`, or what `shown` makes of it, once it has been left. */
export function dateField(label, { shown = monthFirst, readOnly = false } = {}) {
  const id = freshId('datefield');
  const input = element('input', {
    id: `${id}-inputEl`,
    type: 'text',
    class: 'x-form-field x-form-text',
    autocomplete: 'off',
    'aria-labelledby': `${id}-labelEl`,
  });
  input.addEventListener('blur', () => {
    const date = parseDate(input.value);
    const valid = date !== undefined || input.value.trim() === '';
    input.classList.toggle('x-form-invalid-field', !valid);
    input.setAttribute('aria-invalid', String(!valid));
    if (date !== undefined) input.value = shown(date);
  });
  input.readOnly = readOnly;
  return {
    input,
    node: labelled(id, label, input),
    /** ISO date, or undefined while the text is no date. */
    value: () => parseDate(input.value),
    clear: () => (input.value = ''),
  };
}

function parseDate(text) {
  const match =
    /^(\d{2})(\d{2})(\d{4})$/.exec(text.trim()) ?? /^(\d{1,2})\/(\d{1,2})\/(\d{4})$/.exec(text.trim());
  if (match === null) return undefined;
  const [month, day, year] = match.slice(1).map(Number);
  const date = new Date(Date.UTC(year, month - 1, day));
  const exists = date.getUTCMonth() === month - 1 && date.getUTCDate() === day;
  return exists ? date.toISOString().slice(0, 10) : undefined;
}

/** A picker whose list floats at the end of the body; typing narrows it, only a listed choice counts. */
export function comboBox(label, choices) {
  const id = freshId('combobox');
  const listId = freshId('boundlist');
  const list = element('div', { id: listId, class: 'x-boundlist', role: 'listbox', style: 'display:none' });
  const input = element('input', {
    id: `${id}-inputEl`,
    type: 'text',
    class: 'x-form-field x-form-text',
    role: 'combobox',
    autocomplete: 'off',
    placeholder: 'Select a report...',
    'aria-autocomplete': 'list',
    'aria-haspopup': 'listbox',
    'aria-expanded': 'false',
    'aria-labelledby': `${id}-labelEl`,
  });
  let chosen;
  let loaded = !plays('pickerLoadsLate');

  const close = () => {
    list.style.display = 'none';
    input.setAttribute('aria-expanded', 'false');
  };
  const choose = (choice) => {
    chosen = choice;
    input.value = choice.name;
    close();
  };
  const open = (filter) => {
    const offered = loaded ? matching(choices, filter) : [];
    loaded = true;
    list.replaceChildren(...offered.map((choice) => listItem(choice, chosen, choose)));
    if (!list.isConnected) document.body.append(list);
    const box = input.getBoundingClientRect();
    list.style.left = `${box.left}px`;
    list.style.top = `${box.bottom}px`;
    list.style.width = `${box.width + 24}px`;
    list.style.display = '';
    input.setAttribute('aria-expanded', 'true');
    input.setAttribute('aria-controls', listId);
  };

  input.addEventListener('click', () => open(''));
  input.addEventListener('input', () => open(input.value));
  input.addEventListener('keydown', (event) => {
    if (event.key === 'ArrowDown') open('');
    if (event.key === 'Escape') close();
    if (event.key === 'Enter' && list.style.display === '') {
      const first = matching(choices, input.value)[0];
      if (first !== undefined) choose(first);
    }
  });
  input.addEventListener('blur', () => {
    // As with forceSelection: text that is no choice falls back to the last one.
    input.value = chosen?.name ?? '';
    close();
  });
  const trigger = element('div', {
    id: `${id}-trigger-picker`,
    class: 'x-form-trigger x-form-arrow-trigger',
    role: 'presentation',
    onmousedown: (event) => event.preventDefault(),
    onclick: () => {
      if (list.style.display === '') {
        close();
        return;
      }
      input.focus();
      open('');
    },
  });
  return {
    node: labelled(id, label, input, trigger),
    value: () => chosen?.id,
    clear: () => {
      chosen = undefined;
      input.value = '';
    },
  };
}

function matching(choices, filter) {
  return choices.filter(({ name }) => name.toLowerCase().startsWith(filter.trim().toLowerCase()));
}

function listItem(choice, chosen, choose) {
  return element(
    'div',
    {
      id: freshId('ext-element'),
      class: 'x-boundlist-item',
      role: 'option',
      'aria-selected': String(choice === chosen),
      // The input keeps the focus, or its blur would close the list under the pointer.
      onmousedown: (event) => event.preventDefault(),
      onclick: () => choose(choice),
    },
    choice.name,
  );
}

/** Covers the whole page until the returned function is called. */
export function mask(text) {
  const id = freshId('loadmask');
  const cover = element(
    'div',
    { id, class: 'x-mask', role: 'status', 'aria-busy': 'true' },
    element('div', { id: `${id}-msgEl`, class: 'x-mask-msg' }, text),
  );
  document.body.append(cover);
  return () => cover.remove();
}

/** A modal window over everything; gives `{ close }`. */
export function modalWindow({ title, content, buttons = [], kind = 'window' }) {
  const id = freshId(kind);
  const cover = element('div', {
    id: freshId('ext-mask'),
    class: 'x-mask x-mask-modal',
    role: 'presentation',
  });
  const box = element(
    'div',
    {
      id,
      class: 'x-window x-layer',
      role: kind === 'messagebox' ? 'alertdialog' : 'dialog',
      'aria-modal': 'true',
      'aria-labelledby': `${id}_header-title`,
    },
    element('div', { id: `${id}_header-title`, class: 'x-window-header' }, title),
    element('div', { id: `${id}-body`, class: 'x-window-body' }, ...content),
    element('div', { class: 'x-toolbar x-toolbar-footer' }, ...buttons),
  );
  document.body.append(cover, box);
  return {
    close: () => {
      cover.remove();
      box.remove();
    },
  };
}

export function messageBox(title, text, buttonText = 'OK') {
  const box = modalWindow({
    kind: 'messagebox',
    title,
    content: [element('p', {}, text)],
    buttons: [button(buttonText, () => box.close())],
  });
}

export function grid(columns, rows) {
  const id = freshId('gridpanel');
  const cells = (texts, role, look) =>
    element(
      'tr',
      { role: 'row', class: 'x-grid-row' },
      ...texts.map((text) => element('td', { role, class: look }, text)),
    );
  return element(
    'div',
    { id, class: 'x-grid' },
    element(
      'table',
      { id: `${id}-table`, role: 'grid' },
      element('thead', { role: 'rowgroup' }, cells(columns, 'columnheader', 'x-column-header')),
      element('tbody', { role: 'rowgroup' }, ...rows.map((row) => cells(row, 'gridcell', 'x-grid-cell'))),
    ),
  );
}

/** Tabs over panels; the hidden ones stay in the page, as ExtJS leaves them. `show` fills a panel when first seen. */
export function tabPanel(tabs) {
  const strip = element('div', { id: freshId('tabbar'), class: 'x-tab-bar', role: 'tablist' });
  const node = element('div', { id: freshId('tabpanel'), class: 'x-tab-panel' }, strip);
  const parts = tabs.map(({ title, panel, show }) => {
    const id = freshId('tab');
    const tab = element(
      'a',
      {
        id,
        class: 'x-tab',
        role: 'tab',
        tabindex: '0',
        'aria-selected': 'false',
        onclick: () => select(title),
      },
      element('span', { id: `${id}-btnInnerEl`, class: 'x-tab-inner' }, title),
    );
    const body = element(
      'div',
      { id: freshId('panel'), class: 'x-panel x-tabpanel-child', role: 'tabpanel', 'aria-labelledby': id },
      panel,
    );
    strip.append(tab);
    node.append(body);
    return { title, tab, body, show };
  });
  const select = (title) => {
    for (const part of parts) {
      const active = part.title === title;
      part.tab.setAttribute('aria-selected', String(active));
      part.tab.classList.toggle('x-tab-active', active);
      part.body.style.display = active ? '' : 'none';
      if (active && part.show !== undefined) {
        const show = part.show;
        part.show = undefined;
        void show(part.body);
      }
    }
  };
  select(tabs[0].title);
  return node;
}

/** Asks the portal; a session that has ended leads to the sign-in page, any other failure to a message. */
export async function ask(path, fields) {
  const request = fields === undefined ? {} : postOf(fields);
  const response = await fetch(path, request);
  if (response.ok && response.headers.get('content-type').startsWith('text/html')) return showPage(response);
  if (response.ok) return response.json();
  if (response.status === 401) {
    const { signInAt } = await response.json();
    window.location.assign(signInAt);
    // Nothing may go on while the browser leaves the page.
    return new Promise(() => {});
  }
  messageBox('Error', `The server could not process your request. (${response.status})`);
  throw new Error(`${path} answered ${response.status}`);
}

/** A page where data were expected is shown, as the last thing here. */
async function showPage(response) {
  document.documentElement.innerHTML = await response.text();
  return new Promise(() => {});
}

function postOf(fields) {
  return {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(fields),
  };
}
