import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

interface Locked {
  readonly integrity?: string;
  readonly resolved?: string;
  readonly link?: boolean;
}

/** What `npm ci` installs. Without a hash it takes whatever a registry or a cache hands out under that name. */
const text = readFileSync(new URL('../package-lock.json', import.meta.url), 'utf8');
const { packages } = JSON.parse(text) as { packages: Record<string, Locked> };
const { '': _project, ...locked } = packages;

test('every package has a hash that npm compares', () => {
  const without = Object.entries(locked).filter(
    ([, { integrity }]) => integrity?.startsWith('sha512-') !== true,
  );
  expect(Object.keys(locked).length).toBeGreaterThan(400);
  expect(
    without.map(([name]) => name),
    'remove these entries, then: npm install --package-lock-only',
  ).toEqual([]);
});

test('no package is bound to the registry or the folder of whoever wrote the file', () => {
  expect(Object.entries(locked).filter(([, { resolved, link }]) => resolved !== undefined || link)).toEqual(
    [],
  );
  expect(text).not.toContain('.tgz');
});
