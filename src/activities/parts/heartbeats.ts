import { Context } from '@temporalio/activity';

// Records per heartbeat: a few beats a second at full speed, so the worker's throttle decides what is sent.
const recordsPerBeat = 20_000;

/**
 * Sends heartbeats while a step reads a file, and lets a cancelled one end: throws the cancellation as soon as it is
 * known.
 * @returns call it with the number of records done since the last call, and await it
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

// Six beats within the heartbeat timeout of half a minute: one lost beat does not lose the worker.
const pulseMilliseconds = 5_000;
// Longer than any patience that a recipe grants one step. After that the step hangs, and silence lets Temporal detect
// it.
const longestSilenceMilliseconds = 45 * 60_000;

/** Sends heartbeats while a step waits for others, with the reason; stops when nothing moves any more. */
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

/** Sends heartbeats until the work is over, which has limits of its own. */
export async function beatDuring<Result>(details: unknown, work: () => Promise<Result>): Promise<Result> {
  const context = Context.current();
  const timer = setInterval(() => context.heartbeat(details), pulseMilliseconds);
  try {
    return await work();
  } finally {
    clearInterval(timer);
  }
}
