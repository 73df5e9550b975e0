import { writeFile } from 'node:fs/promises';
import type { Page } from 'playwright';
import { pathToFileURL } from 'node:url';
import { browserSettings } from './config.ts';
import type { BrowserWork, Paper, TableFormat, WrittenPage } from './dashboard/writeFiles.ts';
import { closeBrowser, launchBrowser, type LiveBrowser } from './portal/browser.ts';

/** Drawing a page of hundreds of clients takes a second or two. */
const drawSeconds = 60;

const footer =
  '<div style="width: 100%; padding: 0 12mm; font: 8px sans-serif; text-align: right"><span class="pageNumber"></span> / <span class="totalPages"></span></div>';

/** Printing a thousand rows takes a few seconds; Playwright itself would wait for ever. */
const printSeconds = 120;

/**
 * Opens each dashboard with all its pages, in a browser of its own that reaches nothing but the file, and makes of it
 * what is wanted: a PDF, and its tables as the page's own buttons save them. An abort ends the browser, and with it
 * whatever is being waited for.
 */
export async function openDashboards(
  pages: readonly WrittenPage[],
  { paper, tables, signal }: BrowserWork,
): Promise<void> {
  const { executable } = browserSettings(process.env);
  signal.throwIfAborted();
  const live = await launchBrowser({ executable, headless: true });
  const close = () => void closeBrowser(live);
  signal.addEventListener('abort', close, { once: true });
  try {
    // The file brings everything along; that nothing is asked for is thereby sure.
    await live.context.setOffline(true);
    for (const { html, withEnding } of pages) {
      const page = await live.context.newPage();
      await page.goto(`${pathToFileURL(html).href}#all`);
      await page.locator('#page[data-drawn]').waitFor({ timeout: drawSeconds * 1000 });
      if (paper !== undefined) await printPdf(page, { path: withEnding('pdf'), paper, live });
      if (tables !== undefined) await saveTables(page, tables, withEnding);
      await page.close();
    }
  } finally {
    signal.removeEventListener('abort', close);
    await closeBrowser(live);
  }
}

async function printPdf(
  page: Page,
  { path, paper, live }: { readonly path: string; readonly paper: Paper; readonly live: LiveBrowser },
): Promise<void> {
  const hung = setTimeout(() => void closeBrowser(live), printSeconds * 1000);
  try {
    await page.pdf({
      path,
      format: paper,
      printBackground: true,
      displayHeaderFooter: true,
      headerTemplate: '<span></span>',
      footerTemplate: footer,
      margin: { top: '13mm', bottom: '15mm', left: '12mm', right: '12mm' },
      tagged: true,
      outline: true,
    });
  } finally {
    clearTimeout(hung);
  }
}

/** What the buttons above the tables say; the rest of their name is that of the table. */
const buttonNames: Readonly<Record<TableFormat, RegExp>> = {
  csv: /^Save as CSV: /,
  xlsx: /^Save as Excel: /,
};

/** Has each button make its file, and takes it from there: browsers now and then lose one of many downloads in a row. */
async function saveTables(
  page: Page,
  format: TableFormat,
  withEnding: WrittenPage['withEnding'],
): Promise<void> {
  for (const button of await page.getByRole('button', { name: buttonNames[format] }).all()) {
    const { name, bytes } = await button.evaluate(fileOfButton);
    await writeFile(withEnding(name), Buffer.from(bytes), { mode: 0o600, flush: true });
  }
}

/** Runs in the page, where the button knows its table. */
async function fileOfButton(button: unknown): Promise<{ name: string; bytes: number[] }> {
  const { makeFile } = button as { makeFile: () => Promise<{ name: string; content: Blob }> };
  const { name, content } = await makeFile();
  return { name, bytes: [...new Uint8Array(await content.arrayBuffer())] };
}
