import { readFile } from 'node:fs/promises';

/** The most memory that a process has had so far, in whole MiB; undefined where the system does not say. */
export async function peakMemoryMib(pid: number): Promise<number | undefined> {
  const status = await readFile(`/proc/${String(pid)}/status`, 'utf8').catch(() => '');
  const peak = /^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1];
  return peak === undefined ? undefined : Math.round(Number(peak) / 1024);
}
