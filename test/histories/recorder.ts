import { writeFile } from 'node:fs/promises';
import { homedir, hostname, tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { WorkflowHandleWithFirstExecutionRunId } from '@temporalio/client';
import { bundleWorkflowCode, DefaultLogger } from '@temporalio/worker';
import { taskQueues } from '../../src/domain/temporalNames.ts';
import { textsWithin } from '../e2e/leaks.ts';
import type { System } from '../e2e/system.ts';

const folder = fileURLToPath(new URL('.', import.meta.url));
const project = fileURLToPath(new URL('../..', import.meta.url));

type Handle = WorkflowHandleWithFirstExecutionRunId;

export class Recorder {
  readonly #system: System;

  constructor(system: System) {
    this.#system = system;
  }

  start(workflowType: string, workflowId: string, input: object): Promise<Handle> {
    return this.#system.client.workflow.start(workflowType, {
      workflowId,
      taskQueue: taskQueues.pipeline,
      args: [input],
      staticSummary: workflowId,
    });
  }

  /** Starts a workflow, waits until it has ended, however, and keeps its history; returns the run's id. */
  async record(name: string, workflowType: string, workflowId: string, input: object): Promise<string> {
    const handle = await this.start(workflowType, workflowId, input);
    await this.keepWhenEnded(name, handle);
    return handle.firstExecutionRunId;
  }

  async keepWhenEnded(name: string, handle: Handle): Promise<void> {
    await handle.result().catch(() => undefined);
    await this.keep(name, handle.workflowId, handle.firstExecutionRunId);
  }

  async keep(name: string, workflowId: string, runId: string): Promise<void> {
    const history = await this.#system.client.workflow.getHandle(workflowId, runId).fetchHistory();
    assertAnonymous(name, history);
    const show = ['workflow', 'show', '--workflow-id', workflowId, '--run-id', runId, '--output', 'json'];
    const { events } = JSON.parse((await this.#system.temporal(...show)).stdout) as { events: unknown[] };
    assertEnd(name, JSON.stringify(events.at(-1)));
    const lines = events.map((event) => JSON.stringify(withoutMachine(event)));
    await writeFile(path.join(folder, `${name}.json`), `{"events":[\n${lines.join(',\n')}\n]}\n`);
    console.log(`${name}: ${String(events.length)} events`);
  }
}

/** What the set-up got wrong must not become the history that the workflows are held to. */
function assertEnd(name: string, last: string): void {
  const end = /-(failed|refused|not-sent|database-away)$/.test(name)
    ? 'FAILED'
    : name.endsWith('-cancelled')
      ? 'CANCELED'
      : '(COMPLETED|CONTINUED_AS_NEW)';
  if (new RegExp(`"EVENT_TYPE_WORKFLOW_EXECUTION_${end}"`).test(last)) return;
  throw new Error(`${name} ended in another way than its name says: ${last}`);
}

/** Who worked on it says nothing about the run, and names the machine. */
function withoutMachine(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutMachine);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).map(([key, each]) => {
    if (key === 'identity') return [key, 'worker@host'];
    return [key, withoutMachine(each)];
  });
  const record = Object.fromEntries(entries) as Record<string, unknown>;
  if (record['kind'] === 'TASK_QUEUE_KIND_STICKY') record['name'] = 'sticky';
  return record;
}

function assertAnonymous(name: string, history: unknown): void {
  const texts = textsWithin(history);
  for (const place of [project, tmpdir(), homedir()]) {
    if (texts.some((text) => text.includes(place))) throw new Error(`${name} names ${place}`);
  }
  const named = texts.filter((text) => text.includes(hostname()) && !/^(\d+@|\w*-?\d+@)?[\w.@-]+$/.test(text));
  if (named.length > 0) throw new Error(`${name} names this machine: ${named[0]!}`);
}

/** The workflows as they are now, in a file that the caller removes. */
export async function bundleForRecording(): Promise<string> {
  const { code } = await bundleWorkflowCode({
    workflowsPath: path.join(project, 'src/workflows/index.ts'),
    logger: new DefaultLogger('WARN'),
  });
  const file = path.join(tmpdir(), `record-${String(process.pid)}.cjs`);
  await writeFile(file, code);
  return file;
}

