import { isDeepStrictEqual } from 'node:util';
import type { OracleFigures, OracleVerdict } from './oracle.ts';
import { tableColumns, type Report } from './oracle/terms.ts';
import type { StepsMade, StepsOutcome } from './pipelineSteps.ts';

// A run tells twenty further columns by their headings, and how many more there are.
const extraColumnsTold = 21;

/** In words, all in which the pipeline's answer is not one that the oracle allows. */
export function differences(report: Report, outcome: StepsOutcome, verdict: OracleVerdict): string[] {
  const { problems, doubts, figures } = verdict;
  if (outcome.kind === 'failed') {
    const { type } = outcome.failure;
    if (problems.has(type!) || doubts.has(type!)) return [];
    return [
      `failed as ${String(type)} in ${outcome.step}; allowed: ${list(problems) || 'a pass'} ${list(doubts)}`,
    ];
  }
  if (problems.size > 0 || figures === undefined) return [`passed, where ${list(problems)} was due`];
  return differingFigures(report, outcome.made, figures);
}

function list(types: ReadonlySet<string>): string {
  return [...types].join(' or ');
}

function differingFigures(report: Report, made: StepsMade, figures: OracleFigures): string[] {
  const { clean, categorize, aggregate } = made;
  const expectedRows = figures.rows.map((row) => tableColumns[report].map((column) => row[column]));
  const columns = made.rejected.map(([line, column]) => [Number(line), column] as const);
  const rows = {
    read: figures.read,
    loaded: figures.rows.length,
    excluded: figures.excluded.length,
    rejected: figures.rejected.size,
  };
  const { dollars, ...counted } = clean.accounting;
  return [
    ...differing('rows', made.rows, expectedRows),
    ...differing(
      'rejected lines',
      columns.map(([line]) => line),
      [...figures.rejected.keys()],
    ),
    ...columns
      .filter(([line, column]) => figures.rejected.get(line)?.has(column!) === false)
      .map(([line, column]) => `line ${String(line)}: ${column!} is no column at fault`),
    ...differing(
      'excluded lines',
      made.excluded.map(([line]) => Number(line)),
      figures.excluded,
    ),
    ...differing('counts', counted, rows),
    ...differing('dollars', dollars, figures.dollars),
    ...differing('moved to LINCS', clean.movedToLincs, figures.moved),
    ...differing(
      'warnings',
      { ...clean.warnings, ...categorize.warnings, ...aggregate.warnings },
      figures.warnings,
    ),
    ...differing(
      'extra columns',
      clean.extraColumns.length,
      Math.min(figures.extraColumns, extraColumnsTold),
    ),
    ...differing('totals', aggregate.sums, figures.totals),
    ...differing('roll-ups', sorted(made.rollups), sorted(figures.rollups)),
    ...differing('unknown services', sorted(made.unknownServices), sorted(figures.unknownServices)),
    ...differing('unknown rows', aggregate.unknownRows, figures.rows.filter(({ grp }) => grp === '0').length),
    ...differing('rows of the reference', categorize.rows.rows, figures.rows.length),
  ];
}

function differing(what: string, actual: unknown, expected: unknown): string[] {
  if (isDeepStrictEqual(actual, expected)) return [];
  return [`${what}: ${firstDifference(actual, expected)}`];
}

function firstDifference(actual: unknown, expected: unknown): string {
  if (!Array.isArray(actual) || !Array.isArray(expected)) {
    return `pipeline ${JSON.stringify(actual)}, oracle ${JSON.stringify(expected)}`;
  }
  const at = [...actual, undefined].findIndex((item, index) => !isDeepStrictEqual(item, expected[index]));
  return `at ${String(at)} of ${String(actual.length)}/${String(expected.length)}: pipeline ${JSON.stringify(actual[at])}, oracle ${JSON.stringify(expected[at])}`;
}

function sorted(lines: readonly (readonly (string | null)[])[]): string[] {
  return lines.map((line) => JSON.stringify(line)).sort();
}
