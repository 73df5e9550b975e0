import { actFor } from './cli/agencies.ts';
import { reportError } from './cli/errors.ts';
import { endOnUncaught, endWithoutReader } from './cli/lastResorts.ts';
import { createProgram } from './cli/program.ts';

/** The command line. Commands set the exit code where they end well; see cli/exitCodes.ts for what each means. */
endWithoutReader();
endOnUncaught();
try {
  await createProgram()
    .hook('preAction', (program) => actFor(program.opts<{ agency?: string }>().agency))
    .parseAsync();
} catch (error) {
  // Not from the parsed options: a call that is refused has none.
  process.exitCode = reportError(error, { json: process.argv.includes('--json') });
}
