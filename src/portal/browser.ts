import type { Browser, BrowserContext } from 'playwright';
import { loadPlaywright } from './loadPlaywright.ts';
import type { OriginGuard } from './originGuard.ts';
import { PortalTrouble } from './trouble.ts';
import { settledWithin } from './waiting.ts';

export interface BrowserOptions {
  /** Returns the Chromium to use, given the path of Playwright's own; undefined uses Playwright's. */
  readonly executable: (playwrightsOwn: string) => string | undefined;
  readonly headless: boolean;
  /** Where the browser saves downloads; it removes them when it closes. Default: a temporary folder. */
  readonly downloadsPath?: string;
  /** IANA time zone in which pages show times. Default: the machine's own. */
  readonly timeZone?: string;
  /** A port on the loopback where another browser's tools can watch and drive this one. */
  readonly debuggingPort?: number;
  /** Checks each request before it is sent. The browser reaches the network only through its gate. */
  readonly guard?: OriginGuard;
}

export interface LiveBrowser {
  readonly browser: Browser;
  readonly context: BrowserContext;
  /** The browser's main process; its children end with it. */
  readonly processId: number | undefined;
  readonly guard?: OriginGuard;
}

/** A browser that needs longer will not start at all. A cold start on a small, busy machine takes seconds. */
const launchSeconds = 60;
/** A healthy browser closes in about 100 ms. One that hangs is killed after this. */
const closeSeconds = 5;

/** Limit of driver calls that have none of their own. They act on what was just seen, so seconds are enough. */
const driverSeconds = 5;

const quietArguments = [
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** Turns off browser features that would bypass the gate. */
const gatedArguments = [
  '--webrtc-ip-handling-policy=disable_non_proxied_udp',
  '--force-webrtc-ip-handling-policy=disable_non_proxied_udp',
  '--dns-prefetch-disable',
];

/**
 * Makes the gate the only way out. WebSockets use a proxy of their own: over HTTP/2 they could share a connection that
 * a picture or script opened (RFC 8441), where the gate cannot see them. Chromium prefers the `socks` rule for
 * WebSockets (`ProxyRules::GetProxyListForWebSocketScheme`). Loopback gets no exception, and only the gate resolves
 * names.
 */
function gateArguments({ proxies: { proxyServer, webSocketProxyServer } }: OriginGuard): string[] {
  return [
    `--proxy-server=http=${proxyServer};https=${proxyServer};socks=${webSocketProxyServer}`,
    '--proxy-bypass-list=<-loopback>',
    '--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1',
    ...gatedArguments,
  ];
}

function debuggingArguments(port: number): string[] {
  return ['--remote-debugging-address=127.0.0.1', `--remote-debugging-port=${String(port)}`];
}

/** How pages write dates and numbers, whatever the machine's language. */
export const browserLocale = 'en-US';

/** Chromium refuses to run its sandbox as root. */
export function isRoot(): boolean {
  return process.getuid?.() === 0;
}

/** Variables that a visible browser needs to find its display. */
const displayVariables = ['DISPLAY', 'WAYLAND_DISPLAY', 'XAUTHORITY', 'XDG_RUNTIME_DIR'];

/** The browser's own environment. The worker's environment holds secrets, which any page's process could read. */
export function browserEnvironment(
  env: Readonly<Record<string, string | undefined>>,
  { headless, timeZone }: { readonly headless: boolean; readonly timeZone?: string },
): Record<string, string> {
  const wanted = ['PATH', 'HOME', 'TMPDIR', 'TZ', ...(headless ? [] : displayVariables)];
  const own = Object.fromEntries(
    wanted.flatMap((name) => (env[name] === undefined ? [] : [[name, env[name]]])),
  ) as Record<string, string>;
  // The context's time zone does not reach some processes, such as web workers; they use this one.
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
  const { executable, headless, downloadsPath, timeZone, guard, debuggingPort } = options;
  const { chromium } = loadPlaywright();
  const executablePath = executable(chromium.executablePath());
  try {
    const browser = await chromium.launch({
      headless,
      ...(executablePath === undefined ? {} : { executablePath }),
      ...(downloadsPath === undefined ? {} : { downloadsPath }),
      // Most containers run as root, where Chromium refuses its sandbox.
      args: [
        ...quietArguments,
        ...(guard === undefined ? [] : gateArguments(guard)),
        ...(debuggingPort === undefined ? [] : debuggingArguments(debuggingPort)),
      ],
      chromiumSandbox: !isRoot(),
      env: browserEnvironment(process.env, { headless, ...(timeZone === undefined ? {} : { timeZone }) }),
      timeout: launchSeconds * 1000,
      // The worker drains on these signals; Playwright's handlers would close the browser during an export.
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
    const context = await newContext(browser, timeZone);
    return { browser, context, processId, ...(guard === undefined ? {} : { guard }) };
  } catch (error) {
    await browser.close();
    throw error;
  }
}

/** Windows and cookies of their own in a browser that runs. */
export async function newContext(browser: Browser, timeZone?: string): Promise<BrowserContext> {
  const context = await browser.newContext({
    acceptDownloads: true,
    locale: browserLocale,
    ...(timeZone === undefined ? {} : { timezoneId: timeZone }),
    viewport: { width: 1440, height: 1000 },
    // A service worker could send requests after its page is gone, and answer requests from its cache.
    serviceWorkers: 'block',
  });
  context.setDefaultTimeout(driverSeconds * 1000);
  return context;
}

async function processIdOf(browser: Browser): Promise<number | undefined> {
  const session = await browser.newBrowserCDPSession();
  const { processInfo } = await session.send('SystemInfo.getProcessInfo');
  await session.detach();
  return processInfo.find(({ type }) => type === 'browser')?.id;
}

/** Ends the browser within seconds, whatever its state. */
export async function closeBrowser({ browser, processId }: LiveBrowser): Promise<void> {
  const closed = await settledWithin(browser.close(), closeSeconds * 1000);
  if (!closed && processId !== undefined) endProcess(processId);
}

function endProcess(processId: number): void {
  try {
    process.kill(processId, 'SIGKILL');
  } catch (error) {
    // ESRCH: the process has already ended, which is the goal.
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}
