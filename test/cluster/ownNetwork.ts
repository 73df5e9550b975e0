import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { ClusterRun } from './clusterRun.ts';

/** Gives the program inside its `ClusterRun`. */
export const runVariable = 'EHR_CLUSTER_RUN';

/** Its own network, mounts and processes: all that is made inside ends with it, however that is. */
const unshare = ['--net', '--mount', '--pid', '--fork', '--kill-child=SIGKILL', '--mount-proc'] as const;
const needs = 'ip link add probe type bridge && bridge link show';

/** Why no machines can be made here; undefined where they can. */
export function missingForCluster(): string | undefined {
  try {
    execFileSync('unshare', [...unshare, 'sh', '-c', needs], { stdio: 'pipe' });
    return undefined;
  } catch (error) {
    const said = String((error as { stderr?: unknown }).stderr ?? error).trim();
    return `Machines in network namespaces need root, util-linux and iproute2 (unshare, ip, bridge): ${said}`;
  }
}

/** Runs the cluster in a network of its own. Gives the exit code. */
export async function inOwnNetwork(run: ClusterRun, signal?: AbortSignal): Promise<number> {
  const inside = fileURLToPath(new URL('inside.ts', import.meta.url));
  const child = spawn('unshare', [...unshare, process.execPath, '--import', 'tsx', inside], {
    env: { ...process.env, [runVariable]: JSON.stringify(run) },
    // It ends when this process does, however that is: then the pipe ends.
    stdio: ['pipe', 'inherit', 'inherit'],
  });
  signal?.addEventListener('abort', () => child.stdin.end(), { once: true });
  const [code] = (await once(child, 'exit')) as [number | null];
  return code ?? 1;
}
