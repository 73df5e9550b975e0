import { execFile } from 'node:child_process';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { promisify } from 'node:util';

/** A database that lost its parent may still have much to write. */
const leftoverStopSeconds = 30;

/** Remembers a program that was started, for the case that this one is killed before it can stop it. */
export async function rememberPid(pidFile: string, pid: number): Promise<void> {
  await writeFile(pidFile, `${String(pid)}\n`);
}

export async function forgetPid(pidFile: string): Promise<void> {
  await rm(pidFile, { force: true });
}

/**
 * Ends the program that an earlier, killed run left behind. The id alone proves nothing, since systems use ids
 * again: its command line must also name `mark`, a path that only our program is given.
 */
export async function endLeftover(pidFile: string, mark: string): Promise<void> {
  const pid = Number(await readFile(pidFile, 'utf8').catch(() => ''));
  if (pid > 0 && (await isOurs(pid, mark))) await endAndWait(pid, mark);
  await forgetPid(pidFile);
}

export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

async function isOurs(pid: number, mark: string): Promise<boolean> {
  return isAlive(pid) && (await commandLine(pid)).includes(mark);
}

async function commandLine(pid: number): Promise<string> {
  const linux = await readFile(`/proc/${String(pid)}/cmdline`, 'utf8').catch(() => undefined);
  if (linux !== undefined) return linux;
  const ps = await promisify(execFile)('ps', ['-ww', '-o', 'command=', '-p', String(pid)]).catch(
    () => undefined,
  );
  return ps?.stdout ?? '';
}

async function endAndWait(pid: number, mark: string): Promise<void> {
  const deadline = Date.now() + leftoverStopSeconds * 1000;
  process.kill(pid, 'SIGTERM');
  while (await isOurs(pid, mark)) {
    if (Date.now() > deadline) process.kill(pid, 'SIGKILL');
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}
