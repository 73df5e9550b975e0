import type { WorkflowHandle } from '@temporalio/client';
import { taskQueues } from '../domain/temporalNames.ts';
import { newestPoll } from '../temporal/pollers.ts';
import type { ProgressNow, StepNow } from './progressNow.ts';

/** A worker answers within milliseconds, a busy one within a few seconds. */
const silentSeconds = 10;

/** Tells a run that waits because no worker is running from one whose worker is busy. */
export class WorkerSilence {
  readonly #handle: WorkflowHandle;
  #began: { readonly at: Date; readonly poll: number } | undefined;

  constructor(handle: WorkflowHandle) {
    this.#handle = handle;
  }

  /** Whether no worker has answered, reported from a step or asked for work for ten seconds. */
  async lasts(now: ProgressNow, at: Date): Promise<boolean> {
    if (now.answered) {
      this.#began = undefined;
      return false;
    }
    this.#began ??= { at, poll: await this.#newestPoll() };
    const silentSince = Math.max(this.#began.at.getTime(), ...beatsOf(now));
    if (at.getTime() - silentSince < silentSeconds * 1000) return false;
    return (await this.#newestPoll()) === this.#began.poll;
  }

  /** A worker asks for the run's work on this queue, at least once a minute and after each piece of work. */
  #newestPoll(): Promise<number> {
    const { connection, options } = this.#handle.client;
    return newestPoll(connection, options.namespace, { name: taskQueues.pipeline, type: 'workflow' });
  }
}

function beatsOf(now: ProgressNow): number[] {
  const steps: readonly StepNow[] =
    now.kind === 'run' ? [now.run] : [now.periods.own, ...now.periods.running];
  return steps.flatMap(({ beatAt }) => beatAt?.getTime() ?? []);
}
