import type { z } from 'zod';
import type { Ports } from '../ports.ts';
import { createAggregate } from './aggregate.ts';
import { createAssess } from './assess.ts';
import { createAwaitRun } from './awaitRun.ts';
import { createCategorize } from './categorize.ts';
import { createClaimFiles } from './claimFiles.ts';
import { createClean } from './clean.ts';
import { createFindAlerts } from './findAlerts.ts';
import {
  aggregateInput,
  awaitedRunInput,
  backfillPlanInput,
  categorizeInput,
  claimInput,
  cleanInput,
  dailyPlanInput,
  databaseNotificationInput,
  decisionInput,
  finishedRunInput,
  loadInput,
  nothing,
  notificationInput,
  runInput,
  settleInput,
  takeFileInput,
  type Taking,
} from './inputSchemas.ts';
import { createLoad } from './load.ts';
import { createLoginAndDownload } from './loginAndDownload.ts';
import { createPlanAlerts } from './planAlerts.ts';
import { createPlanBackfill } from './planBackfill.ts';
import { createPlanDailyRun } from './planDailyRun.ts';
import { createPlanRun } from './planRun.ts';
import { createPlanSources } from './planSources.ts';
import { createRecordOutcome } from './recordOutcome.ts';
import { createSettleFile } from './settleFile.ts';
import { createTakeDecision } from './takeDecision.ts';
import { createTakeFile } from './takeFile.ts';
import { createTellAlert } from './tellAlert.ts';
import { createTellDatabase } from './tellDatabase.ts';
import { createTidy } from './tidy.ts';
import { createWriteDashboards } from './writeDashboards.ts';

/** How to create an activity from the worker's ports, and the schema of its one argument. */
export interface Declared<Activity> {
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
    planRun: activity(createPlanRun, runInput),
    planDailyRun: activity(createPlanDailyRun, dailyPlanInput),
    planBackfill: activity(createPlanBackfill, backfillPlanInput),
    takeDecision: activity(createTakeDecision, decisionInput),
    planSources: activity(createPlanSources, nothing),
    awaitRun: activity(createAwaitRun, awaitedRunInput),
  },
  portal: {
    loginAndDownload: activity(createLoginAndDownload, runInput),
  },
  transform: {
    takeFile: activity(createTakeFile, takeFileInput),
    clean: activity(createClean, cleanInput),
    categorize: activity(createCategorize, categorizeInput),
    aggregate: activity(createAggregate, aggregateInput),
  },
  warehouse: {
    load: activity(createLoad, loadInput),
    assess: activity(createAssess, loadInput),
  },
  bookkeeping: {
    recordOutcome: activity(createRecordOutcome, finishedRunInput),
  },
  sources: {
    claimFiles: activity(createClaimFiles, claimInput),
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
    tellDatabase: activity(createTellDatabase, databaseNotificationInput),
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

/** All activities, as workflows call them. */
export type Activities = {
  readonly [Name in ActivityName]: {
    [Class in ActivityClass]: Name extends keyof Classes[Class] ? Created<Classes[Class][Name]> : never;
  }[ActivityClass];
};

const { portal, ...others } = classes;
const pipeline: Readonly<Record<string, Declared<unknown>>> = Object.assign({}, ...Object.values(others));

/** The activities of each task queue. A worker takes one task at a time from `ehr-portal` for each of its browsers. */
export const activitiesByQueue = { pipeline, portal } as const;

export type Queue = keyof typeof activitiesByQueue;

export type ActivitiesOn<Name extends Queue> = Name extends 'portal'
  ? ActivitiesOf<'portal'>
  : Omit<Activities, keyof ActivitiesOf<'portal'>>;

/** The input schema of each activity. */
export const activityInputs = Object.fromEntries(
  Object.entries({ ...pipeline, ...portal }).map(([name, { input }]) => [name, input]),
) as Readonly<Record<ActivityName, z.ZodType>>;
