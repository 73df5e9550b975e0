import { writeFile } from 'node:fs/promises';
import type { Page } from 'playwright';
import { pathToFileURL } from 'node:url';
import { browserSettings } from '../config.ts';
import { PipelineError } from '../domain/failures.ts';
import type { BrowserWork, Paper, TableFormat, WrittenPage } from '../dashboard/writeFiles.ts';
import { isTimeout } from '../portal/trouble.ts';
import { closeBrowser, launchBrowser, type LiveBrowser } from '../portal/browser.ts';

/**
 * Opening and drawing a page of hundreds of clients takes a second or two, and thirty times as long on a busy machine.
 * Used for every wait here: the driver's few seconds for portal work cover only what was just seen.
 */
const patience: Patience = { drawSeconds: 60, printSeconds: 120 };

export interface Patience {
  readonly drawSeconds: number;
  /** Printing a thousand rows takes a few seconds; Playwright itself would wait forever. */
  readonly printSeconds: number;
}

const footer =
  '<div style="width: 100%; padding: 0 12mm; font: 8px sans-serif; text-align: right"><span class="pageNumber"></span> / <span class="totalPages"></span></div>';

/**
 * Opens each dashboard with all its pages, in a browser of its own that can read only the file, and makes what was
 * asked for: a PDF, and its tables as the page's own buttons save them. An abort ends the browser and every wait in it.
 * @throws PipelineError DashboardsNotWritten if a page takes too long
 */
export async function openDashboards(
  pages: readonly WrittenPage[],
  { paper, tables, signal }: BrowserWork,
  { drawSeconds, printSeconds }: Patience = patience,
): Promise<void> {
  const { executable } = browserSettings(process.env);
  signal.throwIfAborted();
  const live = await launchBrowser({ executable, headless: true });
  const close = () => void closeBrowser(live);
  signal.addEventListener('abort', close, { once: true });
  try {
    // The file is complete; offline guarantees that it requests nothing.
    await live.context.setOffline(true);
    live.context.setDefaultTimeout(drawSeconds * 1000);
    for (const { html, withEnding } of pages) {
      const page = await live.context.newPage();
      await page.goto(`${pathToFileURL(html).href}#all`);
      await page.locator('#page[data-drawn]').waitFor();
      if (paper !== undefined) await printPdf(page, { path: withEnding('pdf'), paper, live, printSeconds });
      if (tables !== undefined) await saveTables(page, tables, withEnding);
      await page.close();
    }
  } catch (error) {
    throw isTimeout(error)
      ? tooSlow(`open and draw a dashboard within ${String(drawSeconds)} s`, error)
      : error;
  } finally {
    signal.removeEventListener('abort', close);
    await closeBrowser(live);
  }
}

/** The browser runs and works: it is only slow. */
function tooSlow(what: string, cause: unknown): PipelineError {
  return new PipelineError('DashboardsNotWritten', `the browser did not ${what}`, {
    hint: 'The machine is busy: try again when it has less to do, or write pages only, without PDF and exports.',
    cause,
  });
}

interface Printing extends Pick<Patience, 'printSeconds'> {
  readonly path: string;
  readonly paper: Paper;
  readonly live: LiveBrowser;
}

async function printPdf(page: Page, { path, paper, live, printSeconds }: Printing): Promise<void> {
  let late = false;
  const hung = setTimeout(() => {
    late = true;
    void closeBrowser(live);
  }, printSeconds * 1000);
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
  } catch (error) {
    throw late ? tooSlow(`print a dashboard within ${String(printSeconds)} s`, error) : error;
  } finally {
    clearTimeout(hung);
  }
}

/** The beginning of each button's name; the rest is the table's name. */
const buttonNames: Readonly<Record<TableFormat, RegExp>> = {
  csv: /^Save as CSV: /,
  xlsx: /^Save as Excel: /,
};

/**
 * Has each button make its file, and takes it from the page: browsers sometimes lose one of many downloads in a row.
 */
async function saveTables(
  page: Page,
  format: TableFormat,
  withEnding: WrittenPage['withEnding'],
): Promise<void> {
  const buttons = await page.getByRole('button', { name: buttonNames[format] }).all();
  if (format === 'xlsx') buttons.push(...(await page.locator('.workbook button').all()));
  for (const button of buttons) {
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
