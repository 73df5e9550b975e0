import type { SpanState } from '../../domain/periodState.ts';
import { unpacked, type PackedData } from '../packed.ts';
import type { PageData } from '../pageData.ts';
import { actPage } from './actPage.ts';
import { clearCharts, drawCharts, resizeCharts } from './charts.ts';
import { darkScreen, setPaper } from './colours.ts';
import type { Context, Page, Scope } from './context.ts';
import { dataPage } from './dataPage.ts';
import { countOf, momentText } from '../figureText.ts';
import { fileAge, isOldFile, type Opened } from '../dataAge.ts';
import { h } from './dom.ts';
import { followPage } from './followPage.ts';
import { caregiverPage, notesPage } from './notesPages.ts';
import { clearTables, drawAllRows, drawRowsInTurn, workbookButton } from './tables.ts';
import { toolbar } from './toolbar.ts';
import { overPage, summaryPage, underPage } from './utilizationPages.ts';
import { addressOf, pagesOf, pageTitles, viewOf, type PageName, type View } from './view.ts';

const pages: Readonly<Record<Exclude<PageName, 'all'>, (context: Context) => Page>> = {
  act: actPage,
  follow: followPage,
  summary: summaryPage,
  under: underPage,
  over: overPage,
  notes: notesPage,
  caregiver: caregiverPage,
  data: dataPage,
};

let data: PageData;
const root = document.getElementById('page')!;
const spoken = h('p', { class: 'unseen', role: 'status' });
const shown = h('div');

let opened: Opened;

/** What gets the keyboard focus once the next view is drawn. */
let focusNext: 'toDrill' | undefined;

function go(change: Partial<View>, focus?: 'toDrill'): void {
  const view = viewOf(location.hash, data);
  const client = change.qp === undefined ? view.client : clientKept(view, change.qp);
  focusNext = focus;
  location.hash = addressOf({ ...view, client, ...change });
}

/** Keeps the client only if it is the QP's: another QP's client would leave nothing to show. */
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
  const context: Context = { data, view, opened, go };
  const focused = document.activeElement?.id ?? '';
  clearCharts();
  clearTables();
  const names = view.page === 'all' ? pagesOf(data).filter((name) => name !== 'all') : [view.page];
  const drawn = names.map((name) => pages[name](context));
  shown.replaceChildren(
    navigation(view),
    toolbar(context),
    h('main', {}, drawn.map(pageElement), workbookButton()),
  );
  drawCharts();
  showPageLink();
  document.title = `${pageTitles[view.page]} – ${titleWords()}`;
  spoken.textContent = drawn.map(({ scope }) => spokenWords(scope)).join('; ');
  keepFocus(focused, view);
  root.dataset['drawn'] = location.hash;
  delete root.dataset['whole'];
  // All pages are printed and saved: every row must be there.
  if (view.page === 'all') drawAllRows();
  drawRowsInTurn(() => {
    root.dataset['whole'] = '';
  });
}

function spokenWords({ facts, details, figuresState }: Scope): string {
  return [...facts.concat(details).map(([fact, text]) => `${fact}: ${text}`), figuresState.words].join(', ');
}

function keepFocus(focused: string, view: View): void {
  const target =
    focusNext === 'toDrill' ? document.querySelector<HTMLElement>(`#drill-${view.page} h3`) : null;
  focusNext = undefined;
  (target ?? (focused === '' ? null : document.getElementById(focused)))?.focus();
}

/** On a narrow screen the links are one row: scrolls it to the page in view. */
function showPageLink(): void {
  const [row] = shown.getElementsByTagName('ul');
  const link = row?.querySelector<HTMLElement>('[aria-current]');
  if (row !== undefined && link)
    row.scrollLeft = link.offsetLeft + link.offsetWidth / 2 - row.clientWidth / 2;
}

function titleWords(): string {
  if (data.totals) return 'Utilization and notes, totals';
  if (data.onlySupervisor !== null) return `Notes of supervisor ${data.onlySupervisor}`;
  return data.onlyQp === null ? 'Utilization and notes' : `Utilization and notes of QP ${data.onlyQp}`;
}

function navigation(view: View): HTMLElement {
  return h(
    'nav',
    { class: 'pages', 'aria-label': 'Pages' },
    h(
      'ul',
      {},
      pagesOf(data).map((name) =>
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

/** Green is for figures that are loaded, whole and final, and for nothing else. */
function stateClass({ state }: SpanState): string {
  if (state === 'settled') return 'settled';
  return state === 'preliminary' ? 'preliminary' : 'attention';
}

function pageElement({ name, scope, content }: Page): HTMLElement {
  return h(
    'article',
    { class: 'page', id: `shown-${name}`, 'aria-labelledby': `title-${name}` },
    h('h2', { id: `title-${name}` }, pageTitles[name]),
    h(
      'div',
      { class: 'scope', role: 'group', 'aria-label': 'What these figures are of' },
      h('p', { class: `state ${stateClass(scope.figuresState)}` }, scope.figuresState.words),
      factList('facts', scope.facts, scope.age),
      factList('details', scope.details, null),
    ),
    h('div', { class: 'content' }, content as HTMLElement[]),
  );
}

function factList(name: string, facts: Scope['facts'], age: string | null): HTMLElement {
  return h(
    'ul',
    { class: name },
    facts.map(([fact, words]) => h('li', {}, h('span', { class: 'fact' }, fact), ' ', words)),
    age === null ? null : h('li', { class: 'age' }, age),
  );
}

function header(): HTMLElement {
  const codes = data.totals
    ? 'Sums of the whole agency: no person, no authorization, no note. Groups with fewer than 11 clients are counted together.'
    : 'People are shown by name code.';
  const names = data.names ? 'People are shown by name: protected health information.' : codes;
  return h(
    'header',
    { class: 'top' },
    h('h1', {}, titleWords()),
    h('p', { class: data.names ? 'names shown' : 'names' }, names),
    writtenNote(),
    openRunsNote(),
  );
}

/** The agency, when the file was written, and its current age, which only a screen can say. */
function writtenNote(): HTMLElement {
  const agency = data.agency === null ? '' : `${data.agency} · `;
  const old = isOldFile(opened);
  return h(
    'p',
    { class: 'written' },
    `${agency}written ${momentText(data.written)}`,
    h('span', { class: 'age' }, ` · ${fileAge(opened)}`),
    old ? h('span', { class: 'age shown' }, 'Look for a newer file') : null,
  );
}

/** On every page: what is newer than its figures may be of a period that no page shows. */
function openRunsNote(): HTMLElement | null {
  const { length } = data.openRuns;
  if (length === 0) return null;
  const words = `In ${countOf(length, 'period')} the newest run is not in the figures: `;
  const view = viewOf(location.hash, data);
  return h(
    'p',
    { class: 'open-runs' },
    words,
    h('a', { href: addressOf({ ...view, page: 'data' }) }, 'see the page Data'),
    '.',
  );
}

/** Gzip as base64, as html.ts writes it. */
async function readData(): Promise<PageData> {
  const text = document.getElementById('page-data')!.textContent;
  const bytes = Uint8Array.from(atob(text), (sign) => sign.charCodeAt(0));
  // Not by a blob: reading one goes through another process of the browser, which may fail.
  const file = new ReadableStream<Uint8Array<ArrayBuffer>>({
    start(controller) {
      controller.enqueue(bytes);
      controller.close();
    },
  });
  const plain = file.pipeThrough(new DecompressionStream('gzip'));
  return unpacked((await new Response(plain).json()) as PackedData);
}

async function start(): Promise<void> {
  try {
    data = await readData();
  } catch (error) {
    root.append(
      h(
        'p',
        { role: 'alert' },
        'This file is damaged: its data cannot be read. Write it again: npm run client -- dashboard.',
      ),
    );
    throw error;
  }
  opened = { writtenAt: data.writtenAt, now: Date.now() };
  root.append(header(), shown, spoken);
  draw();
  addEventListener('hashchange', draw);
  addEventListener('resize', resizeCharts);
  darkScreen.addEventListener('change', draw);
  // Paper is light, whatever the screen is.
  addEventListener('beforeprint', () => {
    usePaper(true);
    drawAllRows();
  });
  addEventListener('afterprint', () => {
    usePaper(false);
  });
}

void start();

function usePaper(isPaper: boolean): void {
  if (setPaper(isPaper)) draw();
}
