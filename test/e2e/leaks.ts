import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { parse } from 'csv-parse/sync';
import type { System } from './system.ts';

/** What must stay in the files and the tables. Every text is looked for as it stands in an export. */
export interface PrivateTexts {
  /** Whole names, `LAST, FIRST` or `First Last`, lower case. */
  readonly names: ReadonlySet<string>;
  /** Single words of names, lower case. */
  readonly nameWords: ReadonlySet<string>;
  readonly authorizationNumbers: ReadonlySet<string>;
  readonly dollars: ReadonlySet<string>;
  readonly secrets: readonly string[];
}

export interface Leak {
  readonly kind: 'name' | 'word of a name' | 'authorization number' | 'dollars' | 'secret';
  readonly text: string;
}

const personColumns = new Set(['Client', 'Caregiver', 'QP', 'Client Supervisor']);
// Shorter words are found in any text: DE, VAN, IVO.
const shortestNameWord = 4;

export function privateTexts(exports: readonly Buffer[], secrets: readonly string[]): PrivateTexts {
  const rows = exports.flatMap((bytes) =>
    parse<Record<string, string>>(bytes, { bom: true, columns: true, relax_column_count: true }),
  );
  const people = cellsOf(rows, (column) => personColumns.has(column)).map((name) => name.toLowerCase());
  return {
    names: new Set(people),
    nameWords: new Set(people.flatMap(wordsIn).filter((word) => word.length >= shortestNameWord)),
    authorizationNumbers: new Set(cellsOf(rows, (column) => column === 'Authorization Number')),
    dollars: new Set(cellsOf(rows, (_, cell) => cell.includes('$'))),
    secrets,
  };
}

function cellsOf(
  rows: readonly Record<string, string>[],
  wanted: (column: string, cell: string) => boolean,
): string[] {
  return rows.flatMap((row) =>
    Object.entries(row).flatMap(([column, cell]) =>
      cell.trim() !== '' && wanted(column, cell) ? [cell.trim()] : [],
    ),
  );
}

function wordsIn(text: string): string[] {
  return text.match(/[\p{L}\p{M}]+/gu) ?? [];
}

/** What of the private texts occurs in a text, each once. */
export function leaksIn(text: string, secret: PrivateTexts): Leak[] {
  const lower = text.toLowerCase();
  const found = (kind: Leak['kind'], texts: Iterable<string>) =>
    Array.from(new Set(texts), (each): Leak => ({ kind, text: each }));
  return [
    ...found(
      'name',
      Array.from(secret.names).filter((name) => lower.includes(name)),
    ),
    ...found(
      'word of a name',
      wordsIn(lower).filter((word) => secret.nameWords.has(word)),
    ),
    ...found(
      'authorization number',
      (text.match(/[\w-]+/g) ?? []).filter((token) => secret.authorizationNumbers.has(token)),
    ),
    ...found(
      'dollars',
      (text.match(/\(?-?\$[\d.,]*\d\)?/g) ?? []).filter((token) => secret.dollars.has(token)),
    ),
    ...found(
      'secret',
      secret.secrets.filter((each) => text.includes(each)),
    ),
  ];
}

/** Every string and every run of bytes within a value, payloads included, which are bytes that hold JSON. */
export function textsWithin(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  if (value instanceof Uint8Array) return [Buffer.from(value).toString('utf8')];
  if (Array.isArray(value)) return value.flatMap(textsWithin);
  if (typeof value !== 'object' || value === null) return [];
  return [...Object.keys(value), ...Object.values(value).flatMap(textsWithin)];
}

export interface Watched {
  /** `history <workflow id>`, `log of worker 1`, `evidence …`, `ledger` or what the test adds. */
  readonly place: string;
  readonly text: string;
}

/** All that a run leaves where operators, and not only those who may see patients, can read it. */
export async function readableToOperators(system: System): Promise<Watched[]> {
  return [
    ...(await histories(system)),
    ...(await system.workerLogs()).map((text, index) => ({
      place: `log of worker ${String(index + 1)}`,
      text,
    })),
    ...(await evidence(path.join(system.folder, 'artifacts/evidence'))),
    ...(await ledger(system)),
  ];
}

async function histories(system: System): Promise<Watched[]> {
  const found: Watched[] = [];
  for await (const { workflowId, runId, memo, searchAttributes } of system.client.workflow.list()) {
    const handle = system.client.workflow.getHandle(workflowId, runId);
    const whole = [workflowId, memo, searchAttributes, await handle.fetchHistory()];
    found.push({ place: `history ${workflowId} ${runId}`, text: textsWithin(whole).join('\n') });
  }
  return found;
}

async function evidence(folder: string): Promise<Watched[]> {
  const files = await readdir(folder, { recursive: true, withFileTypes: true });
  const readable = files.filter((file) => file.isFile() && !file.name.endsWith('.png'));
  return Promise.all(
    readable.map(async (file) => ({
      place: `evidence ${path.basename(file.parentPath)}/${file.name}`,
      text: await readFile(path.join(file.parentPath, file.name), 'utf8'),
    })),
  );
}

async function ledger(system: System): Promise<Watched[]> {
  const rows = await system.query('SELECT * FROM pipeline_run');
  const rejected = await system.query('SELECT run_id, column_name, rule, reason FROM rejected_row');
  return [
    { place: 'ledger', text: textsWithin(rows).join('\n') },
    { place: 'rejected rows', text: textsWithin(rejected).join('\n') },
  ];
}

/** Where private texts can be read, as one line each: empty where all is well. */
export function leaksAt(watched: readonly Watched[], secret: PrivateTexts): string[] {
  return watched.flatMap(({ place, text }) =>
    leaksIn(text, secret).map((leak) => `${place}: ${leak.kind} ${leak.text}`),
  );
}

/** Where anything of a system's runs that operators can read holds a private text. */
export async function leaksOf(system: System, secret: PrivateTexts): Promise<string[]> {
  return leaksAt(await readableToOperators(system), secret);
}
