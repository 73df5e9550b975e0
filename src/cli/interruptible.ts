/** Ctrl-C, an end that the system asks for, a terminal that goes away. */
const interruptions = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

class Interrupted extends Error {
  override readonly name = 'Interrupted';
}

/** Has `work` tidy up instead of ending the process at once; whoever interrupts a second time ends it as ever. */
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
