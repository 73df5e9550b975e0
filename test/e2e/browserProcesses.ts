import { readdir, readFile } from 'node:fs/promises';

interface ProcessFacts {
  readonly id: number;
  readonly session: number;
}

/**
 * Finds every process of every browser that one system's workers have started. A browser's main process leads a
 * session and has a few variables of its worker's environment, such as TMPDIR; its children stay in that session
 * even when their parent is gone. So a browser that was seen once is known for as long as anything is left of it,
 * and no longer: the system gives its ids to others. Reads /proc, so on Linux only.
 */
export class BrowserProcesses {
  /** What the environment of this system's browsers has and no other's. */
  readonly #mark: string;
  readonly #sessions = new Set<number>();

  constructor(mark: string) {
    this.#mark = mark;
  }

  /** The ids of all that live now. */
  async living(): Promise<number[]> {
    const all = await livingProcesses();
    for (const { id, session } of all) {
      if (id === session && (await this.#isOurBrowser(id))) this.#sessions.add(session);
    }
    const found = all.filter(({ session }) => this.#sessions.has(session));
    const left = new Set(found.map(({ session }) => session));
    for (const session of this.#sessions) if (!left.has(session)) this.#sessions.delete(session);
    return found.map(({ id }) => id);
  }

  async #isOurBrowser(id: number): Promise<boolean> {
    return (await isBrowser(id)) && (await textOf(id, 'environ')).includes(this.#mark);
  }
}

/** Whether a process is one of any browser's. */
export async function isBrowser(id: number): Promise<boolean> {
  const command = await textOf(id, 'cmdline');
  return /chrom/i.test(command.split('\0')[0]!);
}

async function livingProcesses(): Promise<ProcessFacts[]> {
  const ids = (await readdir('/proc')).map(Number).filter(Number.isInteger);
  const facts = await Promise.all(ids.map(factsOf));
  return facts.filter((each) => each !== undefined);
}

/** Nothing of one that has ended, be it that its parent has not asked for its exit code yet. */
async function factsOf(id: number): Promise<ProcessFacts | undefined> {
  const stat = await textOf(id, 'stat');
  // The name before this may hold anything, blanks and brackets included.
  const [state, , , session] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return state === undefined || state === '' || state === 'Z' ? undefined : { id, session: Number(session) };
}

async function textOf(id: number, file: 'stat' | 'cmdline' | 'environ'): Promise<string> {
  // It may end between the listing and the reading.
  return readFile(`/proc/${String(id)}/${file}`, 'utf8').catch(() => '');
}
