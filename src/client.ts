import { endOnUncaught, endWithoutReader } from './cli/lastResorts.ts';
import type { GlobalOptions } from './cli/processEnvironment.ts';
import { createProgram } from './cli/program.ts';
import { reportRefusedCall } from './cli/refusedCall.ts';

/** The command line. Commands set the exit code where they end well; see cli/exitCodes.ts for what each means. */
endWithoutReader();
endOnUncaught();
try {
  await createProgram()
    .hook('preAction', async (program) => {
      const { completeEnvironment } = await import('./cli/processEnvironment.ts');
      completeEnvironment(program.opts<GlobalOptions>());
    })
    .parseAsync();
} catch (error) {
  // Not from the parsed options: a call that is refused has none.
  const options = { json: process.argv.includes('--json') };
  process.exitCode =
    reportRefusedCall(error, options) ?? (await import('./cli/errors.ts')).reportError(error, options);
}
