import { Option, type Command } from 'commander';
import { lazily } from '../lazily.ts';
import type { OutputOptions } from '../output.ts';
import { addCommand, json, names, limit, report, period, runId, exampleRun } from './command.ts';

export function addFigures(program: Command): void {
  addCommand(
    program,
    'status',
    'what each period shows, how fresh it is, how its last run ended, and what is missing',
    ['status', 'status --check', 'status --all'],
  )
    .option('--all', 'all agencies of EHR_AGENCIES in counts, the worst first')
    .option('--check', 'say by the exit code whether anything is failed (1), held (3), missing or stale (7)')
    .addOption(json)
    .action(async (options: OutputOptions & { all?: boolean; check?: boolean }) => {
      if (options.all === true) await (await import('../agencies.ts')).showAllStatus(options);
      else await (await import('../status.ts')).showStatus(options);
    });

  addCommand(
    program,
    'versions',
    'what a period has shown so far, newest first, and why its last run failed',
    ['versions notes 2026-10-16'],
  )
    .argument(...report)
    .argument(...period)
    .addOption(json)
    .action(lazily(() => import('../runsInLedger.ts'), 'showVersions'));

  addCommand(program, 'diff', 'what the last load of a period changed, row by row', [
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
    .action(lazily(() => import('../diff.ts'), 'showDiff'));

  addCommand(
    program,
    'rejects',
    'the records of a run that could not be read exactly: line, column, reason',
    [`rejects ${exampleRun}`],
  )
    .argument(...runId)
    .addOption(json)
    .action(lazily(() => import('../runsInLedger.ts'), 'showRejects'));
}

export function addLookAlikes(program: Command): void {
  addCommand(
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
    .action(lazily(() => import('../lookAlikes.ts'), 'showLookAlikes'));
}

export function addDashboard(program: Command): void {
  addCommand(program, 'dashboard', 'write the dashboards as HTML files that need no server and no network', [
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
    .action(lazily(() => import('../dashboard.ts'), 'writeDashboards'));
}
