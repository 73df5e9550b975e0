import { Command, InvalidArgumentError } from 'commander';

export interface FleetOptions {
  readonly agencies: number;
  /** Further agencies, whose daily run goes through the stand-in portal. */
  readonly browsers: number;
  readonly workers: number;
  readonly rows: number;
  /** Runs of one agency that another one's run has to wait behind; 0 leaves this out. */
  readonly backlog: number;
  readonly minutes: number;
  readonly out: string;
  readonly page: string;
}

/** A number where only the help was wanted, or the arguments were wrong and it has been said how: the exit code. */
export function parseOptions(args: readonly string[]): FleetOptions | number {
  const program = new Command('npm run fleet --')
    .description(
      'Runs many agencies on one fleet of workers, with Temporal on MySQL: each has a folder, a database and a schedule of its own, which takes a small export that lies at its source; some run their day through the stand-in portal. Then one agency starts many runs at once, and others wait behind them, with and without fairness. Starts servers of its own; needs a mysqld on the PATH. Times hold for the machine and what else it did meanwhile.',
    )
    .option('--agencies <count>', 'agencies that take a file', count(1, 5000), 1000)
    .option('--browsers <count>', 'agencies with a browser besides', count(0, 50), 10)
    .option('--workers <count>', 'worker processes', count(1, 8), 1)
    .option('--rows <count>', 'rows of a file', count(1, 100_000), 200)
    .option('--backlog <count>', 'runs of one agency that others wait behind; 0: leave out', count(0, 60), 60)
    .option('--minutes <count>', 'how long the scheduled runs may take', count(1, 240), 40)
    .option('--out <file>', 'results as JSON', 'bench/results.json')
    .option('--page <file>', 'page whose tables are written anew', 'docs/measurements.md')
    .exitOverride();
  try {
    return program.parse(args, { from: 'user' }).opts<FleetOptions>();
  } catch (error) {
    return (error as { exitCode?: number }).exitCode ?? 1;
  }
}

function count(least: number, most: number): (text: string) => number {
  return (text) => {
    const number = Number(text.replaceAll('_', ''));
    if (Number.isInteger(number) && number >= least && number <= most) return number;
    throw new InvalidArgumentError(`It must be a whole number from ${String(least)} to ${String(most)}.`);
  };
}
