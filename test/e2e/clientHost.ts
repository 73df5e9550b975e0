import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

/** How a command of the client or of a CLI ended. */
export interface CommandResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

const host = fileURLToPath(new URL('clientHost.mjs', import.meta.url));
const project = fileURLToPath(new URL('../..', import.meta.url));
/** Against hangs only. */
const patienceMilliseconds = 600_000;

/** A doctor ends its process while something is still open; the others talk to a terminal or start a browser. */
const ofOwnProcess = new Set(['doctor', 'init', 'recipe']);

/**
 * Commands of the built client without a process for each. Those that are run at the same time have a process each.
 * clientHost.test.ts compares them with processes of their own.
 */
export class ClientHosts {
  readonly #client: string;
  readonly #quietSeconds: number;
  readonly #idle: ChildProcess[] = [];
  readonly #all = new Set<ChildProcess>();

  /**
   * @param client the file of the built client
   * @param quietSeconds how long something may keep a process alive after its command
   */
  constructor(client: string, quietSeconds = 60) {
    this.#client = client;
    this.#quietSeconds = quietSeconds;
  }

  takes(args: readonly string[]): boolean {
    const [command = ''] = args[0] === '--agency' ? args.slice(2) : args;
    return !ofOwnProcess.has(command) && !command.startsWith('-');
  }

  async run(args: readonly string[], environment: NodeJS.ProcessEnv): Promise<CommandResult> {
    const child = this.#idle.pop() ?? this.#start();
    const over = AbortSignal.timeout(patienceMilliseconds);
    const ended = new AbortController();
    const end = () => ended.abort(new Error(`the client’s process ended: ${args.join(' ')}`));
    child.once('exit', end);
    try {
      const answered = once(child, 'message', { signal: AbortSignal.any([over, ended.signal]) });
      child.send({ args, environment });
      const [{ ended: hasEnded, ...result }] = (await answered) as [CommandResult & { ended: boolean }];
      if (!hasEnded) this.#idle.push(child);
      return result;
    } catch (error) {
      child.kill('SIGKILL');
      throw ended.signal.aborted ? ended.signal.reason : error;
    } finally {
      child.off('exit', end);
    }
  }

  async stop(): Promise<void> {
    await Promise.all(
      Array.from(this.#all, async (child) => {
        if (child.exitCode !== null || child.signalCode !== null) return;
        const exited = once(child, 'exit');
        child.kill('SIGKILL');
        await exited;
      }),
    );
  }

  #start(): ChildProcess {
    const child = fork(host, [this.#client, String(this.#quietSeconds * 1000)], {
      cwd: project,
      // None of the test's own options.
      execArgv: [],
      // A pipe would count as something that holds the process.
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    });
    this.#all.add(child);
    return child;
  }
}
