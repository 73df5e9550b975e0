import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import axe from 'axe-core';
import type { Browser, Page } from 'playwright';
import { pageAssets } from '../../../src/dashboard/pageAssets.ts';
import { readPipelineConfig } from '../../../src/config.ts';
import { dashboardDays } from '../../../src/dashboard/days.ts';
import { pageHtml } from '../../../src/dashboard/html.ts';
import { buildPageData } from '../../../src/dashboard/buildPageData.ts';
import type { PagePart } from '../../../src/dashboard/partOf.ts';
import { readDashboardRows } from '../../../src/warehouse/dashboardRows.ts';
import { pictureOf } from '../../../src/portal/picture.ts';
import { launchBrowser } from '../portal-standin/browser.ts';
import { loadDashboardMonths } from './dashboardSite.ts';
import { TestWarehouse } from '../warehouse/testWarehouse.ts';

/** Kept after the tests, to look at. */
const screenshots = fileURLToPath(new URL('../../../.local/dashboard-screenshots/', import.meta.url));

export const { groupNames } = readPipelineConfig(
  fileURLToPath(new URL('../../../config/pipeline.yaml', import.meta.url)),
);

export interface PageOptions {
  readonly names?: boolean;
  /** A QP's key. */
  readonly onlyQp?: string;
  /** A supervisor's key. */
  readonly onlySupervisor?: string;
  readonly totals?: boolean;
  readonly month?: string;
  /** How many months are shown; as many as there are otherwise. */
  readonly months?: number;
  /** What the reader's clock says; two hours after the file was written otherwise. */
  readonly now?: string;
}

function partOf({ onlyQp, onlySupervisor, totals }: PageOptions): PagePart | undefined {
  if (totals === true) return { kind: 'totals' };
  if (onlySupervisor !== undefined) return { kind: 'supervisor', key: onlySupervisor };
  return onlyQp === undefined ? undefined : { kind: 'qp', key: onlyQp };
}

/** Dashboards of a real database, open in a real browser, from files. */
export class DashboardSite {
  readonly tested: TestWarehouse;
  readonly browser: Browser;
  readonly folder: string;
  /** What a page asked of the network or complained about, of all pages opened so far. */
  readonly complaints: string[] = [];

  private constructor(tested: TestWarehouse, browser: Browser, folder: string) {
    this.tested = tested;
    this.browser = browser;
    this.folder = folder;
  }

  static async start(): Promise<DashboardSite> {
    const tested = await TestWarehouse.start();
    await loadDashboardMonths(tested);
    const folder = await mkdtemp(path.join(tmpdir(), 'ehr-dashboard-'));
    await mkdir(screenshots, { recursive: true });
    return new DashboardSite(tested, await launchBrowser(), folder);
  }

  async stop(): Promise<void> {
    await this.browser.close();
    await this.tested.stop();
    await rm(this.folder, { recursive: true, force: true });
  }

  /** The file, as `client dashboard` writes it. */
  async html(options: PageOptions = {}): Promise<string> {
    const { names = false, month, months } = options;
    const rows = await readDashboardRows(this.tested.warehouse, {
      names,
      figuresAre: 'authorization',
      days: (periods) => dashboardDays(periods, month, months),
    });
    const timeZone = 'America/New_York';
    const data = buildPageData(rows!, {
      names,
      agency: 'Example Care',
      writtenAt: new Date('2026-11-20T08:31:00Z'),
      timeZone,
      groupNames,
      figuresAre: 'authorization',
      part: partOf(options),
    });
    return pageHtml({ title: 'Utilization and notes', data, ...(await pageAssets()) });
  }

  async open(options: PageOptions = {}): Promise<DashboardPage> {
    const file = path.join(this.folder, `${Object.values(options).join('-').replaceAll(':', '')}.html`);
    await writeFile(file, await this.html(options));
    return this.openFile(file, options.now ?? '2026-11-20T10:31:00Z');
  }

  async openFile(file: string, now?: string): Promise<DashboardPage> {
    const context = await this.browser.newContext({
      viewport: { width: 1366, height: 900 },
      acceptDownloads: true,
    });
    const page = await context.newPage();
    const address = pathToFileURL(file).href;
    if (now !== undefined) await page.clock.setFixedTime(now);
    page.on('request', (request) => {
      const url = request.url();
      if (!url.startsWith(address) && !url.startsWith('blob:')) this.complaints.push(`asked for ${url}`);
    });
    page.on('console', (message) => {
      if (message.type() === 'error' || message.type() === 'warning') this.complaints.push(message.text());
    });
    page.on('pageerror', (error) => this.complaints.push(error.message));
    await page.goto(address);
    await page.locator('#page[data-drawn][data-whole]').waitFor();
    return new DashboardPage(page, address);
  }
}

/** One open file, read as a person reads it. */
export class DashboardPage {
  readonly page: Page;
  readonly #address: string;

  constructor(page: Page, address: string) {
    this.page = page;
    this.#address = address;
  }

  async goTo(view: string): Promise<void> {
    await this.page.goto(`${this.#address}#${view}`);
    await this.page.locator(`#page[data-whole][data-drawn="#${view}"]`).waitFor();
  }

  /** What axe finds against WCAG A, AA and good practice. */
  async violations(): Promise<unknown[]> {
    await this.page.evaluate(axe.source);
    const tags = JSON.stringify(['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']);
    const { violations } = await this.page.evaluate<{
      violations: { id: string; nodes: { html: string; failureSummary: string }[] }[];
    }>(`axe.run(document, { runOnly: { type: 'tag', values: ${tags} } })`);
    return violations.map(({ id, nodes }) => [id, nodes[0]?.html, nodes[0]?.failureSummary]);
  }

  /** After a click or a key: the view is drawn whose address has this in it. */
  drawnWith(words: string): Promise<void> {
    return this.page.locator(`#page[data-whole][data-drawn*="${words}"]`).waitFor();
  }

  drawnWithout(words: string): Promise<void> {
    return this.page.locator(`#page[data-whole]:not([data-drawn*="${words}"])`).waitFor();
  }

  /** The exact figure of a card. */
  async card(label: string, part: 'value' | 'detail' = 'detail'): Promise<string> {
    const card = this.page.locator('.card').filter({ has: this.page.getByText(label, { exact: true }) });
    return card.locator(`.card-${part}`).innerText();
  }

  /** The cells of a table's body, row by row. */
  async rows(caption: string): Promise<string[][]> {
    const table = this.page.getByRole('table', { name: caption, exact: true });
    // Not as they are laid out: what is out of sight is not.
    const rows = await table.locator('tbody tr').all();
    return Promise.all(
      rows.map(async (row) => (await row.locator('th, td').allTextContents()).map((cell) => cell.trim())),
    );
  }

  async total(caption: string): Promise<string[]> {
    const table = this.page.getByRole('table', { name: caption, exact: true });
    return (await table.locator('tfoot').innerText()).split('\t').map((cell) => cell.trim());
  }

  async hasTable(caption: string): Promise<boolean> {
    return (await this.page.getByRole('table', { name: caption, exact: true }).count()) > 0;
  }

  async scope(): Promise<string> {
    return (await this.page.locator('.scope').first().innerText()).replaceAll('\n', ' ');
  }

  async screenshot(name: string): Promise<void> {
    await pictureOf(this.page, { path: path.join(screenshots, `${name}.png`), fullPage: true });
  }
}
