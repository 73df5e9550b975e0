import type { WorkflowHandle } from '@temporalio/client';
import { taskQueues } from '../../src/domain/temporalNames.ts';
import { command, type CommandResult, type System } from './system.ts';

export interface WorkflowStart {
  readonly type: string;
  /** As typed on the command line; undefined leaves `--input` out. */
  readonly input?: string | undefined;
  /** Undefined lets the command make one up. */
  readonly workflowId?: string | undefined;
}

/** Temporal's own command lines, by which operators start things without our client. */
export interface CommandLine {
  readonly name: string;
  /** False where the binary is not at hand: what needs it is skipped. */
  readonly available: boolean;
  readonly start: (system: System, start: WorkflowStart) => Promise<CommandResult>;
  /** The run that `start` printed. */
  readonly startedRun: (system: System, printed: string) => WorkflowHandle;
  /** Runs the schedule for an inclusive range of instants, each run after the other. */
  readonly backfillSchedule: (
    system: System,
    range: { scheduleId: string; start: string; end: string },
  ) => Promise<CommandResult>;
}

/** Options of a command line, those without a value left out. */
export function flags(options: Readonly<Record<string, string | undefined>>): string[] {
  return Object.entries(options).flatMap(([flag, value]) => (value === undefined ? [] : [flag, value]));
}

const temporal: CommandLine = {
  name: 'temporal',
  available: true,
  start: (system, { type, input, workflowId }) => {
    const options = flags({
      '--task-queue': taskQueues.pipeline,
      '--type': type,
      '--execution-timeout': '1h',
      '--workflow-id': workflowId,
      '--input': input,
      '--output': 'json',
    });
    return system.temporal('workflow', 'start', ...options);
  },
  startedRun: (system, printed) => {
    const { workflowId, runId } = JSON.parse(printed) as { workflowId: string; runId: string };
    return system.client.workflow.getHandle(workflowId, runId);
  },
  backfillSchedule: (system, { scheduleId, start, end }) => {
    const options = flags({
      '--schedule-id': scheduleId,
      '--start-time': start,
      '--end-time': end,
      '--overlap-policy': 'BufferAll',
    });
    return system.temporal('schedule', 'backfill', ...options);
  },
};

/** The older one, 1.18: its time limits are in seconds. */
const tctl: CommandLine = {
  name: 'tctl',
  available: isTctlHere(),
  start: (system, { type, input, workflowId }) => {
    const options = flags({
      '--tq': taskQueues.pipeline,
      '--wt': type,
      '--et': '3600',
      '--wid': workflowId,
      '--input': input,
    });
    return runTctl(system, 'workflow', 'start', ...options);
  },
  startedRun: (system, printed) => {
    const [, workflowId, runId] = /Started Workflow Id: (\S+), run Id: (\S+)/.exec(printed) ?? [];
    if (workflowId === undefined || runId === undefined) throw new Error(`tctl started no run: ${printed}`);
    return system.client.workflow.getHandle(workflowId, runId);
  },
  backfillSchedule: (system, { scheduleId, start, end }) => {
    const options = flags({
      '--sid': scheduleId,
      '--start_time': start,
      '--end_time': end,
      '--overlap_policy': 'BufferAll',
    });
    return runTctl(system, 'schedule', 'backfill', ...options);
  },
};

function runTctl({ environment, namespace }: System, ...args: string[]): Promise<CommandResult> {
  return command(process.env['TEST_TCTL']!, args, {
    ...environment,
    TEMPORAL_CLI_ADDRESS: environment['TEMPORAL_ADDRESS'],
    TEMPORAL_CLI_NAMESPACE: namespace,
  });
}

function isTctlHere(): boolean {
  if ((process.env['TEST_TCTL'] ?? '') !== '') return true;
  if (process.env['CI'] === 'true')
    throw new Error('TEST_TCTL is not set; where CI=true tctl is not skipped');
  console.log('SKIPPED: starts by tctl 1.18, which is not here (TEST_TCTL is not set)');
  return false;
}

export const commandLines: readonly CommandLine[] = [temporal, tctl];

/** Starts a run by a command line that must accept it. */
export async function startBy(
  commandLine: CommandLine,
  system: System,
  start: WorkflowStart,
): Promise<WorkflowHandle> {
  const { code, stdout, stderr } = await commandLine.start(system, start);
  if (code !== 0) throw new Error(`${commandLine.name} exited with ${String(code)}: ${stderr}${stdout}`);
  return commandLine.startedRun(system, stdout);
}
