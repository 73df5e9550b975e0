import { pathToFileURL } from 'node:url';
import { browserSettings } from '../config.ts';
import { closeBrowser, launchBrowser } from '../portal/browser.ts';

export type Paper = 'A4' | 'Letter';

/** Drawing a page of hundreds of clients takes a second or two. */
const drawSeconds = 60;

const footer =
  '<div style="width: 100%; padding: 0 12mm; font: 8px sans-serif; text-align: right"><span class="pageNumber"></span> / <span class="totalPages"></span></div>';

/** Prints all pages of a dashboard, as they open, into one PDF each. */
export async function printPdfs(
  files: readonly { readonly html: string; readonly pdf: string }[],
  paper: Paper,
): Promise<void> {
  const { executable } = browserSettings(process.env);
  const live = await launchBrowser({ executable, headless: true });
  try {
    // The file brings everything along; that nothing is asked for is thereby sure.
    await live.context.setOffline(true);
    for (const { html, pdf } of files) {
      const page = await live.context.newPage();
      await page.goto(`${pathToFileURL(html).href}#all`);
      await page.locator('#page[data-drawn]').waitFor({ timeout: drawSeconds * 1000 });
      await page.pdf({
        path: pdf,
        format: paper,
        printBackground: true,
        displayHeaderFooter: true,
        headerTemplate: '<span></span>',
        footerTemplate: footer,
        margin: { top: '13mm', bottom: '15mm', left: '12mm', right: '12mm' },
        tagged: true,
        outline: true,
      });
      await page.close();
    }
  } finally {
    await closeBrowser(live);
  }
}
