import { expect, test } from 'vitest';
import { addressOf, viewOf } from '../../src/dashboard/browser/view.ts';
import { buildPageData } from '../../src/dashboard/buildPageData.ts';
import type { PageData } from '../../src/dashboard/pageData.ts';
import { someQuestion, someRows } from './someRows.ts';

const data = buildPageData(someRows(), someQuestion);
const hiding = '#/summary?month=2026-10&span=recent&rci=hide';

test('a bookmark hides respite, and only where the page knows what that is', () => {
  const view = (respiteCodes: PageData['respiteCodes']) => viewOf(hiding, { ...data, respiteCodes });
  expect(view(['RCI']).respite).toBe(false);
  expect(addressOf(view(['RCI']))).toBe(hiding);
  for (const respiteCodes of [[], null]) {
    expect(view(respiteCodes).respite).toBe(true);
    expect(addressOf(view(respiteCodes))).not.toContain('rci');
  }
});

test('an older bookmark, without the slash, opens the same view', () => {
  expect(viewOf(hiding.replace('/', ''), data)).toEqual(viewOf(hiding, data));
});
