import type { SourceFile } from './imports.ts';

/** Files that lie in no folder, and beside none of their name. */
const loose = '(loose)';

/** The first folder of a file's path; `config.ts` belongs to the folder `config` beside it. */
function foldersBy(source: readonly SourceFile[]): (file: string) => string {
  const folders = new Set(source.flatMap(({ file }) => (file.includes('/') ? [firstOf(file)] : [])));
  return (file) => (folders.has(firstOf(file)) ? firstOf(file) : loose);
}

function firstOf(file: string): string {
  return file.replace(/(?:\/.*|\.ts)$/, '');
}

export interface Folder {
  readonly folder: string;
  readonly files: number;
  readonly lines: number;
}

export function foldersOf(source: readonly SourceFile[]): Folder[] {
  const folderOf = foldersBy(source);
  const names = [...new Set(source.map(({ file }) => folderOf(file)))].sort();
  return names.map((folder) => {
    const files = source.filter(({ file }) => folderOf(file) === folder);
    return { folder, files: files.length, lines: linesOf(files) };
  });
}

export interface Arrow {
  readonly from: string;
  readonly to: string;
  /** Imports of values, and of types alone. */
  readonly values: number;
  readonly types: number;
}

/** Which folder imports from which other one. */
export function arrowsOf(source: readonly SourceFile[]): Arrow[] {
  const folderOf = foldersBy(source);
  const arrows = new Map<string, { from: string; to: string; values: number; types: number }>();
  for (const { file, target, ours, typesOnly } of source.flatMap(({ imports }) => imports)) {
    const [from, to] = [folderOf(file), folderOf(target)];
    if (!ours || from === to) continue;
    const key = `${from} ${to}`;
    const arrow = arrows.get(key) ?? { from, to, values: 0, types: 0 };
    arrows.set(key, arrow);
    arrow[typesOnly ? 'types' : 'values'] += 1;
  }
  return [...arrows.values()].sort((one, other) =>
    `${one.from} ${one.to}` < `${other.from} ${other.to}` ? -1 : 1,
  );
}

/** Groups of files that import each other, in a ring or more than one; imports of types count. */
export function cyclesOf(source: readonly SourceFile[]): string[][] {
  const reached = new Map(source.map(({ file }) => [file, reachedFrom(source, [file])]));
  const rings = source.map(({ file }) =>
    [...reached.get(file)!]
      .filter((other) => other !== file && reached.get(other)!.has(file))
      .concat(file)
      .sort(),
  );
  const distinct = new Map(rings.filter((ring) => ring.length > 1).map((ring) => [ring.join(' '), ring]));
  return [...distinct.values()];
}

/** The files themselves, and all that they import. */
export function closureOf(
  source: readonly SourceFile[],
  entries: readonly string[],
  { types }: { readonly types: boolean },
): SourceFile[] {
  const reached = reachedFrom(source, entries, types);
  return source.filter(({ file }) => reached.has(file));
}

function reachedFrom(source: readonly SourceFile[], entries: readonly string[], types = true): Set<string> {
  const byName = new Map(source.map((each) => [each.file, each]));
  const reached = new Set<string>();
  const waiting = [...entries];
  for (let file = waiting.pop(); file !== undefined; file = waiting.pop()) {
    const found = byName.get(file);
    if (found === undefined || reached.has(file)) continue;
    reached.add(file);
    for (const each of found.imports) if (each.ours && (types || !each.typesOnly)) waiting.push(each.target);
  }
  return reached;
}

export function linesOf(files: readonly SourceFile[]): number {
  return files.reduce((sum, { lines }) => sum + lines, 0);
}
