import { mkdir, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { Closing } from '../scripts/services/closing.ts';
import { claimFolder, localFolder } from '../scripts/services/folder.ts';
import type { Parts } from '../scripts/services/parts.ts';
import { parseOptions, type BenchOptions } from './options.ts';
import { measureBackfills, measureOrchestration } from './orchestrationSuite.ts';
import { writePage } from './page.ts';
import { withEarlier, type BenchResults } from './results.ts';
import { measureRows } from './rowsSuite.ts';
import { measureScale } from './scaleSuite.ts';
import { openSite, type Site } from './site.ts';

/** Gives the exit code. */
export async function runBench(parts: Parts, args: readonly string[]): Promise<number> {
  const options = parseOptions(args);
  if (typeof options === 'number') return options;
  const closing = new Closing();
  let code = 1;
  try {
    await Promise.race([measureAll(parts, options, args, closing), interruption(closing)]);
    code = 0;
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
  }
  for (const failure of await closing.closeAll()) console.error(failure);
  return code;
}

async function measureAll(
  parts: Parts,
  options: BenchOptions,
  args: readonly string[],
  closing: Closing,
): Promise<void> {
  const folder = path.join(localFolder(), 'bench-runs', String(process.pid));
  await mkdir(folder, { recursive: true });
  closing.add('The folder of the benchmark', () => rm(folder, { recursive: true, force: true }));
  closing.add('The claim of the folder', await claimFolder(folder));
  const site = await openSite(parts, folder, closing);
  const results: BenchResults = {
    command: ['npm run bench --', ...withoutMachine(args)].join(' '),
    machine: machine(site),
    loadBefore: os.loadavg()[0]!,
    ...(await measureSuites(site, options)),
  };
  await writeFile(options.out, `${JSON.stringify(await withEarlier(options.out, results), null, 2)}\n`);
  await writePage(options.page, results);
  console.log(`Written: ${options.out}, and the tables of ${options.page}`);
}

async function measureSuites(site: Site, options: BenchOptions): Promise<Partial<BenchResults>> {
  const wanted = (suite: BenchOptions['suites'][number]) => options.suites.includes(suite);
  return {
    ...(wanted('rows') ? { rows: await measureRows(site, options) } : {}),
    ...(wanted('portal') ? { portal: await measureBackfills(site, 'portal') } : {}),
    ...(wanted('orchestration')
      ? {
          orchestration: await measureOrchestration(site),
          backfills: await measureBackfills(site, 'orchestration'),
        }
      : {}),
    ...(wanted('scale') ? { scale: await measureScale(site) } : {}),
  };
}

/** The arguments as anybody could give them: where this machine keeps things is nobody's business. */
export function withoutMachine(args: readonly string[]): string[] {
  return args.map((arg, index) =>
    arg.includes(path.sep) || args[index - 1] === '--python' ? path.basename(arg) : arg,
  );
}

export function machine({ databaseVersion }: Pick<Site, 'databaseVersion'>): BenchResults['machine'] {
  const [cpu] = os.cpus();
  return {
    cpu: cpu?.model ?? 'unknown',
    cores: os.availableParallelism(),
    memoryGib: Math.round(os.totalmem() / 1024 ** 3),
    system: `${os.type()} ${os.release()}`,
    node: process.version,
    database: databaseVersion,
  };
}

export function interruption({ interrupted }: Closing): Promise<never> {
  return new Promise((_resolve, reject) => {
    interrupted.addEventListener('abort', () => reject(interrupted.reason as Error), { once: true });
  });
}
