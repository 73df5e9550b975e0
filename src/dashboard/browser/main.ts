import type { PageData } from '../pageData.ts';
import { clearCharts, drawCharts, resizeCharts } from './charts.ts';
import type { Context, Page } from './context.ts';
import { dataPage } from './dataPage.ts';
import { h } from './dom.ts';
import { caregiverPage, notesPage } from './notesPages.ts';
import { toolbar } from './toolbar.ts';
import { overPage, summaryPage, underPage } from './utilizationPages.ts';
import { addressOf, pageNames, pageTitles, viewOf, type PageName, type View } from './view.ts';

const pages: Readonly<Record<Exclude<PageName, 'all'>, (context: Context) => Page>> = {
  summary: summaryPage,
  under: underPage,
  over: overPage,
  notes: notesPage,
  caregiver: caregiverPage,
  data: dataPage,
};

const data = JSON.parse(document.getElementById('page-data')!.textContent) as PageData;
const root = document.getElementById('page')!;
const spoken = h('p', { class: 'unseen', role: 'status' });
const shown = h('div');

/** What the keyboard is to be at once the next view is drawn. */
let focusNext: 'toDrill' | undefined;

function go(change: Partial<View>, focus?: 'toDrill'): void {
  const view = viewOf(location.hash, data);
  const client = change.qp === undefined ? view.client : clientKept(view, change.qp);
  focusNext = focus;
  location.hash = addressOf({ ...view, client, ...change });
}

/** A client of another QP would leave nothing to see. */
function clientKept({ client }: View, qpKey: string): string {
  const [qp, place] = [
    data.qps.findIndex(({ key }) => key === qpKey),
    data.clients.findIndex(({ key }) => key === client),
  ];
  return qpKey === '' || data.utilization.some((tuple) => tuple[1] === qp && tuple[2] === place)
    ? client
    : '';
}

function draw(): void {
  const view = viewOf(location.hash, data);
  const context: Context = { data, view, go };
  const focused = document.activeElement?.id ?? '';
  clearCharts();
  const names = view.page === 'all' ? pageNames.filter((name) => name !== 'all') : [view.page];
  const drawn = names.map((name) => pages[name](context));
  shown.replaceChildren(navigation(view), toolbar(context), h('main', {}, drawn.map(pageElement)));
  drawCharts();
  document.title = `${pageTitles[view.page]} – ${titleWords()}`;
  spoken.textContent = drawn
    .map(({ scope }) => scope.facts.map(([fact, words]) => `${fact}: ${words}`).join(', '))
    .join('; ');
  keepFocus(focused, view);
  root.dataset['drawn'] = location.hash;
}

function keepFocus(focused: string, view: View): void {
  const target =
    focusNext === 'toDrill' ? document.querySelector<HTMLElement>(`#drill-${view.page} h3`) : null;
  focusNext = undefined;
  (target ?? (focused === '' ? null : document.getElementById(focused)))?.focus();
}

function titleWords(): string {
  return data.onlyQp === null ? 'Utilization and notes' : `Utilization and notes of QP ${data.onlyQp}`;
}

function navigation(view: View): HTMLElement {
  return h(
    'nav',
    { class: 'pages', 'aria-label': 'Pages' },
    h(
      'ul',
      {},
      pageNames.map((name) =>
        h(
          'li',
          {},
          h(
            'a',
            {
              id: `page-${name}`,
              href: addressOf({ ...view, page: name }),
              ...(name === view.page ? { 'aria-current': 'page' } : {}),
            },
            pageTitles[name],
          ),
        ),
      ),
    ),
  );
}

function pageElement({ name, scope, content }: Page): HTMLElement {
  return h(
    'article',
    { class: 'page', id: `shown-${name}`, 'aria-labelledby': `title-${name}` },
    h('h2', { id: `title-${name}` }, pageTitles[name]),
    h(
      'ul',
      { class: 'scope', 'aria-label': 'What these figures are of' },
      scope.facts.map(([fact, words]) => h('li', {}, h('span', { class: 'fact' }, fact), ' ', words)),
      h(
        'li',
        { class: scope.preliminary ? 'state preliminary' : 'state settled' },
        scope.preliminary ? 'Preliminary' : 'Settled',
      ),
    ),
    h('div', { class: 'content' }, content as HTMLElement[]),
  );
}

function header(): HTMLElement {
  const names = data.names
    ? 'People are shown by name: protected health information.'
    : 'People are shown by name code.';
  return h(
    'header',
    { class: 'top' },
    h('h1', {}, titleWords()),
    h('p', { class: data.names ? 'names shown' : 'names' }, names),
  );
}

root.append(header(), shown, spoken);
draw();
addEventListener('hashchange', draw);
addEventListener('resize', resizeCharts);
