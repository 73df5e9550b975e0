import { EventEmitter } from 'node:events';
import type { BrowserContext } from 'playwright';
import { expect, test } from 'vitest';
import { Traffic } from '../../src/portal/traffic.ts';

const url = 'https://portal.example/export.csv';

/** A browser that only says what answered. */
function watched() {
  const context = new EventEmitter();
  const traffic = new Traffic(context as unknown as BrowserContext);
  const request = { method: () => 'GET', isNavigationRequest: () => false, resourceType: () => 'other' };
  const answer = (headers: Readonly<Record<string, string>>) =>
    context.emit('response', {
      request: () => request,
      status: () => 200,
      headers: () => headers,
      url: () => url,
    });
  return { traffic, answer };
}

test.each([
  { title: 'that announces none', headers: {} },
  { title: 'that is encoded', headers: { 'content-length': '7', 'content-encoding': 'gzip' } },
])('the length of an earlier export says nothing about one of the same address $title', ({ headers }) => {
  const { traffic, answer } = watched();
  answer({ 'content-length': '12' });
  expect(traffic.contentLength(url)).toBe(12);
  answer(headers);
  expect(traffic.contentLength(url)).toBeUndefined();
});

test('the length of an export is forgotten before the next', () => {
  const { traffic, answer } = watched();
  answer({ 'content-length': '12' });
  traffic.forget();
  expect(traffic.contentLength(url)).toBeUndefined();
});
