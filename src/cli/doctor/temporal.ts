import { ScheduleNotFoundError, type Client, type ScheduleDescription } from '@temporalio/client';
import { agenciesFolder, agencyConfigPath, agencyHere, agencyIds, readPipelineConfig } from '../../config.ts';
import { agencyId, type Agency } from '../../domain/agencyId.ts';
import { withTemporal } from '../temporalClient.ts';
import { hintFor } from '../../domain/failures.ts';
import { scheduleId, taskQueues } from '../../domain/temporalNames.ts';
import { printable } from '../../domain/printable.ts';
import { listAgencySchedules, type ListedSchedule } from '../../temporal/agencySchedules.ts';
import { describeSchedule, wantedDaily, type ScheduleSettings } from '../../temporal/schedules.ts';
import { listedTimes, wantedTimes } from '../../temporal/scheduleTimes.ts';
import { hasVersioning, readDeployment, type Deployment } from '../../temporal/deployment.ts';
import { stuckRuns, type StuckRun } from '../../temporal/openRuns.ts';
import { attributeState, createCommand, type AttributeState } from '../../temporal/searchAttributes.ts';
import { retentionSeconds, workersOf, type QueueWorkers, type TaskQueue } from '../../temporal/pollers.ts';
import { note, ok, problem, type PartExamination, type Verdict } from './examination.ts';
import type { ExaminedSettings } from './settings.ts';
import { hostOf, transportVerdict } from './transport.ts';

const checks = [
  'the namespace',
  'the search attributes',
  'the workers',
  'the build of the workers',
  'the runs under way',
  'the schedule',
];

export async function examineTemporal(
  part: PartExamination,
  { temporal, config }: ExaminedSettings,
): Promise<void> {
  if (temporal === undefined) {
    for (const check of checks) part.unchecked(check, 'the settings for Temporal are wrong');
    return;
  }
  const { namespace, connectionOptions } = temporal;
  const { address = '', tls } = connectionOptions;
  part.add(
    transportVerdict({
      to: 'Temporal',
      host: hostOf(address),
      encrypted: tls !== undefined && tls !== false && tls !== null,
      remedy: 'Set TEMPORAL_TLS=true, and TEMPORAL_TLS_SERVER_CA_CERT_PATH for a CA of your own.',
    }),
  );
  const reached = await part.look(
    'Temporal',
    () =>
      withTemporal(async (client) => {
        const kept = await retentionSeconds(client.connection, namespace);
        part.add(ok(`Temporal answers at ${address}, namespace ${namespace}`));
        part.add(retentionVerdict(kept, namespace));
        await examineNamespace(part, client, config);
        return true;
      }),
    // Longer than all its checks may take: each has its own limit and its own finding.
    180,
  );
  if (reached !== undefined) return;
  for (const check of checks) part.unchecked(check, 'Temporal or its namespace cannot be used');
}

async function examineNamespace(
  part: PartExamination,
  client: Client,
  config: ScheduleSettings | undefined,
): Promise<void> {
  const { connection } = client;
  const { namespace } = client.options;
  await part.check('the search attributes', async () =>
    attributeVerdicts(await attributeState(connection, namespace), namespace),
  );
  const workers = await part.look(
    'the workers',
    () => workersOf(connection, namespace, queues),
    workersSeconds,
  );
  for (const each of workers ?? []) part.add(workerVerdict(each));
  await part.check('the build of the workers', async () =>
    (await hasVersioning(connection, namespace))
      ? buildVerdict(await readDeployment(connection, namespace))
      : note(
          'the server has no worker versioning: a changed workflow stops runs that are under way',
          'Use a Temporal server of 1.28 or later; until then end all runs before an upgrade: docs/runbook.md, Upgrade.',
        ),
  );
  await part.check('the runs under way', async () => runVerdicts(await stuckRuns(connection, namespace)));
  await part.check('the schedule', async () => scheduleVerdicts(await scheduleOf(client), config));
  if (agencyHere() !== undefined || agenciesFolder() === undefined) return;
  await part.check('the schedules of the agencies', async () =>
    agencyScheduleVerdicts(await listAgencySchedules(client), agencyIds(), settingsOfAgency),
  );
}

/** Undefined where they have mistakes, which `agencies check` names. */
function settingsOfAgency(id: string): ScheduleSettings | undefined {
  try {
    return readPipelineConfig(agencyConfigPath(id));
  } catch {
    return undefined;
  }
}

/** A worker that seems gone is waited for, half a minute at most. */
const workersSeconds = 60;

const queues: readonly TaskQueue[] = [
  { name: taskQueues.pipeline, type: 'workflow' },
  { name: taskQueues.pipeline, type: 'activity' },
  { name: taskQueues.portal, type: 'activity' },
];

async function scheduleOf(client: Client): Promise<ScheduleDescription | undefined> {
  try {
    return await describeSchedule(client, agencyHere());
  } catch (error) {
    if (error instanceof ScheduleNotFoundError) return undefined;
    throw error;
  }
}

/** After a weekend, Friday's failed run should still be readable. */
const usefulRetentionDays = 3;
const daySeconds = 86_400;

export function retentionVerdict(seconds: number, namespace: string): Verdict {
  const days = seconds / daySeconds;
  const what = `runs that have ended stay in Temporal for ${String(Math.round(days * 10) / 10)} days`;
  if (days >= usefulRetentionDays) return ok(what);
  return note(
    `${what}: after a weekend nothing is left to look at`,
    `temporal operator namespace update --namespace ${namespace} --retention 720h`,
  );
}

/** Without them a run stays RUNNING forever. Workers and `schedule apply` register them, if allowed. */
export function attributeVerdicts({ missing, wrongType }: AttributeState, namespace: string): Verdict[] {
  if (missing.length === 0 && wrongType.length === 0) return [ok('the search attributes are registered')];
  return [
    ...missing.map((name) =>
      problem(`the search attribute ${name} is not registered`, createCommand(namespace, name)),
    ),
    ...wrongType.map((name) =>
      problem(
        `the search attribute ${name} is not of type Keyword`,
        `temporal operator search-attribute remove --namespace ${namespace} --name ${name} --yes && ${createCommand(namespace, name)}`,
      ),
    ),
  ];
}

export function workerVerdict({ queue, present, gone }: QueueWorkers): Verdict {
  const what = `${queue.type === 'workflow' ? 'workflows' : 'activities'} of ${queue.name}`;
  if (present.length > 0) return ok(`${what} are taken by ${present.join(', ')}`);
  const last =
    gone === undefined
      ? ''
      : `, ${gone.identity} is gone (it last asked for work ${String(gone.silentSeconds)} s ago)`;
  return problem(
    `no worker takes ${what}${last}: runs that are started wait`,
    'Start a worker, with this environment: npm run build && npm start',
  );
}

/** Whether a worker takes the runs that start now. */
function buildVerdict(deployment: Deployment | undefined): Verdict {
  if (deployment?.current === undefined) {
    return note(
      'no build of the workers takes new runs yet',
      'Start a worker: the first one takes them by itself.',
    );
  }
  const { current, polling } = deployment;
  if (polling.has(current)) return ok(`new runs are taken by build ${current}`);
  return problem(
    `new runs go to build ${current}, which has no running worker: they wait`,
    'Start a worker of that build, or let another one take them: npm run client -- deploy',
  );
}

/** At most this many are listed; a fix for these usually fixes the rest. */
const mostTold = 10;

function runVerdicts(stuck: readonly StuckRun[]): Verdict[] {
  if (stuck.length === 0) return [ok('no run under way hangs')];
  const more = stuck.length - mostTold;
  return [
    ...stuck.slice(0, mostTold).map(runVerdict),
    ...(more > 0 ? [problem(`and ${String(more)} more runs hang`, 'npm run client -- deploy --show')] : []),
  ];
}

function runVerdict({ workflowId, why }: StuckRun): Verdict {
  const who = `the run ${printable(workflowId)}`;
  if (why.kind === 'no-worker') {
    return problem(
      `${who} hangs: it stays with build ${why.build}, which has no running worker`,
      'Start a worker of that build again, or move the run: docs/runbook.md, Upgrade.',
    );
  }
  return problem(
    `${who} hangs: its workflow task failed ${String(why.attempt - 1)} times with ${why.cause}`,
    remedies[why.cause] ?? 'Hand the log of the worker to a developer: docs/runbook.md, A run that hangs.',
  );
}

const remedies: Readonly<Record<string, string>> = {
  NON_DETERMINISTIC_ERROR:
    'Start a worker of the build that it began on, or end it with: temporal workflow terminate; docs/runbook.md, Upgrade.',
  BAD_SEARCH_ATTRIBUTES: 'Register the search attributes; a running worker does so within a minute.',
};

function scheduleVerdicts(
  schedule: ScheduleDescription | undefined,
  config: ScheduleSettings | undefined,
): Verdict[] {
  if (schedule === undefined) {
    return [
      problem(
        `there is no schedule ${agencyId(agencyHere(), scheduleId)}: no daily run comes by itself`,
        'npm run client -- schedule apply',
      ),
    ];
  }
  const wanted = config === undefined ? undefined : wantedTimes(wantedDaily(config, agencyHere()).spec);
  return [scheduleVerdict(schedule), ...timesVerdicts(agencyHere(), listedTimes(schedule.spec), wanted)];
}

function timesVerdicts(agency: Agency, now: string, wanted: string | undefined): Verdict[] {
  if (wanted === undefined || wanted === now) return [];
  return [
    problem(
      `the schedule ${agencyId(agency, scheduleId)} runs ${now}, and pipeline.yaml says ${wanted}`,
      'npm run client -- schedule apply',
    ),
  ];
}

/** What the registry and the schedules on the server say of each other. */
export function agencyScheduleVerdicts(
  listed: readonly ListedSchedule[],
  ids: readonly string[],
  settingsOf: (id: string) => ScheduleSettings | undefined,
): Verdict[] {
  const known = new Set(ids);
  const daily = new Map(
    listed.filter(({ kind }) => kind.id === scheduleId).map((each) => [each.agency, each]),
  );
  const found = [
    ...listed.filter(({ agency }) => !known.has(agency)).map(withoutFolder),
    ...ids.flatMap((id) => {
      const schedule = daily.get(id);
      const settings = settingsOf(id);
      if (schedule === undefined) return [withoutSchedule(id)];
      const wanted = settings === undefined ? undefined : wantedTimes(wantedDaily(settings, id).spec);
      return timesVerdicts(id, schedule.times, wanted).map((verdict) => forAgency(id, verdict));
    }),
  ];
  if (found.length === 0)
    return [ok(`the schedules of ${String(ids.length)} agencies are as their settings say`)];
  const more = found.length - mostTold;
  return [
    ...found.slice(0, mostTold),
    ...(more > 0
      ? [
          note(
            `and ${String(more)} more schedules of agencies are not as they should be`,
            'Fix those above first.',
          ),
        ]
      : []),
  ];
}

function withoutFolder({ id, agency, paused }: ListedSchedule): Verdict {
  const remedy = `Put the folder back, and a worker resumes the schedule. If the agency is gone for good: temporal schedule delete --schedule-id ${id}`;
  const what = `EHR_AGENCIES has no folder ${agency}, which the schedule ${id} is for`;
  return paused
    ? note(`${what}; it is paused`, remedy)
    : problem(`${what}; a worker pauses it within minutes`, remedy);
}

function withoutSchedule(id: string): Verdict {
  return problem(
    `there is no schedule ${agencyId(id, scheduleId)}: no daily run of ${id} comes by itself`,
    `npm run client -- agencies add ${id}`,
  );
}

function forAgency(id: string, verdict: Verdict): Verdict {
  return verdict.remedy === undefined ? verdict : { ...verdict, remedy: hintFor(id, verdict.remedy) };
}

function scheduleVerdict(schedule: ScheduleDescription): Verdict {
  const { state, info } = schedule;
  if (state.paused) {
    return note(
      `the schedule ${agencyId(agencyHere(), scheduleId)} is paused (${state.note ?? 'no reason given'})`,
      'npm run client -- schedule resume',
    );
  }
  const next = info.nextActionTimes[0]?.toISOString();
  return next === undefined
    ? problem(
        `the schedule ${agencyId(agencyHere(), scheduleId)} has no next run`,
        'npm run client -- schedule apply',
      )
    : ok(`the schedule ${agencyId(agencyHere(), scheduleId)} runs next at ${next}`);
}
