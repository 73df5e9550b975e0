import { Worker } from 'node:worker_threads';

/**
 * Ends this process where one mutant keeps it busy for too long: a loop that never ends would let no timer and no
 * test timeout of its own thread go off. Says which mutant it was.
 */
export function startWatchdog(seconds: number): { begin(mutant: number): void; stop(): Promise<unknown> } {
  const beats = new Int32Array(new SharedArrayBuffer(8));
  const worker = new Worker(watching, {
    eval: true,
    workerData: { beats, milliseconds: seconds * 1000 * 2 },
  });
  worker.unref();
  return {
    begin(mutant) {
      Atomics.store(beats, 1, mutant);
      Atomics.add(beats, 0, 1);
      Atomics.notify(beats, 0);
    },
    stop: () => worker.terminate(),
  };
}

const watching = `
  const { workerData: { beats, milliseconds } } = require('node:worker_threads');
  const { writeSync } = require('node:fs');
  for (;;) {
    const seen = Atomics.load(beats, 0);
    if (Atomics.wait(beats, 0, seen, milliseconds) !== 'timed-out') continue;
    writeSync(2, 'Mutant ' + Atomics.load(beats, 1) + ' hangs: no end after ' + milliseconds / 1000 + ' s.\\n');
    process.kill(process.pid, 'SIGKILL');
  }
`;
