import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

export interface Import {
  /** `activities/clean.ts`, from the source folder. */
  readonly file: string;
  /** The path from the source folder, or the package. */
  readonly target: string;
  readonly ours: boolean;
  readonly typesOnly: boolean;
}

export interface SourceFile {
  readonly file: string;
  readonly lines: number;
  readonly imports: readonly Import[];
}

/** Every TypeScript file of a folder, with what it imports. */
export function readSource(folder: string): SourceFile[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts'))
    .sort()
    .map((file) => {
      const text = readFileSync(path.join(folder, file), 'utf8');
      return { file, lines: text.split('\n').length - 1, imports: importsOf(file, text) };
    });
}

const importPattern = /^(?:import|export)\s+(type\s+)?(?:[^;'"]*?\sfrom\s+)?['"]([^'"]+)['"]/gm;
const dynamicImportPattern = /\bimport\(\s*['"]([^'"]+)['"]\s*\)/g;

export function importsOf(file: string, text: string): Import[] {
  const found = [
    ...Array.from(text.matchAll(importPattern), (match) => ({
      name: match[2]!,
      typesOnly: match[1] !== undefined,
    })),
    ...Array.from(text.matchAll(dynamicImportPattern), (match) => ({ name: match[1]!, typesOnly: false })),
  ];
  return found.map(({ name, typesOnly }) => {
    const ours = name.startsWith('.');
    return { file, ours, typesOnly, target: ours ? path.join(path.dirname(file), name) : packageOf(name) };
  });
}

/** `drizzle-orm/mysql2` is `drizzle-orm`; `node:fs/promises` stays whole. */
function packageOf(name: string): string {
  if (name.startsWith('node:')) return name;
  const parts = name.split('/');
  return parts.slice(0, name.startsWith('@') ? 2 : 1).join('/');
}
