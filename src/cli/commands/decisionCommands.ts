import { Option, type Command } from 'commander';
import { auditActions } from '../../domain/auditEvents.ts';
import { reportNames } from '../../reports/index.ts';
import { lazily } from '../lazily.ts';
import { addCommand, json, reason, by, limit, noWait, report, period, runId, exampleRun } from './command.ts';

export function addDecisions(program: Command): void {
  addCommand(program, 'approve', 'load what a held run would have loaded', [
    `approve ${exampleRun} --reason "billing has closed those cases"`,
  ])
    .argument(...runId)
    .requiredOption(...reason)
    .addOption(by)
    .option(...noWait)
    .addOption(json)
    .action(lazily(() => import('../decisions.ts'), 'approve'));

  addCommand(
    program,
    'approve-rules',
    'accept a change of rules once, for all periods: no run is held because of it any more',
    ['approve-rules --reason "CAP counts as group 9 from now on"'],
  )
    .requiredOption(...reason)
    .addOption(by)
    .option('--rules <digest>', 'which rules, where it is not clear')
    .addOption(json)
    .action(lazily(() => import('../approveRules.ts'), 'approveRules'));

  addCommand(program, 'reject', 'close a held run: it will not be loaded', [
    `reject ${exampleRun} --reason "the file was cut off"`,
  ])
    .argument(...runId)
    .requiredOption(...reason)
    .addOption(by)
    .addOption(json)
    .action(lazily(() => import('../decisions.ts'), 'reject'));

  addCommand(
    program,
    'rollback',
    'put an earlier version back and pin it: later runs of the period are held',
    [`rollback ${exampleRun} --reason "the load of Monday was cut off"`],
  )
    .argument(...runId)
    .requiredOption(...reason)
    .addOption(by)
    .option(...noWait)
    .addOption(json)
    .action(lazily(() => import('../decisions.ts'), 'rollBack'));

  addCommand(program, 'unpin', 'let later runs load again over a version that was put back', [
    'unpin notes 2026-10-16',
  ])
    .argument(...report)
    .argument(...period)
    .addOption(by)
    .addOption(json)
    .action(lazily(() => import('../decisions.ts'), 'releasePin'));
}

export function addAudit(program: Command): void {
  const audit = program
    .command('audit')
    .description('what people decided, and when they looked at names: recorded in a chain of events');
  addCommand(
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
    .action(lazily(() => import('../audit.ts'), 'showAudit'));
  addCommand(audit, 'verify', 'check the whole chain, and name the first place where it is broken', [
    'audit verify',
    `audit verify --head ${'0'.repeat(64)}`,
  ])
    .option('--head <hash>', 'the hash of an event, as a log kept it: without that event the chain is broken')
    .addOption(json)
    .action(lazily(() => import('../audit.ts'), 'verifyAudit'));
}
