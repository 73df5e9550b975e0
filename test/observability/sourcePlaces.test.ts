import { execFileSync } from 'node:child_process';
import { mkdtemp, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { lineOrigins, sourceFrame } from '../../src/observability/sourcePlaces.ts';

let folder: string;
let root: URL;
let frame: string;

/** A program of two files, built as `npm run build` does it, which prints where it throws. */
beforeAll(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'ehr-source-places-'));
  root = new URL('dist/', pathToFileURL(`${folder}/`));
  await mkdir(path.join(folder, 'src/warehouse'), { recursive: true });
  await writeFile(
    path.join(folder, 'src/warehouse/load.ts'),
    'interface Gone { readonly rows: number }\n\nexport function load(of: Gone) {\n  throw new Error(`${of.rows}`);\n}\n',
  );
  const main = path.join(folder, 'src/worker.ts');
  await writeFile(
    main,
    "import { load } from './warehouse/load.ts';\ntry {\n  load({ rows: 1 });\n} catch (error) {\n  console.log((error as Error).stack);\n}\n",
  );
  await build({
    entryPoints: [main],
    outdir: path.join(folder, 'dist/src'),
    bundle: true,
    format: 'esm',
    sourcemap: true,
    sourcesContent: false,
  });
  const built = path.join(folder, 'dist/src/worker.js');
  const [code, map] = await Promise.all([readFile(built, 'utf8'), readFile(`${built}.map`, 'utf8')]);
  await writeFile(`${built}.lines.json`, JSON.stringify(lineOrigins(code, map)));
  await writeFile(path.join(folder, 'package.json'), '{"type":"module"}');
  const stack = execFileSync(process.execPath, [built], {
    encoding: 'utf8',
  });
  frame = stack.split('\n')[1]!.replace(/^ {4}at /, '');
});
afterAll(() => rm(folder, { recursive: true, force: true }));

test('a frame of a built program names the line of its source', () => {
  expect(frame).toContain('dist/src/worker.js:');
  expect(sourceFrame(frame, root)).toBe(`load (${root.href}src/warehouse/load.ts:4:3)`);
});

test('other frames stay as they are', () => {
  const elsewhere = new URL('other/', root);
  expect(sourceFrame(frame, elsewhere), 'of another program').toBe(frame);
  for (const other of [
    'node:internal/process/task_queues:95:5',
    'Module.load (/srv/ehr/node_modules/mysql2/lib/a.js:1:1)',
    `load (${root.href}src/gone.js:4:3)`,
  ]) {
    expect(sourceFrame(other, root)).toBe(other);
  }
});
