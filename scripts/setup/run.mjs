import { spawn } from 'node:child_process';

/** Enough of a failed command's output to see why; npm's list of what it misses is long. */
const tailCharacters = 16_000;
/** How long a command that was asked to end may take before it is killed. */
const endSeconds = 5;

/** @type {Set<import('node:child_process').ChildProcess>} */
const running = new Set();

/**
 * @typedef {object} Ended
 * @property {boolean} ok whether it exited with 0 in time
 * @property {string} stdout
 * @property {string} tail the end of both outputs, or why it did not start or was stopped
 */

/**
 * Runs a command to its end, showing nothing. Never throws: a command that is missing is a result too.
 * @param {string} command
 * @param {readonly string[]} args
 * @param {{ timeoutSeconds: number, env?: Record<string, string>, cwd?: string }} options
 * @returns {Promise<Ended>}
 */
export async function run(command, args, { timeoutSeconds, env = {}, cwd }) {
  const child = spawn(command, args, {
    cwd,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  running.add(child);
  const output = collect(child);
  let late = '';
  const timer = setTimeout(() => {
    late = `\n(stopped after ${timeoutSeconds} s)`;
    end(child);
  }, timeoutSeconds * 1000);
  const code = await exitCode(child, output);
  clearTimeout(timer);
  running.delete(child);
  return { ok: code === 0 && late === '', stdout: output.stdout, tail: output.tail.trimEnd() + late };
}

/** @param {import('node:child_process').ChildProcess} child */
function collect(child) {
  const output = { stdout: '', tail: '' };
  child.stdout?.on('data', (chunk) => {
    output.stdout += chunk;
    output.tail = (output.tail + chunk).slice(-tailCharacters);
  });
  child.stderr?.on('data', (chunk) => {
    output.tail = (output.tail + chunk).slice(-tailCharacters);
  });
  return output;
}

/**
 * @param {import('node:child_process').ChildProcess} child
 * @param {{ tail: string }} output
 * @returns {Promise<number | null>}
 */
function exitCode(child, output) {
  return new Promise((resolve) => {
    child.once('error', (error) => {
      output.tail += error.message;
      resolve(null);
    });
    child.once('close', resolve);
  });
}

/** @param {import('node:child_process').ChildProcess} child */
function end(child) {
  child.kill('SIGTERM');
  setTimeout(() => child.kill('SIGKILL'), endSeconds * 1000).unref();
}

/** Ends the commands of an interrupted set-up: a Go build left alone would go on for minutes. */
export function endRunningCommands() {
  for (const child of running) end(child);
}
