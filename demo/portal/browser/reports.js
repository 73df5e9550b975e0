import {
  ask,
  button,
  comboBox,
  dateField,
  element,
  freshId,
  grid,
  mask,
  messageBox,
  modalWindow,
} from './ext.js';
import { noteFault, plays } from './faults.js';
import { exportFinished, fetchFile, fileOf } from './jobs.js';

/** What a person would call sudden: long enough to have begun with the form. */
const suddenlyMilliseconds = 300;
/** How long the result of other dates stays. */
const unfilteredMilliseconds = 800;
/** What the form begins with after a reset. */
const defaultDay = '2026-01-01';

/** The Reports tab: filled when first opened, once the portal has said what it holds. */
export async function fillReports(panel) {
  const loading = element('div', { class: 'x-panel-loading' }, 'Loading...');
  panel.append(loading);
  const layout = await ask('/api/reports').finally(() => loading.remove());
  const form = reportForm(layout);
  const result = element('div', { id: freshId('container'), class: 'x-report-result' });
  const clear = () => {
    for (const field of Object.values(form)) field.clear();
    result.replaceChildren();
  };
  const fields = element(
    'div',
    { class: 'x-panel-body x-form-row' },
    ...Object.values(form).map(({ node }) => node),
  );
  const buttons = element(
    'div',
    { class: 'x-toolbar' },
    button('Run Report', () => void runReport(form, result, layout), 'x-btn-primary'),
    button('Clear', clear),
  );
  panel.append(
    element(
      'div',
      { id: freshId('form'), class: 'x-panel x-form' },
      element('div', { class: 'x-panel-header' }, 'Run a report'),
      ...(plays('movedButtons') ? [buttons, fields] : [fields, buttons]),
    ),
    result,
  );
  const { notice } = layout;
  if (notice !== undefined) messageBox(notice.title, notice.text, notice.button);
  if (plays('popupWindow')) window.open('/survey', '_blank', 'width=400,height=300');
  if (layout.pageReloads) setTimeout(() => window.location.reload(), suddenlyMilliseconds);
}

function reportForm(layout) {
  const look = { readOnly: plays('dateFieldIgnoresTyping') };
  if (plays('dateFieldReformats')) look.shown = dayFirst;
  const form = {
    report: comboBox('Report', layout.reports),
    from: dateField(layout.startLabel, look),
    to: dateField(layout.endLabel, look),
  };
  if (layout.focusJumps !== false) jumpAway(form.from.input, form.to.input, layout.focusJumps);
  if (plays('dateFieldResets')) {
    form.to.input.addEventListener('blur', () => (form.from.input.value = monthFirst(defaultDay)));
  }
  if (plays('leaveQuestion')) window.addEventListener('beforeunload', (event) => event.preventDefault());
  return form;
}

const monthFirst = (date) => `${date.slice(5, 7)}/${date.slice(8)}/${date.slice(0, 4)}`;
const dayFirst = (date) => `${date.slice(8)}/${date.slice(5, 7)}/${date.slice(0, 4)}`;

/** In mid-word: what is typed from then on goes elsewhere. */
function jumpAway(input, elsewhere, often) {
  let jumped = false;
  input.addEventListener('input', () => {
    if (input.value.length !== 4 || (jumped && often !== 'each')) return;
    jumped = true;
    noteFault('focusJumps');
    elsewhere.focus();
  });
}

async function runReport(form, result, layout) {
  const question = { report: form.report.value(), from: form.from.value(), to: form.to.value() };
  const problem = problemWith(question);
  if (problem !== undefined) {
    messageBox('Reports', problem);
    return;
  }
  if (plays('unfilteredFirst')) {
    await showResult({ ...question, from: defaultDay, to: defaultDay }, result, layout);
    await new Promise((resolve) => setTimeout(resolve, unfilteredMilliseconds));
  }
  await showResult(question, result, layout);
  if (plays('alertShown')) window.alert('Your report is ready.');
}

/** The Export beside a result exports that result, whatever the form says by then. */
async function showResult(question, result, layout) {
  result.replaceChildren();
  const unmask = mask('Loading...');
  const answer = await ask('/api/report', question).finally(() => plays('loadingNeverEnds') || unmask());
  if (answer.problem !== undefined) {
    messageBox('Reports', answer.problem);
    return;
  }
  const exporting = layout.exportAllowed ? [button('Export', () => void exportReport(question))] : [];
  const parts = [resultHeader(question, answer, layout), resultGrid(answer)];
  if (plays('movedButtons')) parts.push(element('div', { class: 'x-toolbar' }, ...exporting));
  else parts[0].append(...exporting);
  result.replaceChildren(...parts);
}

function resultHeader({ report, from, to }, { found, note }, { reports }) {
  const title = reports.find(({ id }) => id === report).name;
  const count = plays('countNotShown') ? 'Done' : `${found} records found`;
  return element(
    'div',
    { class: 'x-toolbar' },
    element('span', { class: 'x-toolbar-text' }, count),
    element('span', {}, `${title}, ${monthFirst(from)} to ${monthFirst(to)}`),
    ...(note === undefined ? [] : [element('span', { class: 'x-toolbar-note' }, note)]),
  );
}

function resultGrid({ columns, rows }) {
  const info = rows.length === 0 ? 'No records to display' : `Displaying the first ${rows.length}`;
  return element('div', {}, grid(columns, rows), element('div', { class: 'x-toolbar x-paging-info' }, info));
}

function problemWith({ report, from, to }) {
  if (report === undefined) return 'Select a report.';
  if (from === undefined || to === undefined) return 'Enter a start date and an end date as MM/DD/YYYY.';
  if (to < from) return 'The end date must not be before the start date.';
  return undefined;
}

async function exportReport(question) {
  const asks = plays('confirmAsked');
  if (asks && !window.confirm('The export holds protected health information. Go on?')) return;
  const bar = element('div', { class: 'x-progress-bar' });
  const text = element('div', { class: 'x-progress-text' }, '0 %');
  const progress = element(
    'div',
    {
      id: freshId('progressbar'),
      class: 'x-progress',
      role: 'progressbar',
      'aria-valuemin': '0',
      'aria-valuemax': '100',
    },
    bar,
    text,
  );
  const exporting = modalWindow({ title: 'Exporting report', content: [progress] });
  const show = ({ percent, waiting }) => {
    text.textContent = waiting ?? `${percent} %`;
    bar.style.width = `${percent}%`;
    progress.setAttribute('aria-valuenow', String(percent));
  };
  try {
    const { id } = await ask('/api/exports', question);
    const problem = await exportFinished(id, show);
    if (problem === undefined) fetchFiles(id);
    else messageBox('Export', problem);
  } finally {
    exporting.close();
  }
}

function fetchFiles(id) {
  const file = fileOf(id);
  if (plays('strayDownload')) {
    fetchFile('/leaflet.pdf');
    setTimeout(() => fetchFile(file), suddenlyMilliseconds);
    return;
  }
  fetchFile(file);
  if (plays('duplicateDownload')) fetchFile(file);
}
