import type { Browser, BrowserContext } from 'playwright';
import { PortalTrouble } from './trouble.ts';
import { settledWithin } from './waiting.ts';

export interface BrowserOptions {
  /** The Chromium to use instead of the one that Playwright brings, whose path it is given; undefined for that one. */
  readonly executable: (playwrightsOwn: string) => string | undefined;
  readonly headless: boolean;
  /** Where files arrive that the portal sends; the browser removes them as it closes. A folder for temporary files otherwise. */
  readonly downloadsPath?: string;
}

export interface LiveBrowser {
  readonly browser: Browser;
  readonly context: BrowserContext;
  /** The browser's main process; its children end with it. */
  readonly processId: number | undefined;
}

/** A browser that cannot start in this time never will; cold starts on a busy small machine take seconds. */
const launchSeconds = 60;
/** A healthy browser closes in about 100 ms; one that hangs is killed after this. */
const closeSeconds = 5;

/** For driver calls that set no limit of their own. They concern what was just seen, so seconds are plenty. */
const driverSeconds = 5;

const quietArguments = [
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

export async function launchBrowser(options: BrowserOptions): Promise<LiveBrowser> {
  const { executable, headless, downloadsPath } = options;
  // Sixty megabytes that a worker has no use for before its first export.
  const { chromium } = await import('playwright');
  const executablePath = executable(chromium.executablePath());
  try {
    const browser = await chromium.launch({
      headless,
      ...(executablePath === undefined ? {} : { executablePath }),
      ...(downloadsPath === undefined ? {} : { downloadsPath }),
      // Chromium refuses its sandbox to root, as in most containers.
      args: process.getuid?.() === 0 ? ['--no-sandbox', ...quietArguments] : quietArguments,
      timeout: launchSeconds * 1000,
      // The worker drains on these signals; Playwright's handlers would close the browser under a running export.
      handleSIGINT: false,
      handleSIGTERM: false,
      handleSIGHUP: false,
    });
    return await withContext(browser);
  } catch (error) {
    throw new PortalTrouble('PortalUnavailable', 'The browser did not start.', {
      hint: 'Check that Chromium is installed and, where EHR settings name one, that its path is right.',
      cause: error,
    });
  }
}

async function withContext(browser: Browser): Promise<LiveBrowser> {
  try {
    const processId = await processIdOf(browser);
    const context = await browser.newContext({
      acceptDownloads: true,
      locale: 'en-US',
      viewport: { width: 1440, height: 1000 },
    });
    context.setDefaultTimeout(driverSeconds * 1000);
    return { browser, context, processId };
  } catch (error) {
    await browser.close();
    throw error;
  }
}

async function processIdOf(browser: Browser): Promise<number | undefined> {
  const session = await browser.newBrowserCDPSession();
  const { processInfo } = await session.send('SystemInfo.getProcessInfo');
  await session.detach();
  return processInfo.find(({ type }) => type === 'browser')?.id;
}

/** Ends the browser whatever state it is in, within seconds. */
export async function closeBrowser({ browser, processId }: LiveBrowser): Promise<void> {
  const closed = await settledWithin(browser.close(), closeSeconds * 1000);
  if (!closed && processId !== undefined) endProcess(processId);
}

function endProcess(processId: number): void {
  try {
    process.kill(processId, 'SIGKILL');
  } catch (error) {
    // ESRCH: it ended by itself in the meantime, which is what we want.
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}
