import type { Command } from 'commander';
import { createProgram } from '../../src/cli/program.ts';

/** Every command below this one that does something, each with the words that lead to it. */
export function leaves(
  command: Command,
  path: readonly string[] = [],
): { path: string[]; command: Command }[] {
  return command.commands.flatMap((each) => {
    const here = [...path, each.name()];
    return each.commands.length === 0 ? [{ path: here, command: each }] : leaves(each, here);
  });
}

/** What the real program makes of a command line, without doing it: undefined where it takes it, else why not. */
export async function refusalOf(words: readonly string[]): Promise<string | undefined> {
  const program = createProgram();
  program.configureOutput({ writeOut: () => undefined, writeErr: () => undefined });
  for (const { command } of leaves(program)) {
    command.configureOutput({ writeOut: () => undefined, writeErr: () => undefined }).action(() => undefined);
  }
  try {
    await program.parseAsync(words, { from: 'user' });
    return undefined;
  } catch (error) {
    const { message, exitCode } = error as Error & { exitCode?: number };
    // Help that is asked for ends the parsing as well.
    return exitCode === 0 ? undefined : message;
  }
}

/** Those of the command lines that the program does not take, and why. */
export async function refusals(
  lines: readonly { line: string; words: readonly string[] }[],
): Promise<string[]> {
  const answers = await Promise.all(
    lines.map(async ({ line, words }) => ({ line, refusal: await refusalOf(words) })),
  );
  return answers.flatMap(({ line, refusal }) => (refusal === undefined ? [] : [`${line}: ${refusal}`]));
}

/** The words that a shell would hand to a command: quotes hold words together; a comment, `>` or `|` ends them. */
function shellWords(line: string): string[] {
  const words = line.match(/"[^"]*"|'[^']*'|[^\s"']+/g) ?? [];
  const end = words.findIndex((word) => /^[#>|]/.test(word));
  return words.slice(0, end === -1 ? undefined : end).map((word) => word.replaceAll(/^["']|["']$/g, ''));
}

const commandPattern = /npm run (?:-s )?client -- ([^\n`)]+)/g;

/** Every command line of the client that a text quotes, its words. Brackets around what may be left out go. */
export function quotedCommands(text: string): { line: string; words: string[] }[] {
  return Array.from(text.matchAll(commandPattern), ([line, rest]) => ({
    line,
    words: shellWords(rest!.replaceAll(/[[\]]/g, '').replace(/ && .*$/, '')),
  }));
}
