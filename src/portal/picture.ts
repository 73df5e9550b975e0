import type { Page, PageScreenshotOptions } from 'playwright';

/**
 * A picture of a page. On a busy machine Chromium at times says that it is unable to capture one, and does at the next
 * try.
 */
export async function pictureOf(
  page: Pick<Page, 'screenshot'>,
  options: PageScreenshotOptions,
): Promise<Buffer> {
  try {
    return await page.screenshot(options);
  } catch (error) {
    if (!(error instanceof Error && error.message.includes('Unable to capture screenshot'))) throw error;
    return page.screenshot(options);
  }
}
