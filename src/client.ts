import { Command, InvalidArgumentError, Option } from 'commander';
import { showDiff } from './cli/changes.ts';
import { approve, reject, releasePin, rerun, rollBack } from './cli/decisions.ts';
import { writeDashboards } from './cli/dashboard.ts';
import { showRejects, showVersions } from './cli/ledger.ts';
import { showPreview } from './cli/preview.ts';
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

const reason = ['--reason <words>', 'why, for the ledger; name no patient'] as const;
const by = new Option('--by <name>', 'who decides, if it is not the user of this machine');
const names = new Option('--names', 'show names instead of name codes: patient data');
const limit = new Option('--limit <rows>', 'rows to show at most').default(50).argParser(positiveInteger);

/** A person's decision about one run. */
function decisionCommand(name: string, description: string): Command {
  return program
    .command(name)
    .description(description)
    .argument('<run>', 'its run id, as `status`, `versions` and the Web UI show it')
    .requiredOption(...reason)
    .addOption(by)
    .option('--no-wait', 'start it and return')
    .addOption(json);
}

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

program
  .command('preview')
  .description('do all that a run does but the load, and show what it would come to')
  .argument('<report>', reportNames.join(' or '))
  .requiredOption(...from)
  .requiredOption(...to)
  .option('--file <csv>', 'take this export instead of asking the portal')
  .addOption(limit)
  .addOption(names)
  .addOption(json)
  .addHelpText(
    'after',
    '\nExample:\n  npm run client -- preview notes --from 2026-10-16 --to 2026-10-31 --file reportExport.csv',
  )
  .action(showPreview);

program
  .command('rerun')
  .description('run a period again from the export that an earlier run has kept, under the rules of today')
  .argument('<run>', 'its run id, as `versions` and the Web UI show it')
  .option('--no-wait', 'start it and return')
  .addOption(json)
  .action(rerun);

program
  .command('rejects')
  .description('the records of a run that could not be read exactly: line, column, reason')
  .argument('<run>', 'its run id')
  .addOption(json)
  .action(showRejects);

program
  .command('diff')
  .description('what the last load of a period changed, row by row')
  .argument('<report>', reportNames.join(' or '))
  .argument('<period>', 'a day in it, or 2026-10-16..2026-10-31')
  .option('--run <id>', 'what this run changed, or a held one would change')
  .addOption(limit)
  .addOption(names)
  .addOption(json)
  .addHelpText('after', '\nExample:\n  npm run client -- diff notes 2026-10-16..2026-10-31')
  .action(showDiff);

decisionCommand('approve', 'load what a held run would have loaded').action(approve);
program
  .command('reject')
  .description('close a held run: it will not be loaded')
  .argument('<run>', 'its run id')
  .requiredOption(...reason)
  .addOption(by)
  .addOption(json)
  .action(reject);

program
  .command('versions')
  .description('what a period has shown so far, newest first')
  .argument('<report>', reportNames.join(' or '))
  .argument('<period>', 'a day in it, or 2026-10-16..2026-10-31')
  .addOption(json)
  .action(showVersions);

decisionCommand(
  'rollback',
  'put an earlier version back and pin it: later runs of the period are held',
).action(rollBack);
program
  .command('unpin')
  .description('let later runs load again over a version that was put back')
  .argument('<report>', reportNames.join(' or '))
  .argument('<period>', 'a day in it, or 2026-10-16..2026-10-31')
  .addOption(by)
  .addOption(json)
  .action(releasePin);

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
  .command('dashboard')
  .description('write the dashboards as HTML files that need no server and no network')
  .requiredOption('--out <folder>', 'where to; it is made if it is not there')
  .option('--month <month>', 'the last month shown, YYYY-MM; otherwise the newest loaded one')
  .option('--qp <who...>', 'a page with the clients of this QP only: its name code or key')
  .option('--every-qp', 'a page for each QP besides that of everyone')
  .addOption(names)
  .option('--pdf', 'print each as a PDF too')
  .addOption(new Option('--paper <size>', 'of the PDF').choices(['A4', 'Letter']).default('Letter'))
  .addOption(json)
  .addHelpText('after', '\nExample:\n  npm run client -- dashboard --out dashboards --month 2026-10 --pdf')
  .action(writeDashboards);

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
