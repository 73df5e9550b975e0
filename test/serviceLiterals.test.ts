import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';

/** Which service is respite stands in pipeline.yaml alone. */
const literal = /\bRCI\b/;

/** Installations have run them, so they stay; later ones put other views in the place of theirs. */
const replacedViews = ['src/warehouse/migrations/0004_views.sql', 'src/warehouse/migrations/0009_views.sql'];

const files = readdirSync('src', { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile())
  .map((entry) => path.join(entry.parentPath, entry.name));

test('no code and no SQL in force knows a service by its code', () => {
  expect(files.length).toBeGreaterThan(250);
  expect(files.filter((file) => literal.test(readFileSync(file, 'utf8'))).toSorted()).toEqual(replacedViews);
});
