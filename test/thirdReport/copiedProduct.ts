import { execFile } from 'node:child_process';
import { cp, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { parseDocument } from 'yaml';
import { inPlace } from './inPlace.ts';

const project = fileURLToPath(new URL('../..', import.meta.url));

/** All that the product is made of: its source and tests, its settings, and what builds it. */
const parts = [
  'src',
  'config',
  'demo',
  'scripts',
  'test',
  'bench',
  'package.json',
  'tsconfig.json',
  'vitest.config.ts',
  'drizzle.config.ts',
  'drizzle.schema.cjs',
];

const run = promisify(execFile);

/** A copy of the product in a folder of its own, in which somebody may add a report. */
export class CopiedProduct {
  readonly folder: string;

  private constructor(folder: string) {
    this.folder = folder;
  }

  static async make(): Promise<CopiedProduct> {
    const folder = await mkdtemp(path.join(tmpdir(), 'ehr-third-report-'));
    for (const part of parts) {
      await cp(path.join(project, part), path.join(folder, part), { recursive: true });
    }
    await symlink(path.join(project, 'node_modules'), path.join(folder, 'node_modules'));
    return new CopiedProduct(folder);
  }

  /** Adds the file that defines the report, and its entry in the list of reports. */
  async addReport(name: string): Promise<void> {
    const definition = await readFile(path.join(project, 'test/thirdReport', `${name}.ts`), 'utf8');
    await writeFile(this.#path(`src/reports/${name}.ts`), inPlace(definition));
    const list = await readFile(this.#path('src/reports/index.ts'), 'utf8');
    const entered = list
      .replace(/(?=import { utilization })/, `import { ${name} } from './${name}.ts';\n`)
      .replace(/const definitions = \[(.*)\]/, `const definitions = [$1, ${name}]`);
    await writeFile(this.#path('src/reports/index.ts'), entered);
  }

  /** Gives the report a section of its own, as the analyst does. */
  async addSettings(file: string, place: readonly string[], settings: unknown): Promise<void> {
    const document = parseDocument(await readFile(this.#path(file), 'utf8'));
    document.setIn(place, settings);
    await writeFile(this.#path(file), document.toString());
  }

  /** Runs a command of Node in the copy, and gives what it prints. */
  async node(...args: string[]): Promise<string> {
    const options = { cwd: this.folder, timeout: 600_000, maxBuffer: 16 * 1024 * 1024 };
    const { stdout, stderr } = await run(process.execPath, args, options).catch(
      (failed: Error & { stdout: string }) => {
        // The compiler writes its errors where Node does not look for them.
        throw new Error(`${failed.message}\n${failed.stdout}`);
      },
    );
    return stdout + stderr;
  }

  /** Files that are not as in the product, by what was done to them. */
  async changes(): Promise<Record<'added' | 'changed' | 'removed', string[]>> {
    const found: Record<'added' | 'changed' | 'removed', string[]> = { added: [], changed: [], removed: [] };
    for (const part of parts) {
      const [before, after] = [await filesIn(project, part), await filesIn(this.folder, part)];
      for (const file of after.filter((each) => !before.includes(each))) found.added.push(file);
      for (const file of before) {
        if (!after.includes(file)) found.removed.push(file);
        else if (!(await same(path.join(project, file), this.#path(file)))) found.changed.push(file);
      }
    }
    return found;
  }

  async remove(): Promise<void> {
    await rm(this.folder, { recursive: true, force: true });
  }

  #path(file: string): string {
    return path.join(this.folder, file);
  }
}

async function filesIn(root: string, part: string): Promise<string[]> {
  if (part.includes('.')) return [part];
  const entries = await readdir(path.join(root, part), { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => path.relative(root, path.join(entry.parentPath, entry.name)))
    .sort();
}

async function same(one: string, other: string): Promise<boolean> {
  return (await readFile(one)).equals(await readFile(other));
}
