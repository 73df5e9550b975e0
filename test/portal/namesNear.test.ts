import { expect, test } from 'vitest';
import { namesNear } from '../../src/portal/namesNear.ts';
import { readRecipe } from '../../src/portal/parseRecipe.ts';
import { shippedReports } from '../shippedReports.ts';
import type { SeenNode } from '../../src/portal/seenPage.ts';

const node = (role: string, name?: string, text?: string): SeenNode => ({ role, name, text, children: [] });

const offered = [
  node('text', undefined, 'From Date'),
  node('textbox', 'From Date'),
  node('textbox', 'To Date'),
  node('textbox', undefined, 'what somebody typed'),
  node('combobox', 'Report'),
  node('button', 'Run'),
  node('button', 'Export to CSV'),
  node('button', 'Clear'),
  node('link', 'Export'),
  node('gridcell', 'Exporter, Jane'),
  node('tab', 'Reports'),
];

const page = {
  width: 100,
  height: 100,
  frames: [{ nodes: [{ ...node('main'), children: offered }], texts: [], pictures: [], passwords: [] }],
};

function nearest(click: string): string[] {
  const { recipe } = readRecipe(
    `portal: p
reports: { utilization: { title: A }, notes: { title: B } }
signedIn: { link: Log out }
login: [{ name: open, goto: /login }]
report: [{ name: step, click: ${click} }]
download: { name: export, click: { button: Export } }`,
    'p.yaml',
    undefined,
    shippedReports,
  );
  return namesNear(recipe, { section: 'report', index: 0 }, [page]).map(
    ({ role, name }) => `${role} ${name}`,
  );
}

test.each([
  { click: '{ button: Run Report }', first: 'button Run' },
  { click: '{ button: Export }', first: 'button Export to CSV' },
  { click: '{ button: Exprot }', first: 'link Export' },
  { click: '{ role: tab, name: Report }', first: 'tab Reports' },
  { click: '{ label: Form Date }', first: 'textbox From Date' },
  { click: '{ label: "/^from/i" }', first: 'textbox From Date' },
  { click: '[{ button: Nothing }, { button: Cleer }]', first: 'button Clear' },
  { click: '{ text: From Date of the report }', first: 'text From Date' },
])('for $click it is $first', ({ click, first }) => {
  expect(nearest(click)[0]).toBe(first);
});

test('the thing of the same name and another kind is offered too', () => {
  expect(nearest('{ button: Export }')).toContain('link Export');
});

test('what somebody typed is no name', () => {
  expect(nearest('{ label: what somebody typed }').join()).not.toContain('somebody');
});

test('nothing like it is nothing', () => {
  expect(nearest('{ button: Zyx }')).toEqual([]);
});
