import { Command, InvalidArgumentError, Option } from 'commander';
import { shippedReports, type ShippedReport } from '../../test/shippedReports.ts';
import { targets, type Target } from '../../test/faults/killPlan.ts';

const scenarios = [
  'kills',
  'database-away',
  'disk-full',
  'worker-out-of-memory',
  'cancel',
  'clocks',
] as const;
export type Scenario = (typeof scenarios)[number];

export interface FaultOptions {
  readonly scenario: Scenario;
  readonly kills: number;
  readonly minutes: number;
  readonly seed: string;
  readonly targets: Target[];
  readonly report: ShippedReport | undefined;
  readonly periods: number;
  readonly portalPeriods: number;
  readonly workers: number;
  readonly killsPerRound: number;
  readonly awayMinutes: number;
  readonly out: string | undefined;
}

/** Undefined where only the help was wanted, or the arguments were wrong and it has been said how. */
export function parseOptions(args: readonly string[]): FaultOptions | number {
  const program = new Command('npm run faults --')
    .description(
      'Replaces periods again and again by one of two versions of their exports while workers, browsers, the database and the Temporal server are killed with SIGKILL and started again. Then everything that is left is compared with undisturbed loads, and whatever was seen in between by a reader. Starts servers of its own; needs nothing that runs. Exit code 1 where there is a difference.',
    )
    .addOption(
      new Option('--scenario <name>', 'what happens to the pipeline').choices(scenarios).default('kills'),
    )
    .option('--kills <count>', 'kills: end after so many', wholeNumber(1, 100_000), 1_000)
    .option('--minutes <count>', 'kills: or after so many minutes', wholeNumber(1, 24 * 60), 120)
    .option('--seed <text>', 'kills: decides targets, places and pauses', 'faults')
    .option('--targets <list>', `kills: of ${targets.join(', ')}`, (text) => text.split(',').map(asTarget), [
      ...targets,
    ])
    .addOption(new Option('--report <name>', 'of one report only; both otherwise').choices(shippedReports))
    .option('--periods <count>', 'periods of each report that come from files', wholeNumber(1, 60), 12)
    .option('--portal-periods <count>', 'periods that come through the portal', wholeNumber(0, 24), 6)
    .option('--workers <count>', 'workers at a time', wholeNumber(1, 4), 2)
    .option(
      '--kills-per-round <count>',
      'kills: compare everything at rest after so many',
      wholeNumber(1, 1_000),
      100,
    )
    .option('--away-minutes <count>', 'database-away: how long', Number, 10)
    .option('--out <file>', 'write the report as JSON, too')
    .exitOverride();
  try {
    const options = program.parse(args, { from: 'user' }).opts<FaultOptions>();
    return options;
  } catch (error) {
    return (error as { exitCode?: number }).exitCode ?? 1;
  }
}

function asTarget(text: string): Target {
  const target = targets.find((name) => name === text.trim());
  if (target === undefined) throw new InvalidArgumentError(`It must be of ${targets.join(', ')}.`);
  return target;
}

function wholeNumber(least: number, most: number) {
  return (text: string): number => {
    const value = Number(text);
    if (Number.isInteger(value) && value >= least && value <= most) return value;
    throw new InvalidArgumentError(`It must be a whole number from ${String(least)} to ${String(most)}.`);
  };
}
