import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { freePort } from '../../../scripts/services/ports.ts';
import { readiness } from '../../../src/observability/metrics/readiness.ts';
import { listen, text, type MetricsServer } from '../../../src/observability/metrics/server.ts';
import { shared } from '../../../src/observability/metrics/sharing.ts';

let server: MetricsServer;
let base: string;

beforeEach(async () => {
  const port = await freePort();
  base = `http://127.0.0.1:${String(port)}`;
  const routes = {
    '/healthz': () => Promise.resolve(text(200, 'alive')),
    '/broken': () => Promise.reject(new TypeError('Marlow, Agatha')),
  };
  server = await listen(routes, { host: '127.0.0.1', port });
});
afterEach(() => server.close());

describe('the endpoint', () => {
  const requests = [
    { title: 'a path it has', path: '/healthz', method: 'GET', status: 200, body: /^alive\n$/ },
    {
      title: 'one with a question',
      path: '/healthz?verbose=1',
      method: 'GET',
      status: 200,
      body: /^alive\n$/,
    },
    { title: 'the same without its body', path: '/healthz', method: 'HEAD', status: 200, body: /^$/ },
    {
      title: 'a method that changes something',
      path: '/healthz',
      method: 'POST',
      status: 405,
      body: /only GET/,
    },
    { title: 'another path', path: '/', method: 'GET', status: 404, body: /\/healthz, \/broken/ },
    {
      title: 'a name that every object has',
      path: '/constructor',
      method: 'GET',
      status: 404,
      body: /nothing/,
    },
    {
      title: 'an answer that fails, by its class',
      path: '/broken',
      method: 'GET',
      status: 500,
      body: /^(?!.*Marlow).*TypeError/,
    },
  ];

  test.each(requests)('answers $title', async ({ path, method, status, body }) => {
    const answer = await fetch(`${base}${path}`, { method });
    expect(answer.status).toBe(status);
    expect(await answer.text()).toMatch(body);
  });

  test('says where the port is taken', async () => {
    const port = Number(new URL(base).port);
    await expect(listen({}, { host: '127.0.0.1', port })).rejects.toMatchObject({ code: 'EADDRINUSE' });
  });
});

const there = () => Promise.resolve(undefined);
const missing = (reason: string) => () => Promise.resolve(reason);

describe('readiness', () => {
  test('is there when nothing is missing', async () => {
    expect(await readiness([there, there])).toMatchObject({ status: 200, body: 'ready\n' });
  });

  test('names all that is missing', async () => {
    expect(await readiness([missing('the database'), there, missing('Temporal')])).toMatchObject({
      status: 503,
      body: 'not ready: the database\nnot ready: Temporal\n',
    });
  });
});

test('work that is under way is done once for all who ask, and again for who asks later', async () => {
  let done = 0;
  const work = shared(async () => {
    await new Promise(setImmediate);
    done += 1;
    return done;
  });
  expect(await Promise.all([work(), work(), work()])).toEqual([1, 1, 1]);
  expect(await work()).toBe(2);
});
