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

/** Between two questions of how far an export is. */
const pollMilliseconds = 200;

/** The Reports tab: filled when first opened, once the portal has said what it holds. */
export async function fillReports(panel) {
  const loading = element('div', { class: 'x-panel-loading' }, 'Loading...');
  panel.append(loading);
  const layout = await ask('/api/reports').finally(() => loading.remove());
  const form = {
    report: comboBox('Report', layout.reports),
    from: dateField(layout.startLabel),
    to: dateField(layout.endLabel),
  };
  const result = element('div', { id: freshId('container'), class: 'x-report-result' });
  const clear = () => {
    for (const field of Object.values(form)) field.clear();
    result.replaceChildren();
  };
  panel.append(
    element(
      'div',
      { id: freshId('form'), class: 'x-panel x-form' },
      element('div', { class: 'x-panel-header' }, 'Run a report'),
      element('div', { class: 'x-panel-body x-form-row' }, ...Object.values(form).map(({ node }) => node)),
      element(
        'div',
        { class: 'x-toolbar' },
        button('Run Report', () => void runReport(form, result, layout), 'x-btn-primary'),
        button('Clear', clear),
      ),
    ),
    result,
  );
  const { notice } = layout;
  if (notice !== undefined) messageBox(notice.title, notice.text, notice.button);
}

async function runReport(form, result, layout) {
  const question = { report: form.report.value(), from: form.from.value(), to: form.to.value() };
  const problem = problemWith(question);
  if (problem !== undefined) {
    messageBox('Reports', problem);
    return;
  }
  result.replaceChildren();
  const unmask = mask('Loading...');
  const { columns, rows, found } = await ask('/api/report', question).finally(unmask);
  const exporting = layout.exportAllowed ? [button('Export', () => void exportReport(question))] : [];
  result.replaceChildren(
    element(
      'div',
      { class: 'x-toolbar' },
      element('span', { class: 'x-toolbar-text' }, `${found} records found`),
      ...exporting,
    ),
    grid(columns, rows),
    element(
      'div',
      { class: 'x-toolbar x-paging-info' },
      rows.length === 0 ? 'No records to display' : `Displaying the first ${rows.length}`,
    ),
  );
}

function problemWith({ report, from, to }) {
  if (report === undefined) return 'Select a report.';
  if (from === undefined || to === undefined) return 'Enter a start date and an end date as MM/DD/YYYY.';
  if (to < from) return 'The end date must not be before the start date.';
  return undefined;
}

async function exportReport(question) {
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
  const show = (percent) => {
    text.textContent = `${percent} %`;
    bar.style.width = `${percent}%`;
    progress.setAttribute('aria-valuenow', String(percent));
  };
  try {
    const { id } = await ask('/api/exports', question);
    await exportFinished(id, show);
    fetchFile(id);
  } finally {
    exporting.close();
  }
}

/** Asks until the export is done, for as long as the page is open: a portal has no patience of its own. */
async function exportFinished(id, show) {
  for (;;) {
    const { percent } = await ask(`/api/exports/${id}`);
    show(percent);
    if (percent >= 100) return;
    await new Promise((resolve) => setTimeout(resolve, pollMilliseconds));
  }
}

/** The file arrives in a frame that nobody sees. */
function fetchFile(id) {
  const frame = element('iframe', { id: freshId('ext-frame'), class: 'x-hidden-display', title: 'download' });
  frame.src = `/exports/${id}/reportExport.csv`;
  document.body.append(frame);
}
