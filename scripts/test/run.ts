import { spawn } from 'node:child_process';
import { mkdir, readdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { Closing } from '../services/closing.ts';
import { startDatabase } from '../services/database.ts';
import { claimFolder, localFolder, ownerOf } from '../services/folder.ts';
import { endLeftover } from '../services/leftover.ts';
import type { DatabasePart, Parts } from '../services/parts.ts';
import { startTemporal } from '../services/temporal.ts';
import type { TestPart } from './testPart.ts';

/** After a Ctrl-C vitest ends its workers; one that hangs must not keep the servers alive. */
const vitestStopSeconds = 30;

/** Prints the ten slowest at the end of a run of many files. */
const slowestReporter = './scripts/test/slowest.ts';

export interface TestRun {
  readonly parts: Parts;
  readonly needed: ReadonlySet<TestPart>;
  /** Passed on to vitest. */
  readonly args: readonly string[];
}

/** Runs vitest against the servers that its tests need, started for this run. Gives vitest's exit code. */
export async function runTests({ parts, needed, args }: TestRun): Promise<number> {
  const closing = new Closing();
  let code = 1;
  try {
    if (needed.has('tctl')) requireInCi(parts.tctl, 'tctl 1.18', 'TCTL_PATH');
    if (needed.has('sshd')) requireInCi(parts.sshd, 'sshd', 'SSHD_PATH');
    if (needed.has('objectStore')) requireInCi(parts.objectStore, 'versitygw', 'VERSITYGW_PATH');
    const environment = needed.size === 0 ? {} : await startServers({ parts, needed, closing });
    if (!closing.interrupted.aborted) {
      code = await vitest([...args, ...reporters(args)], environment, closing.interrupted);
    }
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
  }
  const failures = await closing.closeAll();
  for (const failure of failures) console.error(failure);
  return failures.length > 0 ? 1 : code;
}

/** Tests of a program that cannot be had are skipped; in CI a skipped test is easily overlooked. */
function requireInCi(program: string | undefined, name: string, variable: string): void {
  if (program !== undefined) return;
  if (process.env['CI'] === 'true') {
    throw new Error(
      `${name} is needed where CI=true: see why the set-up could not get it, or name it in ${variable}.`,
    );
  }
  console.log(`SKIPPED: tests of ${name}, which is not here.`);
}

/** A folder for this run alone, so that two runs in one checkout do not meet; it is removed at the end. */
async function runFolder(closing: Closing): Promise<string> {
  const parent = path.join(localFolder(), 'test-runs');
  await mkdir(parent, { recursive: true });
  await removeDeadRuns(parent);
  const folder = path.join(parent, String(process.pid));
  closing.add('The folder of the test run', () => rm(folder, { recursive: true, force: true }));
  await claimFolder(folder);
  return folder;
}

/** A run that was killed could stop nothing: its servers and its folder are still there. */
async function removeDeadRuns(parent: string): Promise<void> {
  for (const name of await readdir(parent)) {
    const folder = path.join(parent, name);
    if ((await ownerOf(folder)) !== undefined) continue;
    await endLeftover(path.join(folder, 'temporal', 'temporal.pid'), folder);
    await endLeftover(path.join(folder, 'database', 'database.pid'), folder);
    await rm(folder, { recursive: true, force: true });
  }
}

function reporters(args: readonly string[]): string[] {
  const named = args.some((arg) => arg.startsWith('--reporter'));
  return [...(named ? [] : ['--reporter=default']), `--reporter=${slowestReporter}`];
}

interface Starting {
  readonly parts: Parts;
  readonly needed: ReadonlySet<TestPart>;
  readonly closing: Closing;
}

async function startServers({ parts, needed, closing }: Starting): Promise<NodeJS.ProcessEnv> {
  const folder = await runFolder(closing);
  const [temporalAddress, databaseUrl] = await Promise.all([
    needed.has('temporalServer') ? temporalFor(parts, folder, closing) : undefined,
    parts.database === undefined ? undefined : databaseFor(parts.database, folder, closing),
  ]);
  return {
    TEST_TEMPORAL_ADDRESS: temporalAddress,
    TEST_TEMPORAL_CLI: parts.temporalCli,
    TEST_TCTL: parts.tctl,
    TEST_SSHD: parts.sshd,
    TEST_OBJECT_STORE: parts.objectStore,
    TEST_DATABASE_URL: databaseUrl,
    // For tests that kill a server: theirs is another one.
    TEST_DATABASE_SERVER: parts.database?.kind === 'binary' ? parts.database.path : undefined,
    // For all tests but those of what a browser with windows does otherwise.
    EHR_CHROMIUM: parts.headlessShell ?? parts.browser,
    TEST_FULL_CHROMIUM: parts.browser,
  };
}

async function temporalFor(parts: Parts, folder: string, closing: Closing): Promise<string> {
  if (parts.temporalAddress !== undefined) return parts.temporalAddress;
  if (parts.temporalCli === undefined) throw new Error('The set-up found no Temporal CLI.');
  const temporal = await startTemporal({ cli: parts.temporalCli, directory: path.join(folder, 'temporal') });
  closing.add('Temporal', temporal.stop);
  return temporal.address;
}

async function databaseFor(part: DatabasePart, folder: string, closing: Closing): Promise<string> {
  if (part.kind === 'url') return part.url;
  const database = await startDatabase({
    part,
    directory: path.join(folder, 'database'),
    rights: 'all-databases',
  });
  closing.add('The database', database.stop);
  return database.url;
}

/** Vitest gets the whole environment but what a shell may hold of a real portal, server or database. */
function testEnvironment(own: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const inherited = Object.entries(process.env).filter(([name]) => !/^(TEMPORAL_|DATABASE_|EHR_)/.test(name));
  return { ...Object.fromEntries(inherited), ...own };
}

function vitest(
  args: readonly string[],
  environment: NodeJS.ProcessEnv,
  interrupted: AbortSignal,
): Promise<number> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, ['node_modules/vitest/vitest.mjs', 'run', ...args], {
      stdio: ['ignore', 'inherit', 'inherit'],
      env: testEnvironment(environment),
    });
    interrupted.addEventListener('abort', () => {
      child.kill('SIGTERM');
      setTimeout(() => child.kill('SIGKILL'), vitestStopSeconds * 1000).unref();
    });
    child.once('error', reject);
    child.once('close', (code) => resolve(code ?? 1));
  });
}
