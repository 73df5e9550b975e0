import type { BrowserContext, Request, Response } from 'playwright';

/** What failed between browser and portal: codes only, never an address or a text. */
export interface TrafficTrouble {
  readonly code: string;
}

/** What pages have sent to the portal (anything but GET), counted by result. */
export interface Submissions {
  readonly sent: number;
  /** The response was anything but a server error. */
  readonly answered: number;
  /** The response was a server error, or there was no connection. */
  readonly unheard: number;
}

/** A portal's page often retries by itself; this long without a good response is an outage. */
const graceMilliseconds = 10_000;
/** A report page makes dozens of requests; the newest explain a failure. */
const memoryLimit = 200;
/** The browser reports these for each request that it ended itself, such as a page left or a file saved. */
const harmless = new Set(['net::ERR_ABORTED', 'net::ERR_BLOCKED_BY_ORB']);
/** The browser reports this for a request that was blocked: it reached no server. */
const refused = /^net::ERR_BLOCKED_BY_CLIENT\b/;
/** The gate could not connect; the gate knows why. */
const notConnected = /^net::ERR_SOCKS_/;
/** With these codes the browser says that it reached no server. */
const neverConnected = new Set(
  [
    'CONNECTION_REFUSED',
    'CONNECTION_TIMED_OUT',
    'NAME_NOT_RESOLVED',
    'ADDRESS_UNREACHABLE',
    'INTERNET_DISCONNECTED',
    'PROXY_CONNECTION_FAILED',
    'TUNNEL_CONNECTION_FAILED',
  ].map((code) => `net::ERR_${code}`),
);
const essential = new Set(['document', 'xhr', 'fetch', 'script']);

/** Watches a browser's requests: server errors, broken connections, sizes of files. */
export class Traffic {
  readonly #failing = new Map<string, { since: number; code: string }>();
  readonly #lengths = new Map<string, number>();
  #pageError: string | undefined;
  #pageRefusal: string | undefined;
  readonly #failureOf: (address: string) => string | undefined;
  readonly #submissions = { sent: 0, answered: 0, unheard: 0 };
  /** What pages have asked for by themselves, and would ask for again. */
  readonly #usual = new Map<string, true>();
  #watch: { readonly open: Set<Request>; last: number } | undefined;

  /** `failureOf` says why no connection was made, if the browser does not know. */
  constructor(context: BrowserContext, failureOf: (address: string) => string | undefined = () => undefined) {
    this.#failureOf = failureOf;
    context.on('request', (request) => {
      if (isSubmission(request)) this.#submissions.sent += 1;
      this.#begun(request);
    });
    context.on('response', (response) => this.#answered(response));
    context.on('requestfinished', (request) => this.#ended(request));
    context.on('requestfailed', (request) => {
      this.#failed(request);
      this.#ended(request);
    });
  }

  /** Totals so far; they never decrease. */
  get submissions(): Submissions {
    return { ...this.#submissions };
  }

  /** The length that the portal's last answer announced for an address, if the body was sent unencoded. */
  contentLength(url: string): number | undefined {
    return this.#lengths.get(url);
  }

  /** An error page, or a request that has been failing for a while. */
  lastingTrouble(): TrafficTrouble | undefined {
    if (this.#pageError !== undefined) return { code: this.#pageError };
    const now = Date.now();
    for (const { since, code } of this.#failing.values()) {
      if (now - since > graceMilliseconds) return { code };
    }
    return undefined;
  }

  /** Any request that failed and has not succeeded since: the likely reason why an element never appeared. */
  anyTrouble(): TrafficTrouble | undefined {
    const [first] = this.#failing.values();
    return this.lastingTrouble() ?? (first === undefined ? undefined : { code: first.code });
  }

  /** The newest page's 4xx status. Some portals' pages work in spite of it. */
  pageRefusal(): TrafficTrouble | undefined {
    return this.#pageRefusal === undefined ? undefined : { code: this.#pageRefusal };
  }

  /** From here on, `isQuiet` counts requests that no page has made before. */
  beginWatch(): void {
    this.#watch = { open: new Set(), last: Date.now() };
  }

  /** Whether the portal has nothing new to answer and was asked for nothing new for so long. */
  isQuiet(milliseconds: number): boolean {
    const { open, last } = this.#watch ?? { open: new Set(), last: 0 };
    return open.size === 0 && Date.now() - last >= milliseconds;
  }

  forget(): void {
    this.#failing.clear();
    this.#lengths.clear();
    this.#watch = undefined;
    this.#pageError = undefined;
    this.#pageRefusal = undefined;
  }

  #begun(request: Request): void {
    const key = keyOf(request);
    if (this.#watch === undefined) keep(this.#usual, key, true);
    else if (!this.#usual.has(key)) {
      this.#watch.open.add(request);
      this.#watch.last = Date.now();
    }
  }

  #ended(request: Request): void {
    if (this.#watch?.open.delete(request) === true) this.#watch.last = Date.now();
  }

  #answered(response: Response): void {
    const request = response.request();
    const status = response.status();
    const code = status >= 500 ? `HTTP_${status}` : undefined;
    if (isPage(request)) {
      this.#pageError = code;
      this.#pageRefusal = status >= 400 && status < 500 ? `HTTP_${status}` : undefined;
    } else if (essential.has(request.resourceType())) this.#remember(request, code);
    if (isSubmission(request)) this.#submissions[code === undefined ? 'answered' : 'unheard'] += 1;
    const { 'content-length': length, 'content-encoding': encoding = 'identity' } = response.headers();
    // Without it, a length that the same address had before tells nothing.
    this.#lengths.delete(response.url());
    if (length !== undefined && encoding === 'identity') keep(this.#lengths, response.url(), Number(length));
  }

  #failed(request: Request): void {
    const text = request.failure()?.errorText ?? 'unknown';
    const unheard = neverConnected.has(text) || refused.test(text) || notConnected.test(text);
    if (isSubmission(request) && unheard) this.#submissions.unheard += 1;
    const reason = notConnected.test(text) ? this.#failureOf(request.url()) : undefined;
    const code = reason ?? codeOnly(text);
    if (harmless.has(text) || refused.test(text) || !essential.has(request.resourceType())) return;
    if (isPage(request)) this.#pageError = code;
    else this.#remember(request, code);
  }

  #remember(request: Request, code: string | undefined): void {
    const key = keyOf(request);
    if (code === undefined) this.#failing.delete(key);
    else if (!this.#failing.has(key)) keep(this.#failing, key, { since: Date.now(), code });
  }
}

function keyOf(request: Request): string {
  return `${request.method()} ${request.url().replace(/[?#].*$/, '')}`;
}

function isSubmission(request: Request): boolean {
  return request.method() !== 'GET';
}

function isPage(request: Request): boolean {
  if (!request.isNavigationRequest()) return false;
  try {
    return request.frame().parentFrame() === null;
  } catch {
    // A request of a page that does not exist yet (a new tab) has no frame.
    return false;
  }
}

function codeOnly(errorText: string): string {
  return /^net::(ERR_[A-Z0-9_]+)$/.exec(errorText)?.[1] ?? 'ERR_FAILED';
}

function keep<Value>(memory: Map<string, Value>, key: string, value: Value): void {
  memory.set(key, value);
  const [oldest] = memory.keys();
  if (memory.size > memoryLimit && oldest !== undefined) memory.delete(oldest);
}
