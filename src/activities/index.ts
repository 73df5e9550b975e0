import { createAggregate } from './aggregate.ts';
import { createAssess } from './assess.ts';
import { createAwaitRun } from './awaitRun.ts';
import { createCategorize } from './categorize.ts';
import { createClean } from './clean.ts';
import { createTakeDecision } from './takeDecision.ts';
import { createLoad } from './load.ts';
import { createLoginAndDownload } from './loginAndDownload.ts';
import { createPlanBackfill, createPlanDailyRun, createPlanRun } from './plans.ts';
import type { Ports } from '../ports.ts';
import { createRecordOutcome } from './recordOutcome.ts';
import { createTakeFile } from './takeFile.ts';

/** The steps that run on the task queue `ehr-pipeline`. */
export function createPipelineActivities(ports: Ports) {
  return {
    planRun: createPlanRun(ports),
    planDailyRun: createPlanDailyRun(ports),
    planBackfill: createPlanBackfill(ports),
    takeFile: createTakeFile(ports),
    clean: createClean(ports),
    categorize: createCategorize(ports),
    aggregate: createAggregate(ports),
    assess: createAssess(ports),
    takeDecision: createTakeDecision(ports),
    load: createLoad(ports),
    recordOutcome: createRecordOutcome(ports),
    awaitRun: createAwaitRun(ports),
  };
}

/** The one step that runs on `ehr-portal`, where a worker takes one task at a time. */
export function createPortalActivities(ports: Ports) {
  return { loginAndDownload: createLoginAndDownload(ports) };
}

export type PipelineActivities = ReturnType<typeof createPipelineActivities>;
export type PortalActivities = ReturnType<typeof createPortalActivities>;
