type Close = () => Promise<void>;

/**
 * What has to be ended on every way out of a program, the newest first: a worker before the servers that it
 * talks to. Signals only ask: the program sees it at `interrupted`, leaves, and ends everything as it goes.
 */
export class Closing {
  readonly #closers: { readonly what: string; readonly close: Close }[] = [];
  readonly #controller = new AbortController();
  #told = 0;

  constructor() {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, this.#interrupt);
  }

  /** Aborted when the user or the system asks the program to end. */
  get interrupted(): AbortSignal {
    return this.#controller.signal;
  }

  add(what: string, close: Close): void {
    this.#closers.push({ what, close });
  }

  /** Ends everything, even where ending one thing fails, and says what failed. */
  async closeAll(): Promise<readonly string[]> {
    const failures: string[] = [];
    for (let next = this.#closers.pop(); next !== undefined; next = this.#closers.pop()) {
      try {
        await next.close();
      } catch (error) {
        failures.push(`${next.what} could not be stopped: ${String(error)}`);
      }
    }
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.off(signal, this.#interrupt);
    return failures;
  }

  readonly #interrupt = (): void => {
    this.#told += 1;
    // A person who presses Ctrl-C again should know that it was heard: leaving now would orphan servers.
    if (this.#told > 1) console.log('Already stopping; waiting for the programs to end.');
    this.#controller.abort(new Interrupted());
  };
}

/** The reason of an abort by Ctrl-C or SIGTERM. */
export class Interrupted extends Error {
  override readonly name = 'Interrupted';
  constructor() {
    super('Interrupted.');
  }
}
