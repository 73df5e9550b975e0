import { Argument, Command, InvalidArgumentError, Option, type CommandOptions } from 'commander';
import { reportNames } from '../reports/index.ts';
import { auditActions } from '../domain/auditEvents.ts';
import { completionScript, shells, type Shell } from './completion.ts';
import { exitCodeHelp } from './exitCodes.ts';
import { productFacts } from './productFacts.ts';
import { lazily } from './lazily.ts';
import type { OutputOptions } from './output.ts';

/** The client's commands with their help and examples; runs none of them. A wrong call throws `CommanderError`. */
export function createProgram(): Command {
  const program = new Command('client')
    .description('Starts, follows and operates the EHR reporting pipeline.')
    .configureHelp({ sortSubcommands: false })
    .addOption(
      new Option(
        '--agency <id>',
        'act for this agency of EHR_AGENCIES; otherwise for the one without an id',
      ).env('EHR_AGENCY'),
    )
    .addOption(
      new Option(
        // Not --env-file: Node takes that for its own, wherever it stands.
        '--variables <file>',
        'take variables that are not set from this file; otherwise from EHR_ENV, or ehr.env in this folder',
      ),
    )
    .version(productFacts().version, '--version', 'which version this is')
    .exitOverride()
    .showHelpAfterError('Run with --help for the options and examples.')
    .addHelpText('after', `${exitCodeHelp()}\n${moreHelp}`);
  for (const add of [
    addStarts,
    addFigures,
    addKept,
    addKeys,
    addNames,
    addDecisions,
    addSchedule,
    addConfig,
    addRecipe,
    addOperation,
    addAgencies,
  ])
    add(program);
  return program;
}

const moreHelp = `
Examples:
  npm run client -- status
  npm run client -- run notes --from 2026-10-16 --to 2026-10-31
  npm run client -- run --help
  npm run -s client -- status --json

docs/client.md says more of it, docs/runbook.md what to do about each failure.`;

const json = new Option('--json', 'answer with one JSON document, for scripts');
const from = ['--from <day>', 'first day, YYYY-MM-DD'] as const;
const to = ['--to <day>', 'last day, included, YYYY-MM-DD'] as const;
const reason = ['--reason <words>', 'why, for the ledger; name no patient'] as const;
const by = new Option('--by <name>', 'who decides, if it is not the user of this machine');
const names = new Option('--names', 'show names instead of name codes: patient data');
const limit = new Option('--limit <rows>', 'rows to show at most').default(50).argParser(positiveInteger);
const noWait = ['--no-wait', 'start it and return'] as const;
const report = ['<report>', reportNames.join(' or ')] as const;
const period = ['<period>', 'a day in it, or 2026-10-16..2026-10-31'] as const;
const runId = ['<run>', 'its run id, as `status`, `versions` and the Web UI show it'] as const;
const exampleRun = '0197f3c2-5a1e-7c44-9d2b-6f0a1b2c3d4e';

/** What every command has: a summary, --json and examples to copy. */
function command(
  parent: Command,
  name: string,
  description: string,
  examples: readonly string[],
  options: CommandOptions = {},
): Command {
  const lines = examples.map((example) => `  npm run client -- ${example}`);
  return parent
    .command(name, options)
    .description(description)
    .addHelpText('after', ['', examples.length > 1 ? 'Examples:' : 'Example:', ...lines].join('\n'));
}

function addStarts(program: Command): void {
  command(program, 'run', 'run one report for one period', [
    'run notes --from 2026-10-16 --to 2026-10-31',
    'run notes --from 2026-10-16 --to 2026-10-31 --file reportExport.csv',
    'run notes --from 2026-10-16 --to 2026-10-31 --force',
  ])
    .argument(...report)
    .requiredOption(...from)
    .requiredOption(...to)
    .option(
      '--file <csv>',
      'take this export instead of asking the portal; the worker must be able to read it',
    )
    .option('--force', 'load again although the period shows the same already')
    .option(...noWait)
    .addOption(json)
    .action(lazily(() => import('./startRuns.ts'), 'startRun'));

  command(program, 'backfill', 'run every period of a range, newest first', [
    'backfill notes --from 2026-01-01 --to 2026-06-30 --dry-run',
    'backfill notes --from 2026-01-01 --to 2026-06-30',
  ])
    .argument(...report)
    .requiredOption(...from)
    .requiredOption(...to)
    .option('--concurrency <periods>', 'periods in work at a time', positiveInteger)
    .option('--dry-run', 'only list the periods')
    .option(...noWait)
    .addOption(json)
    .action(lazily(() => import('./startRuns.ts'), 'startBackfill'));

  command(program, 'daily', 'run what is due today, or on a past day', [
    'daily',
    'daily --day 2026-11-16 --reports notes',
  ])
    .option('--day <day>', 'YYYY-MM-DD')
    .option('--reports <reports...>', reportNames.join(', '))
    .option(...noWait)
    .addOption(json)
    .action(lazily(() => import('./startRuns.ts'), 'startDaily'));

  command(
    program,
    'preview',
    'do everything that a run does except the load, show the result, and end with the exit code of that run (held: 3)',
    ['preview notes --from 2026-10-16 --to 2026-10-31 --file reportExport.csv'],
  )
    .argument(...report)
    .requiredOption(...from)
    .requiredOption(...to)
    .option('--file <csv>', 'take this export instead of asking the portal')
    .addOption(limit)
    .addOption(names)
    .addOption(json)
    .action(lazily(() => import('./preview.ts'), 'showPreview'));

  command(
    program,
    'rerun',
    'run a period again from the export that an earlier run has kept, under the rules of today',
    [`rerun ${exampleRun}`],
  )
    .argument(...runId)
    .option(...noWait)
    .addOption(json)
    .action(lazily(() => import('./decisions.ts'), 'rerun'));

  command(
    program,
    'reload',
    'read the kept exports of a range again under the rules of today, without the portal',
    [
      'reload notes --from 2026-01-01 --to 2026-06-30 --dry-run',
      'reload notes --from 2026-01-01 --to 2026-06-30',
    ],
  )
    .argument(...report)
    .requiredOption(...from)
    .requiredOption(...to)
    .option('--dry-run', 'load nothing: say what each period would change')
    .addOption(json)
    .action(lazily(() => import('./reload.ts'), 'reload'));

  command(program, 'watch', 'follow a run, a daily run or a backfill until it ends', [
    'watch notes:2026-10-16..2026-10-31',
    'watch backfill:notes:2026-01-01..2026-06-30',
  ])
    .argument('<id>', 'its workflow id')
    .addOption(json)
    .action(lazily(() => import('./watch.ts'), 'watch'));

  command(
    program,
    'cancel',
    'end a run, a daily run or a backfill, and say what happens to the figures; the call is recorded',
    ['cancel notes:2026-10-16..2026-10-31 --reason "the wrong period"'],
  )
    .argument('<id>', 'its workflow id, as `watch` takes it')
    .requiredOption(...reason)
    .addOption(by)
    .option('--no-wait', 'ask it to end and return')
    .addOption(json)
    .action(lazily(() => import('./cancel.ts'), 'cancel'));
}

function addFigures(program: Command): void {
  command(
    program,
    'status',
    'what each period shows, how fresh it is, how its last run ended, and what is missing',
    ['status', 'status --check', 'status --all'],
  )
    .option('--all', 'all agencies of EHR_AGENCIES in counts, the worst first')
    .option('--check', 'say by the exit code whether anything is failed (1), held (3), missing or stale (7)')
    .addOption(json)
    .action(async (options: OutputOptions & { all?: boolean; check?: boolean }) => {
      if (options.all === true) await (await import('./agencies.ts')).showAllStatus(options);
      else await (await import('./status.ts')).showStatus(options);
    });

  command(program, 'versions', 'what a period has shown so far, newest first, and why its last run failed', [
    'versions notes 2026-10-16',
  ])
    .argument(...report)
    .argument(...period)
    .addOption(json)
    .action(lazily(() => import('./runsInLedger.ts'), 'showVersions'));

  command(program, 'diff', 'what the last load of a period changed, row by row', [
    'diff notes 2026-10-16..2026-10-31',
    `diff notes 2026-10-16 --run ${exampleRun}`,
    'diff utilization 2026-10-01 --since 2026-11-20',
  ])
    .argument(...report)
    .argument(...period)
    .option('--run <id>', 'what this run changed, or a held one would change')
    .option('--since <day>', 'everything since the version shown at the end of this day, or since this run')
    .addOption(limit)
    .addOption(names)
    .addOption(json)
    .action(lazily(() => import('./diff.ts'), 'showDiff'));

  command(program, 'rejects', 'the records of a run that could not be read exactly: line, column, reason', [
    `rejects ${exampleRun}`,
  ])
    .argument(...runId)
    .addOption(json)
    .action(lazily(() => import('./runsInLedger.ts'), 'showRejects'));
}

function addKept(program: Command): void {
  const history = program.command('history').description('the figures of every day: docs/tables.md');
  command(history, 'fill', 'write the days of runs from before the history, from the files that they kept', [
    'history fill',
  ])
    .addOption(json)
    .action(lazily(() => import('./history.ts'), 'fillHistoryFromFiles'));

  command(
    program,
    'retention',
    'remove the files that the section retention lets go, as each daily run does',
    ['retention --dry-run', 'retention'],
  )
    .option('--dry-run', 'remove nothing: say what would go')
    .addOption(json)
    .action(lazily(() => import('./retention.ts'), 'removeByRetention'));
}

function addKeys(program: Command): void {
  const rekey = program.command('rekey').description('give what is kept a new key: docs/operate.md');
  command(
    rekey,
    'data',
    'seal every kept file with the first key of EHR_DATA_KEY; afterwards the others can go. Start it again if it stops',
    ['rekey data'],
  )
    .addOption(json)
    .action(lazily(() => import('./rekey.ts'), 'rekeyData'));
  command(
    rekey,
    'names',
    'give the people in the tables the keys of EHR_NAME_KEY, a period at a time. Start it again if it stops',
    ['rekey names --former-key-file former-name-key', 'rekey names'],
  )
    .option('--former-key-file <file>', 'the name key before, so that periods stay unchanged for later runs')
    .addOption(json)
    .action(lazily(() => import('./rekey.ts'), 'rekeyPeople'));
}

function addNames(program: Command): void {
  command(
    program,
    'lookalikes',
    'names in the tables that look alike: two people, or one written in two ways',
    ['lookalikes utilization', 'lookalikes notes --from 2026-07-01 --to 2026-12-31 --names'],
  )
    .argument(...report)
    .option('--from <day>', 'only periods that begin on this day or later, YYYY-MM-DD')
    .option('--to <day>', 'only periods that begin on this day or earlier, YYYY-MM-DD')
    .addOption(names)
    .addOption(json)
    .action(lazily(() => import('./lookAlikes.ts'), 'showLookAlikes'));
}

function addDecisions(program: Command): void {
  command(program, 'approve', 'load what a held run would have loaded', [
    `approve ${exampleRun} --reason "billing has closed those cases"`,
  ])
    .argument(...runId)
    .requiredOption(...reason)
    .addOption(by)
    .option(...noWait)
    .addOption(json)
    .action(lazily(() => import('./decisions.ts'), 'approve'));

  command(
    program,
    'approve-rules',
    'accept a change of rules once, for all periods: no run is held because of it any more',
    ['approve-rules --reason "CAP counts as group 9 from now on"'],
  )
    .requiredOption(...reason)
    .addOption(by)
    .option('--rules <digest>', 'which rules, where it is not clear')
    .addOption(json)
    .action(lazily(() => import('./approveRules.ts'), 'approveRules'));

  command(program, 'reject', 'close a held run: it will not be loaded', [
    `reject ${exampleRun} --reason "the file was cut off"`,
  ])
    .argument(...runId)
    .requiredOption(...reason)
    .addOption(by)
    .addOption(json)
    .action(lazily(() => import('./decisions.ts'), 'reject'));

  command(program, 'rollback', 'put an earlier version back and pin it: later runs of the period are held', [
    `rollback ${exampleRun} --reason "the load of Monday was cut off"`,
  ])
    .argument(...runId)
    .requiredOption(...reason)
    .addOption(by)
    .option(...noWait)
    .addOption(json)
    .action(lazily(() => import('./decisions.ts'), 'rollBack'));

  command(program, 'unpin', 'let later runs load again over a version that was put back', [
    'unpin notes 2026-10-16',
  ])
    .argument(...report)
    .argument(...period)
    .addOption(by)
    .addOption(json)
    .action(lazily(() => import('./decisions.ts'), 'releasePin'));
}

function addSchedule(program: Command): void {
  const schedule = program.command('schedule').description('the daily schedule');
  command(schedule, 'apply', 'create it and those of alerts and sources, or bring them up to date', [
    'schedule apply',
  ])
    .addOption(json)
    .action(lazily(() => import('./schedule.ts'), 'scheduleApply'));
  command(schedule, 'show', 'state, next and last runs', ['schedule show'])
    .addOption(json)
    .action(lazily(() => import('./schedule.ts'), 'scheduleShow'));
  command(schedule, 'pause', 'start no more runs', ['schedule pause --reason "the portal moves house"'])
    .requiredOption('--reason <words>', 'shown in the Web UI; name no patient')
    .addOption(json)
    .action(lazily(() => import('./schedule.ts'), 'schedulePause'));
  command(schedule, 'resume', 'start runs again', ['schedule resume'])
    .option('--reason <words>', 'shown in the Web UI', 'resumed')
    .addOption(json)
    .action(lazily(() => import('./schedule.ts'), 'scheduleResume'));
  command(schedule, 'trigger', 'run it now', ['schedule trigger'])
    .addOption(json)
    .action(lazily(() => import('./schedule.ts'), 'scheduleTrigger'));
  command(schedule, 'backfill', 'start the daily runs of past days, one after another', [
    'schedule backfill --from 2026-11-10 --to 2026-11-14',
  ])
    .requiredOption(...from)
    .requiredOption(...to)
    .addOption(json)
    .action(lazily(() => import('./schedule.ts'), 'scheduleBackfill'));
}

function addConfig(program: Command): void {
  command(
    program,
    'init',
    'ask for what a deployment is, write its own folder of rules, recipe and variables, and say what it lacks; overwrites nothing',
    [
      'init',
      'init config/local --portal-url https://ehr.example.com --database-url mysql://ehr:choose-one@127.0.0.1:3306/ehr --yes',
    ],
  )
    .argument('[folder]', 'the folder, outside of what updates replace; otherwise ehr in your home')
    .option('--portal-url <url>', 'the address of the portal')
    .option('--time-zone <zone>', 'whose calendar days count, such as America/Chicago')
    .option('--reports <reports>', `the reports that the portal has: ${reportNames.join(',')}`)
    .option('--figures-are <what>', 'what the dollars of utilization are of: authorization or month')
    .option('--qp-rule <names>', "none, or 'LAST, FIRST; LAST, FIRST': the LINCS and the Deep Creek QP")
    .option('--temporal-address <address>', 'host:port of Temporal')
    .option('--database-url <url>', 'mysql://user:password@host:3306/name')
    .option('--yes', 'ask nothing: what no option says is the proposal')
    .addOption(json)
    .action(lazily(() => import('./init.ts'), 'initDeployment'));

  const config = program
    .command('config')
    .description('the rules that EHR_CONFIG names: docs/configuration.md');
  command(
    config,
    'check',
    'name the mistakes in pipeline.yaml and its recipes, and misspelt variables, without any server',
    ['config check', 'config check config/local/pipeline.yaml'],
  )
    .argument('[file]', 'the pipeline.yaml; otherwise the one in use')
    .addOption(json)
    .action(lazily(() => import('./configCheck.ts'), 'checkConfig'));
}

const recipeFile = ['[file]', 'the recipe; otherwise the one that pipeline.yaml names'] as const;

function addRecipe(program: Command): void {
  const recipe = program.command('recipe').description('the portal recipe: docs/recipes.md');
  command(
    recipe,
    'record',
    'open the portal in a browser, and write a recipe of one export that you make there',
    ['recipe record config/local/portals/acme.yaml'],
  )
    .argument('<file>', 'where the recipe goes')
    .addOption(json)
    .action(lazily(() => import('./recipe/record.ts'), 'recordRecipe'));
  command(recipe, 'check', 'name the mistakes and the weak steps of a recipe, without the portal', [
    'recipe check',
    'recipe check config/local/portals/acme.yaml',
  ])
    .argument(...recipeFile)
    .addOption(json)
    .action(lazily(() => import('./recipe/check.ts'), 'checkRecipe'));
  command(
    recipe,
    'try',
    'run a recipe against the portal, step by step and without a load; on a terminal, again from the step that fails',
    [
      'recipe try',
      'recipe try config/local/portals/acme.yaml --report notes --period 2026-10-01',
      'recipe try --until "run the report" --headed',
    ],
  )
    .argument(...recipeFile)
    .option('--report <report>', `${reportNames.join(' or ')}; otherwise the first that the recipe names`)
    .option('--period <period>', `${period[1]}; otherwise the newest that has ended`)
    .option('--until <step>', 'stop after the step of this name')
    .option('--headed', 'show the browser')
    .option('--yes', 'sign in although no DATABASE_URL says whether the login is free')
    .addOption(json)
    .action(lazily(() => import('./recipe/try.ts'), 'tryRecipe'));
}

function addOperation(program: Command): void {
  command(program, 'doctor', 'check what a run needs, and say how to fix what is wrong', [
    'doctor',
    'doctor --skip-portal --json',
  ])
    .option('--skip-portal', 'do not sign in to the portal')
    .addOption(json)
    .action(lazily(() => import('./doctor.ts'), 'runDoctor'));

  command(
    program,
    'deploy',
    'let a build of the workers take the new runs, and wait until the earlier ones have ended theirs',
    ['deploy', 'deploy --show', 'deploy --build 1f0a9c3e5b7d2468 --no-wait'],
  )
    .option('--build <id>', 'which one; otherwise the newest that has a worker')
    .option('--show', 'only say which builds there are')
    .option('--no-wait', 'do not wait for the runs of earlier builds')
    .addOption(json)
    .action(lazily(() => import('./deploy.ts'), 'deploy'));

  command(program, 'migrate', 'create the tables, or bring them up to date', ['migrate'])
    .option('--take-over', 'make them the tables of this agency, though they are those of another')
    .addOption(json)
    .action(lazily(() => import('./status.ts'), 'runMigrations'));

  command(program, 'dashboard', 'write the dashboards as HTML files that need no server and no network', [
    'dashboard --out dashboards',
    'dashboard --out dashboards --month 2026-10 --pdf',
    'dashboard --out dashboards --every-qp --export csv',
  ])
    .requiredOption('--out <folder>', 'where to; it is made if it is not there')
    .option('--month <month>', 'the last month shown, YYYY-MM; otherwise the newest loaded one')
    .option('--qp <who...>', 'a page with the clients of this QP only: its name code or key')
    .option('--every-qp', 'also write a page for each QP')
    .option('--supervisor <who...>', 'a page with the notes of this supervisor only: a name code or key')
    .option('--every-supervisor', 'also write a page for each supervisor')
    .option('--totals', 'also write a page of sums, without any person, authorization or note')
    .addOption(names)
    .option('--pdf', 'print each as a PDF too')
    .addOption(new Option('--paper <size>', 'of the PDF').choices(['A4', 'Letter']).default('Letter'))
    .addOption(
      new Option('--export <format>', 'save every table of the pages too, each in a file of its own').choices(
        ['csv', 'xlsx'],
      ),
    )
    .addOption(json)
    .action(lazily(() => import('./dashboard.ts'), 'writeDashboards'));

  command(
    program,
    'grants',
    'print the SQL that lets others read the views: one role sees name codes, one names too',
    ['grants > readers.sql'],
  )
    .addOption(json)
    .action(lazily(() => import('./grants.ts'), 'showGrants'));

  const artifact = program.command('artifact').description('the files that runs kept');
  command(
    artifact,
    'open',
    'write a kept file as it was before it was sealed: patient data, so the call is recorded',
    [
      `artifact open artifact:notes/2026-10-16..2026-10-31/${exampleRun}/clean-0123456789ab-rejected.tsv --out rejected.tsv`,
      'artifact open evidence/notes-2026-10-16..2026-10-31-20261101t083000z-0a1b2c/step.json',
    ],
  )
    .argument('<file>', 'its uri, as a failure or the ledger shows it, or evidence/<folder>/<file>')
    .option('--out <file>', 'a new file that only you can read, instead of stdout')
    .addOption(json)
    .action(lazily(() => import('./artifact.ts'), 'openArtifact'));

  const audit = program
    .command('audit')
    .description('what people decided, and when they looked at names: recorded in a chain of events');
  command(
    audit,
    'list',
    'the events, newest first',
    [
      'audit list',
      'audit list --action reject --since 2026-11-01',
      'audit list --report notes --period 2026-10-16',
    ],
    { isDefault: true },
  )
    .addOption(new Option('--action <action>', 'only these').choices(auditActions))
    .addOption(new Option('--report <report>', 'only events about it').choices(reportNames))
    .option('--period <period>', `only events about it; ${period[1]}`)
    .option('--since <day>', 'only events of this day or later, in UTC, YYYY-MM-DD')
    .addOption(limit)
    .addOption(json)
    .action(lazily(() => import('./audit.ts'), 'showAudit'));
  command(audit, 'verify', 'check the whole chain, and name the first place where it is broken', [
    'audit verify',
    `audit verify --head ${'0'.repeat(64)}`,
  ])
    .option('--head <hash>', 'the hash of an event, as a log kept it: without that event the chain is broken')
    .addOption(json)
    .action(lazily(() => import('./audit.ts'), 'verifyAudit'));

  const portal = program.command('portal').description('the portal login');
  command(portal, 'status', 'is it blocked?', ['portal status'])
    .addOption(json)
    .action(lazily(() => import('./status.ts'), 'showPortalLogins'));
  command(portal, 'unblock', 'let a rejected login be tried again', ['portal unblock'])
    .addOption(json)
    .action(lazily(() => import('./status.ts'), 'unblockPortal'));

  command(
    portal,
    'hold',
    'keep runs from signing in, while somebody changes the password: they wait, none fails',
    ['portal hold', 'portal hold --minutes 5'],
  )
    .addOption(
      new Option('--minutes <minutes>', 'after which it ends by itself').default(30).argParser(holdMinutes),
    )
    .addOption(json)
    .action(lazily(() => import('./portalHold.ts'), 'holdPortal'));

  const alerts = program
    .command('alerts')
    .description('what alerts are sent for: runs that failed, are held or missing, the login, the schedule');
  command(
    alerts,
    'list',
    'the open conditions, and the channels that sent them',
    ['alerts list', 'alerts list --json'],
    {
      isDefault: true,
    },
  )
    .addOption(json)
    .action(lazily(() => import('./alerts.ts'), 'showAlerts'));
  command(alerts, 'test', 'send a message through each channel that is configured', ['alerts test'])
    .addOption(json)
    .action(lazily(() => import('./alerts.ts'), 'testAlerts'));

  command(
    program,
    'sources',
    'what waits at each source of files, as counts; --now takes the files instead of waiting for the schedule',
    ['sources', 'sources --now'],
  )
    .option('--now', 'start a round and follow it to its end')
    .option(...noWait)
    .addOption(json)
    .action(lazily(() => import('./sources.ts'), 'showSources'));

  command(program, 'completion', 'print a script that completes these commands in a shell', [
    'completion bash',
    'completion zsh',
  ])
    .addArgument(new Argument('<shell>', 'which one').choices(shells))
    .action((shell: Shell) => console.log(completionScript(program, shell)));
}

/** Runs end after a few hours: one that waits for longer would fail. */
const longestHoldMinutes = 120;

function holdMinutes(text: string): number {
  const minutes = positiveInteger(text);
  if (minutes <= longestHoldMinutes) return minutes;
  throw new InvalidArgumentError(`must be at most ${String(longestHoldMinutes)}: runs wait all the while.`);
}

function addAgencies(program: Command): void {
  const agencies = program.command('agencies').description('the agencies that share the workers');
  command(agencies, 'list', 'the ids of all', ['agencies list'])
    .addOption(json)
    .action(lazily(() => import('./agencies.ts'), 'listAgencies'));
  command(agencies, 'check', 'name what is wrong with their settings or tables', [
    'agencies check',
    'agencies check acme',
  ])
    .argument('[ids...]', 'which; otherwise all')
    .addOption(json)
    .action(lazily(() => import('./agencies.ts'), 'checkAgencies'));
  command(agencies, 'add', 'make the tables and schedules of an agency whose folder is ready', [
    'agencies add acme',
  ])
    .argument('<id>', "its folder's name")
    .addOption(json)
    .action(lazily(() => import('./agencies.ts'), 'addAgency'));
}

/** What a count of rows or periods can be. More rows than this are no text for people, and fill the memory. */
const largestCount = 1_000_000;

function positiveInteger(text: string): number {
  const value = /^\d{1,7}$/.test(text) ? Number(text) : 0;
  if (value > 0 && value <= largestCount) return value;
  throw new InvalidArgumentError(`must be a whole number from 1 to ${String(largestCount)}.`);
}
