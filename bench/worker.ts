import { spawn, type ChildProcess } from 'node:child_process';
import { on, once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

const project = fileURLToPath(new URL('..', import.meta.url));

const readySeconds = 60;
const stopSeconds = 60;

/** A worker as `npm run worker` starts it, without npm in between. */
export class WorkerProcess {
  readonly #child: ChildProcess;

  private constructor(child: ChildProcess) {
    this.#child = child;
  }

  static async start(environment: NodeJS.ProcessEnv, logFile: string): Promise<WorkerProcess> {
    const child = spawn(process.execPath, ['--import', 'tsx', 'src/worker.ts'], {
      cwd: project,
      env: environment,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const log = createWriteStream(logFile, { flags: 'a' });
    child.stdout.pipe(log, { end: false });
    child.stderr.pipe(log, { end: false });
    const patience = AbortSignal.timeout(readySeconds * 1000);
    for await (const [chunk] of on(child.stdout, 'data', { signal: patience, close: ['end'] })) {
      if ((chunk as Buffer).includes('the worker is ready')) return new WorkerProcess(child);
    }
    throw new Error(`no worker got ready; see ${logFile}`);
  }

  /** The most memory that it has had so far, in MiB; undefined where the system does not say. */
  async peakMemoryMib(): Promise<number | undefined> {
    const status = await readFile(`/proc/${String(this.#child.pid)}/status`, 'utf8').catch(() => '');
    const peak = /^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1];
    return peak === undefined ? undefined : Number(peak) / 1024;
  }

  async stop(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const ended = once(this.#child, 'exit', { signal: AbortSignal.timeout(stopSeconds * 1000) });
    this.#child.kill('SIGTERM');
    await ended.catch(() => this.#child.kill('SIGKILL'));
  }
}
