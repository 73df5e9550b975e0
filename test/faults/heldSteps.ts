/**
 * Loaded into a worker before its own code (`node --import`). Around each step the worker says over IPC where it
 * is and waits for the answer, so that its caller can trigger a fault at that place. The worker's
 * own code is none the wiser.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { getHeapStatistics } from 'node:v8';
import type { Context } from '@temporalio/activity';
import { ApplicationFailure } from '@temporalio/common';
import { Worker, type ActivityInboundCallsInterceptor, type WorkerOptions } from '@temporalio/worker';
import { shiftClock } from './shiftedClock.ts';
import type { Answer, Arrival, Defect } from './arrivals.ts';

/** Well below the heartbeat timeout of 30 s; a fault that has not struck by then does not come. */
const holdSeconds = 15;

const waiting = new Map<number, (answer: Answer) => void>();
let arrivals = 0;

/** Says where a step is, and waits until it may go on. */
async function arrive(place: string, workflowId: string): Promise<void> {
  if (!process.connected) return;
  const id = (arrivals += 1);
  const answered = new Promise<Answer>((resolve) => waiting.set(id, resolve));
  process.send?.({ kind: 'arrival', id, place, workflowId } satisfies Arrival);
  const answer = await Promise.race([answered, sleep(holdSeconds * 1000, undefined, { ref: false })]);
  waiting.delete(id);
  obey(answer?.meanwhile);
}

function obey(order: Answer['meanwhile']): void {
  switch (order?.kind) {
    case 'shift-clock':
      shiftClock(order.hours);
      return;
    case 'exhaust-memory':
      exhaustMemory();
      return;
    case undefined:
  }
}

/** Half a million numbers are 4 MB. */
const numbersAtOnce = 500_000;
/** Of the heap, before the step goes on: the rest is taken while it is at work. */
const shareAtOnce = 0.8;

/** Takes memory, in the end while the step is at work, until V8 ends the process. */
function exhaustMemory(): void {
  const hoard: number[][] = [];
  const take = () => hoard.push(Array.from<number>({ length: numbersAtOnce }).fill(0.5));
  const { heap_size_limit: limitBytes } = getHeapStatistics();
  while (getHeapStatistics().used_heap_size < shareAtOnce * limitBytes) take();
  setInterval(take, 1);
}

class HeldStep implements ActivityInboundCallsInterceptor {
  readonly #info: Context['info'];

  constructor({ info }: Context) {
    this.#info = info;
  }

  readonly execute: NonNullable<ActivityInboundCallsInterceptor['execute']> = async (input, next) => {
    const { activityType, workflowExecution } = this.#info;
    const workflowId = workflowExecution?.workflowId ?? '';
    await arrive(`before ${activityType}`, workflowId);
    try {
      return await next(input);
    } catch (error) {
      tellDefect(activityType, error);
      throw error;
    } finally {
      await arrive(`after ${activityType}`, workflowId);
    }
  };
}

/** A failure that no step translated: it is tried again, but nobody can tell what to do about it. */
function tellDefect(step: string, error: unknown): void {
  if (!(error instanceof ApplicationFailure) || error.type !== 'InternalError' || !process.connected) return;
  const text = `${step}: ${error.cause?.stack ?? error.stack ?? error.message}`;
  process.send?.({ kind: 'defect', text } satisfies Defect);
}

const create = Worker.create.bind(Worker);

/** Outermost, so that what is held is the whole step with its translation of failures. */
Worker.create = (options: WorkerOptions) =>
  create({
    ...options,
    interceptors: {
      ...options.interceptors,
      activity: [
        (context) => ({ inbound: new HeldStep(context) }),
        ...(options.interceptors?.activity ?? []),
      ],
    },
  });

process.on('message', (answer: Answer) => waiting.get(answer.id)?.(answer));
// Whoever holds the steps is gone: nobody would end this worker.
process.once('disconnect', () => process.kill(process.pid, 'SIGKILL'));
// The channel alone must not keep a worker alive that has been told to stop.
process.channel?.unref();
