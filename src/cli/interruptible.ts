/** Ctrl-C, a request of the system to end, a terminal that closes. */
const interruptions = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

class Interrupted extends Error {
  override readonly name = 'Interrupted';
}

/** On a first interrupt lets `work` clean up instead of ending the process at once; a second one ends it as usual. */
export async function interruptible<Result>(
  work: (interrupted: AbortSignal) => Promise<Result>,
): Promise<Result> {
  const controller = new AbortController();
  const interrupt = () => controller.abort(new Interrupted('It was interrupted.'));
  for (const signal of interruptions) process.once(signal, interrupt);
  try {
    return await work(controller.signal);
  } finally {
    for (const signal of interruptions) process.off(signal, interrupt);
  }
}
