import { createRequire } from 'node:module';

/**
 * What has to be bundled with the workflows for their spans; it must not be in the bundle of a worker that sends none,
 * which would hold all of it in memory for each workflow sandbox.
 */
export const tracedWorkflowModules = [
  createRequire(import.meta.url).resolve('@temporalio/interceptors-opentelemetry/lib/workflow-interceptors'),
];
