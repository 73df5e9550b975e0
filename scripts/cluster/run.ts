import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import { Command, InvalidArgumentError } from 'commander';
import { shippedReports } from '../../test/shippedReports.ts';
import { clusterFaults, type ClusterFault } from '../../test/cluster/clusterRun.ts';
import { inOwnNetwork, missingForCluster } from '../../test/cluster/ownNetwork.ts';
import type { ScenarioReport } from '../../test/faults/stage.ts';
import { programsOf } from '../faults/programs.ts';
import { scenarioTable } from '../faults/table.ts';
import { Closing } from '../services/closing.ts';
import { claimFolder, localFolder } from '../services/folder.ts';
import type { Parts } from '../services/parts.ts';

interface Options {
  readonly machines: number[];
  readonly faults: ClusterFault[];
  readonly awaySeconds: number;
  readonly periods: number;
}

/** Gives the exit code: 1 where anything differs. */
export async function runClusters(parts: Parts, args: readonly string[]): Promise<number> {
  const options = parseOptions(args);
  if (typeof options === 'number') return options;
  const missing =
    missingForCluster() ?? (parts.objectStore === undefined ? 'versitygw could not be had.' : undefined);
  if (missing !== undefined) {
    console.error(`NOT DONE: ${missing}`);
    return 1;
  }
  const closing = new Closing();
  let clean = true;
  try {
    for (const machines of options.machines) {
      clean = (await runOne(parts, { ...options, machines }, closing)) && clean;
    }
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    clean = false;
  }
  for (const failure of await closing.closeAll()) console.error(failure);
  return clean ? 0 : 1;
}

async function runOne(
  parts: Parts,
  { machines, faults, awaySeconds, periods }: Omit<Options, 'machines'> & { readonly machines: number },
  closing: Closing,
): Promise<boolean> {
  const parent = path.join(localFolder(), 'cluster-runs');
  await mkdir(parent, { recursive: true });
  const folder = await mkdtemp(path.join(parent, `${String(machines)}-machines-`));
  closing.add('The folder of the cluster', () => rm(folder, { recursive: true, force: true }));
  closing.add('The claim of the folder', await claimFolder(folder));
  const out = path.join(folder, 'report.json');
  const code = await inOwnNetwork(
    {
      programs: await programsOf(parts, folder),
      objectStore: parts.objectStore!,
      folder,
      options: {
        machines,
        reports: shippedReports,
        rounds: faults.map((fault) => [fault]),
        awaySeconds,
        portalPeriods: periods,
        retrySeconds: 60,
      },
      out,
    },
    closing.interrupted,
  );
  if (code !== 0) throw new Error(`The cluster of ${String(machines)} machines ended with ${String(code)}.`);
  const report = JSON.parse(await readFile(out, 'utf8')) as ScenarioReport;
  console.log(`\n${String(machines)} machines${scenarioTable(report)}`);
  return report.differences.length === 0 && report.reader.violations.length === 0;
}

/** A number where only the help was wanted, or the arguments were wrong and it has been said how. */
function parseOptions(args: readonly string[]): Options | number {
  const program = new Command('npm run cluster --')
    .description(
      'Runs a daily run and a backfill again and again on workers in network namespaces of their own, which share a bucket, a database and a Temporal server, and no folder. Meanwhile a worker is killed, and the way to each server is cut and healed, for the machine that holds the portal login and for all; one machine vanishes. Everything that is left is compared with undisturbed loads. Needs root, util-linux (unshare) and iproute2 (ip, bridge); leaves the networks of this machine alone. Exit code 1 where there is a difference.',
    )
    .option('--machines <list>', 'how many, one cluster after the other', list(machineCount), [2, 4])
    .option('--faults <list>', `of ${clusterFaults.join(', ')}`, list(asFault), [...clusterFaults])
    .option('--away-seconds <count>', 'how long a way is cut', Number, 75)
    .option('--periods <count>', 'periods of the backfill', Number, 6)
    .exitOverride();
  try {
    return program.parse(args, { from: 'user' }).opts<Options>();
  } catch (error) {
    return (error as { exitCode?: number }).exitCode ?? 1;
  }
}

function list<Item>(asItem: (text: string) => Item): (text: string) => Item[] {
  return (text) => text.split(',').map((each) => asItem(each.trim()));
}

function machineCount(text: string): number {
  const count = Number(text);
  if (Number.isInteger(count) && count >= 2 && count <= 8) return count;
  throw new InvalidArgumentError('It must be a whole number from 2 to 8.');
}

function asFault(text: string): ClusterFault {
  const fault = clusterFaults.find((name) => name === text);
  if (fault === undefined) throw new InvalidArgumentError(`It must be of ${clusterFaults.join(', ')}.`);
  return fault;
}
