import { Command, InvalidArgumentError } from 'commander';

const suites = ['rows', 'portal', 'orchestration', 'scale'] as const;
type Suite = (typeof suites)[number];

export interface BenchOptions {
  readonly suites: readonly Suite[];
  /** Sizes of the generated exports. */
  readonly rows: readonly number[];
  readonly runs: number;
  /** Where the results go, as JSON. */
  readonly out: string;
  /** The page whose tables are written anew. */
  readonly page: string;
  /** A Python that has pandas, SQLAlchemy and PyMySQL; without one the old way is left out. */
  readonly python: string | undefined;
  /** The largest export that the old way is given; it takes two minutes for a million rows. */
  readonly pythonRows: number;
  /** Where the steps leave a CPU profile of each run. */
  readonly profile: string | undefined;
}

/** A number where only the help was wanted, or the arguments were wrong and it has been said how: the exit code. */
export function parseOptions(args: readonly string[]): BenchOptions | number {
  const program = new Command('npm run bench --')
    .description(
      'Loads generated exports by this pipeline, with and without Temporal, on a fresh and on a warm worker, by a bare LOAD DATA LOCAL INFILE of the same rows into the same table, and by the pandas script it replaces, in turn in one run; then measures portal, orchestration and several workers. Starts servers of its own. Figures hold for the machine and what else it did meanwhile; ratios are what counts.',
    )
    .option('--suites <list>', `of ${suites.join(', ')}`, asSuites, [...suites])
    .option('--rows <list>', 'sizes of the exports', asSizes, [100, 10_000, 100_000, 1_000_000])
    .option('--runs <count>', 'runs of each way; medians are told', asCount, 5)
    .option('--out <file>', 'results as JSON', 'bench/results.json')
    .option('--page <file>', 'page whose tables are written anew', 'docs/measurements.md')
    .option('--python <path>', 'a Python with pandas, SQLAlchemy and PyMySQL, for the old way')
    .option('--python-rows <count>', 'the largest export that the old way is given', asCount, 1_000_000)
    .option('--profile <folder>', 'where each run of the steps alone leaves a CPU profile, which slows it')
    .exitOverride();
  try {
    return program.parse(args, { from: 'user' }).opts<BenchOptions>();
  } catch (error) {
    return (error as { exitCode?: number }).exitCode ?? 1;
  }
}

function asSuites(text: string): Suite[] {
  return text.split(',').map((name) => {
    const suite = suites.find((known) => known === name.trim());
    if (suite === undefined) throw new InvalidArgumentError(`It must be of ${suites.join(', ')}.`);
    return suite;
  });
}

function asSizes(text: string): number[] {
  return text.split(',').map((size) => asCount(size));
}

function asCount(text: string): number {
  const count = Number(text.replaceAll('_', ''));
  if (Number.isInteger(count) && count >= 1 && count <= 10_000_000) return count;
  throw new InvalidArgumentError('It must be a whole number from 1 to 10,000,000.');
}
