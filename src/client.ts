import { Command, InvalidArgumentError, Option } from 'commander';
import { startBackfill, startDaily, startRun } from './cli/runs.ts';
import {
  scheduleApply,
  scheduleBackfill,
  schedulePause,
  scheduleResume,
  scheduleShow,
  scheduleTrigger,
} from './cli/schedule.ts';
import { withTemporal } from './cli/session.ts';
import { runMigrations, showPortalLogins, showStatus, unblockPortal } from './cli/status.ts';
import { follow } from './cli/watch.ts';
import { ConfigError } from './config.ts';
import { PipelineError } from './domain/failures.ts';
import { reportNames } from './domain/reports.ts';

/** For scripts: the call was wrong, or what it asked for failed. */
const exitCodes = { wrongCall: 2, failed: 1 } as const;

const program = new Command('client')
  .description('Starts, follows and operates the EHR reporting pipeline.')
  .configureHelp({ sortSubcommands: false })
  .exitOverride(({ exitCode }) => process.exit(exitCode === 0 ? 0 : exitCodes.wrongCall))
  .showHelpAfterError('Run with --help for the options and examples.');

const json = new Option('--json', 'answer in JSON, for scripts');
const from = ['--from <day>', 'first day, YYYY-MM-DD'] as const;
const to = ['--to <day>', 'last day, included, YYYY-MM-DD'] as const;

function reportCommand(name: string): Command {
  return program
    .command(name)
    .argument('<report>', reportNames.join(' or '))
    .requiredOption(...from)
    .requiredOption(...to)
    .option('--no-wait', 'start it and return')
    .addOption(json);
}

reportCommand('run')
  .description('run one report for one period')
  .option('--file <csv>', 'take this export instead of asking the portal; the worker must be able to read it')
  .addHelpText('after', '\nExample:\n  npm run client -- run notes --from 2026-10-16 --to 2026-10-31')
  .action(startRun);

reportCommand('backfill')
  .description('run every period of a range, newest first')
  .option('--concurrency <periods>', 'periods in work at a time', positiveInteger)
  .option('--dry-run', 'only list the periods')
  .addHelpText('after', '\nExample:\n  npm run client -- backfill notes --from 2026-01-01 --to 2026-06-30')
  .action(startBackfill);

program
  .command('daily')
  .description('run what is due today, or on a past day')
  .option('--day <day>', 'YYYY-MM-DD')
  .option('--reports <reports...>', reportNames.join(', '))
  .option('--no-wait', 'start it and return')
  .addOption(json)
  .action(startDaily);

const schedule = program.command('schedule').description('the daily schedule');
schedule
  .command('apply')
  .description('create it, or bring it up to date')
  .addOption(json)
  .action(scheduleApply);
schedule.command('show').description('state, next and last runs').addOption(json).action(scheduleShow);
schedule
  .command('pause')
  .description('start no more runs')
  .requiredOption('--reason <words>', 'shown in the Web UI; name no patient')
  .addOption(json)
  .action(schedulePause);
schedule
  .command('resume')
  .description('start runs again')
  .option('--reason <words>', 'shown in the Web UI', 'resumed')
  .addOption(json)
  .action(scheduleResume);
schedule.command('trigger').description('run it now').addOption(json).action(scheduleTrigger);
schedule
  .command('backfill')
  .description('start the daily runs of past days, one after another')
  .requiredOption(...from)
  .requiredOption(...to)
  .addOption(json)
  .action(scheduleBackfill);

program
  .command('status')
  .description('what each period shows, and how its last run ended')
  .addOption(json)
  .action(showStatus);

program
  .command('watch')
  .description('follow a run, a daily run or a backfill until it ends')
  .argument('<id>', 'its workflow id, e.g. backfill:notes:2026-01-01..2026-06-30')
  .addOption(json)
  .action((id: string, options: { json?: boolean }) =>
    withTemporal((client) => follow(client.workflow.getHandle(id), options)),
  );

program
  .command('migrate')
  .description('create the tables, or bring them up to date')
  .addOption(json)
  .action(runMigrations);

const portal = program.command('portal').description('the portal login');
portal.command('status').description('is it blocked?').addOption(json).action(showPortalLogins);
portal
  .command('unblock')
  .description('let a rejected login be tried again')
  .addOption(json)
  .action(unblockPortal);

function positiveInteger(text: string): number {
  const value = Number(text);
  if (Number.isInteger(value) && value > 0) return value;
  throw new InvalidArgumentError('must be a whole number above 0.');
}

function exitCodeOf(error: unknown): number {
  // The client refuses an input as a PipelineError, a run as a failure of the same type.
  const refused = error instanceof Error && 'type' in error && error.type === 'InvalidInput';
  return error instanceof ConfigError || refused ? exitCodes.wrongCall : exitCodes.failed;
}

function wordsOf(error: unknown): string {
  if (error instanceof PipelineError) return `${error.message}\n${error.hint}`;
  if (!(error instanceof Error)) return 'failed for an unknown reason';
  const type = 'type' in error && typeof error.type === 'string' ? `${error.type}: ` : '';
  return `${type}${error.message}`;
}

try {
  await program.parseAsync();
} catch (error) {
  console.error(wordsOf(error));
  process.exitCode = exitCodeOf(error);
}
