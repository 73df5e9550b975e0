import type { Scratch } from '../domain/artifacts.ts';
import type { Side } from './rowAlignment.ts';

/** Lines of two sides, partitioned so that one partition at a time fits into memory. */
export interface Partitions {
  readonly count: number;
  /** A promise means that a file is being written, and it must be awaited. */
  add(side: Side, part: number, line: string): Promise<void> | undefined;
  read(side: Side, part: number): Promise<readonly string[]>;
  /** Discards all lines. */
  remove(): Promise<void>;
}

/** In memory if one partition is enough, else as files in a scratch folder. */
export async function openPartitions(count: number, scratch: () => Promise<Scratch>): Promise<Partitions> {
  return count === 1 ? new PartitionInMemory() : new PartitionsOnDisk(count, await scratch());
}

class PartitionInMemory implements Partitions {
  readonly count = 1;
  readonly #lines = { before: [] as string[], after: [] as string[] };

  add(side: Side, _part: number, line: string): undefined {
    this.#lines[side].push(line);
  }

  read(side: Side): Promise<readonly string[]> {
    return Promise.resolve(this.#lines[side]);
  }

  remove(): Promise<void> {
    return Promise.resolve();
  }
}

/** Characters kept in memory for all partitions together, however many there are. */
const bufferedCharacters = 4 * 1024 * 1024;
/** Characters kept in memory for one part: fewer would mostly open and close files. */
const leastBuffered = 4096;

class PartitionsOnDisk implements Partitions {
  readonly count: number;
  readonly #scratch: Scratch;
  readonly #buffers = new Map<string, string>();
  readonly #charactersEach: number;

  constructor(count: number, scratch: Scratch) {
    this.count = count;
    this.#scratch = scratch;
    this.#charactersEach = Math.max(leastBuffered, bufferedCharacters / (2 * count));
  }

  add(side: Side, part: number, line: string): Promise<void> | undefined {
    const file = fileOf(side, part);
    const text = `${this.#buffers.get(file) ?? ''}${line}\n`;
    this.#buffers.set(file, text);
    return text.length >= this.#charactersEach ? this.#flush(file) : undefined;
  }

  async read(side: Side, part: number): Promise<readonly string[]> {
    const file = fileOf(side, part);
    await this.#flush(file);
    const lines = (await this.#scratch.read(file)).split('\n');
    // The text after the last newline.
    lines.pop();
    return lines;
  }

  remove(): Promise<void> {
    return this.#scratch.remove();
  }

  async #flush(file: string): Promise<void> {
    const text = this.#buffers.get(file) ?? '';
    this.#buffers.set(file, '');
    await this.#scratch.append(file, text);
  }
}

function fileOf(side: Side, part: number): string {
  return `${side}-${String(part)}.tsv`;
}
