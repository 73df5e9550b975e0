import type { Command } from 'commander';
import { reportNames } from '../../reports/index.ts';
import { lazily } from '../lazily.ts';
import {
  addCommand,
  json,
  from,
  to,
  reason,
  by,
  names,
  limit,
  noWait,
  report,
  runId,
  exampleRun,
  positiveInteger,
} from './command.ts';

export function addRuns(program: Command): void {
  addCommand(program, 'run', 'run one report for one period', [
    'run notes --from 2026-10-16 --to 2026-10-31',
    'run notes --from 2026-10-16 --to 2026-10-31 --file reportExport.csv',
    'run notes --from 2026-10-16 --to 2026-10-31 --force',
  ])
    .argument(...report)
    .requiredOption(...from)
    .requiredOption(...to)
    .option(
      '--file <export>',
      'take this export instead of asking the portal: a file, which goes into the inbox (EHR_INBOX), or run:<run id>',
    )
    .option('--force', 'load again although the period shows the same already')
    .option(...noWait)
    .addOption(json)
    .action(lazily(() => import('../startRuns.ts'), 'startRun'));

  addCommand(program, 'backfill', 'run every period of a range, newest first', [
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
    .action(lazily(() => import('../startRuns.ts'), 'startBackfill'));

  addCommand(program, 'daily', 'run what is due today, or on a past day', [
    'daily',
    'daily --day 2026-11-16 --reports notes',
  ])
    .option('--day <day>', 'YYYY-MM-DD')
    .option('--reports <reports...>', reportNames.join(', '))
    .option(...noWait)
    .addOption(json)
    .action(lazily(() => import('../startRuns.ts'), 'startDaily'));

  addCommand(
    program,
    'preview',
    'do everything that a run does except the load, show the result, and end with the exit code of that run (held: 3)',
    ['preview notes --from 2026-10-16 --to 2026-10-31 --file reportExport.csv'],
  )
    .argument(...report)
    .requiredOption(...from)
    .requiredOption(...to)
    .option('--file <export>', 'take this export instead of asking the portal, as run does')
    .addOption(limit)
    .addOption(names)
    .addOption(json)
    .action(lazily(() => import('../preview.ts'), 'showPreview'));

  addCommand(
    program,
    'rerun',
    'run a period again from the export that an earlier run has kept, under the rules of today',
    [`rerun ${exampleRun}`],
  )
    .argument(...runId)
    .option(...noWait)
    .addOption(json)
    .action(lazily(() => import('../decisions.ts'), 'rerun'));

  addCommand(
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
    .action(lazily(() => import('../reload.ts'), 'reload'));

  addCommand(program, 'watch', 'follow a run, a daily run or a backfill until it ends', [
    'watch notes:2026-10-16..2026-10-31',
    'watch backfill:notes:2026-01-01..2026-06-30',
  ])
    .argument('<id>', 'its workflow id')
    .addOption(json)
    .action(lazily(() => import('../watch.ts'), 'watch'));

  addCommand(
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
    .action(lazily(() => import('../cancel.ts'), 'cancel'));
}
