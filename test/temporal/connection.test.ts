import { once } from 'node:events';
import { createServer, type Http2Server, type ServerHttp2Stream } from 'node:http2';
import { readdir, readFile } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import type { Connection } from '@temporalio/client';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { connectionTo } from '../../src/temporal/connection.ts';

/** A server that takes every call; `answer` decides what it says, if anything. */
let server: Http2Server;
let answer: (stream: ServerHttp2Stream) => void;
let calls: number;
let connection: Connection;

beforeEach(async () => {
  calls = 0;
  server = createServer();
  server.on('stream', (stream) => {
    calls += 1;
    stream.on('error', () => undefined);
    answer(stream);
    server.emit('call');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  connection = connectionTo({ address: `127.0.0.1:${String(port)}`, apiKey: 'an-invented-key', tls: false });
});
afterEach(() => {
  server.close();
});

const namespaces = () => connection.workflowService.describeNamespace({ namespace: 'default' });

function unavailable(stream: ServerHttp2Stream): void {
  stream.respond(
    { ':status': 200, 'content-type': 'application/grpc', 'grpc-status': '14' },
    { endStream: true },
  );
}

/** How the call ends; a retry that throws in its timer would end the test run instead. */
async function endOf(call: Promise<unknown>): Promise<Error & { code?: number }> {
  return call.then(
    () => new Error('it was answered'),
    (error: Error) => error,
  );
}

describe('a call whose connection closes', () => {
  test('before it fails is cancelled', async () => {
    const taken: ServerHttp2Stream[] = [];
    answer = (stream) => taken.push(stream);
    const ended = endOf(namespaces());
    await once(server, 'call');
    await connection.close();
    unavailable(taken[0]!);
    const error = await ended;
    expect(error).toMatchObject({ code: 1, details: 'the connection to Temporal was closed' });
    expect(JSON.stringify(error)).not.toContain('an-invented-key');
    expect(calls).toBe(1);
  });

  test('between two attempts is cancelled', async () => {
    answer = unavailable;
    const ended = endOf(namespaces());
    await once(server, 'call');
    await once(server, 'call');
    // The answer has to arrive first: then nothing but a timer is left of the call.
    await new Promise((done) => setTimeout(done, 20));
    await connection.close();
    expect(await ended).toMatchObject({ code: 1 });
  });

  test('before it began is cancelled', async () => {
    answer = () => undefined;
    await connection.close();
    expect(await endOf(namespaces())).toMatchObject({ code: 1 });
    expect(calls).toBe(0);
  });
});

test('a call that fails while the connection is open is tried again', async () => {
  answer = (stream) => {
    if (calls < 3) unavailable(stream);
    else
      stream.respond(
        { ':status': 200, 'content-type': 'application/grpc', 'grpc-status': '5' },
        { endStream: true },
      );
  };
  expect(await endOf(namespaces())).toMatchObject({ code: 5 });
  expect(calls).toBe(3);
  await connection.close();
});

test('no program opens a connection in another way', async () => {
  const project = new URL('../../', import.meta.url);
  const folders = ['src', 'scripts', 'bench', 'test'];
  const others: string[] = [];
  for (const folder of folders) {
    const files = await readdir(new URL(folder, project), { recursive: true });
    for (const file of files.filter((name) => /\.(?:ts|mjs)$/.test(name))) {
      const place = `${folder}/${file}`;
      const source = await readFile(new URL(place, project), 'utf8');
      if (/(?<!\w)Connection\.(?:connect|lazy)\(/.test(source)) others.push(place);
    }
  }
  expect(others).toEqual(['src/temporal/connection.ts']);
});
