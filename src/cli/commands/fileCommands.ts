import type { Command } from 'commander';
import { lazily } from '../lazily.ts';
import { addCommand, json, exampleRun } from './command.ts';

export function addKeptFiles(program: Command): void {
  const history = program.command('history').description('the figures of every day: docs/tables.md');
  addCommand(
    history,
    'fill',
    'write the days of runs from before the history, from the files that they kept',
    ['history fill'],
  )
    .addOption(json)
    .action(lazily(() => import('../history.ts'), 'fillHistoryFromFiles'));

  addCommand(
    program,
    'retention',
    'remove the files that have expired by the section retention, as each daily run does',
    ['retention --dry-run', 'retention'],
  )
    .option('--dry-run', 'remove nothing: say what would go')
    .addOption(json)
    .action(lazily(() => import('../retention.ts'), 'removeByRetention'));
}

export function addKeys(program: Command): void {
  const rekey = program.command('rekey').description('give what is kept a new key: docs/operate.md');
  addCommand(
    rekey,
    'data',
    'seal every kept file with the first key of EHR_DATA_KEY; afterwards the others can go. Start it again if it stops',
    ['rekey data'],
  )
    .addOption(json)
    .action(lazily(() => import('../rekey.ts'), 'rekeyData'));
  addCommand(
    rekey,
    'names',
    'give the people in the tables the keys of EHR_NAME_KEY, a period at a time. Start it again if it stops',
    ['rekey names --former-key-file former-name-key', 'rekey names'],
  )
    .option('--former-key-file <file>', 'the name key before, so that periods stay unchanged for later runs')
    .addOption(json)
    .action(lazily(() => import('../rekey.ts'), 'rekeyPeople'));
}

export function addArtifact(program: Command): void {
  const artifact = program.command('artifact').description('the files that runs kept');
  addCommand(
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
    .action(lazily(() => import('../artifact.ts'), 'openArtifact'));
}
