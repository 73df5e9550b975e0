import { readFile } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { control } from './control.ts';
import { answer } from './guard.ts';
import { errorPage } from './pages.ts';
import { brokenConnection, dataReply, pageReply, type Reply, type Sending } from './reply.ts';
import { routes } from './routes.ts';
import { sessionCookie } from './sign-in.ts';
import type { PortalState } from './state.ts';
import { strikes } from './strike.ts';

const assets: Readonly<Record<string, string>> = {
  'app.js': 'text/javascript; charset=utf-8',
  'ext.js': 'text/javascript; charset=utf-8',
  'faults.js': 'text/javascript; charset=utf-8',
  'inbox.js': 'text/javascript; charset=utf-8',
  'jobs.js': 'text/javascript; charset=utf-8',
  'reports.js': 'text/javascript; charset=utf-8',
  'tree.js': 'text/javascript; charset=utf-8',
  'portal.css': 'text/css; charset=utf-8',
};

/** Forms and settings are small; nothing else is sent to the portal. */
const bodyLimitBytes = 1_000_000;

export async function serve(state: PortalState, request: IncomingMessage, response: ServerResponse) {
  try {
    send(response, await replyTo(state, request));
  } catch (error) {
    if (state.closing.aborted || request.destroyed) response.destroy();
    else send(response, brokenReply(error));
  }
}

/** The stand-in itself is at fault: say so loudly, so that no test takes it for an injected fault. */
function brokenReply(error: unknown): Reply {
  console.error('stand-in portal:', error);
  return pageReply(errorPage('The stand-in portal failed; its console says why.'), 500);
}

async function replyTo(state: PortalState, request: IncomingMessage): Promise<Reply> {
  if (
    request.url?.startsWith('/__control/') !== true &&
    strikes(state, 'noConnection', 'login') !== undefined
  ) {
    return brokenConnection;
  }
  const method = request.method ?? 'GET';
  const url = new URL(request.url ?? '/', 'http://portal');
  const fields = await bodyFields(request);
  if (fields === undefined) return dataReply({ error: 'the body is no form and no JSON object' }, 400);
  if (url.pathname.startsWith('/__control/')) return control(state, `${method} ${url.pathname}`, fields);
  if (url.pathname.startsWith('/assets/')) return assetReply(url.pathname.slice('/assets/'.length));
  const route = routes.find((candidate) => candidate.method === method && candidate.path.test(url.pathname));
  if (route === undefined) return pageReply(errorPage('There is no such page.'), 404);
  const caught = route.path.exec(url.pathname)!.slice(1);
  return answer(route, {
    state,
    url,
    caught,
    fields,
    sessionId: sessionIdOf(request),
    from: request.socket.remoteAddress ?? '',
  });
}

async function assetReply(name: string): Promise<Reply> {
  const type = Object.hasOwn(assets, name) ? assets[name] : undefined;
  if (type === undefined) return pageReply(errorPage('There is no such page.'), 404);
  const body = await readFile(new URL(`./browser/${name}`, import.meta.url));
  return { status: 200, headers: { 'content-type': type }, body };
}

/** The body's fields, `{}` without a body, undefined where it cannot be read. */
async function bodyFields(request: IncomingMessage): Promise<Record<string, unknown> | undefined> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > bodyLimitBytes) return undefined;
    chunks.push(chunk);
  }
  const text = Buffer.concat(chunks).toString('utf8');
  if (text === '') return {};
  if (request.headers['content-type']?.startsWith('application/json') !== true) {
    return Object.fromEntries(new URLSearchParams(text));
  }
  return jsonObject(text);
}

function jsonObject(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : undefined;
  } catch {
    return undefined;
  }
}

function sessionIdOf(request: IncomingMessage): string | undefined {
  return new RegExp(`(?:^|; )${sessionCookie}=([0-9a-f]+)`).exec(request.headers.cookie ?? '')?.[1];
}

function send(response: ServerResponse, reply: Reply): void {
  if (reply === brokenConnection) {
    response.socket?.resetAndDestroy();
    return;
  }
  const { status, headers, sending } = reply;
  const bytes = Buffer.from(reply.body);
  const length = sending?.kind === 'unannounced' ? {} : { 'content-length': bytes.length };
  response.writeHead(status, { 'cache-control': 'no-store', ...headers, ...length });
  if (sending === undefined || sending.bytes >= bytes.length) response.end(bytes);
  else sendings[sending.kind](response, bytes.subarray(0, sending.bytes));
}

const sendings: Readonly<Record<Sending['kind'], (response: ServerResponse, bytes: Buffer) => void>> = {
  broken: (response, bytes) => response.write(bytes, () => response.destroy()),
  unannounced: (response, bytes) => response.end(bytes),
  // Until the browser has had enough, or the portal closes.
  stalled: (response, bytes) => response.write(bytes),
};
