import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

/**
 * Runs a command on a terminal of its own, as `script` of util-linux makes one, and gives all that was drawn on it
 * without the codes that move the cursor: each state of each line after the other.
 */
export async function onTerminal(
  command: readonly string[],
  { env, cwd, columns }: { env: NodeJS.ProcessEnv; cwd: string; columns: number },
): Promise<string> {
  const line = `stty cols ${String(columns)}; exec ${command.map(quoted).join(' ')}`;
  const { stdout } = await promisify(execFile)(
    'script',
    ['--quiet', '--return', '--command', line, '/dev/null'],
    {
      env,
      cwd,
      timeout: 600_000,
      maxBuffer: 64 * 1024 * 1024,
    },
  );
  return withoutCodes(stdout);
}

function quoted(word: string): string {
  return `'${word.replaceAll("'", String.raw`'\''`)}'`;
}

/** ANSI sequences, as ECMA-48 writes them; each ends what was drawn at one place. */
function withoutCodes(text: string): string {
  // oxlint-disable-next-line no-control-regex -- it is about control characters
  return text.replaceAll(/\u001B\[[0-?]*[ -/]*[@-~]/g, '\n').replaceAll('\r', '\n');
}
