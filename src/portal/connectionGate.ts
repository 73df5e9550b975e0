import { lookup, type LookupAddress } from 'node:dns';
import { once } from 'node:events';
import { connect, createServer, isIP, type AddressInfo, type Server, type Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { connect as connectTls } from 'node:tls';
import { isPrivateAddress } from './privateAddresses.ts';
import { isWebSocketOpening } from './webSocketOpening.ts';

/** The site's own proxy to the web. */
export interface SiteProxy {
  /** `http://user:password@host:port` or `https://…`. */
  readonly url: string;
  /** Whether a host is reached without the proxy. */
  readonly bypasses: (host: string) => boolean;
}

/** What the gate checks before it allows a connection. An endpoint is `host:port`. */
export interface GateRules {
  /** True for the portal's own endpoints, which are allowed at any address and with any protocol. */
  readonly isOwn: (endpoint: string) => boolean;
  readonly mayConnect: (endpoint: string) => boolean;
  readonly mayOpenWebSocket: () => boolean;
  readonly siteProxy?: SiteProxy | undefined;
}

interface Connection {
  readonly endpoint: string;
  readonly isWebSocket: boolean;
}

/** A connection to the portal itself, and its last bytes. */
interface OwnConnection {
  readonly endpoint: string;
  lastAt: number;
  /** Whether they came from the browser, which then waits for an answer. */
  wasAsked: boolean;
}

export interface ConnectionGate {
  /** The browser's proxy for requests. */
  readonly proxyServer: string;
  /** The browser's proxy for WebSockets, so that they never share a connection with requests. */
  readonly webSocketProxyServer: string;
  /** Why the last connection to an endpoint failed: a browser error code, or `ADDRESS_REFUSED`. */
  readonly failureOf: (endpoint: string) => string | undefined;
  readonly endWhere: (ends: (connection: Connection) => boolean) => void;
  /**
   * Ends the connections to one of the portal's endpoints, so that the next request opens one. Those in use get
   * `busySeconds`. WebSockets stay.
   */
  readonly renew: (endpoint: string) => Promise<void>;
  readonly close: () => Promise<void>;
}

/** A handshake on one machine takes no time. A client that stays silent this long is not our browser. */
const handshakeSeconds = 30;
/**
 * Delay before the next address of a name is tried in parallel. Node's default is a quarter of a second per address.
 */
const nextAddressMilliseconds = 2000;
/** The first bytes of a browser's connection, a TLS greeting or a request's head, are far shorter. */
const openingLimit = 64 * 1024;
/** A browser keeps at most a few hundred connections. */
const connectionLimit = 1000;
const failuresKept = 200;
/** A pause in an answer is shorter, as a rule. */
const idleMilliseconds = 200;
/** In bytes. The browser's own replies within HTTP/2, such as one to the server's settings, are shorter. */
const shortestRequest = 64;
/** What takes longer waits for news, and asks again. */
const busySeconds = 2;

/**
 * The browser's only way out: a SOCKS proxy on loopback. It resolves each name itself and connects to the address that
 * it checked, so no name and no redirect leads into the private network. It also sees connections that the browser's
 * own interception does not, such as WebSockets.
 */
export async function openConnectionGate(rules: GateRules): Promise<ConnectionGate> {
  const open = new Map<Socket, Connection>();
  const own = new Map<Socket, OwnConnection>();
  const failures = new Map<string, string>();
  const sockets = new Set<Socket>();
  const pages = await listening((client) => serve(client, false), sockets);
  const webSockets = await listening((client) => serve(client, true), sockets);

  async function serve(client: Socket, ofWebSockets: boolean): Promise<void> {
    client.setTimeout(handshakeSeconds * 1000, () => client.destroy());
    const { host, port } = await askedFor(client);
    client.setTimeout(0);
    const endpoint = `${host}:${port}`;
    const connection = { endpoint, lastAt: Date.now(), wasAsked: false };
    if (!ofWebSockets && rules.isOwn(endpoint)) {
      own.set(client, connection);
      client.once('close', () => own.delete(client));
    }
    let upstream: Socket;
    try {
      upstream = await reach({ host, port }, rules, (socket) => keep(socket, sockets));
      failures.delete(endpoint);
    } catch (error) {
      failures.delete(endpoint);
      failures.set(endpoint, codeOf(error));
      if (failures.size > failuresKept) failures.delete(failures.keys().next().value!);
      client.end(reply(socksFailure));
      return;
    }
    // The client has gone, so no reply is needed.
    if (client.destroyed) return void upstream.destroy();
    joined(client, upstream);
    client.write(reply(socksSuccess));
    if (rules.isOwn(endpoint)) {
      client.on('data', ({ length }: Buffer) => {
        if (length >= shortestRequest) Object.assign(connection, { lastAt: Date.now(), wasAsked: true });
      });
      upstream.on('data', () => Object.assign(connection, { lastAt: Date.now(), wasAsked: false }));
      return connectBoth(client, upstream);
    }
    const opening = await bytesOf(client, (got) => isWebSocketOpening(got) !== undefined, openingLimit);
    const isWebSocket = ofWebSockets || isWebSocketOpening(opening) === true;
    if (isWebSocket && !rules.mayOpenWebSocket()) return void client.destroy();
    open.set(client, { endpoint, isWebSocket });
    client.once('close', () => open.delete(client));
    upstream.write(opening);
    connectBoth(client, upstream);
  }

  return {
    proxyServer: addressOf(pages),
    webSocketProxyServer: addressOf(webSockets),
    failureOf: (endpoint) => failures.get(endpoint),
    endWhere: (ends) => {
      for (const [socket, connection] of open) if (ends(connection)) socket.destroy();
    },
    renew: async (endpoint) => {
      const giveUpAt = Date.now() + busySeconds * 1000;
      const there = () => Array.from(own).filter(([, connection]) => connection.endpoint === endpoint);
      // Even if there is none: the browser may be opening one in advance.
      do await delay(idleMilliseconds);
      while (Date.now() < giveUpAt && !there().every(([, connection]) => isIdle(connection)));
      await Promise.all(there().map(([socket]) => (socket.destroy(), once(socket, 'close'))));
    },
    close: async () => {
      const ended = [pages, webSockets].map(closed);
      // With an error: a caller that awaits a connection gets no other signal.
      for (const socket of sockets) socket.destroy(new Error('the gate is closed'));
      await Promise.all(ended);
    },
  };
}

function isIdle({ lastAt, wasAsked }: OwnConnection): boolean {
  return !wasAsked && Date.now() - lastAt >= idleMilliseconds;
}

async function listening(serve: (client: Socket) => Promise<void>, sockets: Set<Socket>): Promise<Server> {
  const server = createServer({ allowHalfOpen: true, noDelay: true }, (client) => {
    keep(client, sockets);
    void serve(client).catch(() => client.destroy());
  });
  server.maxConnections = connectionLimit;
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  // The gate ends with the browser and must not keep the process alive.
  server.unref();
  return server;
}

/** Keeps the socket in the set until it closes. */
function keep(socket: Socket, sockets: Set<Socket>): void {
  sockets.add(socket);
  socket.once('close', () => sockets.delete(socket));
  socket.on('error', () => socket.destroy());
}

async function closed(server: Server): Promise<void> {
  if (!server.listening) return;
  const ended = once(server, 'close');
  server.close();
  await ended;
}

function addressOf(server: Server): string {
  return `socks5://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const socksVersion = 5;
const socksSuccess = 0;
const socksFailure = 1;

function reply(code: number): Buffer {
  return Buffer.from([socksVersion, code, 0, 1, 0, 0, 0, 0, 0, 0]);
}

/** The two messages of a SOCKS5 client (RFC 1928). No password: only this machine can connect. */
async function askedFor(client: Socket): Promise<{ host: string; port: number }> {
  const greeting = await bytesOf(client, (got) => got.length >= 2 && got.length >= 2 + got[1]!, 257);
  if (greeting[0] !== socksVersion) throw new Error('not SOCKS5');
  client.write(Buffer.from([socksVersion, 0]));
  const request = await bytesOf(client, (got) => got.length >= 5 && got.length >= requestLength(got), 262);
  if (request[1] !== 1) throw new Error('not CONNECT');
  const end = requestLength(request);
  return { host: hostIn(request), port: request.readUInt16BE(end - 2) };
}

function requestLength(request: Buffer): number {
  const addressLength = { 1: 4, 3: 1 + request[4]!, 4: 16 }[request[3]!];
  if (addressLength === undefined) throw new Error('unknown kind of address');
  return 4 + addressLength + 2;
}

function hostIn(request: Buffer): string {
  if (request[3] === 3) return request.toString('latin1', 5, 5 + request[4]!).toLowerCase();
  if (request[3] === 1) return [...request.subarray(4, 8)].join('.');
  const groups = Array.from({ length: 8 }, (_, index) => request.readUInt16BE(4 + 2 * index).toString(16));
  // In the URL parser's form, because the portal's own endpoints are compared in that form.
  return new URL(`http://[${groups.join(':')}]`).hostname.slice(1, -1);
}

/** Reads until there is enough. The result includes any bytes beyond that. */
function bytesOf(socket: Socket, isEnough: (got: Buffer) => boolean, limit: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    let got = Buffer.alloc(0);
    const stop = () => {
      socket.off('readable', onReadable).off('end', onEnd).off('close', onEnd);
    };
    const onEnd = () => {
      stop();
      reject(new Error('the connection ended'));
    };
    const onReadable = () => {
      try {
        for (
          let chunk = socket.read() as Buffer | null;
          chunk !== null;
          chunk = socket.read() as Buffer | null
        ) {
          got = Buffer.concat([got, chunk]);
        }
        if (!isEnough(got)) {
          if (got.length > limit) throw new Error('too much');
          return;
        }
      } catch (error) {
        stop();
        reject(error);
        return;
      }
      stop();
      resolve(got);
    };
    socket.on('readable', onReadable).on('end', onEnd).on('close', onEnd);
    onReadable();
  });
}

/** Joins the two sockets: when one ends or breaks off, so does the other. */
function joined(client: Socket, upstream: Socket): void {
  for (const [one, other] of [
    [client, upstream],
    [upstream, client],
  ] as const) {
    one.on('error', () => other.resetAndDestroy());
    one.on('close', () => {
      if (!other.writableEnded) other.destroy();
    });
  }
}

function connectBoth(client: Socket, upstream: Socket): void {
  client.pipe(upstream);
  upstream.pipe(client);
}

interface Place {
  readonly host: string;
  readonly port: number;
}

class Refused extends Error {
  readonly code = 'ADDRESS_REFUSED';
}

/** Reports each connection as it starts, so that one that never connects can be ended too. */
type OnBegun = (socket: Socket) => void;

async function reach({ host, port }: Place, rules: GateRules, onBegun: OnBegun): Promise<Socket> {
  const endpoint = `${host}:${port}`;
  const own = rules.isOwn(endpoint);
  if (!own && !rules.mayConnect(endpoint)) throw new Refused('not while a secret is entered');
  const { siteProxy } = rules;
  const proxied = siteProxy !== undefined && !siteProxy.bypasses(host);
  const addresses = await addressesOf(host).catch((error: unknown) => {
    // A site that reaches the web only through a proxy may not be able to resolve public names.
    if (proxied) return [];
    throw error;
  });
  // A name with both public and private addresses is refused as a whole: it may be an attack.
  if (!own && addresses.some(({ address }) => isPrivateAddress(address))) {
    throw new Refused('a private address');
  }
  return proxied ? reachThrough(siteProxy, { host, port }, onBegun) : connected(port, addresses, onBegun);
}

async function addressesOf(host: string): Promise<LookupAddress[]> {
  const family = isIP(host);
  if (family !== 0) return [{ address: host, family }];
  // As in browsers, whatever the system's resolver says (RFC 6761).
  if (host === 'localhost' || host.endsWith('.localhost')) {
    return [
      { address: '127.0.0.1', family: 4 },
      { address: '::1', family: 6 },
    ];
  }
  return new Promise((resolve, reject) => {
    lookup(host, { all: true }, (error, addresses) => (error === null ? resolve(addresses) : reject(error)));
  });
}

async function connected(port: number, addresses: LookupAddress[], onBegun: OnBegun): Promise<Socket> {
  const socket = connect({
    host: 'judged.invalid',
    port,
    lookup: (_host, _options, done) => done(null, addresses),
    autoSelectFamily: true,
    autoSelectFamilyAttemptTimeout: nextAddressMilliseconds,
    allowHalfOpen: true,
    noDelay: true,
  });
  onBegun(socket);
  await once(socket, 'connect');
  return socket;
}

async function reachThrough(proxy: SiteProxy, place: Place, onBegun: OnBegun): Promise<Socket> {
  const { protocol, hostname, port } = new URL(proxy.url);
  const to = {
    host: hostname.replace(/^\[(.*)\]$/, '$1'),
    port: Number(port || (protocol === 'https:' ? 443 : 80)),
  };
  const socket =
    protocol === 'https:'
      ? connectTls({ ...to, ...(isIP(to.host) === 0 ? { servername: to.host } : {}) })
      : connect({ ...to, allowHalfOpen: true, noDelay: true });
  onBegun(socket);
  const tooLate = setTimeout(() => socket.destroy(new Error('no answer')), handshakeSeconds * 1000);
  let status: string | undefined;
  try {
    await once(socket, protocol === 'https:' ? 'secureConnect' : 'connect');
    status = await askedThrough(socket, proxy, place);
  } catch {
    throw Object.assign(new Error('no proxy'), { code: 'PROXY_CONNECTION_FAILED' });
  } finally {
    clearTimeout(tooLate);
  }
  if (status === '200') return socket;
  socket.destroy();
  throw Object.assign(new Error('refused by the proxy'), {
    code: status === '407' ? 'PROXY_AUTH_REQUIRED' : 'TUNNEL_CONNECTION_FAILED',
  });
}

/** The status of the proxy's reply to CONNECT. */
async function askedThrough(
  socket: Socket,
  { url }: SiteProxy,
  { host, port }: Place,
): Promise<string | undefined> {
  const { username, password } = new URL(url);
  const target = `${isIP(host) === 6 ? `[${host}]` : host}:${port}`;
  const login = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  const authorization =
    username === '' ? '' : `Proxy-Authorization: Basic ${Buffer.from(login).toString('base64')}\r\n`;
  socket.write(`CONNECT ${target} HTTP/1.1\r\nHost: ${target}\r\n${authorization}\r\n`);
  const answer = await bytesOf(socket, (got) => got.includes('\r\n\r\n'), openingLimit);
  return /^HTTP\/1\.[01] (\d{3})/.exec(answer.toString('latin1'))?.[1];
}

/** Maps Node's error codes to the browser's. */
const browserCodes: Readonly<Record<string, string>> = {
  ENOTFOUND: 'ERR_NAME_NOT_RESOLVED',
  EAI_AGAIN: 'ERR_NAME_NOT_RESOLVED',
  EAI_FAIL: 'ERR_NAME_NOT_RESOLVED',
  EAI_NODATA: 'ERR_NAME_NOT_RESOLVED',
  ECONNREFUSED: 'ERR_CONNECTION_REFUSED',
  ECONNRESET: 'ERR_CONNECTION_RESET',
  ETIMEDOUT: 'ERR_CONNECTION_TIMED_OUT',
  EHOSTUNREACH: 'ERR_ADDRESS_UNREACHABLE',
  ENETUNREACH: 'ERR_ADDRESS_UNREACHABLE',
  EADDRNOTAVAIL: 'ERR_ADDRESS_UNREACHABLE',
  PROXY_CONNECTION_FAILED: 'ERR_PROXY_CONNECTION_FAILED',
  PROXY_AUTH_REQUIRED: 'HTTP_407',
  TUNNEL_CONNECTION_FAILED: 'ERR_TUNNEL_CONNECTION_FAILED',
  ADDRESS_REFUSED: 'ADDRESS_REFUSED',
};

function codeOf(error: unknown): string {
  // Some versions of Node report several failed addresses as one error without a code of its own.
  const errors = error instanceof AggregateError ? [error, ...error.errors] : [error];
  const codes = errors.map((each) => (each as NodeJS.ErrnoException).code ?? '');
  return (
    codes.map((code) => browserCodes[code]).find((code) => code !== undefined) ?? 'ERR_CONNECTION_FAILED'
  );
}
