import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { arrowsOf, closureOf, cyclesOf, foldersOf, linesOf } from './structure/graph.ts';
import { readSource, type SourceFile } from './structure/imports.ts';

const help = `npm run structure [-- options]

Counts folders, files, lines, imports between folders and cycles, from the import lines of the source.

  --closure <file>   the files that these files import, and how many lines they have; may be given several times
  --list             name the files of the closure
  --source <folder>  another source folder, such as that of another worktree; default: src
`;

const { values: options } = parseArgs({
  options: {
    closure: { type: 'string', multiple: true },
    list: { type: 'boolean' },
    source: { type: 'string' },
    help: { type: 'boolean' },
  },
});

const folder = path.resolve(options.source ?? fileURLToPath(new URL('../src/', import.meta.url)));

function print(source: readonly SourceFile[]): void {
  const folders = foldersOf(source);
  const arrows = arrowsOf(source);
  const cycles = cyclesOf(source);
  console.log(
    `${count(folders.length, 'folder')}, ${count(source.length, 'file')}, ${count(linesOf(source), 'line')}\n`,
  );
  for (const each of folders) {
    console.log(
      `${each.folder.padEnd(16)}${String(each.files).padStart(5)} files${String(each.lines).padStart(8)} lines`,
    );
  }
  const typesOnly = arrows.filter(({ values }) => values === 0);
  console.log(
    `\n${count(arrows.length, 'arrow')} between folders, ${String(typesOnly.length)} of them of types only\n`,
  );
  for (const { from, to, values, types } of arrows) {
    console.log(
      `${from.padEnd(16)} → ${to.padEnd(16)}${String(values).padStart(5)} values${String(types).padStart(5)} types`,
    );
  }
  console.log(`\n${count(cycles.length, 'import cycle')}, types counted`);
  for (const cycle of cycles) console.log(`  ${cycle.join(' ⇄ ')}`);
}

function printClosure(source: readonly SourceFile[], entries: readonly string[]): void {
  const files = entries.map((entry) => nameOf(source, entry));
  const whole = closureOf(source, files, { types: true });
  const values = closureOf(source, files, { types: false });
  console.log(`\nclosure of ${files.join(', ')}:`);
  console.log(`${count(whole.length, 'file')}, ${count(linesOf(whole), 'line')}`);
  console.log(`without imports of types: ${count(values.length, 'file')}, ${count(linesOf(values), 'line')}`);
  if (options.list !== true) return;
  for (const { file, lines } of whole) console.log(`${String(lines).padStart(6)}  ${file}`);
}

/** `src/activities/clean.ts`, as a shell completes it, or `activities/clean.ts`. */
function nameOf(source: readonly SourceFile[], entry: string): string {
  const name = entry.replace(/^src\//, '');
  if (source.some(({ file }) => file === name)) return name;
  throw new Error(`${entry}: no such file in ${folder}, wanted one such as activities/clean.ts`);
}

function count(number: number, noun: string): string {
  return `${number.toLocaleString('en-US')} ${noun}${number === 1 ? '' : 's'}`;
}

if (options.help === true) {
  console.log(help);
} else {
  const source = readSource(folder);
  print(source);
  if (options.closure !== undefined) printClosure(source, options.closure);
}
