import { createHash, randomBytes, type Hash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, open, rm, type FileHandle } from 'node:fs/promises';
import path from 'node:path';
import { translated } from './disk.ts';
import type { Sealer } from './seal.ts';

// Few large writes cost less than many small ones; a quarter of a megabyte is negligible here.
export const flushBytes = 256 * 1024;
/** Space after a full block for the line that fills it. */
const blockBytes = flushBytes + 64 * 1024;
/** Rejects and roll-ups are a few lines. */
const firstBlockBytes = 16 * 1024;
/** The most UTF-8 bytes that one UTF-16 unit takes. */
const longestCharacter = 3;

/**
 * A file being written on this machine's disk; its hash and size are known at its end. Only its owner can read it. With
 * a sealer, the bytes on disk are sealed, and hash and size are those of the plain ones.
 * @throws PipelineError ArtifactStoreUnavailable from each call if the disk fails it
 */
export class SpooledFile {
  readonly path: string;
  readonly #file: FileHandle;
  readonly #sealer: Sealer | undefined;
  readonly #hash: Hash = createHash('sha256');
  /**
   * Bytes not yet written to disk. Text is encoded straight into the block, because separate buffers would cost more.
   */
  #block = Buffer.allocUnsafe(firstBlockBytes);
  #filled = 0;
  #bytes = 0;

  private constructor(place: string, file: FileHandle, sealer: Sealer | undefined) {
    this.path = place;
    this.#file = file;
    this.#sealer = sealer;
  }

  /** `label` is part of the file's name and must not name a person. */
  static async create(folder: string, label: string, sealer?: Sealer): Promise<SpooledFile> {
    return translated(async () => {
      await mkdir(folder, { recursive: true, mode: 0o700 });
      const place = path.join(folder, `.${label}.${randomBytes(6).toString('hex')}.part`);
      return new SpooledFile(place, await open(place, 'wx', 0o600), sealer);
    });
  }

  /** A promise means that the disk is behind, and it must be awaited. */
  add(text: string | Buffer): Promise<void> | undefined {
    const mostBytes = typeof text === 'string' ? text.length * longestCharacter : text.length;
    if (this.#filled + mostBytes > this.#block.length) this.#enlarge(mostBytes);
    if (typeof text === 'string') this.#filled += this.#block.write(text, this.#filled);
    else this.#filled += text.copy(this.#block, this.#filled);
    return this.#filled >= flushBytes ? translated(() => this.#flush()) : undefined;
  }

  /** Completes the file on disk. */
  async finish(): Promise<{ sha256: string; bytes: number }> {
    await translated(async () => {
      await this.#flush();
      if (this.#sealer !== undefined) await this.#write(this.#sealer.end());
      await this.#file.sync();
      await this.#file.close();
    });
    return { sha256: this.#hash.digest('hex'), bytes: this.#bytes };
  }

  async remove(): Promise<void> {
    await translated(async () => {
      await this.#file.close();
      await rm(this.path, { force: true });
    });
  }

  /** To a full block, or for a piece longer than the space after one. */
  #enlarge(moreBytes: number): void {
    const larger = Buffer.allocUnsafe(Math.max(blockBytes, this.#filled + moreBytes));
    this.#block.copy(larger, 0, 0, this.#filled);
    this.#block = larger;
  }

  async #flush(): Promise<void> {
    const block = this.#block.subarray(0, this.#filled);
    this.#hash.update(block);
    this.#bytes += block.length;
    await this.#write(this.#sealer?.push(block) ?? [block]);
    // Reset only now: callers that add text wait for the flush.
    this.#filled = 0;
  }

  async #write(pieces: readonly Buffer[]): Promise<void> {
    const { bytesWritten } = await this.#file.writev(pieces);
    const bytes = pieces.reduce((sum, piece) => sum + piece.length, 0);
    // The system may take less than it was given.
    if (bytesWritten < bytes) await this.#file.writeFile(Buffer.concat(pieces).subarray(bytesWritten));
  }
}

/** A copy of a local file. @throws PipelineError ArtifactStoreUnavailable */
export async function spoolCopy(
  file: string,
  { folder, label, sealer }: { folder: string; label: string; sealer: Sealer | undefined },
): Promise<SpooledFile> {
  const copy = await SpooledFile.create(folder, label, sealer);
  try {
    await translated(async () => {
      const chunks = createReadStream(file, { highWaterMark: flushBytes }) as AsyncIterable<Buffer>;
      for await (const chunk of chunks) await copy.add(chunk);
    });
    await copy.finish();
    return copy;
  } catch (error) {
    await copy.remove();
    throw error;
  }
}
