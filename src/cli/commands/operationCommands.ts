import { InvalidArgumentError, Option, type Command } from 'commander';
import { lazily } from '../lazily.ts';
import { addCommand, json, from, to, noWait, positiveInteger } from './command.ts';

export function addSchedule(program: Command): void {
  const schedule = program.command('schedule').description('the daily schedule');
  addCommand(schedule, 'apply', 'create it and those of alerts and sources, or bring them up to date', [
    'schedule apply',
  ])
    .addOption(json)
    .action(lazily(() => import('../schedule.ts'), 'scheduleApply'));
  addCommand(schedule, 'show', 'state, next and last runs', ['schedule show'])
    .addOption(json)
    .action(lazily(() => import('../schedule.ts'), 'scheduleShow'));
  addCommand(schedule, 'pause', 'start no more runs', ['schedule pause --reason "the portal moves house"'])
    .requiredOption('--reason <words>', 'shown in the Web UI; name no patient')
    .addOption(json)
    .action(lazily(() => import('../schedule.ts'), 'schedulePause'));
  addCommand(schedule, 'resume', 'start runs again', ['schedule resume'])
    .option('--reason <words>', 'shown in the Web UI', 'resumed')
    .addOption(json)
    .action(lazily(() => import('../schedule.ts'), 'scheduleResume'));
  addCommand(schedule, 'trigger', 'run it now', ['schedule trigger'])
    .addOption(json)
    .action(lazily(() => import('../schedule.ts'), 'scheduleTrigger'));
  addCommand(schedule, 'backfill', 'start the daily runs of past days, one after another', [
    'schedule backfill --from 2026-11-10 --to 2026-11-14',
  ])
    .requiredOption(...from)
    .requiredOption(...to)
    .addOption(json)
    .action(lazily(() => import('../schedule.ts'), 'scheduleBackfill'));
}

export function addDeploy(program: Command): void {
  addCommand(
    program,
    'deploy',
    'let a build of the workers take the new runs, and wait until the earlier ones have ended theirs',
    ['deploy', 'deploy --show', 'deploy --build 1f0a9c3e5b7d2468 --no-wait'],
  )
    .option('--build <id>', 'which one; otherwise the newest that has a worker')
    .option('--show', 'only say which builds there are')
    .option('--no-wait', 'do not wait for the runs of earlier builds')
    .addOption(json)
    .action(lazily(() => import('../deploy.ts'), 'deploy'));
}

export function addPortal(program: Command): void {
  const portal = program.command('portal').description('the portal login');
  addCommand(portal, 'status', 'is it blocked?', ['portal status'])
    .addOption(json)
    .action(lazily(() => import('../status.ts'), 'showPortalLogins'));
  addCommand(portal, 'unblock', 'let a rejected login be tried again', ['portal unblock'])
    .addOption(json)
    .action(lazily(() => import('../status.ts'), 'unblockPortal'));
  addCommand(
    portal,
    'hold',
    'keep runs from signing in, while somebody changes the password: they wait, none fails',
    ['portal hold', 'portal hold --minutes 5'],
  )
    .addOption(
      new Option('--minutes <minutes>', 'after which it ends by itself').default(30).argParser(holdMinutes),
    )
    .addOption(json)
    .action(lazily(() => import('../portalHold.ts'), 'holdPortal'));
}

/** Runs end after a few hours: one that waits for longer would fail. */
const longestHoldMinutes = 120;

function holdMinutes(text: string): number {
  const minutes = positiveInteger(text);
  if (minutes <= longestHoldMinutes) return minutes;
  throw new InvalidArgumentError(`must be at most ${String(longestHoldMinutes)}: runs wait all the while.`);
}

export function addAlerts(program: Command): void {
  const alerts = program
    .command('alerts')
    .description('what alerts are sent for: runs that failed, are held or missing, the login, the schedule');
  addCommand(
    alerts,
    'list',
    'the open conditions, and the channels that sent them',
    ['alerts list', 'alerts list --json'],
    {
      isDefault: true,
    },
  )
    .addOption(json)
    .action(lazily(() => import('../alerts.ts'), 'showAlerts'));
  addCommand(alerts, 'test', 'send a message through each channel that is configured', ['alerts test'])
    .addOption(json)
    .action(lazily(() => import('../alerts.ts'), 'testAlerts'));
}

export function addSources(program: Command): void {
  addCommand(
    program,
    'sources',
    'what waits at each source of files, as counts; --now takes the files instead of waiting for the schedule',
    ['sources', 'sources --now'],
  )
    .option('--now', 'start a round and follow it to its end')
    .option(...noWait)
    .addOption(json)
    .action(lazily(() => import('../sources.ts'), 'showSources'));
}
