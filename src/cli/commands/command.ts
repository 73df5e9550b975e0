import { InvalidArgumentError, Option, type Command, type CommandOptions } from 'commander';
import { reportNames } from '../../reports/index.ts';

/** Arguments and options that several commands take. */

export const json = new Option('--json', 'answer with one JSON document, for scripts');
export const from = ['--from <day>', 'first day, YYYY-MM-DD'] as const;
export const to = ['--to <day>', 'last day, included, YYYY-MM-DD'] as const;
export const reason = ['--reason <words>', 'why, for the ledger; name no patient'] as const;
export const by = new Option('--by <name>', 'who decides, if it is not the user of this machine');
export const names = new Option('--names', 'show names instead of name codes: patient data');
export const limit = new Option('--limit <rows>', 'rows to show at most')
  .default(50)
  .argParser(positiveInteger);
export const noWait = ['--no-wait', 'start it and return'] as const;
export const report = ['<report>', reportNames.join(' or ')] as const;
export const period = ['<period>', 'a day in it, or 2026-10-16..2026-10-31'] as const;
export const runId = ['<run>', 'its run id, as `status`, `versions` and the Web UI show it'] as const;
export const exampleRun = '0197f3c2-5a1e-7c44-9d2b-6f0a1b2c3d4e';

/** What every command has: a summary, --json and examples to copy. */
export function addCommand(
  parent: Command,
  name: string,
  description: string,
  examples: readonly string[],
  options: CommandOptions = {},
): Command {
  const lines = examples.map((example) => `  npm run client -- ${example}`);
  return parent
    .command(name, options)
    .description(description)
    .addHelpText('after', ['', examples.length > 1 ? 'Examples:' : 'Example:', ...lines].join('\n'));
}

/** What a count of rows or periods can be. More rows than this are no text for people, and fill the memory. */
const largestCount = 1_000_000;

export function positiveInteger(text: string): number {
  const value = /^\d{1,7}$/.test(text) ? Number(text) : 0;
  if (value > 0 && value <= largestCount) return value;
  throw new InvalidArgumentError(`must be a whole number from 1 to ${String(largestCount)}.`);
}
