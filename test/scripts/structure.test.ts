import { expect, test } from 'vitest';
import { arrowsOf, closureOf, cyclesOf, foldersOf } from '../../scripts/structure/graph.ts';
import { importsOf } from '../../scripts/structure/imports.ts';

/** Files of one line for each import. */
function sourceOf(files: Readonly<Record<string, string>>) {
  return Object.entries(files).map(([file, text]) => ({
    file,
    lines: text.split('\n').length,
    imports: importsOf(file, text),
  }));
}

const source = sourceOf({
  'main.ts': "import './rows/read.ts';\nconst { log } = await import('./log/log.ts');",
  'log.ts': "export { log } from './log/log.ts';",
  'log/log.ts': "import { pino } from 'pino';",
  'rows/read.ts': "import {\n  one,\n} from './one.ts';\nimport type { Log } from '../log/log.ts';",
  'rows/one.ts': "import type { Read } from './two.ts';",
  'rows/two.ts': "import { one } from './one.ts';",
});

test('a file beside a folder of its name belongs to it', () => {
  expect(foldersOf(source)).toEqual([
    { folder: '(loose)', files: 1, lines: 2 },
    { folder: 'log', files: 2, lines: 2 },
    { folder: 'rows', files: 3, lines: 6 },
  ]);
});

test('arrows count imports from one folder to another, late ones too, and those of types apart', () => {
  expect(arrowsOf(source)).toEqual([
    { from: '(loose)', to: 'log', values: 1, types: 0 },
    { from: '(loose)', to: 'rows', values: 1, types: 0 },
    { from: 'rows', to: 'log', values: 0, types: 1 },
  ]);
});

test('imports of types make a cycle too', () => {
  expect(cyclesOf(source)).toEqual([['rows/one.ts', 'rows/two.ts']]);
});

test.each([
  {
    title: 'types among it',
    types: true,
    found: ['log/log.ts', 'rows/read.ts', 'rows/one.ts', 'rows/two.ts'],
  },
  { title: 'values alone', types: false, found: ['rows/read.ts', 'rows/one.ts'] },
])('a closure has the files themselves and all that they import, $title', ({ types, found }) => {
  expect(closureOf(source, ['rows/read.ts'], { types }).map(({ file }) => file)).toEqual(found);
});
