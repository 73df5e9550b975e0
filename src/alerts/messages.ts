import type { Agency } from '../domain/agencyId.ts';
import { failureTypes, hintFor, type FailureType } from '../domain/failures.ts';
import { wouldEmpty } from '../domain/gateReasons.ts';
import { periodText } from '../domain/periods.ts';
import { printable } from '../domain/printable.ts';
import { withoutTrailingSlashes } from '../domain/trailingSlashes.ts';
import type { AlertCondition, AlertMessage, WebUi } from '../domain/alertConditions.ts';
import type { Notification, NotificationEvent } from './notifications.ts';

type Of<Kind extends AlertCondition['kind']> = Extract<AlertCondition, { kind: Kind }>;

/** The message for a notification, whose conditions are all of one kind. */
export function messageOf(
  { event, causes: conditions }: Pick<Notification, 'event' | 'causes'>,
  webUi: WebUi | undefined,
): AlertMessage {
  const [first] = conditions;
  if (first === undefined) throw new RangeError('a notification has at least one condition');
  const { head, lines, commands, runbook } = wordsOf(first, conditions);
  const [only] = conditions.length === 1 ? conditions : [];
  const said: Omit<AlertMessage, 'title' | 'lines'> = {
    commands: event === 'over' ? [] : commands,
    runbook: event === 'over' ? undefined : runbook,
    link: only === undefined ? undefined : linkTo(only, webUi),
  };
  const listed = conditions.length > 1 ? listOf(conditions) : [];
  const body = event === 'over' ? overLines[first.kind] : lines;
  return { title: `${opening[event]}${head}`, lines: [...listed, ...body], ...said };
}

/** Names an agency with an id in the message's title, and makes the message's commands act for that agency. */
export function messageFor(agency: Agency, message: AlertMessage): AlertMessage {
  if (agency === undefined) return message;
  const { title, lines, commands } = message;
  const forAgency = (text: string) => hintFor(agency, text);
  return {
    ...message,
    title: `${agency}: ${title}`,
    lines: lines.map(forAgency),
    commands: commands.map(forAgency),
  };
}

const opening: Readonly<Record<NotificationEvent, string>> = { began: '', lasts: 'Still: ', over: 'Over: ' };

interface Words {
  readonly head: string;
  readonly lines: readonly string[];
  readonly commands: readonly string[];
  readonly runbook: string;
}

function wordsOf(first: AlertCondition, conditions: readonly AlertCondition[]): Words {
  switch (first.kind) {
    case 'failed':
      return failedWords(first, conditions.length);
    case 'held':
      return heldWords(first, conditions.length);
    case 'missing':
      return missingWords(first, conditions);
    case 'login':
      return loginWords(first);
    case 'schedule':
      return scheduleWords(first);
    case 'stuck':
      return stuckWords(first, conditions.length);
    case 'source':
      return sourceWords(first, conditions.length);
    case 'pages':
      return pagesWords(first);
  }
}

function failedWords({ report, period, failureType }: Of<'failed'>, count: number): Words {
  return {
    head: `${subject(report, periodText(period), count)} failed: ${failureType}`,
    lines: ['Nothing was loaded; the earlier figures stay.', `Who acts: ${failureTypes[failureType].actor}.`],
    commands: [
      count === 1 ? `npm run client -- versions ${report} ${period.from}` : 'npm run client -- status',
    ],
    runbook: failureType,
  };
}

function heldWords({ report, period, gates, runId }: Of<'held'>, count: number): Words {
  return {
    head: `${subject(report, periodText(period), count)} held by ${gates.join(', ') || 'no gate'}`,
    lines: [
      count === 1 && wouldEmpty(gates)
        ? 'Nothing was loaded; the earlier figures stay. To approve this run would leave the period without rows.'
        : 'Nothing was loaded; the earlier figures stay until a person approves or rejects it.',
      'Who acts: an analyst, or another person who knows the figures.',
    ],
    commands:
      count === 1
        ? [
            `npm run client -- diff ${report} ${period.from} --run ${runId}`,
            // Approving would leave the period without rows.
            ...(wouldEmpty(gates) ? [] : [`npm run client -- approve ${runId} --reason "why"`]),
            `npm run client -- reject ${runId} --reason "why"`,
          ]
        : ['npm run client -- status'],
    runbook: 'A held run',
  };
}

function missingWords({ startsAt }: Of<'missing'>, conditions: readonly AlertCondition[]): Words {
  const periods = conditions.map(periodWords).sort().join(' and ');
  return {
    head: `no run of ${periods} has ended`,
    lines: [
      `The daily run should have started at ${minuteText(startsAt)}. The figures are as they were.`,
      'Who acts: the operator of the workers.',
    ],
    commands: ['npm run client -- schedule show', 'npm run client -- daily'],
    runbook: 'A missing run',
  };
}

const loginReasons: ReadonlyMap<FailureType | null, string> = new Map([
  [null, 'its answer stayed unknown twice'],
  ['PortalLayoutChanged', 'an unknown page followed the login'],
  ['PortalOriginRefused', 'the portal led to another origin'],
]);

function loginWords({ failureType }: Of<'login'>): Words {
  const type = failureType ?? 'PortalLoginRejected';
  const why = loginReasons.get(failureType) ?? type;
  return {
    head: `the portal login is blocked: ${why}`,
    lines: [
      'No password is sent any more, and no report is downloaded, until a person acts.',
      `Who acts: ${failureTypes[type].actor}.`,
    ],
    commands: ['npm run client -- portal status', 'npm run client -- portal unblock'],
    runbook: type,
  };
}

function scheduleWords({ state }: Of<'schedule'>): Words {
  const isPaused = state === 'paused';
  return {
    head: isPaused ? 'the schedule ehr-daily is paused' : 'there is no schedule ehr-daily',
    lines: ['No daily run starts. The figures get older.', 'Who acts: the operator of the workers.'],
    commands: isPaused
      ? ['npm run client -- schedule show', 'npm run client -- schedule resume']
      : ['npm run client -- schedule apply'],
    runbook: 'A paused schedule',
  };
}

function stuckWords({ workflowId, why, detail }: Of<'stuck'>, count: number): Words {
  const who = count === 1 ? printable(workflowId) : `${String(count)} runs`;
  const because =
    why === 'no-worker'
      ? `no worker of build ${printable(detail)} runs`
      : `the workflow fails with ${detail}`;
  return {
    head: `${who} ${count === 1 ? 'hangs' : 'hang'}: ${because}`,
    lines: [
      'The run waits. Nothing was loaded; the earlier figures stay.',
      'Who acts: the operator of the workers.',
    ],
    commands: ['npm run client -- doctor --skip-portal', 'npm run client -- deploy --show'],
    runbook: 'A run that hangs',
  };
}

function sourceWords({ source }: Of<'source'>, count: number): Words {
  const who = count === 1 ? `the source ${source}` : `${String(count)} sources`;
  return {
    head: `${who} of files cannot be reached`,
    lines: [
      'No file is taken from there: what is left there waits. Other sources and the daily run go on.',
      `Who acts: ${failureTypes.SourceUnavailable.actor}.`,
    ],
    commands: ['npm run client -- doctor --skip-portal', 'npm run client -- sources --now'],
    runbook: 'SourceUnavailable',
  };
}

function pagesWords({ state }: Of<'pages'>): Words {
  if (state === 'not-written') {
    return {
      head: 'the dashboards were not written',
      lines: [
        'The tables have the new figures; the pages are those of an earlier day.',
        `Who acts: ${failureTypes.DashboardsNotWritten.actor}.`,
      ],
      commands: ['npm run client -- dashboard --out dashboards'],
      runbook: 'DashboardsNotWritten',
    };
  }
  return {
    head: 'a page was not mailed',
    lines: [
      'The pages are written, and lie in the folder. Somebody who should have one by mail has none of this day.',
      'Who acts: the owner of the mail server, or of the list of recipients.',
    ],
    commands: ['npm run client -- alerts test', 'npm run client -- daily'],
    runbook: 'A page that was not mailed',
  };
}

const overLines: Readonly<Record<AlertCondition['kind'], readonly string[]>> = {
  failed: ['A later run has ended otherwise.'],
  held: ['No run waits for a person any more.'],
  missing: ['A run has ended since.'],
  login: ['The password is sent again.'],
  schedule: ['Daily runs start again. Days that were missed are not made up for by themselves.'],
  stuck: ['It continues, or has ended.'],
  source: ['A round has reached it since, or it is no longer configured.'],
  pages: ['A daily run has written the pages and sent its mails since.'],
};

function subject(report: string, period: string, count: number): string {
  return count === 1 ? `${report} ${period}` : `${report}: ${String(count)} periods`;
}

/** The rest is counted: a backfill of years may fail as a whole. */
const mostListed = 12;

function listOf(conditions: readonly AlertCondition[]): string[] {
  const listed = conditions
    .slice(0, mostListed)
    .map(periodWords)
    .filter((words) => words !== '');
  const more = conditions.length - mostListed;
  return more > 0 ? [...listed, `and ${String(more)} more`] : listed;
}

function periodWords(condition: AlertCondition): string {
  if (condition.kind === 'stuck') return printable(condition.workflowId);
  if (condition.kind === 'source') return condition.source;
  return 'period' in condition ? `${condition.report} ${periodText(condition.period)}` : '';
}

function minuteText(iso: string): string {
  return `${iso.slice(0, 16).replace('T', ' ')} UTC`;
}

function linkTo(condition: AlertCondition, webUi: WebUi | undefined): string | undefined {
  if (webUi === undefined || !('workflowId' in condition)) return undefined;
  const parts = ['namespaces', webUi.namespace, 'workflows', condition.workflowId, condition.runId];
  return `${withoutTrailingSlashes(webUi.url)}/${parts.map(encodeURIComponent).join('/')}`;
}

/** A database that does not answer cannot store this condition; the rounds pass it on themselves. */
export function databaseMessage(event: 'began' | 'over'): AlertMessage {
  const isOver = event === 'over';
  return {
    title: `${opening[event]}the database cannot be read`,
    lines: isOver
      ? ['It answers again. Alerts about what happened in between follow.']
      : [
          'Until it answers, the results of runs and other problems are unknown. No load is left half done in the tables.',
          `Who acts: ${failureTypes.WarehouseUnavailable.actor}.`,
        ],
    commands: isOver ? [] : ['npm run client -- status'],
    runbook: isOver ? undefined : 'WarehouseUnavailable',
    link: undefined,
  };
}

export const testMessage: AlertMessage = {
  title: 'A test of the alerts',
  lines: ['Nothing is wrong: someone has run npm run client -- alerts test.'],
  commands: [],
  runbook: undefined,
  link: undefined,
};
