import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { candidates } from '../../src/cli/completion.ts';
import { createProgram } from '../../src/cli/program.ts';
import { leaves, quotedCommands, refusalOf, refusals } from './parsing.ts';

const project = new URL('../../', import.meta.url);
const commands = leaves(createProgram()).map(({ path, command }) => ({
  path,
  command,
  name: path.join(' '),
}));

function helpOf(path: readonly string[]): string {
  const program = createProgram();
  let help = '';
  const write = { writeOut: (text: string) => (help += text) };
  program.configureOutput(write);
  for (const { command } of leaves(program)) command.configureOutput(write);
  try {
    program.parse([...path, '--help'], { from: 'user' });
  } catch {
    // Help ends the parsing.
  }
  return help;
}

describe('every command', () => {
  test('there are some', () => expect(commands.length).toBeGreaterThan(20));

  test.each(commands)('$name has examples that it takes itself', async ({ path, name }) => {
    const examples = quotedCommands(helpOf(path));
    expect(examples.length).toBeGreaterThan(0);
    for (const { words } of examples) expect(words.slice(0, path.length).join(' ')).toBe(name);
    expect(await refusals(examples)).toEqual([]);
  });

  test.each(commands.filter(({ name }) => name !== 'completion'))('$name answers in JSON', ({ command }) => {
    expect(command.options.map(({ long }) => long)).toContain('--json');
  });
});

test('the help as a whole says what the exit codes mean', () => {
  expect(helpOf([])).toMatch(/Exit codes of every command:\n {2}0 {2}\w/);
});

const pages = [
  'README.md',
  'ARCHITECTURE.md',
  'CONTRIBUTING.md',
  ...readdirSync(new URL('docs', project)).map((file) => `docs/${file}`),
]
  .filter((file) => file.endsWith('.md'))
  .map((file) => ({ file, quoted: quotedCommands(readFileSync(new URL(file, project), 'utf8')) }))
  .filter(({ quoted }) => quoted.length > 0);

describe('the commands that are written down', () => {
  test.each(pages)('in $file are ones that the program takes', async ({ quoted }) => {
    const placeholders = new Set(['…', '<command>']);
    expect(await refusals(quoted.filter(({ words: [first = ''] }) => !placeholders.has(first)))).toEqual([]);
  });

  test('in what the program says are commands that it has', () => {
    const known = new Set(candidates(createProgram()).map(({ path }) => path));
    const groups = new Set(['schedule', 'portal']);
    const source = new URL('src/', project);
    const files = readdirSync(source, { recursive: true, encoding: 'utf8' }).filter((file) =>
      file.endsWith('.ts'),
    );
    const unknown = files.flatMap((file) => {
      const text = readFileSync(new URL(file, source), 'utf8');
      return Array.from(
        text.matchAll(/npm run client -- ([a-z]+)(?: ([a-z]+))?/g),
        ([line, first, second]) => {
          const path = groups.has(first!) ? `${first!} ${second ?? ''}` : first!;
          return known.has(path) ? [] : [`${file}: ${line}`];
        },
      ).flat();
    });
    expect(unknown).toEqual([]);
  });
});

describe('the check finds what it is for', () => {
  test.each([
    { words: ['statsu'], says: /unknown command/ },
    { words: ['status', '--jsn'], says: /unknown option/ },
    { words: ['run', 'notes', '--from', '2026-10-16'], says: /--to/ },
    { words: ['watch', 'one', 'two'], says: /too many arguments/ },
    { words: ['completion', 'fish'], says: /Allowed choices are bash, zsh/ },
  ])('$words', async ({ words, says }) => {
    expect(await refusalOf(words)).toMatch(says);
  });
});
