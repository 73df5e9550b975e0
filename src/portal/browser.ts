import type { Browser, BrowserContext } from 'playwright';
import type { OriginGuard } from './originGuard.ts';
import { PortalTrouble } from './trouble.ts';
import { settledWithin } from './waiting.ts';

export interface BrowserOptions {
  /** The Chromium to use instead of the one that Playwright brings, whose path it is given; undefined for that one. */
  readonly executable: (playwrightsOwn: string) => string | undefined;
  readonly headless: boolean;
  /** Where files arrive that the portal sends; the browser removes them as it closes. A folder for temporary files otherwise. */
  readonly downloadsPath?: string;
  /** IANA name of the zone in which pages show instants; the machine's own otherwise. */
  readonly timeZone?: string;
  /** Through whose gate the browser reaches the network, and who sees each request first. */
  readonly guard?: OriginGuard;
}

export interface LiveBrowser {
  readonly browser: Browser;
  readonly context: BrowserContext;
  /** The browser's main process; its children end with it. */
  readonly processId: number | undefined;
  readonly guard?: OriginGuard;
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

/** What would reach the network by another way than the gate. */
const gatedArguments = [
  '--webrtc-ip-handling-policy=disable_non_proxied_udp',
  '--force-webrtc-ip-handling-policy=disable_non_proxied_udp',
  '--dns-prefetch-disable',
];

/**
 * The gate as the only way out. WebSockets have a door of their own: a server of HTTP/2 could have them ride a connection
 * that a picture or script has opened (RFC 8441), where nobody sees them. `socks` is the rule that Chromium prefers for
 * them (`ProxyRules::GetProxyListForWebSocketScheme`). The loopback is no exception, and no name is looked up but by the gate.
 */
function gateArguments({ proxies: { proxyServer, webSocketProxyServer } }: OriginGuard): string[] {
  return [
    `--proxy-server=http=${proxyServer};https=${proxyServer};socks=${webSocketProxyServer}`,
    '--proxy-bypass-list=<-loopback>',
    '--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1',
    ...gatedArguments,
  ];
}

/** How pages write dates and numbers, whatever the machine's own language. */
export const browserLocale = 'en-US';

/** Chromium refuses its sandbox to root. */
export function isRoot(): boolean {
  return process.getuid?.() === 0;
}

/** What the browser needs to find its display, where a person wants to watch it. */
const displayVariables = ['DISPLAY', 'WAYLAND_DISPLAY', 'XAUTHORITY', 'XDG_RUNTIME_DIR'];

/** The browser's own environment. The worker's holds secrets, which any page's process could otherwise read. */
export function browserEnvironment(
  env: Readonly<Record<string, string | undefined>>,
  { headless, timeZone }: { readonly headless: boolean; readonly timeZone?: string },
): Record<string, string> {
  const wanted = ['PATH', 'HOME', 'TMPDIR', 'TZ', ...(headless ? [] : displayVariables)];
  const own = Object.fromEntries(
    wanted.flatMap((name) => (env[name] === undefined ? [] : [[name, env[name]]])),
  ) as Record<string, string>;
  // Processes that the context's zone does not reach, such as workers of a page, have this one.
  return { ...own, LANG: 'en_US.UTF-8', ...(timeZone === undefined ? {} : { TZ: timeZone }) };
}

function isSandboxTrouble(error: unknown): boolean {
  return (
    error instanceof Error &&
    /\bsandbox\b/i.test(error.message) &&
    /no usable sandbox|namespace|SUID/i.test(error.message)
  );
}

export async function launchBrowser(options: BrowserOptions): Promise<LiveBrowser> {
  const { executable, headless, downloadsPath, timeZone, guard } = options;
  // Sixty megabytes that a worker has no use for before its first export.
  const { chromium } = await import('playwright');
  const executablePath = executable(chromium.executablePath());
  try {
    const browser = await chromium.launch({
      headless,
      ...(executablePath === undefined ? {} : { executablePath }),
      ...(downloadsPath === undefined ? {} : { downloadsPath }),
      // Chromium refuses its sandbox to root, as in most containers.
      args: [...quietArguments, ...(guard === undefined ? [] : gateArguments(guard))],
      chromiumSandbox: !isRoot(),
      env: browserEnvironment(process.env, { headless, ...(timeZone === undefined ? {} : { timeZone }) }),
      timeout: launchSeconds * 1000,
      // The worker drains on these signals; Playwright's handlers would close the browser under a running export.
      handleSIGINT: false,
      handleSIGTERM: false,
      handleSIGHUP: false,
    });
    return await withContext(browser, options);
  } catch (error) {
    throw new PortalTrouble('PortalUnavailable', 'The browser did not start.', {
      hint: isSandboxTrouble(error)
        ? 'Chromium found no way to its sandbox: allow user namespaces to the worker (docs/docker.md has the profile for containers), or install the package chromium-sandbox.'
        : 'Check that Chromium is installed and, where EHR settings name one, that its path is right.',
      cause: error,
    });
  }
}

async function withContext(
  browser: Browser,
  { timeZone, guard }: Pick<BrowserOptions, 'timeZone' | 'guard'>,
): Promise<LiveBrowser> {
  try {
    const processId = await processIdOf(browser);
    await guard?.watch(browser);
    const context = await browser.newContext({
      acceptDownloads: true,
      locale: browserLocale,
      ...(timeZone === undefined ? {} : { timezoneId: timeZone }),
      viewport: { width: 1440, height: 1000 },
      // A worker of the page's own would send requests after the page is gone, and answer them from memory.
      serviceWorkers: 'block',
    });
    context.setDefaultTimeout(driverSeconds * 1000);
    return { browser, context, processId, ...(guard === undefined ? {} : { guard }) };
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
