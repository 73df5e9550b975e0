import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { afterEach, expect, test, vi } from 'vitest';
import { openConnectionGate, type ConnectionGate } from '../../src/portal/connectionGate.ts';

afterEach(() => {
  vi.useRealTimers();
});

interface Listener extends AsyncDisposable {
  readonly port: number;
  /** Connections that are open now. */
  readonly sockets: ReadonlySet<Socket>;
}

async function startListener(onConnection: (socket: Socket) => void = () => undefined): Promise<Listener> {
  const sockets = new Set<Socket>();
  const server: Server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => socket.destroy());
    socket.on('close', () => sockets.delete(socket));
    socket.resume();
    onConnection(socket);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    sockets,
    [Symbol.asyncDispose]: async () => {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

function gateThrough({ port }: Listener): Promise<ConnectionGate> {
  return openConnectionGate({
    isOwn: () => false,
    mayConnect: () => true,
    mayOpenWebSocket: () => true,
    siteProxy: { url: `http://127.0.0.1:${String(port)}`, bypasses: () => false },
  });
}

/** Asks the gate for a place, as a browser does. */
async function asked(gate: ConnectionGate, host: string, port = 443): Promise<Socket> {
  const client = connect(Number(new URL(gate.proxyServer).port), '127.0.0.1');
  client.on('error', () => client.destroy());
  await once(client, 'connect');
  client.write(Buffer.from([5, 1, 0]));
  await once(client, 'data');
  client.write(Buffer.from([5, 1, 0, 3, host.length, ...Buffer.from(host), port >> 8, port & 0xff]));
  return client;
}

test('a proxy that never answers is given up, and why is known', async () => {
  await using proxy = await startListener();
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  const gate = await gateThrough(proxy);
  try {
    const client = await asked(gate, 'portal.invalid');
    await vi.waitFor(() => expect(proxy.sockets.size).toBe(1));
    vi.advanceTimersByTime(29_000);
    expect(gate.failureOf('portal.invalid:443')).toBeUndefined();
    vi.advanceTimersByTime(2000);
    const [answer] = (await once(client, 'data')) as [Buffer];
    expect(answer[1]).toBe(1);
    expect(gate.failureOf('portal.invalid:443')).toBe('ERR_PROXY_CONNECTION_FAILED');
    await vi.waitFor(() => expect(proxy.sockets.size).toBe(0));
  } finally {
    await gate.close();
  }
});

test('a gate that closes ends the connections that are still being made', async () => {
  await using proxy = await startListener();
  const gate = await gateThrough(proxy);
  await asked(gate, 'portal.invalid');
  await vi.waitFor(() => expect(proxy.sockets.size).toBe(1));
  await gate.close();
  await vi.waitFor(() => expect(proxy.sockets.size).toBe(0));
});

test('a proxy that breaks off before it answers is a failure, and the gate goes on', async () => {
  let broken = 0;
  await using proxy = await startListener((socket) => {
    socket.once('data', () => {
      broken += 1;
      socket.resetAndDestroy();
    });
  });
  const gate = await gateThrough(proxy);
  try {
    for (const host of ['one.invalid', 'two.invalid']) {
      const client = await asked(gate, host);
      await once(client, 'data');
      expect(gate.failureOf(`${host}:443`)).toBe('ERR_PROXY_CONNECTION_FAILED');
    }
    expect(broken).toBe(2);
  } finally {
    await gate.close();
  }
});

test('a connection for a client that has gone is ended at once', async () => {
  await using there = await startListener();
  const gate = await openConnectionGate({
    isOwn: () => true,
    mayConnect: () => true,
    mayOpenWebSocket: () => true,
  });
  let accepted = 0;
  try {
    for (let count = 0; count < 5; count += 1) {
      const client = await asked(gate, 'localhost', there.port);
      await new Promise((resolve) => setImmediate(resolve));
      client.resetAndDestroy();
      accepted += 1;
    }
    expect(accepted).toBe(5);
    await new Promise((resolve) => setTimeout(resolve, 300));
    await vi.waitFor(() => expect(there.sockets.size).toBe(0));
  } finally {
    await gate.close();
  }
});
