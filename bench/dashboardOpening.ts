import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { chromium, type Browser } from 'playwright';
import { buildPageData } from '../src/dashboard/buildPageData.ts';
import { pageHtml } from '../src/dashboard/html.ts';
import { pageAssets } from '../src/dashboard/pageAssets.ts';
import { largeRows } from '../test/dashboard/largeRows.ts';
import { someQuestion, someRows } from '../test/dashboard/someRows.ts';
import { median } from './median.ts';

/**
 * How long the largest dashboard (24 months, 60 QPs, 1,500 clients) opens, beside one of three authorizations in the
 * same browser, in turn: seconds of the main thread's CPU and of a clock, from the address to the drawn page.
 */
const rounds = 5;
const views = ['act', 'summary'] as const;

const folder = await mkdtemp(path.join(tmpdir(), 'ehr-opening-'));
const executablePath = process.env['EHR_CHROMIUM'];
const browser = await chromium.launch(executablePath === undefined ? {} : { executablePath });
try {
  const assets = await pageAssets();
  const files = { large: largeRows(), small: someRows() };
  const paths = new Map<string, string>();
  for (const [name, rows] of Object.entries(files)) {
    const file = path.join(folder, `${name}.html`);
    await writeFile(file, pageHtml({ title: name, data: buildPageData(rows, someQuestion), ...assets }));
    paths.set(name, file);
    console.log(`${name}: ${String((await stat(file)).size)} bytes`);
  }
  console.log('view      large: CPU s  clock s   small: CPU s  clock s');
  for (const view of views) {
    const found: Record<string, { cpu: number; clock: number }[]> = { large: [], small: [] };
    for (let round = 0; round < rounds; round += 1) {
      for (const [name, file] of paths) found[name]!.push(await opening(browser, file, view));
    }
    const words = ['large', 'small'].map((name) => {
      const of = (what: 'cpu' | 'clock') => median(found[name]!.map((each) => each[what])).toFixed(2);
      return `${of('cpu').padStart(12)} ${of('clock').padStart(8)}`;
    });
    console.log(`${view.padEnd(8)} ${words.join('   ')}`);
  }
} finally {
  await browser.close();
  await rm(folder, { recursive: true });
}

async function opening(of: Browser, file: string, view: string): Promise<{ cpu: number; clock: number }> {
  const context = await of.newContext({ viewport: { width: 1280, height: 844 } });
  try {
    const page = await context.newPage();
    const session = await context.newCDPSession(page);
    await session.send('Performance.enable', { timeDomain: 'threadTicks' });
    // Rows beyond those in sight are drawn afterwards; a machine that is busy would mix that in.
    await page.addInitScript('window.setTimeout = () => 0');
    const begun = performance.now();
    await page.goto(`${pathToFileURL(file).href}#${view}`, { timeout: 120_000 });
    await page.locator('#page[data-drawn]').waitFor();
    // Until it has been laid out and painted; what comes later is not held back by a click.
    await page.evaluate('new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))');
    const clock = (performance.now() - begun) / 1000;
    const { metrics } = await session.send('Performance.getMetrics');
    const cpu = metrics.find(({ name }) => name === 'TaskDuration')!.value;
    return { cpu, clock };
  } finally {
    await context.close();
  }
}
