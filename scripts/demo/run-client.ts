import { spawn } from 'node:child_process';
import { appendFile } from 'node:fs/promises';
import path from 'node:path';
import { programEnvironment, type DemoEnvironment } from './environment.ts';
import { typescript } from './programs.ts';

/** Every command used here starts something and returns; a minute is plenty even on a busy machine. */
const clientSeconds = 120;

/** Runs one command of the client, as a person would type it, and shows what is being done. */
export async function runClient(
  environment: DemoEnvironment,
  args: readonly string[],
  stop: AbortSignal,
): Promise<void> {
  stop.throwIfAborted();
  console.log(`$ npm run client -- ${args.join(' ')}`);
  const child = spawn(process.execPath, [...typescript, 'src/client.ts', ...args], {
    env: programEnvironment(environment),
    stdio: ['ignore', 'pipe', 'pipe'],
    // Of a group of its own, so that Ctrl-C reaches it only through this program.
    detached: true,
    timeout: clientSeconds * 1000,
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += String(chunk)));
  const abort = () => child.kill('SIGTERM');
  stop.addEventListener('abort', abort);
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  }).finally(() => stop.removeEventListener('abort', abort));
  await appendFile(path.join(environment.logFolder, 'client.log'), `$ ${args.join(' ')}\n${output}`);
  stop.throwIfAborted();
  if (code !== 0) throw new Error(`client ${args.join(' ')} failed:\n${output.trimEnd()}`);
}
