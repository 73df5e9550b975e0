import { ensureNodeModules } from './node-modules.mjs';
import { SetUpFailed, prepareParts } from './parts.mjs';
import { endRunningCommands } from './run.mjs';

/** What a shell reports for a program that Ctrl-C ended. */
const interruptedExitCode = 130;

/**
 * Sets up and then hands over to TypeScript, which can only be loaded once the npm packages are there.
 * @param {import('./parts.mjs').Wanted | ((nodeModules: Promise<void>) => Promise<import('./parts.mjs').Wanted>)} wanted
 * @param {(parts: import('../services/parts.ts').Parts) => Promise<number>} run gives the exit code
 */
export async function setUpAndRun(wanted, run) {
  process.once('SIGINT', interrupted).once('SIGTERM', interrupted);
  // An installation's own settings, ehr.env in this folder, are no part of what is tried here.
  process.env.EHR_ENV = '';
  try {
    const nodeModules = ensureNodeModules();
    const parts = await prepareParts(
      typeof wanted === 'function' ? await wanted(nodeModules) : wanted,
      nodeModules,
    );
    process.off('SIGINT', interrupted).off('SIGTERM', interrupted);
    const { register } = await import('tsx/esm/api');
    register();
    process.exit(await run(parts));
  } catch (error) {
    console.error(error instanceof SetUpFailed ? `\n${error.message}\n` : error);
    process.exit(1);
  }
}

/**
 * What a command needs that kills or measures servers, which are its own whatever the environment names; nothing where
 * it only prints its help.
 * @param {readonly string[]} args of the command
 * @returns {import('./parts.mjs').Wanted}
 */
export function ownServers(args) {
  const needed = isHelp(args) ? 'not-needed' : 'needed';
  return {
    temporalAddress: undefined,
    temporalCli: needed,
    database: needed,
    databaseUrl: undefined,
    browser: needed,
    tctl: 'not-needed',
  };
}

/** @param {readonly string[]} args */
export function isHelp(args) {
  return args.some((arg) => arg === '--help' || arg === '-h');
}

function interrupted() {
  endRunningCommands();
  process.exit(interruptedExitCode);
}
