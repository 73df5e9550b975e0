import type { Browser, CDPSession } from 'playwright';
import { openConnectionGate, type ConnectionGate, type SiteProxy } from './connectionGate.ts';
import { endpointOf, originForMessage, ownOrigins, webOrigin, type PortalAddresses } from './origins.ts';
import { carriesName, carriesSecret } from './secretCarrier.ts';
import { SubmissionTurns } from './submissionTurns.ts';

export interface GuardOptions extends PortalAddresses {
  readonly siteProxy?: SiteProxy | undefined;
}

/** Something that was blocked on its way to another origin. */
interface Refusal {
  readonly doing: string;
  readonly origin: string;
}

interface EnteredTexts {
  /** Password and codes. */
  readonly secrets: readonly string[];
  /** User names: less secret, and sometimes common words. */
  readonly names: readonly string[];
}

/**
 * What the browser reports about a request before it is sent, or once it is answered; part of the protocol's
 * `Fetch.requestPaused`.
 */
interface PausedRequest {
  readonly requestId: string;
  readonly frameId: string;
  readonly resourceType: string;
  /** The request that a redirect turned into this one. */
  readonly redirectedRequestId?: string;
  /** Only of an answer that was asked for with `interceptResponse`. */
  readonly responseStatusCode?: number;
  readonly responseErrorReason?: string;
  readonly request: {
    readonly method: string;
    readonly url: string;
    readonly headers: Readonly<Record<string, string>>;
    readonly postData?: string;
    readonly hasPostData?: boolean;
  };
}

interface Unanswered {
  /** Where it was sent, redirects included. */
  readonly addresses: readonly string[];
  readonly carriesSecret: boolean;
}

/** Schemes that need no network. */
const withoutNetwork = /^(?:data|blob|about|chrome-error):/i;
/** Requests that pages need and the browser sends by itself: no navigation and no body. */
const sentByTheWay = new Set(['Ping', 'CSPViolationReport', 'Preflight', 'Prefetch', 'EventSource']);

/** A page sends to a few addresses. */
const addressLimit = 1000;

/** Headers that no page sets: names of the browser and the machine, words such as `script` and `image`. */
const browsersOwn = /^(?:sec-|user-agent$)/i;

/**
 * Keeps the secrets of a sign-in within the portal's own origins. It works below the page: every request of the
 * browser, including each hop of a redirect, is paused before it is sent, whichever page, frame or worker sends it.
 * From the first secret entered until the sign-in is complete, pages of other origins are not opened and no request
 * with a body is sent to them; plain GETs, as for pictures and scripts, still load. A request that carries a secret is
 * blocked as long as the browser lives. The portal gets it again only after it has answered. Connections go through a
 * gate that keeps the browser out of private networks.
 */
export class OriginGuard {
  readonly #own: ReadonlySet<string>;
  readonly #ownEndpoints: ReadonlySet<string | undefined>;
  readonly #pages = new Set<string>();
  /** Other origins to which plain GETs were allowed since the first secret was entered. */
  readonly #loadedFrom = new Set<string>();
  /** Other origins to which bodies were sent, some of which may still be in flight. */
  readonly #sentTo = new Set<string>();
  #turns = this.#newTurns();
  /** Addresses that pages send to by themselves. */
  readonly #usual = new Set<string>();
  readonly #sentWhileEntering = new Set<string>();
  /** Submissions without an answer, by request. */
  readonly #unanswered = new Map<string, Unanswered>();
  /** Addresses of submissions whose connection broke off. */
  readonly #brokenOff = new Set<string>();
  #gate: ConnectionGate | undefined;
  #entering = false;
  #secrets: readonly string[] = [];
  #names: readonly string[] = [];
  #refused: Refusal | undefined;
  #keptBack: Refusal | undefined;

  private constructor(options: GuardOptions) {
    this.#own = ownOrigins(options);
    this.#ownEndpoints = new Set(Array.from(this.#own, (origin) => endpointOf(origin)));
  }

  static async open(options: GuardOptions): Promise<OriginGuard> {
    const guard = new OriginGuard(options);
    const isOwn = (endpoint: string) => guard.#ownEndpoints.has(endpoint);
    guard.#gate = await openConnectionGate({
      isOwn,
      mayConnect: (endpoint) => !guard.#entering || guard.#loadedFrom.has(endpoint),
      mayOpenWebSocket: () => !guard.#entering,
      siteProxy: options.siteProxy,
    });
    return guard;
  }

  /** Where the browser sends its connections. */
  get proxies(): Pick<ConnectionGate, 'proxyServer' | 'webSocketProxyServer'> {
    return this.#gate!;
  }

  /** Call before the browser opens its first page. */
  async watch(browser: Browser): Promise<void> {
    const session = await browser.newBrowserCDPSession();
    session.on('Target.targetCreated', ({ targetInfo }) => {
      if (targetInfo.type === 'page') this.#pages.add(targetInfo.targetId);
    });
    session.on('Target.targetDestroyed', ({ targetId }) => this.#pages.delete(targetId));
    session.on('Fetch.requestPaused', (paused) => void this.#answer(session, paused));
    await session.send('Target.setDiscoverTargets', { discover: true });
    await session.send('Fetch.enable', { patterns: [{ urlPattern: '*', requestStage: 'Request' }] });
  }

  isOwn(address: string): boolean {
    const origin = webOrigin(address);
    return origin !== undefined && this.#own.has(origin);
  }

  /** From here on, nothing that could hold these texts leaves for another origin. */
  beginEntering({ secrets, names }: EnteredTexts): void {
    this.#secrets = [...new Set([...this.#secrets, ...secrets])].filter((secret) => secret !== '');
    this.#names = names.filter((name) => name !== '');
    if (this.#entering) return;
    this.#entering = true;
    this.#turns = this.#newTurns();
    this.#sentWhileEntering.clear();
    this.#loadedFrom.clear();
    // Open connections could carry what is typed from now on.
    this.#gate?.endWhere(({ endpoint, isWebSocket }) => isWebSocket || this.#sentTo.has(endpoint));
  }

  /** Call once the portal has accepted the secrets. */
  endEntering(): void {
    this.#entering = false;
    this.#keptBack = undefined;
    this.#unanswered.clear();
    this.#brokenOff.clear();
  }

  /** What was certainly refused: a page of another origin, or a secret on its way there. */
  get refused(): Refusal | undefined {
    return this.#refused;
  }

  /**
   * What was blocked although it need not have held a secret, and what a sign-in may need. It explains a failed sign-in
   * only if nothing else does.
   */
  get keptBack(): Refusal | undefined {
    return this.#keptBack;
  }

  /** Why the gate could not connect; the browser knows only that it could not. */
  failureOf(address: string): string | undefined {
    const endpoint = endpointOf(address);
    return endpoint === undefined ? undefined : this.#gate?.failureOf(endpoint);
  }

  async close(): Promise<void> {
    await this.#gate?.close();
  }

  async #answer(session: CDPSession, paused: PausedRequest): Promise<void> {
    const { requestId } = paused;
    try {
      if (isAnswer(paused)) {
        await this.#ended(paused);
        await session.send('Fetch.continueRequest', { requestId });
        return;
      }
      const isAllowed = this.#lets(paused);
      const interceptResponse = isAllowed && (await this.#begun(paused));
      // While it waited for its turn, an earlier submission may have broken off.
      if (isAllowed && !(interceptResponse && this.#isSecond(paused))) {
        if (interceptResponse) this.#note(paused);
        await session.send('Fetch.continueRequest', { requestId, interceptResponse });
      } else {
        this.#turns.end(requestId);
        await session.send('Fetch.failRequest', { requestId, errorReason: 'BlockedByClient' });
      }
    } catch {
      // The page is gone, and its request with it: it was not sent.
      this.#unanswered.delete(requestId);
      this.#turns.end(requestId);
    }
  }

  /** Returns once the request may be sent: whether the end of it matters. */
  async #begun({ requestId, resourceType, request }: PausedRequest): Promise<boolean> {
    if (!this.isOwn(request.url)) return false;
    if (resourceType === 'Preflight') return this.#turns.isQuestionOf(request.url);
    if (!this.#maySubmit(request)) return false;
    await this.#turns.begin(requestId, request.url);
    return true;
  }

  /** A script may encrypt what it sends. What it sends again and again, such as a sign of life, is no sign-in. */
  #maySubmit(request: PausedRequest['request']): boolean {
    const address = addressOf(request.url);
    const isFirst = !this.#usual.has(address) && !this.#sentWhileEntering.has(address);
    const isSending = hasBody(request);
    if (isSending) keep(this.#entering ? this.#sentWhileEntering : this.#usual, address);
    return this.#entering && ((isSending && isFirst) || this.#carriesSecret(request));
  }

  #newTurns(): SubmissionTurns {
    return new SubmissionTurns((url) => this.#gate!.renew(endpointOf(url)!));
  }

  async #ended(paused: PausedRequest): Promise<void> {
    const { requestId, resourceType, request, responseStatusCode } = paused;
    if (resourceType === 'Preflight') {
      await this.#turns.endQuestion(request.url);
      return;
    }
    const addresses = this.#unanswered.get(requestId)?.addresses ?? [];
    if (responseStatusCode === undefined) for (const address of addresses) keep(this.#brokenOff, address);
    // The browser sends the body again to where these two lead.
    if (responseStatusCode !== 307 && responseStatusCode !== 308) this.#unanswered.delete(requestId);
    this.#turns.end(requestId);
  }

  #note({ requestId, redirectedRequestId = '', request }: PausedRequest): void {
    const before = this.#unanswered.get(redirectedRequestId)?.addresses ?? [];
    this.#unanswered.delete(redirectedRequestId);
    if (request.method === 'OPTIONS' || this.#unanswered.size >= addressLimit) return;
    this.#unanswered.set(requestId, {
      addresses: [...before, submissionOf(request)],
      carriesSecret: this.#carriesSecret(request),
    });
  }

  #lets(paused: Omit<PausedRequest, 'requestId'>): boolean {
    const { request, resourceType } = paused;
    if (withoutNetwork.test(request.url)) return true;
    if (this.isOwn(request.url)) return !this.#isSentAgain(request);
    const origin = webOrigin(request.url);
    if (origin === undefined) return false;
    const refuse = (doing: string): false => {
      this.#refused ??= { doing, origin: this.#named(request.url) };
      return false;
    };
    const keepBack = (doing: string): false => {
      this.#keptBack ??= { doing, origin: this.#named(request.url) };
      return false;
    };
    const isNavigation = resourceType === 'Document';
    const isSending = hasBody(request);
    if (this.#carriesSecret(request)) return refuse('sending a secret to');
    const endpoint = endpointOf(request.url)!;
    if (!this.#entering) {
      if (isSending) this.#sentTo.add(endpoint);
      return true;
    }
    if (isNavigation && (isSending || this.#pages.has(paused.frameId))) return refuse('opening a page of');
    if (isNavigation) return keepBack('opening a frame of');
    // No sign-in waits for these, such as a page's statistics.
    if (sentByTheWay.has(resourceType)) return false;
    if (isSending) return keepBack('sending data to');
    if (this.#carriesName(request)) return keepBack('sending the user name to');
    this.#loadedFrom.add(endpoint);
    return true;
  }

  /**
   * The portal may have judged a submission that broke off, so nobody may send it again: Chromium loads a failed page
   * again after a second, and with it the password of a form by GET; a page's script may try again too, with another
   * query, or with a password that it encrypts anew.
   */
  #isSentAgain(request: PausedRequest['request']): boolean {
    return this.#brokenOff.has(submissionOf(request)) && (hasBody(request) || this.#carriesSecret(request));
  }

  /** Whether it broke off, or the secret is on its way still: a script gives up waiting, and the portal goes on. */
  #isSecond({ redirectedRequestId, request }: PausedRequest): boolean {
    const address = submissionOf(request);
    const isUnderWay = Array.from(this.#unanswered).some(
      ([id, sent]) => id !== redirectedRequestId && sent.carriesSecret && sent.addresses.includes(address),
    );
    return this.#isSentAgain(request) || (isUnderWay && this.#carriesSecret(request));
  }

  #carriesSecret({ url, headers, postData = '' }: PausedRequest['request']): boolean {
    return carriesSecret([url, ...Object.values(headers), postData].join('\n'), this.#secrets);
  }

  #carriesName({ url, headers }: PausedRequest['request']): boolean {
    const sent = Object.entries(headers).flatMap(([name, value]) => (browsersOwn.test(name) ? [] : [value]));
    const text = [url, ...sent].join('\n');
    // A portal's own address may contain the user's name, and every page that links elsewhere sends that address.
    const others = Array.from(this.#own).reduce((rest, origin) => rest.replaceAll(origin, ''), text);
    return carriesName(others, this.#names);
  }

  /** The origin, unless it contains a secret. */
  #named(url: string): string {
    const origin = originForMessage(url);
    return carriesSecret(origin, this.#secrets) ? 'an address that holds a secret' : origin;
  }
}

function keep(addresses: Set<string>, address: string): void {
  if (addresses.size < addressLimit) addresses.add(address);
}

/** Without the query, which may differ each time. */
function submissionOf({ method, url }: PausedRequest['request']): string {
  return `${method} ${addressOf(url)}`;
}

function addressOf(url: string): string {
  return url.replace(/[?#].*$/s, '');
}

function isAnswer({ responseStatusCode, responseErrorReason }: PausedRequest): boolean {
  return responseStatusCode !== undefined || responseErrorReason !== undefined;
}

function hasBody({ method, hasPostData }: PausedRequest['request']): boolean {
  return hasPostData === true || !/^(?:GET|HEAD)$/.test(method);
}
