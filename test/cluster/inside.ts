// Runs in a network of its own: see ownNetwork.ts.
import { writeFile } from 'node:fs/promises';
import { runCluster } from './cluster.ts';
import type { ClusterRun } from './clusterRun.ts';
import { runVariable } from './ownNetwork.ts';

process.stdin.on('end', () => process.exit(1)).resume();

const run = JSON.parse(process.env[runVariable]!) as ClusterRun;
try {
  const report = await runCluster(run);
  await writeFile(run.out, JSON.stringify(report, null, 2));
  process.exit(0);
} catch (error) {
  console.error(error);
  process.exit(1);
}
