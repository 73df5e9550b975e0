import { existsSync } from 'node:fs';
import path from 'node:path';
import { SetUpFailed } from '../setup/parts.mjs';
import { projectFolder } from '../setup/project.mjs';
import { run } from '../setup/run.mjs';
import { allParts, partsOfTest } from './parts-of-tests.mjs';

/** Listing takes a second; a busy machine gets more. */
const listSeconds = 120;

/**
 * The parts that the tests need which vitest would run with these arguments. Vitest says which tests those are.
 * @param {readonly string[]} args vitest's
 * @param {Promise<void>} nodeModules
 * @returns {Promise<ReadonlySet<import('./testPart.ts').TestPart>>}
 */
export async function partsForSelection(args, nodeModules) {
  // The whole run needs no list, and so fetches the parts beside the npm packages.
  if (args.length === 0) return new Set(allParts);
  if (args.every(isTestFile)) return new Set(args.flatMap((file) => partsOfTest(file)));
  await nodeModules;
  const vitest = path.join(projectFolder, 'node_modules/vitest/vitest.mjs');
  // At the end, since --json takes a file name that follows it as its own.
  const listed = await run(process.execPath, [vitest, 'list', '--filesOnly', ...args, '--json'], {
    cwd: projectFolder,
    timeoutSeconds: listSeconds,
  });
  if (!listed.ok) throw new SetUpFailed(listed.tail);
  /** @type {{ file: string }[]} */
  const tests = JSON.parse(listed.stdout);
  return new Set(tests.flatMap(({ file }) => partsOfTest(fromProject(file))));
}

/**
 * The path of one test as vitest lists it: no need to start vitest for that.
 * @param {string} arg
 */
function isTestFile(arg) {
  return /^test\/.+\.test\.ts$/.test(arg) && existsSync(path.join(projectFolder, arg));
}

/** @param {string} file */
function fromProject(file) {
  return path.relative(projectFolder, file).split(path.sep).join('/');
}
