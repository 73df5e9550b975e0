import { readFile } from 'node:fs/promises';

export interface ProcessUse {
  /** What its own threads and the children that it has waited for took. */
  readonly cpuSeconds: number;
  readonly memoryMib: number;
  readonly peakMib: number;
}

/** `sysconf(_SC_CLK_TCK)` is 100 on Linux. */
const ticksPerSecond = 100;

/** What a process has used up to now. Reads /proc, so on Linux only. */
export async function useOf(pid: number): Promise<ProcessUse> {
  const [stat, status] = await Promise.all(
    ['stat', 'status'].map((file) => readFile(`/proc/${String(pid)}/${file}`, 'utf8')),
  );
  // The name before this may hold blanks and brackets.
  const fields = stat!.slice(stat!.lastIndexOf(')') + 2).split(' ');
  const ticks = fields.slice(11, 15).reduce((sum, field) => sum + Number(field), 0);
  const mib = (name: string) =>
    Math.round(Number(new RegExp(`^${name}:\\s+(\\d+) kB$`, 'm').exec(status!)?.[1] ?? 0) / 1024);
  return { cpuSeconds: ticks / ticksPerSecond, memoryMib: mib('VmRSS'), peakMib: mib('VmHWM') };
}
