import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { mkdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { endLeftover, forgetPid, rememberPid } from './leftover.ts';
import type { Running } from './parts.ts';

/** As much of a log as shows why a program did not start. */
const tailLines = 15;

export interface ChildOptions {
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  /** Replaces this program's environment. */
  readonly env?: NodeJS.ProcessEnv;
  /** Both outputs are appended here. */
  readonly logFile: string;
  /** How long it may take to end when asked; then it is killed. */
  readonly stopSeconds: number;
  /** Remembers the program in case this one is killed: the next start ends what was left behind. */
  readonly pidFile: string;
  /** A path that is in the command line of this program alone. */
  readonly mark: string;
}

export interface Child extends Running {
  readonly name: string;
  readonly logFile: string;
  /** Resolves with words such as `exit code 1` once it has ended, for whatever reason. */
  readonly ended: Promise<string>;
  readonly hasEnded: () => boolean;
}

/**
 * Starts a program that runs until it is stopped. It gets a process group of its own: a Ctrl-C in the terminal
 * reaches only this program, which then ends the others in the right order.
 */
export async function startChild(options: ChildOptions): Promise<Child> {
  await mkdir(path.dirname(options.logFile), { recursive: true });
  await endLeftover(options.pidFile, options.mark);
  const log = openSync(options.logFile, 'a');
  const child = spawn(options.command, options.args, {
    env: options.env ?? process.env,
    stdio: ['ignore', log, log],
    detached: true,
  });
  closeSync(log);
  let ending: string | undefined;
  const ended = new Promise<string>((resolve) => {
    child.once('exit', (code, signal) => {
      ending = signal === null ? `exit code ${String(code)}` : `signal ${signal}`;
      resolve(ending);
    });
  });
  const pid = await startedPid(child, options.name);
  await rememberPid(options.pidFile, pid);
  const hasEnded = () => ending !== undefined;
  const stop = async () => {
    if (!hasEnded()) await endChild(child, ended, options.stopSeconds);
    await forgetPid(options.pidFile);
  };
  return { name: options.name, logFile: options.logFile, pid, ended, hasEnded, stop };
}

function startedPid(child: ChildProcess, name: string): Promise<number> {
  return new Promise((resolve, reject) => {
    child.once('spawn', () => resolve(child.pid!));
    child.once('error', (error) => reject(new Error(`${name} could not be started: ${error.message}`)));
  });
}

async function endChild(child: ChildProcess, ended: Promise<string>, stopSeconds: number): Promise<void> {
  child.kill('SIGTERM');
  const timer = setTimeout(() => child.kill('SIGKILL'), stopSeconds * 1000);
  await ended;
  clearTimeout(timer);
}

/**
 * Asks `isReady` again and again until it says yes.
 * @throws where the program ends first or the time is up, with the end of its log
 */
export async function waitUntilReady(
  child: Child,
  options: { readonly seconds: number; readonly isReady: () => Promise<boolean> },
): Promise<void> {
  const deadline = Date.now() + options.seconds * 1000;
  while (!(await options.isReady())) {
    if (child.hasEnded()) throw await startFailure(child, `ended with ${await child.ended}`);
    if (Date.now() > deadline)
      throw await startFailure(child, `was not ready within ${String(options.seconds)} s`);
    // Short beside the seconds that a server takes to start, long enough not to disturb it.
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

/** As `waitUntilReady`, and stops a program that does not get ready. */
export async function waitOrStop(
  child: Child,
  { stop, ...options }: Parameters<typeof waitUntilReady>[1] & { readonly stop: () => Promise<void> },
): Promise<void> {
  try {
    await waitUntilReady(child, options);
  } catch (error) {
    await stop();
    throw error;
  }
}

async function startFailure(child: Child, what: string): Promise<Error> {
  const log = await readFile(child.logFile, 'utf8');
  const tail = log.trimEnd().split('\n').slice(-tailLines).join('\n');
  return new Error(`${child.name} ${what}. The end of ${child.logFile}:\n${tail}`);
}
