import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { pageHtml } from '../../src/dashboard/html.ts';
import { buildPageData } from '../../src/dashboard/buildPageData.ts';
import { dataOfPage } from './readPage.ts';
import { someQuestion, someRows } from './someRows.ts';

const data = buildPageData(someRows(), someQuestion);

test('data cannot end its element, and reads the same', () => {
  const hostile = { ...data, agency: '</script><script>alert(1)</script><!-- & \u2028' };
  const html = pageHtml({ title: 'x', data: hostile, script: '', style: '' });
  const [, text] = /id="page-data">(.*)<\/script>\n<script>/s.exec(html)!;
  expect(text).toMatch(/^[A-Za-z0-9+/]+=*$/);
  expect(dataOfPage(html)).toEqual(hostile);
});

test('the policy lets run what is in the page, and nothing else', () => {
  const html = pageHtml({ title: 'A <page>', data, script: 'draw();', style: 'p{}' });
  const policy = /Content-Security-Policy" content="([^"]*)"/.exec(html)?.[1] ?? '';
  expect(policy.split('; ')).toEqual([
    "default-src 'none'",
    `script-src ${hashOf('draw();')}`,
    `style-src ${hashOf('p{}')}`,
    "base-uri 'none'",
    "form-action 'none'",
  ]);
  expect(html).toContain('<title>A &#60;page&#62;</title>');
});

test('the same data makes the same bytes', () => {
  const parts = { title: 'x', data, script: '', style: '' };
  expect(pageHtml(parts)).toBe(pageHtml(parts));
});

function hashOf(text: string): string {
  return `'sha256-${createHash('sha256').update(text).digest('base64')}'`;
}
