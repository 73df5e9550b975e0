import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

/** How the receiver takes the next message; as soon as none is left it takes them all. */
type NextAnswer =
  | { readonly status: number; readonly headers?: Readonly<Record<string, string>>; readonly body?: string }
  | 'silence';

/** An incoming webhook, as Slack and Teams have them. */
export interface WebhookReceiver {
  /** Whoever knows it can post, so it is looked for wherever it must not be. */
  readonly url: string;
  /** The messages that were taken. */
  readonly taken: readonly unknown[];
  /** When each message came, taken or not; milliseconds. */
  readonly cameAt: readonly number[];
  readonly next: NextAnswer[];
  close(): Promise<void>;
}

const secretPath = '/services/T0000/B0000/webhook-s3cret';

export async function startWebhookReceiver(): Promise<WebhookReceiver> {
  const taken: unknown[] = [];
  const cameAt: number[] = [];
  const next: NextAnswer[] = [];
  const server = createServer((request, response) => {
    void text(request).then((body) => {
      cameAt.push(performance.now());
      if (request.method !== 'POST' || request.url !== secretPath) return answer(response, { status: 404 });
      const planned = next.shift();
      if (planned === 'silence') return undefined;
      if (planned !== undefined) return answer(response, planned);
      taken.push(JSON.parse(body));
      return answer(response, { status: 200, body: 'ok' });
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${String(port)}${secretPath}`,
    taken,
    cameAt,
    next,
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

function answer(
  response: ServerResponse,
  { status, headers = {}, body = '' }: Exclude<NextAnswer, 'silence'>,
) {
  response.writeHead(status, headers).end(body);
}
