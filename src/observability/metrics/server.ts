import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';

export interface Answer {
  readonly status: number;
  readonly contentType: string;
  readonly body: string;
}

/** The answer for each path. */
export type Routes = Readonly<Record<string, () => Promise<Answer>>>;

export interface ListenAddress {
  readonly host: string;
  readonly port: number;
}

export interface MetricsServer {
  close(): Promise<void>;
}

// Requests have no body and answers take seconds; a slower client only holds a socket.
const requestSeconds = 10;

/** Answers GET and HEAD for these paths and nothing else. Rejects if the port is taken or not allowed. */
export async function listen(routes: Routes, place: ListenAddress): Promise<MetricsServer> {
  const server = createServer((request, response) => void answer(routes, request, response));
  server.requestTimeout = requestSeconds * 1000;
  server.headersTimeout = requestSeconds * 1000;
  server.listen(place.port, place.host);
  await once(server, 'listening');
  return { close: () => close(server) };
}

async function answer(routes: Routes, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { status, contentType, body } = await answerTo(routes, request);
  response.writeHead(status, {
    'content-type': contentType,
    'content-length': Buffer.byteLength(body),
    'cache-control': 'no-store',
  });
  response.end(request.method === 'HEAD' ? undefined : body);
}

async function answerTo(routes: Routes, { method, url }: IncomingMessage): Promise<Answer> {
  const [path = ''] = (url ?? '').split('?');
  const route = Object.hasOwn(routes, path) ? routes[path] : undefined;
  if (route === undefined) return text(404, `nothing is here; there are ${Object.keys(routes).join(', ')}`);
  if (method !== 'GET' && method !== 'HEAD') return text(405, 'only GET and HEAD are answered');
  try {
    return await route();
  } catch (error) {
    // Only the class: the error's text is unknown here and may be unsafe.
    return text(500, `the answer could not be made (${error instanceof Error ? error.name : typeof error})`);
  }
}

export function text(status: number, line: string): Answer {
  return { status, contentType: 'text/plain; charset=utf-8', body: `${line}\n` };
}

async function close(server: Server): Promise<void> {
  const closed = once(server, 'close');
  server.close();
  server.closeAllConnections();
  await closed;
}
