// The built client as one process for many commands, one after the other: loading it takes longer than most of what it
// does. It is started with the client's file and an IPC channel, by clientHost.ts.
import { pathToFileURL } from 'node:url';

const [client, quietMilliseconds] = process.argv.splice(2);
const lookMilliseconds = 5;

const exitProcess = process.exit.bind(process);
let commands = 0;
let answer;

/** What a command changes in its process, and a process of its own would take with it. */
const emitters = [process, process.stdout, process.stderr];
const events = ['uncaughtException', 'SIGINT', 'SIGTERM', 'SIGHUP', 'error'];

process.exit = (code) => {
  if (answer === undefined) exitProcess(1);
  answer({ code: code ?? process.exitCode ?? 0, ended: true }, () => exitProcess());
  // As the real one, it does not return.
  throw new Error('the process has ended');
};

process.on('message', ({ args, environment }) => void run(args, environment));
// Whoever asks is gone.
process.on('disconnect', () => exitProcess());
/** What `held` says where there is only the channel to whoever asks. */
const idle = 'PipeWrap';

async function run(args, environment) {
  commands += 1;
  const written = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr']) {
    const decoder = new TextDecoder();
    process[name].write = (chunk, ...more) => {
      written[name] += typeof chunk === 'string' ? chunk : decoder.decode(chunk, { stream: true });
      const done = more.find((each) => typeof each === 'function');
      if (done !== undefined) process.nextTick(done);
      return true;
    };
  }
  for (const name of Object.keys(process.env)) delete process.env[name];
  Object.assign(process.env, environment);
  process.argv = [process.execPath, client, ...args];
  process.exitCode = undefined;
  const listeners = emitters.map((emitter) => events.map((event) => emitter.listeners(event)));
  answer = (end, then) => {
    answer = undefined;
    process.send({ ...written, ...end }, then);
  };
  try {
    // Another address each time, so that it runs again; its parts are loaded once.
    await import(`${pathToFileURL(client).href}?${String(commands)}`);
    await settled();
    answer?.({ code: process.exitCode ?? 0, ended: false });
  } catch (error) {
    written.stderr += `${error?.stack ?? String(error)}\n`;
    // What it has left open goes with the process.
    answer?.({ code: 1, ended: true }, () => exitProcess());
  }
  for (const [at, emitter] of emitters.entries()) {
    for (const [of, event] of events.entries()) {
      for (const listener of emitter.listeners(event)) {
        if (!listeners[at][of].includes(listener)) emitter.off(event, listener);
      }
    }
  }
}

/** What keeps this process alive. */
function held() {
  return process.getActiveResourcesInfo().sort().join();
}

/** A process of its own ends once nothing keeps it alive: a command that leaves something open is a defect. */
async function settled() {
  // What it has begun last may hold the process a moment later.
  for (let turns = 0; turns < 3; turns += 1) await new Promise((resolve) => setImmediate(resolve));
  const until = Date.now() + Number(quietMilliseconds);
  while (held() !== idle) {
    if (Date.now() > until) throw new Error(`the command has ended and holds the process: ${held()}`);
    await new Promise((resolve) => setTimeout(resolve, lookMilliseconds));
  }
}
