import { stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { getDocumentProxy } from 'unpdf';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { buildPageData } from '../../../src/dashboard/buildPageData.ts';
import { pageNames as allPages } from '../../../src/dashboard/browser/view.ts';
import { dollarsText } from '../../../src/dashboard/figureText.ts';
import { pageHtml } from '../../../src/dashboard/html.ts';
import { pageAssets } from '../../../src/dashboard/pageAssets.ts';
import { largeRows } from '../../dashboard/largeRows.ts';
import { DashboardSite, groupNames, type DashboardPage } from './openPage.ts';

/** Where things stand on a screen, a phone and paper, measured in a browser. */
let site: DashboardSite;
let shown: DashboardPage;

beforeAll(async () => {
  site = await DashboardSite.start();
  shown = await site.open();
});
afterAll(() => site.stop());

const pageNames = allPages.filter((name) => name !== 'all');

/** Amounts that a line ends within, of all text that is shown. */
const brokenAmounts = `(() => {
  const texts = document.createTreeWalker(document.querySelector('main'), NodeFilter.SHOW_TEXT);
  const broken = [];
  while (texts.nextNode()) {
    const { data } = texts.currentNode;
    for (const { 0: amount, index } of data.matchAll(/-?\\$[\\d,.]+[KMBT]?|-?[\\d,.]+%/g)) {
      const range = document.createRange();
      range.setStart(texts.currentNode, index);
      range.setEnd(texts.currentNode, index + amount.length);
      const lines = new Set([...range.getClientRects()].map(({ top }) => Math.round(top)));
      if (lines.size > 1) broken.push(amount);
    }
  }
  return broken;
})()`;

/** Words of a picture that lie over others, in pairs. */
const overlappingWords = `[...document.querySelectorAll('.chart')].flatMap((chart) => {
  const words = [...chart.querySelectorAll('text')]
    .map((text) => ({ text: text.textContent, box: text.getBoundingClientRect() }))
    .filter(({ box }) => box.width > 0);
  return words.flatMap((one, place) =>
    words
      .slice(place + 1)
      .filter(({ box }) => {
        const across = Math.min(one.box.right, box.right) - Math.max(one.box.left, box.left);
        const down = Math.min(one.box.bottom, box.bottom) - Math.max(one.box.top, box.top);
        return across > 1 && down > 3;
      })
      .map(({ text }) => one.text + ' / ' + text),
  );
})`;

/** Whether one of the texts has these words. */
function isIn(texts: readonly string[]) {
  return (words: string) => texts.some((text) => text.includes(words));
}

/** The words of printed pages, from the top, and how far above the foot the last ones are, as a share of the page. */
async function printedPages(
  { page }: DashboardPage,
  { pageRanges = '', height = '11in' }: { readonly pageRanges?: string; readonly height?: string },
): Promise<{ words: string[]; lowest: number }[]> {
  // The margins of the product's own: src/wiring/dashboardBrowser.ts.
  const margin = { top: '13mm', bottom: '15mm', left: '12mm', right: '12mm' };
  const printed = await page.pdf({ width: '8.5in', height, margin, printBackground: true, pageRanges });
  const document = await getDocumentProxy(new Uint8Array(printed));
  try {
    return await Promise.all(
      Array.from({ length: document.numPages }, async (_, place) => {
        const one = await document.getPage(place + 1);
        const { items } = await one.getTextContent();
        const words = items.flatMap((item) =>
          'str' in item && item.str.trim() !== '' ? [{ text: item.str, up: Number(item.transform[5]) }] : [],
        );
        const lowest = Math.min(...words.map(({ up }) => up));
        return {
          words: words.map(({ text }) => text),
          lowest: lowest / one.getViewport({ scale: 1 }).height,
        };
      }),
    );
  } finally {
    await document.destroy();
  }
}

/** Captions of tables of few columns that need scrolling sideways all the same. */
const cutSmallTables = `[...document.querySelectorAll('.small-table .table-box')]
  .filter((box) => box.scrollWidth > box.clientWidth)
  .map((box) => box.querySelector('caption').textContent)`;

/** What stands above the rows of a table. */
const ofTables = ['h3', '.sentence', 'caption', 'thead th']
  .map((part) => `.figure:has(tbody) ${part}`)
  .join();

/** Captions of tables whose first column leaves the sight when they are scrolled sideways to the end. */
const lostKeys = `[...document.querySelectorAll('.table-box')].filter((box) => {
  box.scrollLeft = box.scrollWidth;
  const [around, key] = [box, box.querySelector('tbody tr > :first-child')].map((each) => each.getBoundingClientRect());
  const lost = key.left < around.left - 1 || key.right > around.right + 1 || key.width < 20;
  box.scrollLeft = 0;
  return lost;
}).map((box) => box.querySelector('caption').textContent)`;

describe.each([1280, 390])('at %i pixels', (width) => {
  beforeAll(() => shown.page.setViewportSize({ width, height: 844 }));

  test.each(pageNames)(
    '%s has its first figure in sight, whole amounts and its tables’ keys',
    async (name) => {
      await shown.goTo(name);
      await shown.screenshot(`${name}-${String(width)}`);
      const box = await shown.page.locator('.card-value').first().boundingBox();
      expect(box!.y + box!.height).toBeLessThan(width === 390 ? 300 : 450);
      expect(await shown.page.evaluate('document.documentElement.scrollWidth')).toBe(width);
      expect(await shown.page.evaluate(brokenAmounts)).toEqual([]);
      expect(await shown.page.evaluate(lostKeys)).toEqual([]);
      const cut = await shown.page.evaluate<string[]>(cutSmallTables);
      expect(width === 390 ? [] : cut).toEqual([]);
    },
  );
});

test('a phone shows the link of the page in view, and keeps WCAG A and AA', async () => {
  await shown.page.setViewportSize({ width: 390, height: 844 });
  for (const name of ['summary', 'data'] as const) {
    await shown.goTo(name);
    await shown.page.locator('.pages [aria-current]').waitFor();
    const link = await shown.page.locator('.pages [aria-current]').boundingBox();
    expect(link!.x).toBeGreaterThanOrEqual(0);
    expect(link!.x + link!.width).toBeLessThanOrEqual(390);
    expect(await shown.violations()).toEqual([]);
  }
});

describe('a dark screen', () => {
  beforeAll(async () => {
    await shown.page.setViewportSize({ width: 1280, height: 844 });
    await shown.page.emulateMedia({ colorScheme: 'dark', reducedMotion: 'reduce' });
  });

  test.each(['act', 'summary', 'notes', 'data'])(
    '%s is dark, still, and keeps WCAG A and AA',
    async (name) => {
      await shown.goTo(name);
      await shown.screenshot(`${name}-dark`);
      expect(await shown.page.evaluate('getComputedStyle(document.documentElement).backgroundColor')).toBe(
        'rgb(16, 22, 28)',
      );
      expect(await shown.page.evaluate('document.getAnimations().length')).toBe(0);
      expect(await shown.violations()).toEqual([]);
    },
  );

  test('draws its pictures in colours for it, and anew when the screen turns light', async () => {
    const bars = (colour: string) => shown.page.locator(`#drill-summary path[fill="${colour}"]`).first();
    await shown.goTo('summary');
    await bars('#7db4ea').waitFor({ state: 'attached' });
    await shown.page.emulateMedia({ colorScheme: 'light' });
    await bars('#1d5b94').waitFor({ state: 'attached' });
    expect(await shown.page.locator('path[fill="#7db4ea"]').count()).toBe(0);
  });
});

describe('on paper', () => {
  beforeAll(async () => {
    // The width of Letter between its margins.
    await shown.page.setViewportSize({ width: 725, height: 980 });
    await shown.page.emulateMedia({ media: 'print', colorScheme: 'dark' });
    await shown.goTo('all');
  });
  afterAll(() => shown.page.emulateMedia({ media: 'screen', colorScheme: 'light' }));

  test('is light, and says nothing of clicks or of an age that ends with the printing', async () => {
    expect(await shown.page.locator('#drill-summary path[fill="#1d5b94"]').count()).toBeGreaterThan(0);
    expect(await shown.page.evaluate("getComputedStyle(document.querySelector('.figure')).color")).toBe(
      'rgb(28, 39, 51)',
    );
    const text = await shown.page.locator('body').innerText();
    expect(text).not.toMatch(/\b(Choose|Click|Back to)\b/);
    expect(await shown.page.locator('.age').first().isVisible()).toBe(false);
    expect(text).toContain('Written Nov 20, 2026, 3:31 AM');
  });

  test('has pictures of its size, whole amounts, and headings that stay with their tables', async () => {
    expect(await shown.page.evaluate(brokenAmounts)).toEqual([]);
    for (const chart of await shown.page.locator('.chart').all()) {
      const box = (await chart.boundingBox())!;
      // 115 mm at 96 pixels an inch.
      expect(box.width).toBeLessThan(436);
      expect(box.height).toBeLessThan(500);
    }
    const breaks = await shown.page.evaluate(
      `['.figure h3', '.sentence', 'caption'].map((part) => getComputedStyle(document.querySelector(part)).breakAfter)`,
    );
    expect(breaks).toEqual(['avoid', 'avoid', 'avoid']);
  });

  test.each(['11in', '297mm', '270mm', '250mm', '230mm', '210mm'])(
    'on paper of %s no page ends with a heading whose rows are on the next one',
    async (height) => {
      const headings = await shown.page.locator(ofTables).allTextContents();
      const cells = await shown.page.locator('td, tbody th').allTextContents();
      const pages = await printedPages(shown, { height });
      expect(pages.length).toBeGreaterThan(10);
      const notOfCells = pages.map(({ words }) => words.at(-1)!).filter((words) => !isIn(cells)(words));
      expect(notOfCells.filter(isIn(headings))).toEqual([]);
      // Nor is a total, which stands first under the repeated names of the columns, alone on one.
      const totals = pages.filter(({ words }) => words.slice(0, 15).includes('Total') && words.length < 20);
      expect(totals).toEqual([]);
    },
  );
});

describe('the largest agency: 24 months, 60 QPs, 1,500 clients', () => {
  const rows = largeRows();
  let big: DashboardPage;
  let bytes: number;

  beforeAll(async () => {
    const data = buildPageData(rows, {
      names: false,
      agency: 'Example Care',
      writtenAt: new Date('2026-11-20T08:31:00Z'),
      timeZone: 'America/New_York',
      groupNames,
      figuresAre: 'authorization',
    });
    const file = path.join(site.folder, 'large.html');
    await writeFile(file, pageHtml({ title: 'Large', data, ...(await pageAssets()) }));
    bytes = (await stat(file)).size;
    big = await site.openFile(file, '2026-11-20T10:31:00Z');
    await big.page.setViewportSize({ width: 1280, height: 844 });
  });
  afterAll(() => big.page.close());

  test('is a file below 3 MB, whose figures are those of its rows', async () => {
    expect(bytes).toBeLessThan(3_000_000);
    await big.goTo('summary?month=all');
    const sum = (column: 'authorized' | 'billed') =>
      rows.utilization.reduce((total, row) => total + BigInt(row[column].replace('.', '')), 0n);
    const all = (await big.rows('Authorized and used')).map(([, amount]) => amount);
    expect([all[0], all[2]]).toEqual([dollarsText(sum('authorized')), dollarsText(sum('billed'))]);
    const under = rows.utilization.reduce((total, row) => total + BigInt(row.under.replace('.', '')), 0n);
    await big.goTo('under?month=all');
    expect(await big.card('Under-utilization')).toBe(dollarsText(under));
  });

  test('opens Act now with few rows, has all of them at once for paper, and lets nothing off the screen be laid out', async () => {
    const held = await site.browser.newContext({ viewport: { width: 1280, height: 844 } });
    const page = await held.newPage();
    // What is drawn later stays away.
    await page.addInitScript('window.setTimeout = () => 0');
    await page.goto(`${pathToFileURL(path.join(site.folder, 'large.html')).href}#act`);
    await page.locator('#page[data-drawn]').waitFor();
    const rowsOf = () => page.locator('#shown-act tbody tr').count();
    expect(await rowsOf()).toBeLessThan(400);
    await page.evaluate("dispatchEvent(new Event('beforeprint'))");
    const all = await rowsOf();
    await held.close();
    await big.goTo('act');
    expect(await big.page.locator('#shown-act tbody tr').count()).toBe(all);
    expect(all).toBeGreaterThan(3000);
    const visibility = "getComputedStyle(document.querySelector('.alone')).contentVisibility";
    expect(await big.page.evaluate(visibility)).toBe('auto');
  });

  test('is printed with a full first page, and with the headings of a table on each further page', async () => {
    await big.goTo('act');
    const [first, ...further] = await printedPages(big, { pageRanges: '1-3' });
    expect(first!.lowest).toBeLessThan(0.15);
    expect(further.map(({ words }) => words.slice(0, 3))).toEqual([
      ['Client', 'Unused', 'Days left'],
      ['Client', 'Unused', 'Days left'],
    ]);
  });

  test.each([1280, 390])('has no words of a picture over others at %i pixels', async (width) => {
    await big.page.setViewportSize({ width, height: 844 });
    for (const name of ['summary', 'under', 'notes', 'caregiver']) {
      await big.goTo(name);
      await big.screenshot(`large-${name}-${String(width)}`);
      expect([name, await big.page.evaluate(overlappingWords)]).toEqual([name, []]);
    }
  });
});

test('of all this nothing asked the network or offended the page’s policy', () => {
  expect(site.complaints).toEqual([]);
});
