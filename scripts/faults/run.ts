import { mkdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { Site } from '../../test/faults/site.ts';
import { Closing } from '../services/closing.ts';
import { claimFolder, localFolder } from '../services/folder.ts';
import type { Parts } from '../services/parts.ts';
import { parseOptions, type FaultOptions } from './options.ts';
import { programsOf } from './programs.ts';
import { plays, type Told } from './scenarios.ts';

/** Gives the exit code: 1 where anything differs. */
export async function runFaults(parts: Parts, args: readonly string[]): Promise<number> {
  const options = parseOptions(args);
  if (typeof options === 'number') return options;
  const closing = new Closing();
  let code = 1;
  try {
    const told = await Promise.race([runScenario(parts, options, closing), interruption(closing)]);
    console.log(told.text);
    if (options.out !== undefined)
      await writeFile(options.out, `${JSON.stringify({ options, ...told.report }, null, 2)}\n`);
    code = told.passed ? 0 : 1;
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
  }
  for (const failure of await closing.closeAll()) console.error(failure);
  return code;
}

async function runScenario(parts: Parts, options: FaultOptions, closing: Closing): Promise<Told> {
  const folder = path.join(localFolder(), 'fault-runs', String(process.pid));
  await mkdir(folder, { recursive: true });
  closing.add('The folder of the faults', () => rm(folder, { recursive: true, force: true }));
  closing.add('The claim of the folder', await claimFolder(folder));
  const { config, run } = plays[options.scenario];
  const site = await Site.start({ programs: await programsOf(parts, folder), folder, config });
  closing.add('The servers', () => site.endPrograms());
  return run(site, options);
}

function interruption({ interrupted }: Closing): Promise<never> {
  return new Promise((_resolve, reject) => {
    interrupted.addEventListener('abort', () => reject(interrupted.reason as Error), { once: true });
  });
}
