import { z } from 'zod';
import { splitAgency, type Agency } from '../domain/agencyId.ts';
import { channelNames } from '../domain/alertConditions.ts';
import { hintFor } from '../domain/failures.ts';
import { periodSchema, reportSchema } from '../domain/inputs.ts';
import type { taskQueues } from '../domain/names.ts';
import type { AlertChannelPorts, Ports, UsePorts } from '../ports.ts';
import { createAggregate } from './aggregate.ts';
import { isOwnFile } from './parts/assertDecided.ts';
import { createAssess } from './assess.ts';
import { createAwaitRun } from './awaitRun.ts';
import { createCategorize } from './categorize.ts';
import { createClaimFiles } from './claimFiles.ts';
import { createClean } from './clean.ts';
import { createFindAlerts } from './findAlerts.ts';
import {
  anotherPeriods,
  artifactRef,
  categorizeMade,
  cleanMade,
  nothing,
  stepInput,
  workflowId,
  type Taking,
} from './inputSchemas.ts';
import { createLoad, loadInput } from './load.ts';
import { createLoginAndDownload } from './loginAndDownload.ts';
import { createPlanAlerts } from './planAlerts.ts';
import { createPlanBackfill } from './planBackfill.ts';
import { createPlanDailyRun, dailyPlanInput } from './planDailyRun.ts';
import { createPlanRun } from './planRun.ts';
import { createPlanSources } from './planSources.ts';
import { createRecordOutcome, finishedRunInput } from './recordOutcome.ts';
import { createSettleFile, settleInput, sourceInput } from './settleFile.ts';
import { storeWithHeartbeats } from './parts/storeWithHeartbeats.ts';
import { createTakeDecision, decisionInput } from './takeDecision.ts';
import { createTakeFile } from './takeFile.ts';
import { createTellAlert, notificationInput } from './tellAlert.ts';
import { createTellDatabase } from './tellDatabase.ts';
import { createTidy } from './tidy.ts';
import { createWriteDashboards } from './writeDashboards.ts';

/** How to create an activity from the worker's ports, and the schema of its one argument. */
interface Declared<Activity> {
  readonly create: (ports: Ports) => Activity;
  readonly input: z.ZodType;
}

function activity<Input extends readonly unknown[], Output, Schema extends z.ZodType>(
  create: (ports: Ports) => (...input: Input) => Promise<Output>,
  input: Schema & Taking<Input[0], Schema>,
): Declared<(...input: Input) => Promise<Output>> {
  return { create, input };
}

/**
 * Every activity, by its class of time limits; `workflows/activityProxies.ts` has the limits. What a worker registers,
 * how it checks inputs, and what workflows can call all derive from this.
 */
const classes = {
  quick: {
    planRun: activity(createPlanRun, z.strictObject(stepInput)),
    planDailyRun: activity(createPlanDailyRun, dailyPlanInput),
    planBackfill: activity(createPlanBackfill, z.strictObject({ report: reportSchema, range: periodSchema })),
    takeDecision: activity(createTakeDecision, decisionInput),
    planSources: activity(createPlanSources, nothing),
  },
  portal: {
    loginAndDownload: activity(createLoginAndDownload, z.strictObject(stepInput)),
  },
  transform: {
    takeFile: activity(createTakeFile, z.strictObject({ ...stepInput, file: z.string().min(1).max(4096) })),
    clean: activity(
      createClean,
      z
        .strictObject({ ...stepInput, export: artifactRef })
        .refine((input) => isOwnFile(input.run, input.export), anotherPeriods),
    ),
    categorize: activity(
      createCategorize,
      z
        .strictObject({ ...stepInput, clean: cleanMade })
        .refine((input) => isOwnFile(input.run, input.clean.rows), anotherPeriods),
    ),
    aggregate: activity(
      createAggregate,
      z
        .strictObject({ ...stepInput, categorize: categorizeMade })
        .refine((input) => isOwnFile(input.run, input.categorize.rows), anotherPeriods),
    ),
  },
  warehouse: {
    load: activity(createLoad, loadInput),
    assess: activity(createAssess, loadInput),
  },
  bookkeeping: {
    recordOutcome: activity(createRecordOutcome, finishedRunInput),
  },
  waiting: {
    awaitRun: activity(createAwaitRun, z.strictObject({ workflowId })),
  },
  sources: {
    claimFiles: activity(createClaimFiles, z.strictObject({ source: sourceInput })),
    settleFile: activity(createSettleFile, settleInput),
  },
  dashboards: {
    writeDashboards: activity(createWriteDashboards, nothing),
  },
  tidying: {
    tidy: activity(createTidy, nothing),
  },
  alertChecks: {
    planAlerts: activity(createPlanAlerts, nothing),
    findAlerts: activity(createFindAlerts, nothing),
  },
  notifications: {
    tellAlert: activity(createTellAlert, notificationInput),
    tellDatabase: activity(
      createTellDatabase,
      z.strictObject({ channel: z.enum(channelNames), event: z.enum(['began', 'over']) }),
    ),
  },
} as const;

type Classes = typeof classes;
type Created<Each> = Each extends Declared<infer Activity> ? Activity : never;

export type ActivityClass = keyof Classes;

/** The activities of a class, as workflows call them. */
export type ActivitiesOf<Class extends ActivityClass> = {
  readonly [Name in keyof Classes[Class]]: Created<Classes[Class][Name]>;
};

export type ActivityName = { [Class in ActivityClass]: keyof Classes[Class] }[ActivityClass];

/** All of them. */
export type Activities = {
  readonly [Name in ActivityName]: {
    [Class in ActivityClass]: Name extends keyof Classes[Class] ? Created<Classes[Class][Name]> : never;
  }[ActivityClass];
};

type PortalActivities = ActivitiesOf<'portal'>;
type PipelineActivities = Omit<Activities, keyof PortalActivities>;

const { portal, ...others } = classes;
const pipeline: Readonly<Record<string, Declared<unknown>>> = Object.assign({}, ...Object.values(others));

/** The activities on the task queue `ehr-pipeline`. */
export function createPipelineActivities(ports: Ports): PipelineActivities {
  return createdFor('pipeline', ports) as PipelineActivities;
}

/** The activities on `ehr-portal`, where a worker takes one task at a time. */
export function createPortalActivities(ports: Ports): PortalActivities {
  return createdFor('portal', ports) as PortalActivities;
}

/** The step at the portal sends heartbeats of its own, from beginning to end. */
function createdFor(queue: keyof typeof taskQueues, ports: Ports): object {
  return queue === 'portal'
    ? created(portal, ports)
    : created(pipeline, { ...ports, artifacts: storeWithHeartbeats(ports.artifacts) });
}

function created(declared: Readonly<Record<string, Declared<unknown>>>, ports: Ports): object {
  return Object.fromEntries(Object.entries(declared).map(([name, { create }]) => [name, create(ports)]));
}

type Call = (...input: unknown[]) => Promise<unknown>;

/** They tell that an agency's database is away, so they do not wait for it. */
const withChannelsAlone: Readonly<
  Record<string, (ports: AlertChannelPorts) => (...input: never[]) => unknown>
> = {
  planAlerts: createPlanAlerts,
  tellDatabase: createTellDatabase,
};

/**
 * The activities of a queue, each done with the ports of the agency that its input names.
 * @param channelsOf finds the channels of an agency with an id
 */
export function createAgencyActivities(
  queue: keyof typeof taskQueues,
  use: UsePorts,
  channelsOf: (agency: string) => Promise<AlertChannelPorts>,
): Record<string, Call> {
  const declared = queue === 'portal' ? portal : pipeline;
  const made = new WeakMap<Ports, Readonly<Record<string, Call>>>();
  const activitiesWith = (ports: Ports) => {
    const known = made.get(ports) ?? (createdFor(queue, ports) as Record<string, Call>);
    made.set(ports, known);
    return known;
  };
  const calling =
    (name: string): Call =>
    async (...input) => {
      const { agency, args } = splitAgency(input);
      const create = withChannelsAlone[name];
      if (agency !== undefined && create !== undefined) {
        const call = create(await channelsOf(agency)) as Call;
        return hintsFor(agency, await call(...args));
      }
      return use(agency, async (ports) => hintsFor(agency, await activitiesWith(ports)[name]!(...args)));
    };
  return Object.fromEntries(Object.keys(declared).map((name) => [name, calling(name)]));
}

/** What a step returns is plain JSON; the commands in its texts, such as why a run is held, act for the agency. */
function hintsFor(agency: Agency, result: unknown): unknown {
  if (agency === undefined || result === undefined) return result;
  return JSON.parse(JSON.stringify(result), (_, value: unknown) =>
    typeof value === 'string' ? hintFor(agency, value) : value,
  ) as unknown;
}

/** The input schema of each activity. */
export const activityInputs = Object.fromEntries(
  Object.entries({ ...pipeline, ...portal }).map(([name, { input }]) => [name, input]),
) as Readonly<Record<ActivityName, z.ZodType>>;
