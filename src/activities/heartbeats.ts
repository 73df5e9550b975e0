import { Context } from '@temporalio/activity';

// A beat per so many records: a few a second at full speed, so the worker's throttle decides what is sent.
const recordsPerBeat = 20_000;

/**
 * Tells Temporal that a step over a file goes on, and lets a cancelled one end: throws the cancellation as soon
 * as it is known.
 * @returns to be called with the number of records that have been done since the last call, and awaited
 */
export function beatPerRecords(doing: string): (more: number) => Promise<void> | undefined {
  let records = 0;
  let due = recordsPerBeat;
  return (more) => {
    records += more;
    if (records < due) return undefined;
    due = records + recordsPerBeat;
    return beat({ doing, records });
  };
}

async function beat(details: { doing: string; records: number }): Promise<void> {
  const context = Context.current();
  context.heartbeat(details);
  // A cancellation arrives on the event loop, which a step that never waits would starve.
  await new Promise(setImmediate);
  context.cancellationSignal.throwIfAborted();
}

// Six beats within the heartbeat timeout of half a minute: one lost beat is no lost worker.
const pulseMilliseconds = 5_000;
// Longer than any patience that a recipe grants one step. Past it the step hangs, and silence lets Temporal see that.
const longestSilenceMilliseconds = 45 * 60_000;

/** Beats while a step waits for others, saying what for; falls silent when nothing moves any more. */
export function startPulse(): { waitingFor: (what: string) => void; stop: () => void } {
  const context = Context.current();
  let last = { waitingFor: 'the portal', at: Date.now() };
  const beatOn = () => {
    if (Date.now() - last.at < longestSilenceMilliseconds) context.heartbeat({ waitingFor: last.waitingFor });
  };
  const timer = setInterval(beatOn, pulseMilliseconds);
  return {
    waitingFor(what) {
      last = { waitingFor: what, at: Date.now() };
      beatOn();
    },
    stop: () => clearInterval(timer),
  };
}

/** Beats until the work is over, which has limits of its own. */
export async function beatDuring<Result>(details: unknown, work: () => Promise<Result>): Promise<Result> {
  const context = Context.current();
  const timer = setInterval(() => context.heartbeat(details), pulseMilliseconds);
  try {
    return await work();
  } finally {
    clearInterval(timer);
  }
}
