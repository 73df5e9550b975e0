import path from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Browser } from 'playwright';

interface Dashboards {
  readonly file: string;
  readonly images: string;
}

const pages = ['act', 'follow', 'summary', 'under', 'over', 'notes', 'caregiver', 'data'] as const;

/**
 * The least width at which a chart stands beside its table (dashboard.css): the smaller, the larger its words on
 * GitHub.
 */
const width = 1280;
/** A picture ends below the last figure that is over before this, so that none is cut. */
const mostHeight = 1150;

export async function pictureDashboards(browser: Browser, { file, images }: Dashboards): Promise<void> {
  const page = await browser.newPage({ viewport: { width, height: mostHeight } });
  for (const name of pages) {
    await page.goto(`${pathToFileURL(file).href}#${name}`);
    await page.locator(`#page[data-drawn="#${name}"]`).waitFor();
    const figures = await page.locator('.figure').all();
    const boxes = await Promise.all(figures.map((figure) => figure.boundingBox()));
    const ends = boxes.map((box) => (box === null ? 0 : box.y + box.height));
    const whole = ends.filter((end) => end <= mostHeight);
    // A first figure that is longer by itself is cut.
    const height = whole.length === 0 ? mostHeight : Math.max(...whole) + 16;
    await page.screenshot({
      path: path.join(images, `dashboard-${name}.png`),
      clip: { x: 0, y: 0, width, height },
    });
  }
  await page.close();
}
