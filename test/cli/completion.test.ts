import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import { completionScript } from '../../src/cli/completion.ts';
import { createProgram } from '../../src/cli/program.ts';

/** What bash offers for the last word of a line, in a shell that has loaded the script. */
async function offered(line: string): Promise<string[]> {
  const words = line.split(' ');
  const asks = [
    completionScript(createProgram(), 'bash'),
    `COMP_WORDS=(${words.map((word) => `'${word}'`).join(' ')})`,
    `COMP_CWORD=${String(words.length - 1)}`,
    words[0] === 'npm' ? '_ehr_npm' : '_ehr_client',
    `printf '%s\\n' "\${COMPREPLY[@]}"`,
  ];
  const { stdout } = await promisify(execFile)('bash', ['--norc', '-c', asks.join('\n')]);
  return stdout.split('\n').filter((word) => word !== '');
}

describe('in bash, Tab offers', () => {
  test.each([
    { line: 'npm run client -- st', words: ['status'] },
    {
      line: 'npm run -s client -- re',
      words: ['rerun', 'rekey', 'reload', 'recipe', 'rejects', 'reject', 'retention'],
    },
    { line: 'npm run client -- schedule re', words: ['resume'] },
    { line: 'npm run client -- run ut', words: ['utilization'] },
    { line: 'npm run client -- run notes --f', words: ['--from', '--file', '--force'] },
    { line: 'npm run client -- completion z', words: ['zsh'] },
    { line: 'npm run client -- approve 0197f3c2 --re', words: ['--reason'] },
    { line: 'client portal ', words: ['status', 'unblock', 'hold', '--help'] },
    { line: 'npm run client -- run notes --file ', words: [] },
    { line: 'npm run client -- run notes --file export.csv --no', words: ['--no-wait'] },
    { line: 'npm run cl', words: [] },
  ])('$words for "$line"', async ({ line, words }) => {
    expect((await offered(line)).sort()).toEqual([...words].sort());
  });

  test('of every command at the start', async () => {
    const names = createProgram().commands.map((command) => command.name());
    expect((await offered('client ')).sort()).toEqual(
      [...names, '--agency', '--variables', '--version', '--help'].sort(),
    );
  });
});

test('what npm completed before is still completed', async () => {
  const script = [
    '_before() { COMPREPLY=(before); }',
    'complete -o default -F _before npm',
    completionScript(createProgram(), 'bash'),
    // Twice, as after an update: it must not take itself for what was there before.
    completionScript(createProgram(), 'bash'),
    'COMP_WORDS=(npm inst)',
    'COMP_CWORD=1',
    '_ehr_npm',
    'echo "${COMPREPLY[@]}"',
  ];
  const { stdout } = await promisify(execFile)('bash', ['--norc', '-c', script.join('\n')]);
  expect(stdout.trim()).toBe('before');
});
