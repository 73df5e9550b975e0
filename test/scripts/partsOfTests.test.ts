import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import type { TestPart } from '../../scripts/test/testPart.ts';

/** scripts/test/parts-of-tests.mjs says which parts `npm test` sets up for a test. Here stands what each test uses. */
const { partsOfTest, partsOfTests } = (await import(
  new URL('../../scripts/test/parts-of-tests.mjs', import.meta.url).href
)) as {
  partsOfTest: (file: string) => readonly TestPart[];
  partsOfTests: Readonly<Record<string, readonly TestPart[]>>;
};

const project = fileURLToPath(new URL('../..', import.meta.url));

/** What a file that uses a part holds: `npm test` hands the parts on by the environment. */
const signs: Readonly<Record<TestPart, RegExp>> = {
  // The other is started by a global set-up.
  temporalCli: /process\.env\['TEST_TEMPORAL_CLI'\]|inject\('workflowTests'\)/,
  temporalServer: /process\.env\['TEST_TEMPORAL_ADDRESS'\]/,
  tctl: /process\.env\['TEST_TCTL'\]/,
  sshd: /process\.env\['TEST_SSHD'\]/,
  objectStore: /process\.env\['TEST_OBJECT_STORE'\]/,
  database: /process\.env\['TEST_DATABASE_\w+'\]|\bstartDatabase\(/,
  browser:
    /process\.env\['EHR_CHROMIUM'\]|EHR_CHROMIUM \} = process\.env|=== 'EHR_CHROMIUM'|browserSettings\(process\.env|\bexamineWalk\(/,
};

// Relative imports of values; a type needs no part.
const importPattern = /^(?:import|export) (?!type\b)[^;]*?from '(\.[^']+\.ts)'|import\('(\.[^']+\.ts)'\)/gm;

/** The file and every file of `test/` that it imports, directly or not. */
function closure(file: string, seen = new Set<string>()): ReadonlySet<string> {
  // An import line may also be a piece of text that a test looks at.
  if (seen.has(file) || !file.startsWith('test/') || !existsSync(path.join(project, file))) return seen;
  seen.add(file);
  for (const [, imported = '', loaded = ''] of textOf(file).matchAll(importPattern)) {
    closure(path.posix.join(path.posix.dirname(file), imported || loaded), seen);
  }
  return seen;
}

function textOf(file: string): string {
  return readFileSync(path.join(project, file), 'utf8');
}

const parts = Object.keys(signs) as TestPart[];

function usedBy(file: string): TestPart[] {
  const texts = Array.from(closure(file), textOf);
  return parts.filter((part) => texts.some((text) => signs[part].test(text)));
}

const own = path.relative(project, fileURLToPath(import.meta.url));
const tests = readdirSync(path.join(project, 'test'), { recursive: true, encoding: 'utf8' })
  .map((name) => path.posix.join('test', name.split(path.sep).join('/')))
  .filter((name) => name.endsWith('.test.ts') && name !== own);

describe('a test gets the parts that it uses', () => {
  test.each(tests)('%s', (file) => {
    expect(usedBy(file).filter((part) => !partsOfTest(file).includes(part))).toEqual([]);
  });
});

describe('no part is set up that none of its tests uses', () => {
  test.each(Object.entries(partsOfTests))('%s', (place, declared) => {
    const used = new Set(tests.filter((file) => file.startsWith(place)).flatMap(usedBy));
    expect(declared.filter((part) => !used.has(part))).toEqual([]);
  });
});

test('a unit test gets no part', () => {
  const folders = /^test\/(real|e2e|cases|thirdReport|upgrade)\//;
  expect(tests.filter((file) => !folders.test(file) && partsOfTest(file).length > 0)).toEqual([]);
});
