import proto from '@temporalio/proto';

/** Enums of the server's API that the SDK's other packages use and do not export. */
export const {
  IndexedValueType,
  PendingActivityState,
  TaskQueueType,
  VersioningBehavior,
  WorkflowTaskFailedCause,
} = proto.temporal.api.enums.v1;
export const { PinnedOverrideBehavior } = proto.temporal.api.workflow.v1.VersioningOverride;
