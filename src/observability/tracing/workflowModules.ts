import { createRequire } from 'node:module';

/**
 * Modules to bundle with the workflows for their spans. A worker without tracing must not bundle them: each workflow
 * sandbox would hold all of them in memory.
 */
export const tracedWorkflowModules = [
  createRequire(import.meta.url).resolve('@temporalio/interceptors-opentelemetry/lib/workflow-interceptors'),
];
