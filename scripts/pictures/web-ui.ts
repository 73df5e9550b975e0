import path from 'node:path';
import type { Browser, Locator, Page } from 'playwright';

/** Workflow ids. */
export interface PicturedRuns {
  readonly published: string;
  readonly held: string;
  readonly failed: string;
}

interface WebUi {
  readonly uiUrl: string;
  readonly runs: PicturedRuns;
  readonly images: string;
}

/** The least at which the Web UI has what it says of a run side by side. */
const viewport = { width: 1280, height: 1600 };
/** Its menu at the left and its bar above, which no picture needs. */
const [menuWidth, barHeight] = [65, 50];

export async function pictureRuns(browser: Browser, { uiUrl, runs, images }: WebUi): Promise<void> {
  const page = await browser.newPage({ viewport });
  const workflows = `${uiUrl}/namespaces/default/workflows`;
  const take = async (
    name: string,
    last: Locator,
    { top = barHeight, right = viewport.width, below = 24 } = {},
  ) => {
    await last.waitFor();
    await settled(page);
    const box = (await last.boundingBox())!;
    await page.screenshot({
      path: path.join(images, `webui-${name}.png`),
      clip: { x: menuWidth, y: top, width: right - menuWidth, height: box.y + box.height + below - top },
    });
  };

  for (const [end, id] of Object.entries(runs)) {
    await page.goto(`${workflows}/${encodeURIComponent(id)}`);
    await take(`${end}-run`, page.locator('svg').filter({ hasText: 'planRun' }));
    if (end === 'published') continue;
    await page.getByText('User Metadata').click();
    // In a frame of its own, once a worker has answered.
    await page.frameLocator('iframe').last().getByText('What to do:').waitFor();
    await take(
      `${end}-details`,
      page
        .locator('p')
        .filter({ hasText: /^Activity$/ })
        .last(),
    );
  }
  await page.goto(`${workflows}?query=${encodeURIComponent('EhrOutcome="held"')}`);
  await page.getByLabel('Collapse saved views').click();
  await page.getByText(runs.held).first().waitFor();
  // Without the heading, the footer, and the columns that its table would have to be scrolled for.
  const start = (await page
    .getByText('Start', { exact: true })
    .filter({ visible: true })
    .last()
    .boundingBox())!;
  await take('held-runs', page.getByText(runs.held).first(), { top: 125, right: start.x - 16, below: 18 });
  await page.close();
}

/** Its panes slide in and its timeline draws itself. */
async function settled(page: Page): Promise<void> {
  await page.waitForLoadState('networkidle');
  await page.waitForTimeout(1500);
}
