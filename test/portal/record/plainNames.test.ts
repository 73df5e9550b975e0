import { expect, test } from 'vitest';
import { ariaNodes } from '../../../src/portal/record/ariaTree.ts';
import { isPlainName } from '../../../src/portal/record/plainNames.ts';

const hidden = {
  typed: ['reports.robot', 'hunter2', 'Ada Byron'],
  people: new Set(['turing', 'alan', 'day', 'will', 'grace']),
};

/** A page with the name once in each place. */
const page = (name: string) =>
  ariaNodes(`- navigation [ref=nav]:
  - link ${JSON.stringify(name)} [ref=bar]
- button ${JSON.stringify(name)} [ref=button]
- link ${JSON.stringify(name)} [ref=link]
- textbox ${JSON.stringify(name)} [ref=field]
- table:
  - row:
    - cell ${JSON.stringify(name)} [ref=cell]`);

const at = (name: string, ref: string) => page(name).find((node) => node.ref === ref);

test.each([
  ['Run Report', 'button'],
  ['Service Variance-Utilization', 'cell'],
  ['Service Notes Signature', 'cell'],
  ['Export to CSV', 'link'],
  ['Billing', 'bar'],
  ['Harborlight', 'bar'],
  ['Harborlight Reports', 'button'],
  ['Passphrase', 'field'],
  ['Kennwort', 'field'],
  ['Start Date', 'field'],
  ['E-mail or login', 'field'],
  ["What's new", 'button'],
])('"%s" may be written for a %s', (name, ref) => {
  expect(isPlainName(name, hidden, at(name, ref))).toBe(true);
});

test.each([
  ['HOPPER, GRACE', 'cell'],
  ['Hopper, Grace', 'button'],
  ['Grace Hopper', 'bar'],
  ['Open Grace', 'button'],
  ['Open Hopper', 'button'],
  ['Katherine', 'button'],
  ['Katherine', 'link'],
  ['Katherine', 'cell'],
  ['Turing review', 'button'],
  ['Alan', 'bar'],
  ['Day, Will', 'button'],
  ['MAY, APRIL', 'cell'],
  ['Welcome, Dorothy', 'link'],
  ['Dr. Vaughan', 'button'],
  ['MRN 99887766', 'cell'],
  ['Case 4711', 'button'],
  ['grace@example.org', 'bar'],
  ['Reports of reports.robot', 'bar'],
  ['HUNTER2 settings', 'bar'],
  ['Notes for Ada Byron', 'button'],
  ['NÚÑEZ ÁNGEL', 'bar'],
  ['', 'button'],
  ['a '.repeat(60), 'button'],
])('"%s" may not, for a %s', (name, ref) => {
  expect(isPlainName(name, hidden, at(name, ref))).toBe(false);
});
