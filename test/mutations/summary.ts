import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { TestProject } from 'vitest/node';
import type { CorpusResult } from './corpus.ts';

// Every kind of mutation comes up among so many; docs/reliability.md has the figures of 10,000.
const usualCount = 2_500;
const usualSeed = 'mutants';

/**
 * Hands the test files the size of the corpus and prints at the end what came of it.
 * Environment: MUTANTS how many, MUTANTS_SEED for others than usual, MUTANTS_ONLY the number of one mutant,
 * MUTANTS_REPORT a file for the figures as JSON.
 */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const folder = await mkdtemp(path.join(tmpdir(), 'ehr-mutants-report-'));
  const { MUTANTS, MUTANTS_SEED, MUTANTS_ONLY, MUTANTS_REPORT } = process.env;
  project.provide('mutants', {
    seed: MUTANTS_SEED ?? usualSeed,
    count: wholeNumber('MUTANTS', MUTANTS) ?? usualCount,
    only: wholeNumber('MUTANTS_ONLY', MUTANTS_ONLY),
    folder,
  });
  return async () => {
    const results = await readResults(folder);
    await rm(folder, { recursive: true, force: true });
    if (results.length === 0) return;
    console.log(summaryText(results));
    if (MUTANTS_REPORT !== undefined)
      await writeFile(MUTANTS_REPORT, `${JSON.stringify(figures(results), null, 2)}\n`);
  };
}

function wholeNumber(name: string, text: string | undefined): number | null {
  if (text === undefined) return null;
  if (!/^\d{1,9}$/.test(text))
    throw new Error(`${name} must be a whole number; it is ${JSON.stringify(text)}`);
  return Number(text);
}

async function readResults(folder: string): Promise<CorpusResult[]> {
  const files = (await readdir(folder)).sort();
  const texts = await Promise.all(files.map((file) => readFile(path.join(folder, file), 'utf8')));
  return texts.map((text) => JSON.parse(text) as CorpusResult);
}

type Counts = Readonly<Record<string, number>>;

function added(counts: readonly Counts[]): Record<string, number> {
  const sums: Record<string, number> = {};
  for (const [name, number] of counts.flatMap((some) => Object.entries(some))) {
    sums[name] = (sums[name] ?? 0) + number;
  }
  return sums;
}

function addedByKind(results: readonly Readonly<Record<string, Counts>>[]): Record<string, Counts> {
  const kinds = [...new Set(results.flatMap(Object.keys))].sort();
  return Object.fromEntries(kinds.map((kind) => [kind, added(results.map((byKind) => byKind[kind] ?? {}))]));
}

function figures(results: readonly CorpusResult[]): Record<string, unknown> {
  const sum = (of: (result: CorpusResult) => number) =>
    results.reduce((total, result) => total + of(result), 0);
  return {
    seed: results[0]!.seed,
    mutants: sum(({ mutants }) => mutants),
    wrong: sum(({ wrongCount }) => wrongCount),
    rowsEqual: sum(({ rowsEqual }) => rowsEqual),
    seconds: Math.max(...results.map(({ seconds }) => seconds)),
    slowestMilliseconds: Math.max(...results.map(({ slowest }) => slowest.milliseconds)),
    outcomes: added(results.map(({ outcomes }) => outcomes)),
    byKind: addedByKind(results.map(({ byKind }) => byKind)),
    byKindAlone: addedByKind(results.map(({ byKindAlone }) => byKindAlone)),
  };
}

function summaryText(results: readonly CorpusResult[]): string {
  const { byKind, outcomes, ...rest } = figures(results) as {
    byKind: Record<string, Counts>;
    outcomes: Counts;
  } & Counts;
  const columns = Object.keys(outcomes).sort();
  const cellsOf = (first: string, counts: Counts) =>
    [first].concat(columns.map((column) => String(counts[column] ?? 0)));
  const table = [
    ['mutation'].concat(columns),
    ...Object.entries(byKind).map(([kind, counts]) => cellsOf(kind, counts)),
    cellsOf('mutants', outcomes),
  ];
  const widths = table[0]!.map((_, column) => Math.max(...table.map((cells) => cells[column]!.length)));
  const lines = table.map((cells) =>
    cells
      .map((cell, column) => (column === 0 ? cell.padEnd(widths[0]!) : cell.padStart(widths[column]!)))
      .join('  '),
  );
  const head = `${String(rest['mutants'])} mutants of seed "${String(rest['seed'])}" in ${String(rest['seconds'])} s: ${String(rest['wrong'])} wrong, ${String(rest['rowsEqual'])} rows equal to the oracle's; slowest ${String(rest['slowestMilliseconds'])} ms`;
  return `\n${head}\n(a mutant of several mutations counts for each)\n${lines.join('\n')}\n`;
}
