import { existsSync } from 'node:fs';
import { copyFile, cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { codeVersion, codeVersionOf } from '../src/codeVersion.ts';

const source = fileURLToPath(new URL('../src/', import.meta.url));
let folder: string;
/** What a test has changed of the copy, which all share: a copy costs more than the version. */
const changed = new Set<string>();
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'code-version-'));
  await cp(source, folder, { recursive: true });
});
afterEach(async () => {
  for (const file of changed) {
    const original = path.join(source, file);
    if (existsSync(original)) await copyFile(original, path.join(folder, file));
    else await rm(path.join(folder, file));
  }
  changed.clear();
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function write(file: string, text: string): Promise<void> {
  changed.add(file);
  await mkdir(path.dirname(path.join(folder, file)), { recursive: true });
  await writeFile(path.join(folder, file), text);
}

async function move(from: string, to: string): Promise<void> {
  await write(to, await readFile(path.join(folder, from), 'utf8'));
  changed.add(from);
  await rm(path.join(folder, from));
}

/** Replaces the text wherever the file has it, which it must. */
async function edit(file: string, from: string, to: string): Promise<void> {
  const text = await readFile(path.join(folder, file), 'utf8');
  expect(text).toContain(from);
  await write(file, text.replaceAll(from, to));
}

const importLine = /^(?:import|export) [^;]*? from '[^']+';\n/gm;

/** Writes the file's imports and re-exports in the opposite order. */
async function reverseImports(file: string): Promise<void> {
  const text = await readFile(path.join(folder, file), 'utf8');
  const lines = Array.from(text.matchAll(importLine), ([line]) => line);
  expect(lines.length).toBeGreaterThan(2);
  await write(file, lines.toReversed().join('') + text.replaceAll(importLine, ''));
}

test('16 hex digits, the same for the same source in any folder', () => {
  expect(codeVersion()).toMatch(/^[0-9a-f]{16}$/);
  expect(codeVersionOf(folder)).toBe(codeVersion());
});

describe('stays when', () => {
  test('a comment changes', async () => {
    await edit(
      'domain/noteStatus.ts',
      '/** The days to count by',
      '/** Another remark. The days to count by',
    );
    expect(codeVersionOf(folder)).toBe(codeVersion());
  });

  test('types are added', async () => {
    const fields = Array.from(
      { length: 30 },
      (_, index) => `readonly qqqqqqqqqqkkkkkkkkkk${String(index)}: string;`,
    );
    await edit(
      'domain/noteStatus.ts',
      'export type',
      `export interface Another { ${fields.join(' ')} }\nexport type`,
    );
    expect(codeVersionOf(folder)).toBe(codeVersion());
  });

  test('a file moves to a folder of its own and takes another name', async () => {
    await move('domain/noteStatus.ts', 'domain/notes/status.ts');
    await edit('domain/notes/status.ts', './dates.ts', '../dates.ts');
    await edit('reports/notes.ts', 'domain/noteStatus.ts', 'domain/notes/status.ts');
    expect(codeVersionOf(folder)).toBe(codeVersion());
  });

  test('imports change places, and files take the names of others', async () => {
    for (const file of [
      'activities/clean.ts',
      'activities/aggregate.ts',
      'rows/readRecord.ts',
      'activities/figures.ts',
    ])
      await reverseImports(file);
    await move('domain/noteStatus.ts', 'domain/aaa.ts');
    await edit('reports/notes.ts', 'domain/noteStatus.ts', 'domain/aaa.ts');
    expect(codeVersionOf(folder)).toBe(codeVersion());
  });

  test('what an activity takes changes, or its time limits', async () => {
    await edit('activities/inputSchemas.ts', '{64}', '{63}');
    await edit('activities/inputSchemas.ts', '4096', '1024');
    await edit('workflows/activityProxies.ts', "'30 min'", "'20 min'");
    expect(codeVersionOf(folder)).toBe(codeVersion());
  });

  test('code changes that decides no figure', async () => {
    await edit('warehouse/publish.ts', 'waiting for the period', 'waits for the period');
    await write('domain/another.ts', 'export const another = true;\n');
    expect(codeVersionOf(folder)).toBe(codeVersion());
  });
});

/** Steps, their parts, the row engine, the reports and the domain: every other comparison the wrong way round. */
test.each([
  'activities/aggregate.ts',
  'activities/clean.ts',
  'activities/parts/compare.ts',
  'domain/cells.ts',
  'domain/decimals.ts',
  'domain/gateReasons.ts',
  'rows/rowChanges.ts',
  'reports/notes.ts',
  'reports/report.ts',
  'rows/classifyRecord.ts',
  'rows/exportHeader.ts',
  'rows/recordScanner.ts',
  'rows/rollups.ts',
])('changes with the comparisons of %s', async (file) => {
  await edit(file, ' === ', ' !== ');
  expect(codeVersionOf(folder)).not.toBe(codeVersion());
});

test('changes when a function moves to another file: a reload that a release has to name', async () => {
  const text = await readFile(path.join(folder, 'domain/noteStatus.ts'), 'utf8');
  const at = text.indexOf('export type DaysWarning');
  expect(at).toBeGreaterThan(0);
  const [importing] = text.match(importLine)!;
  await write('domain/noteStatus.ts', text.slice(importing.length, at));
  await write('domain/countedDays.ts', importing + text.slice(at));
  await edit(
    'reports/notes.ts',
    'import { countDays, ',
    "import { countDays } from '../domain/countedDays.ts';\nimport { ",
  );
  expect(codeVersionOf(folder)).not.toBe(codeVersion());
});

test.each([
  {
    title: 'the days of a late note',
    file: 'domain/noteStatus.ts',
    from: 'lastBillableDay = 7',
    to: 'lastBillableDay = 8',
  },
  { title: 'the sum that is used', file: 'domain/utilizationFigures.ts', from: ') + (', to: ') - (' },
  { title: 'the days to sign that a cell may say', file: 'domain/cells.ts', from: '36_500', to: '36_501' },
  {
    title: 'the days after which notes are settled',
    file: 'reports/notes.ts',
    from: 'settledAfterDays: 8',
    to: 'settledAfterDays: 9',
  },
  { title: 'what is asked of a gate', file: 'domain/gateReasons.ts', from: '2n *', to: '3n *' },
])('changes with $title', async ({ file, from, to }) => {
  await edit(file, from, to);
  expect(codeVersionOf(folder)).not.toBe(codeVersion());
});

test('of all these changes none was left to another test', () => {
  expect(codeVersionOf(folder)).toBe(codeVersion());
});
